"""
How many of the eligible people answer: response rates from published bands, never from anything finer.

Source: PROTOCOL.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from callroom.core.anonymity.canonical import Encodable

UNKNOWN_RATES = {1: Fraction(1, 2), 2: Fraction(65, 100), 4: Fraction(3, 4)}
"""Rates by length in weeks where nothing is known: 0.50, 0.65, 0.75."""

_GROWTH = {2: Fraction(6, 10), 4: Fraction(1)}
"""With r the weekly rate, that of a longer wave is r + growth x r x (1 - r)."""

_BAND_MIDDLES = {8: Fraction(19, 2), 12: Fraction(27, 2), 16: Fraction(39, 2)}
_OPEN_BAND = 24
_GAP = Fraction(6)


class BadRate(ValueError):
    """A response rate is not between 0 and 1, or names a length that no wave has."""


@dataclass(frozen=True, slots=True)
class Rates:
    """
    The response rates of a unit, as shares from 0 to 1, for waves of 1, 2 and 4 weeks; None where it had no such wave.

    :raises BadRate: if a rate is below 0 or above 1
    """

    weekly: Fraction | None = None
    two_weekly: Fraction | None = None
    four_weekly: Fraction | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be a share of people."""
        for rate in (self.weekly, self.two_weekly, self.four_weekly):
            if rate is not None and not 0 <= rate <= 1:
                raise BadRate(f"a response rate is {rate}; it lies between 0 and 1")

    def rate(self, weeks: int) -> Fraction:
        """
        Return the rate to plan with: what was observed, else what follows from the weekly rate, else the default.

        A weekly rate does not follow from a longer one: where only longer waves were held it is the default.

        :raises BadRate: unless ``weeks`` is 1, 2 or 4
        """
        if weeks not in UNKNOWN_RATES:
            raise BadRate(f"no wave has {weeks} weeks")
        observed = {1: self.weekly, 2: self.two_weekly, 4: self.four_weekly}[weeks]
        if observed is not None:
            return observed
        if weeks == 1 or self.weekly is None:
            return UNKNOWN_RATES[weeks]
        return self.weekly + _GROWTH[weeks] * self.weekly * (1 - self.weekly)

    def to_payload(self) -> dict[str, Encodable]:
        """Return the known rates as they stand in a wave sheet: {"1": [numerator, denominator], ...}."""
        known = {"1": self.weekly, "2": self.two_weekly, "4": self.four_weekly}
        return {weeks: [rate.numerator, rate.denominator] for weeks, rate in known.items() if rate is not None}

    @classmethod
    def from_payload(cls, payload: object) -> Rates:
        """
        Return the rates of one unit in a wave sheet.

        :raises BadRate: if a length is unknown or a rate is not a fraction in lowest terms from 0 to 1
        """
        if not isinstance(payload, Mapping) or not set(payload) <= {"1", "2", "4"}:
            raise BadRate("rates are given for waves of 1, 2 or 4 weeks")
        return cls(*(_fraction(payload[weeks]) if weeks in payload else None for weeks in ("1", "2", "4")))


UNKNOWN = Rates()
"""The rates of a unit of which nothing is known."""


@dataclass(frozen=True, slots=True)
class PastWave:
    """What was published of one wave of a leaf: its eligible people, and the lower end of its band; None for a gap."""

    eligible: int
    n_low: int | None


def rate_from_history(waves: Iterable[PastWave], *, institution_rate: Fraction) -> Fraction | None:
    """
    Return the median of m / eligible over last year's waves of one length of a leaf, at most 1; None without waves.

    m is 9.5, 13.5 or 19.5 for the bands 8-11, 12-15 and 16-23; for 24+ the larger of 24 and ``institution_rate`` x
    eligible; 6 for a gap. Waves that were not asked or void are left out by the caller. The median of an even number
    is the mean of the middle two.

    :raises BadRate: if a wave had nobody eligible or a band that was never published
    """
    shares = sorted(_share(wave, institution_rate) for wave in waves)
    if not shares:
        return None
    return min(Fraction(1), median(shares))


def _share(wave: PastWave, institution_rate: Fraction) -> Fraction:
    if wave.eligible < 1:
        raise BadRate("a wave had nobody eligible")
    if wave.n_low is None:
        return _GAP / wave.eligible
    if wave.n_low == _OPEN_BAND:
        return max(Fraction(_OPEN_BAND), institution_rate * wave.eligible) / wave.eligible
    if wave.n_low not in _BAND_MIDDLES:
        raise BadRate(f"no band starts at {wave.n_low}")
    return _BAND_MIDDLES[wave.n_low] / wave.eligible


def median(ordered: Sequence[Fraction]) -> Fraction:
    """Return the middle of an ordered list that is not empty; the mean of the middle two where their number is even."""
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def _fraction(payload: object) -> Fraction:
    if not isinstance(payload, list | tuple) or len(payload) != 2 or not all(type(part) is int for part in payload):
        raise BadRate("a rate is [numerator, denominator]")
    numerator, denominator = payload
    if denominator < 1:
        raise BadRate("the denominator of a rate is below 1")
    rate = Fraction(numerator, denominator)
    if [rate.numerator, rate.denominator] != list(payload):
        raise BadRate(f"{numerator}/{denominator} is not in lowest terms")
    return rate
