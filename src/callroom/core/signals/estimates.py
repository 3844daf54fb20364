"""
What the pooled engine is given and what it says about a decline: figures of leaves in, estimates out.

The engine itself is ``pooled``; the familiar second view, one leaf by itself, is ``control_charts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LONGEST_WAVE = 4
"""Weeks of the longest wave; the others take one and two."""


class BadFigures(ValueError):
    """A leaf's figures cannot be read as a series; ``key`` and ``week`` say where."""

    def __init__(self, reason: str, key: str, week: date | None) -> None:
        super().__init__(f"{key}, {week}: {reason}")
        self.reason, self.key, self.week = reason, key, week


class State(StrEnum):
    """What can be said about a leaf after a figure: watch is "probably falling", declining "very likely falling"."""

    TOO_EARLY = "too early"
    QUIET = "quiet"
    WATCH = "watch"
    DECLINING = "declining"
    RECOVERING = "recovering"


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One published figure of a leaf. Weeks without one (too few, not asked, void) are simply absent.

    ``week``: Monday of the wave's last week; ``weeks``: length of the wave; ``n_low`` to ``n_high``: the band of
    answers, None for "or more"; ``mean_tenths``: 0 to 100; ``composition``: the units counted together, or whatever
    else must not change unseen. Where it differs from the figure before, the leaf begins a new level.
    """

    week: date
    n_low: int
    n_high: int | None
    mean_tenths: int
    weeks: int = 1
    composition: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf's figures in the order of their weeks; ``department`` may be empty. ``key`` is unique in the institution."""

    key: str
    department: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the institution decides.

    ``false_alarms_per_unit_year``: how often a leaf that does not decline may raise an alarm; ``noise_scale``: scale of
    the release noise on the sum of ``n`` answers, for a mean of k items 2.8 / sqrt(k); ``academic_year_start``: month
    and day; ``confirm_probability`` and ``false_discoveries``: when a decline is confirmed.
    """

    false_alarms_per_unit_year: float = 0.2
    noise_scale: float = 2.8
    academic_year_start: tuple[int, int] = (7, 1)
    confirm_probability: float = 0.9
    false_discoveries: float = 0.1

    def __post_init__(self) -> None:
        """:raises ValueError: for a setting that means nothing"""
        if not 0 < self.false_alarms_per_unit_year <= 10:
            raise ValueError("false_alarms_per_unit_year lies above 0 and at most at 10")
        if not 0 <= self.noise_scale <= 100:
            raise ValueError("noise_scale lies between 0 and 100")
        if not 0 < self.confirm_probability < 1 or not 0 < self.false_discoveries < 1:
            raise ValueError("confirm_probability and false_discoveries lie between 0 and 1")
        date(2001, *self.academic_year_start)  # a day of every year


@dataclass(frozen=True, slots=True)
class Reasons:
    """
    Why, in points of the scale (0 to 10), for a sentence. A fall is negative.

    ``own_change``: by how much the leaf's own level has changed since the likely start, everything shared taken out;
    before any start, since the average of its past. ``institution_shock``: how far all leaves together stand from what
    the season leads to expect in this week; ``department_shock``: the same for the leaf's department, beyond the
    institution; ``season``: the season's part in this week, against the mean of the year; ``turnover``: how the level
    moved when the academic year began; ``figures``: how many figures stand behind all this, ``figures_since``: how many
    since the likely start.
    """

    own_change: float
    institution_shock: float
    department_shock: float
    season: float
    turnover: float
    figures: int
    figures_since: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    What can be said about a leaf in one week, from the figures up to this week only.

    ``level`` with its 95 % interval ``low`` to ``high``, in points (0 to 10): the ratings themselves, without the
    release noise. ``probability`` that a decline is under way; ``start``: Monday of its likeliest first week (None while
    none is likelier than not), between ``start_low`` and ``start_high`` with 80 %. ``alarm`` is true only in the week
    in which an alarm is raised at the stated false-alarm rate, ``confirmed`` in every week in which the decline holds
    against the whole institution.
    """

    week: date
    level: float
    low: float
    high: float
    probability: float
    start: date | None
    start_low: date | None
    start_high: date | None
    state: State
    alarm: bool
    confirmed: bool
    reasons: Reasons
