"""The only door for pages about results: published figures of leaves, and arithmetic on them.

Everything here comes from release bodies whose moment of publication has passed and whose keys are gone.
Means and ranges are tenths of the 0-10 scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callroom.core.disclosure import leaf_plan, release, rollup
from callroom.people import queries as people
from callroom.pulse.models import ChainPayload, LeafFigure, Plan, SkippedWeek, Wave
from callroom.pulse.queries import plan_at, wave_sheet_of
from callroom.pulse.states import WaveState, WeekState

Words = Mapping[str, str]
"""A text in both languages: ``{"en": ..., "es": ...}``."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A published mean and its range, in tenths (0-100)."""

    mean: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class LeafWeek:
    """
    What a reader sees of one wave of one leaf.

    ``n``, ``eligible`` and ``index`` are there only when ``state`` is SHOWN (``eligible`` also when TOO_FEW);
    ``items`` holds ``None`` for an item that too few answered. ``reason`` explains NOT_ASKED and VOID where given.
    """

    wave: str
    week_of: date
    state: WeekState
    n: tuple[int, int | None] | None = None
    eligible: int | None = None
    index: Figure | None = None
    items: Mapping[str, Figure | None] | None = None
    units: tuple[str, ...] = ()
    reason: Words | None = None
    demo: bool = False


@dataclass(frozen=True, slots=True)
class LeafSeries:
    """The leaf in which a unit's people are counted, and its weeks, oldest first."""

    leaf: str
    label: Words
    units: tuple[str, ...]
    weeks: int
    joined_with: tuple[str, ...]
    why: leaf_plan.Explanation
    points: tuple[LeafWeek, ...]


@dataclass(frozen=True, slots=True)
class InstitutionCounts:
    """Tokens issued and replaced, answers redeemed, over all waves that closed on one Sunday; rounded down to five."""

    closed_on: date
    issued: int
    replaced: int
    redeemed: int


@dataclass(frozen=True, slots=True)
class CurrentWave:
    """A wave that is announced, open, or waits for its publication."""

    wave: str
    series: str
    weeks: int
    state: WaveState
    opens_at: datetime
    closes_at: datetime
    publishes_at: datetime
    wave_sheet: str
    rotating_item: str


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """One programme of a department: its leaf and the leaf's latest week."""

    unit: str
    leaf: str
    label: Words
    leaf_units: tuple[str, ...]
    weeks: int
    latest: LeafWeek | None


@dataclass(frozen=True, slots=True)
class Rollup:
    """A figure over several leaves, or why there is none; ``missing`` names the leaves it does without."""

    unit: str
    shown: bool
    index: Figure | None
    items: Mapping[str, Figure]
    leaves: tuple[str, ...]
    missing: tuple[str, ...]
    oldest: date | None
    """Monday of the oldest week used."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department, or the whole institution, with its programmes A to Z and the roll-up over its leaves."""

    unit: str
    rows: tuple[DepartmentRow, ...]
    rollup: Rollup


# leaf_series(unit_id: str, *, now: datetime) -> LeafSeries | None      None: nobody in this unit is asked
# department(unit_id: str, *, now: datetime) -> Department              a department, a site, or the institution
# latest_items(unit_id: str, *, now: datetime) -> tuple[LeafWeek, ...]  newest shown week first
# institution_counts(*, now: datetime) -> tuple[InstitutionCounts, ...] oldest first
# current_waves(*, now: datetime) -> tuple[CurrentWave, ...]
