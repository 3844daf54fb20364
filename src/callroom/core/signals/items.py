"""Which question fell most? An item's published figures before and after the likely start of a decline, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, sqrt

from callroom.core.signals.estimates import Figure

SD_ANSWER = 2.5
"""Within-person SD of one answer on 0 to 10, as the ranges of a release take it."""

NORMAL_95 = 1.96
FEWEST_FIGURES = 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean before and after in points, their difference (negative for a fall) with its 95 % interval, and the figures."""

    before: float
    after: float
    change: float
    low: float
    high: float
    figures_before: int
    figures_after: int

    @property
    def fell(self) -> bool:
        """Return whether the whole interval lies below no change."""
        return self.high < 0


def figure_variance(figure: Figure, noise_scale: float) -> float:
    """Return the variance of one published item: that of ``n_low`` answers, of the release noise, of the rounding."""
    q = exp(-1 / noise_scale) if noise_scale else 0.0
    return SD_ANSWER**2 / figure.n_low + 2 * q / (1 - q) ** 2 / figure.n_low**2 + 0.01 / 12


def compare(figures: Sequence[Figure], start: date, *, since: date, noise_scale: float) -> Comparison | None:
    """
    Return an item's mean from ``since`` to before ``start`` and from ``start`` on; None with fewer than two figures.

    Figures count by their certainty. The interval takes the larger of what the release's law says and what the figures'
    own scatter says, so that it is honest where the item swings more than the law knows.
    """
    before = [figure for figure in figures if since <= figure.week < start]
    after = [figure for figure in figures if figure.week >= start]
    if len(before) < FEWEST_FIGURES or len(after) < FEWEST_FIGURES:
        return None
    mean_before, variance_before = _mean(before, noise_scale)
    mean_after, variance_after = _mean(after, noise_scale)
    change, half = mean_after - mean_before, NORMAL_95 * sqrt(variance_before + variance_after)
    return Comparison(mean_before, mean_after, change, change - half, change + half, len(before), len(after))


def _mean(figures: Sequence[Figure], noise_scale: float) -> tuple[float, float]:
    weights = [1 / figure_variance(figure, noise_scale) for figure in figures]
    total = sum(weights)
    mean = sum(w * figure.mean_tenths / 10 for w, figure in zip(weights, figures, strict=True)) / total
    scatter = sum(w * (figure.mean_tenths / 10 - mean) ** 2 for w, figure in zip(weights, figures, strict=True))
    return mean, max(1.0, scatter / (len(figures) - 1)) / total
