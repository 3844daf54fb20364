"""
What months of figures tell about somebody who left, or came: by how much do they narrow a guess?

A leaf without the person differs from the leaf with the person by what the person answered. The attacker knows who
answered in every wave, how much people differ from each other and from week to week, and that nothing else moved: the
unit's own level stays as it is for a year, and nobody else comes or goes. Then the best estimate from 26 weeks before
and 26 after is linear, and this is it, applied to the published index of ``core.disclosure``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

import numpy as np
from scipy.special import ndtr

from callroom.core.disclosure.leaf_plan import WAVE_MINIMUMS
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.release import LeafAsked, LeafFigures, Shown, leaf_index
from lab.reconstruction.house import CORE, RANGE, LeafWave, Member, Said

HALF: Final = 26
"""Weeks on each side of the change."""

ANSWERING: Final = 0.9
INDEX_SPREAD: Final = 2.1
"""Spread of one person's index in one week, in points: the figure of PROTOCOL.md section 6."""

LEAST_KEPT: Final = 0.70
"""The share of the spread of an honest guess that must be left after a year."""

ROUNDING: Final = 1 / 12


@dataclass(frozen=True, slots=True)
class Spread:
    """
    How answers differ, in points of the index: between people, and within one person from week to week.

    ``ratio``: within / between. 1.0 is what repeated measurements of real people show (see the decision record).
    """

    ratio: float = 1.0

    @property
    def between(self) -> float:
        """Return the spread of people's own levels."""
        return INDEX_SPREAD / float(np.sqrt(1 + self.ratio**2))

    @property
    def within(self) -> float:
        """Return the spread of one person's weeks."""
        return self.between * self.ratio


@dataclass(frozen=True, slots=True)
class Latent:
    """
    What people feel before they choose one of five options, in steps: own level, a week's swing, a question's swing.

    Options are whole and the scale has ends, so what is answered spreads less than what is felt.
    """

    level: float
    week: float
    question: float

    def answered(self, level: float) -> float:
        """Return the mean index, in points, of somebody with this level."""
        means, _variances = _chosen(level + self.week * _NODES, self.question)
        return float(_WEIGHTS @ means) * 10 / RANGE

    def spread(self) -> tuple[float, float]:
        """Return the spread of the index between people and within a person, in points."""
        levels = self.level * _NODES
        means, variances = _chosen(levels[:, None] + self.week * _NODES[None, :], self.question)
        own = means @ _WEIGHTS
        between = _WEIGHTS @ own**2 - (_WEIGHTS @ own) ** 2
        within = _WEIGHTS @ (means**2 @ _WEIGHTS - own**2) + _WEIGHTS @ (variances @ _WEIGHTS) / len(CORE)
        return float(np.sqrt(between)) * 10 / RANGE, float(np.sqrt(within)) * 10 / RANGE


@lru_cache
def latent(spread: Spread) -> Latent:
    """Return what people must feel for their answers to spread like this: found by scaling, until it fits."""
    level, swing = spread.between * RANGE / 10, spread.within * RANGE / 10
    found = Latent(level, 0, 0)
    for _ in range(60):
        found = Latent(level, swing * 0.6, swing * 1.1)
        between, within = found.spread()
        level *= spread.between / between
        swing *= spread.within / within
    return found


_POINTS, _MASS = np.polynomial.hermite_e.hermegauss(61)
_NODES = np.asarray(_POINTS)
_WEIGHTS = np.asarray(_MASS / _MASS.sum())


def _chosen(feeling: np.ndarray, swing: float) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of the option chosen around a feeling (0 is the middle), in steps from the middle."""
    middle = RANGE // 2
    edges = np.arange(-middle, middle) + 0.5
    below = ndtr((edges - feeling[..., None]) / swing)
    chance = np.diff(below, axis=-1, prepend=0, append=1)
    options = np.arange(-middle, middle + 1)
    means = chance @ options
    return means, chance @ options**2 - means**2


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of the spread of a guess is left, over many simulated years."""

    weeks: int
    eligible: int
    years: int
    before: float
    after: float
    expected: float

    @property
    def share(self) -> float:
        """Return the share that is left; 1 means that nothing was learnt."""
        return self.after / self.before

    @property
    def error(self) -> float:
        """Return the standard error of the simulated share: that of a spread estimated from so many errors."""
        return self.expected / float(np.sqrt(2 * self.years))


