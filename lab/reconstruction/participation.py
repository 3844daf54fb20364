"""
Who answered is nobody's business either: what bands and counts say about how many, and about who.

Unknowns are the numbers of answers of the leaves that closed together; bands, and any other count that is published,
are constraints; integer programming finds the least and the largest that each leaf can have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from callroom.core.disclosure.policy import HIDDEN_PEOPLE, Band
from callroom.core.disclosure.release import LEAST_LEAVES_COUNTED
from lab.reconstruction.house import RANGE
from lab.reconstruction.reading import Arithmetic


@dataclass(frozen=True, slots=True)
class Counted:
    """A published count: which leaves it is the sum of, and between which numbers it lies."""

    leaves: frozenset[str]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A leaf whose band is published, beside its eligible people."""

    leaf: str
    band: Band
    eligible: int

    @property
    def span(self) -> tuple[int, int]:
        """Return how few and how many may have answered, as far as the band goes."""
        high = self.eligible if self.band.high is None else min(self.band.high, self.eligible)
        return self.band.low, high


def gap(leaf: str, minimum: int, eligible: int) -> Shown:
    """Return a leaf that too few answered: nobody says how few."""
    return Shown(leaf, Band(0, min(minimum - 1, eligible)), eligible)


def faults(leaves: Sequence[Shown], counts: Iterable[Counted] = ()) -> list[str]:
    """
    Return where bands and counts name who, or how many, answered; empty when they do not.

    A band may not name everybody, a count may not be that of fewer than three leaves, and together they may not leave
    only one size that a leaf can have.
    """
    counted = list(counts)
    found = [
        f"{leaf.leaf}: {leaf.span[0]} or more of {leaf.eligible} names everybody"
        for leaf in leaves
        if leaf.span[0] > leaf.eligible - HIDDEN_PEOPLE
    ]
    found += [
        f"a count of {len(count.leaves)} leaves is published"
        for count in counted
        if len(count.leaves) < LEAST_LEAVES_COUNTED
    ]
    found += [
        f"{leaf.leaf}: exactly {least} answered, where the band says {leaf.span[0]} to {leaf.span[1]}"
        for leaf, (least, most) in zip(leaves, sizes(leaves, counted), strict=True)
        if least == most
    ]
    return found


def sizes(leaves: Sequence[Shown], counts: Sequence[Counted]) -> list[tuple[int, int]]:
    """Return how few and how many can have answered in each leaf, given all bands and counts."""
    if not counts:
        return [leaf.span for leaf in leaves]
    return [(_end(leaves, counts, place, 1), _end(leaves, counts, place, -1)) for place in range(len(leaves))]


def _end(leaves: Sequence[Shown], counts: Sequence[Counted], place: int, sign: int) -> int:
    aim = np.zeros(len(leaves))
    aim[place] = sign
    rows = np.array([[float(leaf.leaf in count.leaves) for leaf in leaves] for count in counts])
    constraints = LinearConstraint(rows, [count.low for count in counts], [count.high for count in counts])
    least, most = zip(*(leaf.span for leaf in leaves), strict=True)
    result = milp(aim, constraints=constraints, integrality=np.ones(len(leaves)), bounds=Bounds(least, most))
    return round(result.x[place])


def sizes_that_fit(mean: Fraction, band: Band, eligible: int, how: Arithmetic) -> list[int]:
    """
    Return which numbers of answers within the band can have led to a published mean, whatever the noise.

    All of the band should: a mean that lies on the lattice of n names n. Noise in whole steps keeps it there; noise
    in hundredths of a step, and rounding to tenths, do not.
    """
    low, high = band.low, eligible if band.high is None else min(band.high, eligible)
    most = how.most_noise() // how.noise_step * how.noise_step
    noises = range(-most, most + 1, how.noise_step) if how.noisy else [0]
    fits = []
    for count in range(low, high + 1):
        # Only noise that brings some sum to within one unit of the last published place needs a look.
        wanted = mean * RANGE * count
        reach = Fraction(RANGE * count, 10**how.places)
        totals = range(RANGE * count + 1)
        if any(
            how.mean(total, count, band.low, noise) == mean
            for total in totals
            for noise in _near(wanted - 100 * total, reach, noises)
        ):
            fits.append(count)
    return fits


def _near(wanted: Fraction, reach: Fraction, noises: Sequence[int]) -> Iterable[int]:
    """Return the noises within ``reach`` hundredths of a step of the one that would be exact."""
    step = noises[1] - noises[0] if len(noises) > 1 else 1
    first = int((wanted - reach - noises[0]) // step)
    last = int((wanted + reach - noises[0]) // step) + 1
    return noises[max(0, first) : max(0, last + 1)]
