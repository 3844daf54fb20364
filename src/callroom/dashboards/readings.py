"""The dated readings of the quarterly burnout scale, as a unit's page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from callroom.dashboards import burnout, charts
from callroom.dashboards.wording import asked_period, last_day, length_of
from callroom.pulse.aggregates import LeafWeek
from callroom.pulse.states import WeekState

READINGS: Final = 4
"""A year's: dated readings, of which nobody makes a trend."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: when it was asked, in words, and as a line; without one, that too few answered."""

    asked: str
    words: str
    line: SafeString


@dataclass(frozen=True, slots=True)
class Burnout:
    """What a unit's page shows of the scale: readings, newest first, what the number is, and what is known elsewhere."""

    readings: tuple[Reading, ...]
    definition: str
    benchmarks: tuple[str, ...]


def of_leaf(points: Sequence[LeafWeek]) -> Burnout | None:
    """Return a leaf's latest readings; None where the scale has not been asked and published yet."""
    asked = [week for week in points if week.state is WeekState.SHOWN and burnout.SCALE in (week.items or {})]
    if not asked:
        return None
    return Burnout(
        tuple(_reading(week) for week in reversed(asked[-READINGS:])), burnout.definition(), burnout.benchmarks()
    )


def _reading(week: LeafWeek) -> Reading:
    period = gettext("%(period)s %(year)d") % {
        "period": asked_period(week.week_of, length_of(week)),
        "year": last_day(week.week_of).year,
    }
    figure = (week.items or {}).get(burnout.SCALE)
    if figure is None:
        return Reading(period, gettext("Too few answered this question."), SafeString(""))
    words = gettext("%(mean)d of 100, range %(low)d to %(high)d.") % {
        "mean": figure.mean,
        "low": figure.low,
        "high": figure.high,
    }
    return Reading(period, words, charts.question(figure, label=gettext("Burnout scale: %(words)s") % {"words": words}))