def measure(weeks: int, eligible: int, *, years: int, seed: int, spread: Spread = Spread()) -> Kept:
    """
    Return what is left of the spread of a guess about a leaver or joiner (half of the years each).

    Errors are those of the attacker's estimates against what the people answered on average. ``expected`` is the share
    that the theory of linear estimates gives for the same waves, free of the chance of few years.
    """
    chance = Random(seed)
    errors, left = [], []
    for year in range(years):
        history = _Year(chance, weeks, eligible, spread, leaves=year % 2 == 0, seed=f"{seed} {year}")
        estimate, share = history.estimate()
        errors.append(history.target - estimate)
        left.append(share)
    after = float(np.sqrt(np.mean(np.square(errors))))
    return Kept(weeks, eligible, years, spread.between, after, float(np.sqrt(np.mean(left))))


def smallest_leaf(weeks: int) -> int:
    """Return the fewest eligible people with which a leaf has waves of this length."""
    return WAVE_MINIMUMS[weeks].eligible


class _Year:
    """One leaf over 26 + 26 weeks, in which one person leaves or joins in the middle."""

    def __init__(self, chance: Random, weeks: int, eligible: int, spread: Spread, *, leaves: bool, seed: str) -> None:
        self.chance, self.spread, self.felt = chance, spread, latent(spread)
        levels = [chance.gauss(0, self.felt.level) for _ in range(eligible)]
        self.target = self.felt.answered(levels[0])
        self.answered: list[np.ndarray] = []
        self.index: list[float] = []
        waves = 2 * HALF // weeks
        for number in range(waves):
            there = (number < waves // 2) == leaves
            who = [place for place in range(eligible) if (place or there) and chance.random() < ANSWERING]
            said = {place: self._said(levels[place]) for place in who}
            figure = _index(said, eligible, weeks, number, seed)
            if figure is not None:
                self.answered.append(np.isin(np.arange(eligible), who))
                self.index.append(figure)

    def _said(self, level: float) -> Said:
        """Return three answers: a week moves all three, each question moves by itself."""
        middle = RANGE // 2 + level + self.chance.gauss(0, self.felt.week)
        values = (round(middle + self.chance.gauss(0, self.felt.question)) for _ in CORE)
        return Said(worked=True, values=tuple(min(RANGE, max(0, value)) for value in values))

    def estimate(self) -> tuple[float, float]:
        """Return the best linear estimate of what the person answers on average, and the share of variance it leaves."""
        answered = np.array(self.answered, dtype=float)
        counts = answered.sum(axis=1)
        weights = answered / counts[:, None]
        noise = 2 * float(DEFAULT_POLICY.noise_points()) ** 2 / len(CORE)
        between, within = self.spread.between**2, self.spread.within**2
        covariance = between * weights @ weights.T + np.diag(within / counts + noise / counts**2 + ROUNDING / 100)
        gain = np.linalg.solve(covariance, between * weights[:, 0])
        # From the middle of the scale, which is where this house is: the attacker knows that too.
        estimate = float(gain @ (np.array(self.index) - 5))
        return estimate, float(1 - gain @ weights[:, 0])


def _index(said: dict[int, Said], eligible: int, weeks: int, number: int, seed: str) -> float | None:
    """Return the index in points that ``core.disclosure`` publishes of these answers; None for too few."""
    wave = LeafWave(
        wave=f"pulse-{weeks}/{number}",
        week=weeks * (number + 1) - 1,
        weeks=weeks,
        asked=LeafAsked("leaf", ("leaf",), None, eligible),
        members=tuple(Member(place, "leaf", 1, "north", 0) for place in range(eligible)),
        said=said,
        items=CORE,
        replacements=0,
        seed=hashlib.sha256(f"{seed} {number}".encode()).digest(),
    )
    outcome = wave.release().outcome
    if not isinstance(outcome, LeafFigures):
        return None
    figure = leaf_index(outcome, CORE, DEFAULT_POLICY)
    return figure.mean_tenths / 10 if isinstance(figure, Shown) else None
