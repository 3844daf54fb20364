"""
What a leaf's published figures add up to: is the latest one part of the usual ups and downs?

The engine is behind ``core.signals.engine.Engine``; today it is the XmR chart with the four rules of NHS England's
"Making data count". A better one replaces it without a change to the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from callroom.core.signals.control_charts import ControlChart
from callroom.core.signals.engine import Assessment, Engine, Finding, Point, Side, State
from callroom.pulse.aggregates import LeafSeries, LeafWeek
from callroom.pulse.states import WeekState

__all__ = ["Assessment", "Finding", "Side", "State", "Trend", "trend_of"]

ENGINE: Final[Engine] = ControlChart()
GAPS: Final = frozenset({WeekState.TOO_FEW, WeekState.NOT_ASKED, WeekState.VOID})
REMEMBERED: Final = 512
"""Leaves whose assessment is kept in memory: it is a pure function of published figures."""


@dataclass(frozen=True, slots=True)
class Trend:
    """
    What the engine says about a leaf, and how many weeks its waves take.

    ``sides``: by week, on which side a figure stands out; weeks without such a figure are absent.
    """

    weeks: int
    assessment: Assessment
    sides: Mapping[date, Side]

    @property
    def also(self) -> tuple[Finding, ...]:
        """Return what else holds at the latest figure, on the same side as the finding."""
        finding = self.assessment.finding
        if finding is None:
            return ()
        latest = next((mark for mark in self.assessment.marks if mark.week == self.assessment.as_of), None)
        others = latest.findings if latest else ()
        return tuple(other for other in others if other.rule is not finding.rule and other.side is finding.side)


def trend_of(series: LeafSeries) -> Trend | None:
    """Return what may be said about a leaf after its latest figure; None while it never had one."""
    points = points_of(series)
    if not any(point.value_tenths is not None for point in points):
        return None
    return _trend(series.weeks, points)


def points_of(series: LeafSeries) -> tuple[Point, ...]:
    """Return a leaf's published weeks for the engine; weeks that wait for their publication are not there yet."""
    points: list[Point] = []
    composition = next((_composition(week) for week in series.points if week.units), ())
    for week in series.points:
        if week.units:
            composition = _composition(week)
        if week.state is WeekState.SHOWN and week.index is not None:
            points.append(Point(week.week_of, week.index.mean, composition))
        elif week.state in GAPS:
            points.append(Point(week.week_of, None, composition))
    return tuple(points)


def _composition(week: LeafWeek) -> tuple[str, ...]:
    """Return the units counted together in this week, and the name of their series, which tells its length."""
    return (*week.units, week.wave.partition("/")[0])


@lru_cache(maxsize=REMEMBERED)
def _trend(weeks: int, points: tuple[Point, ...]) -> Trend:
    assessment = ENGINE.assess(points)
    sides = {mark.week: side for mark in assessment.marks if (side := mark.side)}
    return Trend(weeks, assessment, MappingProxyType(sides))
