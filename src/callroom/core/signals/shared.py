"""
What all leaves of an institution share in a week: its season, and what is special about this week.

The week's common part is a robust weighted mean of how far leaves stand from what was expected of them. A leaf that is
probably declining hardly counts, so that many declines do not drag the others' reference down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals import blocks, model
from callroom.core.signals.estimates import LONGEST_WAVE
from callroom.core.signals.model import Numbers

ROUNDS: Final = 4
MOST: Final = 0.6
TIED: Final = 1e-9
"""Three of five leaves that weigh alike are the most of them, whatever the last digit of the sum."""
FAR: Final = 1.5
"""A leaf that stands further from the others, in SDs, counts less."""


@dataclass
class Shared:
    """The season's coefficients with their covariance, and the common part of the last four weeks, newest first."""

    season: Numbers = field(default_factory=lambda: np.zeros(len(model.SEASON_PRIOR)))
    season_covariance: Numbers = field(default_factory=lambda: np.diag(model.SEASON_PRIOR))
    common: Numbers = field(default_factory=lambda: np.zeros(LONGEST_WAVE))
    variance: Numbers = field(default_factory=lambda: np.full(LONGEST_WAVE, model.COMMON_VARIANCE))
    seasons: Numbers = field(default_factory=lambda: np.zeros(LONGEST_WAVE))
    extra: float = 0.0
    """What the last week was more than its season, and ``extra_variance``, how uncertain that is."""
    extra_variance: float = model.COMMON_VARIANCE

    def predict(self, basis: Numbers) -> None:
        """Go on to a week with this season's basis; until figures are seen, expect season and a fading extra."""
        season = float(basis @ self.season)
        self.extra *= model.COMMON_KEEPS
        self.extra_variance = (
            model.COMMON_KEEPS**2 * self.extra_variance + (1 - model.COMMON_KEEPS**2) * model.COMMON_VARIANCE
        )
        uncertain = float(basis @ self.season_covariance @ basis) + model.COMMON_SLACK
        self.seasons = np.append(season, self.seasons[:-1])
        self.common = np.append(season + self.extra, self.common[:-1])
        self.variance = np.append(self.extra_variance + uncertain, self.variance[:-1])

    def learn(
        self, glance: blocks.Glance, values: Numbers, weeks: NDArray[np.int64], trust: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Take the week's figures in; return the common part in each leaf's wave and its variance."""
        off = np.where(glance.seen, values - glance.expected, 0.0)
        spread = glance.spread[:, blocks.PLACES, blocks.PLACES]
        part, variance = np.zeros_like(off), np.zeros_like(off)
        for length in range(1, LONGEST_WAVE + 1):
            mine = glance.seen & (weeks == length)
            if not mine.any():
                continue
            before, doubt = float(self.common[:length].mean()), float(self.variance[:length].mean())
            found, left = _robust_mean(off[mine], spread[mine], trust[mine], before, doubt)
            reaches = min(1.0, self.variance[0] / doubt)
            self.common[0] += (found - before) * reaches
            self.variance[0] *= 1 - reaches * max(0.0, 1 - left / doubt)
            part[mine], variance[mine] = found, left
        self.extra = float(self.common[0] - self.seasons[0])
        self.extra_variance = min(self.extra_variance, float(self.variance[0]))
        return part, variance

    def learn_season(self, basis: Numbers) -> None:
        """Take this week's common part into the season."""
        reach = self.season_covariance @ basis
        spread = float(basis @ reach) + model.COMMON_VARIANCE * model.SEASON_PATIENCE + float(self.variance[0])
        self.season = self.season + reach / spread * (self.common[0] - float(basis @ self.season))
        self.season_covariance = self.season_covariance - np.outer(reach, reach) / spread


def _robust_mean(
    off: Numbers, spread: Numbers, trust: Numbers, expected: float, variance: float
) -> tuple[float, float]:
    """
    Return the posterior mean and variance of what these leaves share, given what is expected of it.

    Where most of them stand together further from it than chance explains, they are believed: a shock that falls on
    everybody is nobody's own. One leaf among two or three is not "most".
    """
    found, weight, sure = expected, 0.0, variance
    for _ in range(ROUNDS):
        far = np.abs(off - found) / np.sqrt(spread)
        weights = trust / spread * np.minimum(1, FAR / np.maximum(far, 1e-9))
        weight = float(weights.sum())
        if weight <= 0:
            return expected, variance
        sure = max(variance, (_most(off, trust / spread, expected) - expected) ** 2 - 1 / weight)
        found = (expected / sure + float((weights * off).sum())) / (1 / sure + weight)
    return found, 1 / (1 / sure + weight)


def _most(off: Numbers, weights: Numbers, expected: float) -> float:
    """Return what is nearest to the expected such that most leaves, by weight, stand at least as far on one side."""
    order = np.argsort(off, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    low, high = (
        float(off[order][min(len(off) - 1, int((reached < share - TIED).sum()))]) for share in (1 - MOST, MOST)
    )
    return min(high, max(low, expected))
