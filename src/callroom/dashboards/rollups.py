"""Figures of a department or the institution over time: arithmetic on published leaves, week by week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from callroom.core.disclosure.release import Shown
from callroom.core.disclosure.rollup import WEEKS_BACK, LeafPoint, RolledUp, roll_up
from callroom.pulse.aggregates import Figure, LeafSeries
from callroom.pulse.states import WeekState


@dataclass(frozen=True, slots=True)
class RollupWeek:
    """A roll-up as of one week: its figure, or None where too little of the unit is covered; what is missing."""

    week_of: date
    figure: Figure | None
    missing: tuple[str, ...]
    oldest: date | None


def over_time(programmes: Mapping[str, int], series: Iterable[LeafSeries], *, weeks: int) -> tuple[RollupWeek, ...]:
    """
    Return the roll-up as of each of the last ``weeks`` weeks in which a leaf of the unit could publish, oldest first.

    :param programmes: the unit's programmes and how many people each has to ask
    :param series: the leaves that hold them, each once
    """
    by_week: dict[date, list[LeafPoint]] = {}
    for leaf in series:
        for point in _points(leaf):
            by_week.setdefault(point.week, []).append(point)
    return tuple(_as_of(week, programmes, by_week) for week in sorted(by_week)[-weeks:])


def _points(series: LeafSeries) -> Iterable[LeafPoint]:
    for week in series.points:
        if week.state not in {WeekState.SHOWN, WeekState.TOO_FEW}:
            continue
        figure = None
        if week.index is not None:
            figure = Shown(week.index.mean, (week.index.low, week.index.high))
        yield LeafPoint(series.leaf, week.units or series.units, week.eligible or 0, week.week_of, figure)


def _as_of(week: date, programmes: Mapping[str, int], by_week: Mapping[date, list[LeafPoint]]) -> RollupWeek:
    window = (week - timedelta(weeks=back) for back in range(WEEKS_BACK))
    points = [point for monday in window for point in by_week.get(monday, ())]
    rolled = roll_up(programmes, points, latest_week=week)
    if not isinstance(rolled, RolledUp):
        return RollupWeek(week, None, rolled.missing, None)
    low, high = rolled.figure.range_tenths
    oldest = min(part.week for part in rolled.parts)
    return RollupWeek(week, Figure(rolled.figure.mean_tenths, low, high), rolled.missing, oldest)
