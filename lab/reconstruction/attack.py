"""The whole attack on one simulated year: structure, integer programming, what one's own answer adds, and counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.release import COUNTS_STEP, Counts, LeafFigures, LeafRelease, counts_of
from lab.reconstruction import gain, participation, solver, structure
from lab.reconstruction.house import RANGE, LeafWave
from lab.reconstruction.reading import Published, read
from lab.reconstruction.solver import Answer, Knowledge

Released = Sequence[tuple[LeafWave, LeafRelease]]
COLLUDERS: Final = 2


@dataclass(frozen=True, slots=True)
class Solved:
    """What integer programming found: over all answers of a year that somebody else gave."""

    colluders: int
    noise_known: bool
    answers: int
    pinned: int
    full: int
    least_width: float

    @property
    def held_to(self) -> str:
        """Return the gate in words: what ``YearFound.faults`` asks of it."""
        if not self.colluders:
            return "pinned 0, full grid 100 %"
        return "not claimed" if self.noise_known else "pinned 0"


@dataclass(frozen=True, slots=True)
class Gained:
    """What one's own answers added, in log-odds, over all items of all leaves of a year."""

    colluders: int
    figures: int
    largest: float
    mean: float


@dataclass(frozen=True, slots=True)
class YearFound:
    """What the attack found in one year: ``structure`` and ``counts`` are sentences, and empty when nothing is wrong."""

    people: int
    figures: int
    structure: tuple[str, ...]
    counts: tuple[str, ...]
    solved: tuple[Solved, ...]
    gained: tuple[Gained, ...]

    def faults(self) -> list[str]:
        """Return each gate that did not hold, as a sentence."""
        found = [*self.structure, *self.counts]
        for row in self.solved:
            if row.colluders == 0 and row.full < row.answers:
                found.append(f"without colluders {row.answers - row.full} of {row.answers} answers are narrowed")
            if row.pinned and not (row.colluders and row.noise_known):
                found.append(f"{row.pinned} of {row.answers} answers are exactly known to {row.colluders} colluders")
        found += [
            f"one's own answer adds {row.largest:.2f} to the log-odds of {row.colluders} colluders, more than {gain.LIMIT}"
            for row in self.gained
            if row.largest > gain.LIMIT
        ]
        return found


def attack(year: Released, *, with_noise_known: bool = True) -> YearFound:
    """
    Return what is found in a year's releases.

    ``with_noise_known``: also count what two colluders who knew the burned noise would find; no gate asks for it.
    """
    waves = [wave for wave, _release in year]
    known = [figure for wave, release in year for figure in read(wave, release, noise_known=True)]
    unknown = [figure for wave, release in year for figure in read(wave, release, noise_known=False)]
    solved = [solve(known, {}, colluders=0, noise_known=True), solve(unknown, {}, colluders=0, noise_known=False)]
    solved.append(_two(waves, unknown, noise_known=False))
    if with_noise_known:
        solved.append(_two(waves, known, noise_known=True))
    return YearFound(
        people=len({member.number for wave in waves for member in wave.members}),
        figures=len(known),
        structure=tuple(structure.faults(waves, known)),
        counts=tuple(_counts(year)),
        solved=tuple(solved),
        gained=_gained(year),
    )


def solve(published: Iterable[Published], told: Mapping[Answer, int], *, colluders: int, noise_known: bool) -> Solved:
    """Return what integer programming finds, summed up."""
    return _summed(solver.attack(published, told), colluders=colluders, noise_known=noise_known)


def _summed(found: Mapping[Answer, Knowledge], *, colluders: int, noise_known: bool) -> Solved:
    return Solved(
        colluders=colluders,
        noise_known=noise_known,
        answers=len(found),
        pinned=sum(one.pinned for one in found.values()),
        full=sum(one.full for one in found.values()),
        least_width=min((one.width for one in found.values()), default=float(RANGE)),
    )


def _two(waves: Sequence[LeafWave], published: Sequence[Published], *, noise_known: bool) -> Solved:
    """Return the worse of two cases: in every leaf the two who answered lowest collude, or the two highest."""
    cases = []
    for last in (False, True):
        told: dict[Answer, int] = {}
        for wave in waves:
            for item in wave.items:
                ordered = sorted(wave.values(item).items(), key=lambda pair: pair[1], reverse=last)
                told |= {(wave.wave, item, number): value for number, value in ordered[:COLLUDERS]}
        cases.append(solve(published, told, colluders=COLLUDERS, noise_known=noise_known))
    return max(cases, key=lambda case: (case.pinned, case.answers - case.full))


def _gained(year: Released) -> tuple[Gained, ...]:
    pairs = list(gain.added((wave, [release]) for wave, release in year))
    return tuple(
        Gained(
            colluders, len(pairs), max(pair[place] for pair in pairs), sum(pair[place] for pair in pairs) / len(pairs)
        )
        for place, colluders in enumerate((0, COLLUDERS))
    )


def _counts(year: Released) -> list[str]:
    """
    Return where the published bands and counts name who, or how many, answered.

    Whoever uses a token without answering a core question counts in no leaf, so a count of used tokens is only an
    upper end of the leaves' sizes together.
    """
    closing: dict[int, list[tuple[LeafWave, LeafRelease]]] = defaultdict(list)
    for wave, release in year:
        closing[wave.week].append((wave, release))
    found = []
    for pairs in closing.values():
        leaves = [_shown(wave, release) for wave, release in pairs]
        used = Counts(0, 0, sum(len(wave.said) for wave, _release in pairs))
        summed = counts_of([(len(pairs), used)])
        counted = []
        if summed is not None:
            most = int(str(summed.to_payload()["redeemed"])) + COUNTS_STEP - 1
            counted.append(participation.Counted(frozenset(leaf.leaf for leaf in leaves), 0, most))
        found += participation.faults(leaves, counted)
    return found


def _shown(wave: LeafWave, release: LeafRelease) -> participation.Shown:
    eligible = wave.asked.eligible
    if isinstance(release.outcome, LeafFigures):
        return participation.Shown(wave.asked.leaf, release.outcome.n, eligible)
    return participation.gap(wave.asked.leaf, DEFAULT_POLICY.minimum, eligible)
