"""What all leaves share, week by week: the season, what is special about this week, and three learnt variances."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, sqrt

import numpy as np

from callroom.core.signals import learning, model, shared
from callroom.core.signals.estimates import LONGEST_WAVE
from callroom.core.signals.model import Numbers
from callroom.core.signals.slow.group import Taught


@dataclass(frozen=True)
class Stands:
    """How far a leaf stands from what was expected, the variance of that, and how much it is trusted."""

    off: float
    variance: float
    trust: float


@dataclass
class Week:
    """What is known of the institution's part in one week; ``season`` is what the season leads to expect."""

    season: float
    common: float
    variance: float


@dataclass
class Common:
    """A regression for the season, a fading extra, and the last weeks, newest first."""

    coefficients: Numbers = field(default_factory=lambda: np.zeros(len(model.SEASON_PRIOR)))
    covariance: Numbers = field(default_factory=lambda: np.diag(model.SEASON_PRIOR))
    extra: float = 0.0
    extra_variance: float = model.COMMON_VARIANCE
    weeks: list[Week] = field(default_factory=lambda: [Week(0.0, 0.0, model.COMMON_VARIANCE)] * LONGEST_WAVE)

    def predict(self, basis: Numbers) -> None:
        """Go on to a week of which nothing is known yet."""
        share = model.COMMON_KEEPS**2
        self.extra = model.COMMON_KEEPS * self.extra
        self.extra_variance = share * self.extra_variance + (1 - share) * model.COMMON_VARIANCE
        season = float(basis @ self.coefficients)
        doubt = float(basis @ self.covariance @ basis) + model.COMMON_SLACK
        now = Week(season, season + self.extra, self.extra_variance + doubt)
        self.weeks = [now, *self.weeks[: LONGEST_WAVE - 1]]

    def learn(self, stands: dict[int, list[Stands]]) -> dict[int, tuple[float, float]]:
        """Take in the leaves by length of their waves; return for each length the common part and its variance."""
        found = {}
        now = self.weeks[0]
        for length in sorted(stands):
            expected = sum(week.common for week in self.weeks[:length]) / length
            variance = sum(week.variance for week in self.weeks[:length]) / length
            common, left = joint(stands[length], expected, variance)
            reaches = min(1.0, now.variance / variance)
            now.common += (common - expected) * reaches
            now.variance *= 1 - reaches * max(0.0, 1 - left / variance)
            found[length] = (common, left)
        self.extra = now.common - now.season
        self.extra_variance = min(self.extra_variance, now.variance)
        return found

    def learn_season(self, basis: Numbers) -> None:
        """Take one step of recursive least squares."""
        now = self.weeks[0]
        noise = model.COMMON_VARIANCE * model.SEASON_PATIENCE + now.variance
        gain = self.covariance @ basis / (basis @ self.covariance @ basis + noise)
        self.coefficients = self.coefficients + gain * (now.common - basis @ self.coefficients)
        self.covariance = self.covariance - np.outer(gain, basis @ self.covariance)


def joint(leaves: list[Stands], expected: float, variance: float) -> tuple[float, float]:
    """Return the posterior of what these leaves share: Huber's weights, four rounds, and belief in most of them."""
    found, result = expected, (expected, variance)
    for _ in range(shared.ROUNDS):
        weight = total = 0.0
        for leaf in leaves:
            far = abs(leaf.off - found) / sqrt(leaf.variance)
            counts = leaf.trust / leaf.variance * (shared.FAR / far if far > shared.FAR else 1.0)
            weight, total = weight + counts, total + counts * leaf.off
        if weight <= 0:
            return expected, variance
        prior = max(variance, (most(leaves, expected) - expected) ** 2 - 1 / weight)
        found = (expected / prior + total) / (1 / prior + weight)
        result = (found, 1 / (1 / prior + weight))
    return result


def most(leaves: list[Stands], expected: float) -> float:
    """Return the value nearest to the expected beyond which, on one side, 60 % of the leaves stand by weight."""
    everything = sum(leaf.trust / leaf.variance for leaf in leaves)
    ordered = sorted(leaves, key=lambda leaf: leaf.off)

    def quantile(share: float) -> float:
        reached = 0.0
        for leaf in ordered:
            reached += leaf.trust / leaf.variance
            if reached / everything >= share - shared.TIED:
                return leaf.off
        return ordered[-1].off

    return min(quantile(shared.MOST), max(quantile(1 - shared.MOST), expected))


@dataclass
class Factors:
    """The learnt factors: on all noise, on wander, on departments."""

    noise: float = 1.0
    slow: float = 1.0
    shared: float = 1.0
    count: float = 0.0
    information: float = 0.0

    def learn(self, taught: list[tuple[Taught, float, float]], groups: list[tuple[int, float, float]]) -> None:
        """Move by one week: each leaf with its trail and trust, each group with its figures, their sum and its variance."""
        usable = [(cut(one.surprise), trail) for one, trail, trust in taught if trust > 0.5]
        if usable:
            step = 1 / (learning.BELIEVED + min(self.count, learning.LONGEST) + len(usable))
            size = sum(surprise**2 - learning.EXPECTED_SQUARE for surprise, _ in usable)
            follows = sum(surprise * trail for surprise, trail in usable)
            self.noise = bounded(self.noise * exp(learning.NOISE_STEP * step * size))
            self.slow = bounded(self.slow * exp(learning.SLOW_STEP * step * follows))
            self.count += len(usable)
        variance, score = model.DEPARTMENT_VARIANCE * self.shared, 0.0
        for figures, together, together_variance in groups:
            if figures > 1:
                expected = variance * together_variance
                score += min(variance * (together**2 - together_variance), learning.FAR * expected)
                self.information += expected**2
        self.information = min(self.information, learning.LONGEST_OF_DEPARTMENTS)
        step = score / (learning.BELIEVED_OF_DEPARTMENTS + self.information)
        self.shared = bounded(self.shared * exp(max(-0.2, min(0.2, step))))


def bounded(factor: float) -> float:
    """Keep a factor where it is believable."""
    return min(learning.MOST, max(learning.LEAST, factor))


def cut(surprise: float) -> float:
    """Cut a surprise at the clip."""
    return max(-model.CLIP, min(model.CLIP, surprise))
