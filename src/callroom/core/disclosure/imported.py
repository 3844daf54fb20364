"""
Earlier surveys under the rules of a release: a mean with noise and a range, or "too few".

What is imported was collected elsewhere, so it is in no chain; the minimum, the clamp, the noise, the clip, the bands
and the ranges are those of ``release``, for any scale and for sums instead of single answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from callroom.core.disclosure.noise import Bits, discrete_laplace
from callroom.core.disclosure.policy import Band, Policy
from callroom.core.disclosure.release import SCALE_TENTHS, Shown, TooFew
from callroom.core.disclosure.rounding import nearest, nearest_root

HUNDREDTHS = 100
_QUANTILE = Fraction(196, 100)
_LEAST_SPREAD = Fraction(25, 10)
"""Points of 0 to 10 that answers are taken to spread at least, as in a release (PROTOCOL.md section 6)."""


class BadCell(ValueError):
    """A group's numbers contradict each other."""


@dataclass(frozen=True, slots=True)
class Scale:
    """
    What a score can be, from ``lowest`` to ``highest``.

    :raises BadCell: unless the scale has a length
    """

    lowest: Fraction
    highest: Fraction

    def __post_init__(self) -> None:
        """Refuse a scale without a length."""
        if self.highest <= self.lowest:
            raise BadCell("a scale runs from a lower end to a higher one")

    @property
    def range(self) -> Fraction:
        """Return the length of the scale."""
        return self.highest - self.lowest

    def holds(self, score: Fraction) -> bool:
        """Return whether a score lies on the scale."""
        return self.lowest <= score <= self.highest

    def tenths(self, score: Fraction) -> Fraction:
        """Return a score in tenths of a scale from 0 to 10."""
        return SCALE_TENTHS * (score - self.lowest) / self.range

    def score(self, tenths: int) -> Fraction:
        """Return what tenths of a scale from 0 to 10 are on this one."""
        return self.lowest + self.range * tenths / SCALE_TENTHS


@dataclass(frozen=True, slots=True)
class GroupScores:
    """
    All scores of one unit in one period: how many, and their sum; exact, so never kept.

    ``spread``: standard deviation where the file has one; ``eligible``: how many were asked, where it is known.
    """

    count: int
    total: Fraction
    spread: Fraction | None = None
    eligible: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedFigure:
    """What may be kept of a group: the band of its size, and mean and range in tenths of the scale."""

    n: Band
    figure: Shown


def import_group(group: GroupScores, scale: Scale, policy: Policy, bits: Bits) -> ImportedFigure | TooFew:
    """
    Return what may be kept and shown of a group.

    Guarantees: fewer than ``policy.minimum`` scores never yield a number. The sum is clamped to [range, range x (n - 1)]
    above the lowest sum, so a unanimous group looks like one in which somebody disagreed; discrete Laplace noise in
    hundredths is added; the mean is clipped to [10 / n_low, 10 - 10 / n_low] and rounded to tenths. Where nobody knows
    how many were asked, the band rests on the number of scores alone.

    :raises BadCell: if the sum is not that of so many scores on this scale
    """
    if group.count < 0 or (group.eligible is not None and group.eligible < group.count):
        raise BadCell("more scores than people")
    above = group.total - group.count * scale.lowest
    if not 0 <= above <= group.count * scale.range:
        raise BadCell("the sum is off the scale")
    eligible = group.eligible if group.eligible is not None else group.count + policy.bands[-1].low
    band = policy.band_for(group.count, eligible=eligible)
    if band is None:
        return TooFew()
    clamped = min(max(above, scale.range), scale.range * (group.count - 1))
    noise = discrete_laplace(policy.noise_scale(1) * scale.range, bits)
    mean = SCALE_TENTHS * (clamped + Fraction(noise, HUNDREDTHS)) / (scale.range * group.count)
    edge = Fraction(SCALE_TENTHS, band.low)
    tenths = nearest(min(max(mean, edge), SCALE_TENTHS - edge))
    return ImportedFigure(band, Shown(tenths, _range(tenths, band.low, _spread(group, scale), policy)))


def _spread(group: GroupScores, scale: Scale) -> Fraction:
    """Return the spread of scores in points of 0 to 10: never less than a release would take."""
    own = 10 * group.spread / scale.range if group.spread else Fraction(0)
    return max(_LEAST_SPREAD, own)


def _range(mean_tenths: int, n_low: int, spread: Fraction, policy: Policy) -> tuple[int, int]:
    variance = spread**2 / n_low + 2 * policy.noise_points() ** 2 / n_low**2
    half = nearest_root((10 * _QUANTILE) ** 2 * variance)
    return max(0, mean_tenths - half), min(SCALE_TENTHS, mean_tenths + half)
