"""
What an attacker reads out of a published mean: between which sums the answers behind it must lie.

Worst case throughout: the attacker knows the roster, who answered which question, every step of the arithmetic, and,
where said so, even the noise that was drawn and burned.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, log
from typing import Final

from callroom.core.disclosure.noise import NoiseStream, discrete_laplace
from callroom.core.disclosure.policy import DEFAULT_POLICY, Band, Policy
from callroom.core.disclosure.release import SCALE_TENTHS, LeafFigures, LeafRelease, Shown
from callroom.core.disclosure.rounding import nearest
from lab.reconstruction.house import RANGE, LeafWave

TAIL: Final = Fraction(1, 1000)
"""Noise beyond this two-sided tail is not reckoned with when its value is unknown."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The steps from a sum to a published mean; each can be taken away, which is how faults are planted."""

    policy: Policy = DEFAULT_POLICY
    clamp: bool = True
    clip: bool = True
    noisy: bool = True
    places: int = 0
    noise_step: int = 1

    def mean(self, total: Fraction | int, count: int, n_low: int, noise: int, scale_range: int = RANGE) -> Fraction:
        """
        Return the published mean in tenths, for noise in hundredths of a step.

        With every step in place this is what ``core.disclosure.release`` publishes (a property test compares them).
        """
        if self.clamp:
            total = min(max(total, scale_range), scale_range * (count - 1))
        exact = Fraction(100 * total + (noise if self.noisy else 0)) / (scale_range * count)
        if self.clip:
            edge = Fraction(SCALE_TENTHS, n_low)
            exact = min(max(exact, edge), SCALE_TENTHS - edge)
        return Fraction(nearest(exact * 10**self.places), 10**self.places)

    def drawn(self, seed: bytes, *, wave: str, leaf: str, item: str) -> int:
        """Return the noise that was drawn, in hundredths of a step: only who holds the seed could know it."""
        stream = NoiseStream(seed, wave=wave, leaf=leaf, item=item)
        noise = discrete_laplace(self.policy.noise_scale(RANGE), stream.bits)
        return nearest(Fraction(noise, self.noise_step)) * self.noise_step

    def most_noise(self) -> int:
        """Return the size of noise that is exceeded in one of a thousand draws."""
        return ceil(float(self.policy.noise_scale(RANGE)) * log(1 / TAIL)) if self.noisy else 0

    def sums(self, mean: Fraction, count: int, n_low: int, noise: tuple[int, int]) -> tuple[int, int] | None:
        """Return the least and the largest sum of ``count`` answers that fit a mean with noise in a range; None: none."""
        low, high = noise
        totals = range(RANGE * count + 1)  # the mean rises with the sum, so both ends are found by halving
        first = bisect_left(totals, mean, key=lambda total: self.mean(total, count, n_low, high))
        after = bisect_right(totals, mean, key=lambda total: self.mean(total, count, n_low, low))
        return (first, after - 1) if first < after else None


FULL: Final = Arithmetic()


@dataclass(frozen=True, slots=True)
class Published:
    """
    One published mean of one item, as an attacker reads it.

    ``people``: whose answers are in it; ``sums``: between which their sum lies; ``weeks``: about which weeks it is;
    ``leaf``: where it was published; ``parts``: how many answers of a person were averaged, where more than one.
    """

    wave: str
    leaf: str
    item: str
    weeks: range
    units: frozenset[str]
    people: frozenset[int]
    sums: tuple[Fraction | int, Fraction | int]
    mean: Fraction
    band: Band
    eligible: int
    parts: Mapping[int, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Return what makes answers the same unknowns: people answered an item of a wave once."""
        return self.wave, self.item


def read(wave: LeafWave, release: LeafRelease, *, noise_known: bool, how: Arithmetic = FULL) -> Iterator[Published]:
    """Yield each mean that a release shows of a leaf, with the sums that it allows."""
    if not isinstance(release.outcome, LeafFigures):
        return
    for item, figure in release.outcome.items.items():
        if isinstance(figure, Shown):
            low = own_low(wave, item, how.policy)
            yield published(wave, item, Fraction(figure.mean_tenths), low, noise_known=noise_known, how=how)


def published(
    wave: LeafWave, item: str, mean: Fraction, n_low: int, *, noise_known: bool, how: Arithmetic = FULL,
    people: Sequence[int] | None = None,
) -> Published:  # fmt: skip
    """Return one mean as an attacker reads it; ``people``: whose answers, if not all of the leaf's."""
    counted = list(wave.values(item)) if people is None else list(people)
    most = how.most_noise()
    drawn = how.drawn(wave.seed, wave=wave.wave, leaf=wave.asked.leaf, item=item)
    sums = how.sums(mean, len(counted), n_low, (drawn, drawn) if noise_known else (-most, most))
    # Noise beyond the tail that is reckoned with fits nothing: then nothing is known.
    return as_read(wave, item, mean, n_low, counted, sums or (0, RANGE * len(counted)))


def as_read(
    wave: LeafWave, item: str, mean: Fraction, n_low: int, people: Iterable[int],
    sums: tuple[Fraction | int, Fraction | int], parts: Mapping[int, int] | None = None,
) -> Published:  # fmt: skip
    """Return what is published of some people of a leaf, with the sums that fit it."""
    eligible = wave.asked.eligible
    return Published(
        wave=wave.wave,
        leaf=wave.asked.leaf,
        item=item,
        weeks=range(wave.week - wave.weeks + 1, wave.week + 1),
        units=frozenset(wave.asked.units),
        people=frozenset(people),
        sums=sums,
        mean=mean,
        band=DEFAULT_POLICY.band_for(max(n_low, DEFAULT_POLICY.minimum), eligible=eligible) or Band(n_low, None),
        eligible=eligible,
        parts=parts or {},
    )


def own_low(wave: LeafWave, item: str, policy: Policy) -> int:
    """Return the lower end of the band that an item's own number of answers has, as the release uses it."""
    size = min(len(wave.values(core)) for core in wave.items[:-1]) - wave.replacements
    own = min(size, len(wave.values(item)) - wave.replacements)
    band = policy.band_for(own, eligible=wave.asked.eligible)
    return band.low if band else policy.minimum
