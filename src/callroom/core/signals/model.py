"""
The model's constants and the few formulas that the fast engine and the slow reference share.

A leaf's published figure is its level (which moves when the academic year begins), a slow wander, the mood of those who
happen to answer, its own yearly wave, its own share of the institution's season, what its department and the whole
institution share this week, and noise. Sizes are variances in squared points of a 0 to 10 scale on which one answer's
within-person SD is about 1.43; they are what a teaching hospital's figures look like in simulation, and where they
differ, ``learning`` moves them. See docs/explanation/signals.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import cos, erf, exp, log, pi, sin, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals.estimates import LONGEST_WAVE, Figure

Numbers = NDArray[np.float64]

FIRST_MONDAY: Final = date(2001, 1, 1)

# The states of one leaf, in this order; a block's last state is its department.
LEVEL, WANDER, MOOD, SINE, COSINE, LOADING = range(6)
OWN: Final = 6
MEMBERS: Final = 6
"""Leaves of a department that are filtered jointly; a larger department is several blocks."""

CENTRE, CENTRE_VARIANCE = 6.5, 0.30
LEVEL_VARIANCE, LEVEL_VARIANCE_N = 0.25, 1.0
WANDER_VARIANCE, WANDER_KEEPS = 0.029, 0.95
MOOD_VARIANCE_N, MOOD_KEEPS = 0.70, 0.8
OWN_SEASON_VARIANCE, LOADING_VARIANCE = 0.0204, 0.09
DEPARTMENT_VARIANCE, DEPARTMENT_KEEPS = 0.020, 0.9
TURNOVER_VARIANCE_N = 0.75
WHITE_VARIANCE, WHITE_VARIANCE_N = 0.02, 2.0
COMMON_VARIANCE, COMMON_KEEPS = 0.045, 0.8
COMMON_SLACK = 0.004
"""Added to what the season predicts of a week, so that it is never thought to be known exactly."""

SEASON_PRIOR: Final = np.array([0.03, 0.03, 0.015, 0.015, 0.006, 0.006, 0.006, 0.006, 0.15])
SEASON_PATIENCE = 6.0
"""Neighbouring weeks of the institution go together: one counts for this much less when the season is learnt."""

HONEYMOON_WEEKS, HONEYMOON_MEAN = 10.0, 0.17

CLIP = 3.0
"""A figure pulls no harder than one of this many SDs: release noise has long tails."""

SIZE_MEAN, SIZE_SD = 0.9, 0.35
"""How large a decline is thought to be, in points, before any figure is seen."""

RAMPS: Final = (1, 10)
"""Weeks that a decline takes to be complete: a step and a drift."""

WINDOW: Final = 40
"""Likely starts that are kept: the last 40 weeks."""

FRESH: Final = 12
"""An alarm is about a start in the last twelve weeks; older ones count for probability and start only."""

MUTE: Final = 8
"""Weeks after an alarm in which the leaf raises no other."""

MIDDLES: Final = {8: 9.4, 12: 13.4, 16: 19.0, 24: 36.0}
"""Usual answers of a leaf in each band, by its lower end."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A figure as the engine sees it: on the 0 to 10 scale, with the variance that the release added."""

    department: str
    value: float
    answers: float
    noise: float
    weeks: int = 1
    floor: float = float("-inf")
    ceiling: float = float("inf")
    composition: tuple[str, ...] = ()


def sighting(department: str, figure: Figure, noise_scale: float) -> Sighting:
    """Return a published figure as the engine sees it; at the floor or the ceiling it may be a clipped one."""
    answers = MIDDLES.get(figure.n_low, figure.n_low * 1.2)
    if figure.n_high is not None and figure.n_low not in MIDDLES:
        answers = (figure.n_low + figure.n_high) / 2
    edge = 10 / figure.n_low + 0.05
    return Sighting(
        department,
        figure.mean_tenths / 10,
        answers,
        release_variance(noise_scale) / answers**2,
        figure.weeks,
        edge,
        10 - edge,
        figure.composition,
    )


def release_variance(noise_scale: float) -> float:
    """Return the variance of the discrete Laplace noise on a sum."""
    if not noise_scale:
        return 0.0
    q = exp(-1 / noise_scale)
    return 2 * q / (1 - q) ** 2


def week_number(day: date) -> int:
    """Return the number of a day's week, counted from the first Monday of the century."""
    return (day - FIRST_MONDAY).days // 7


def monday(week: int) -> date:
    """Return the Monday of a week by its number."""
    return FIRST_MONDAY + timedelta(weeks=week)


@lru_cache(maxsize=1024)
def academic_start(week: int, start: tuple[int, int]) -> int:
    """Return the week in which the academic year of this week began: the first Monday on or after its first day."""
    year = monday(week).year
    weeks = [week_number(date(y, *start) + timedelta(days=6)) for y in (year - 1, year)]
    return weeks[1] if weeks[1] <= week else weeks[0]


@lru_cache(maxsize=1024)
def angle(week: int) -> float:
    """Return where in the calendar year a week lies, in radians."""
    return 2 * pi * monday(week).timetuple().tm_yday / 365.25


def season_basis(week: int, start: tuple[int, int]) -> Numbers:
    """Return the shapes that an institution's season is made of, in this week: four waves and a honeymoon."""
    waves = [shape(number * angle(week)) for number in range(1, 5) for shape in (sin, cos)]
    since = week - academic_start(week, start)
    return np.array([*waves, exp(-since / HONEYMOON_WEEKS) - HONEYMOON_MEAN])


def shapes() -> Numbers:
    """Return how much of a decline a figure shows: by length of its wave, ramp and weeks since the start."""
    table = np.zeros((LONGEST_WAVE, len(RAMPS), WINDOW))
    for weeks in range(1, LONGEST_WAVE + 1):
        for place, ramp in enumerate(RAMPS):
            for age in range(WINDOW):
                parts = [min(1.0, max(0, age - back + 1) / ramp) for back in range(weeks)]
                table[weeks - 1, place, age] = sum(parts) / weeks
    return table


def clipped_square() -> float:
    """Return the mean square of a standard normal variable cut at ``CLIP``."""
    inside = erf(CLIP / sqrt(2)) - 2 * CLIP * exp(-(CLIP**2) / 2) / sqrt(2 * pi)
    return inside + CLIP**2 * (1 - erf(CLIP / sqrt(2)))


def log_threshold(false_alarms_per_unit_year: float) -> float:
    """Return the log of the statistic at which a leaf that does not decline alarms this often (calibrated)."""
    return THRESHOLD_AT_ONE_FIFTH + THRESHOLD_SLOPE * log(0.2 / false_alarms_per_unit_year)


THRESHOLD_AT_ONE_FIFTH, THRESHOLD_SLOPE = log(95), 0.9
HAZARD = 0.0006
"""Declines per leaf and week before any figure is seen: one leaf in thirty a year."""
