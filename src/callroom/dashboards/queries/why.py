"""Why a unit's page says what it says: the model in plain words, and the figures of this unit that went through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from callroom.core.signals.estimates import Settings
from callroom.dashboards import declines, story
from callroom.dashboards.memory import Memory
from callroom.dashboards.queries.lines import leaf_name, page_key
from callroom.dashboards.sentences import Sentence
from callroom.dashboards.story import Line, SignalBox
from callroom.dashboards.tree import Link, Tree, address, answers_address
from callroom.dashboards.wording import asked_period
from callroom.kit.wording import band, every_weeks
from callroom.people import queries as people
from callroom.people.queries import UnitRow
from callroom.pulse import aggregates
from callroom.pulse.aggregates import LeafSeries
from callroom.pulse.states import WeekState
from callroom.watch import aggregates as watch
from callroom.watch.aggregates import Decline, Estimate, SignalRow, trend_of

ROUNDS: Final = 12
"""Rounds that are listed: a quarter of a weekly leaf."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What is promised about errors, from the settings: years per false alarm of a unit, and one false of how many."""

    years: int
    one_of: int


@dataclass(frozen=True, slots=True)
class Round:
    """What the method said in one round; ``sure`` is empty while it is too early."""

    week: str
    level: str
    sure: str
    state: str


@dataclass(frozen=True, slots=True)
class WhyPage:
    """The page behind "Why am I seeing this?"."""

    name: str
    last: str
    trail: tuple[Link, ...]
    sentence: Sentence
    counted: str
    story: tuple[Line, ...]
    rounds: tuple[Round, ...]
    signals: tuple[SignalBox, ...]
    rates: Rates


def why_page(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> WhyPage:
    """Return the explanation for a programme's leaf."""
    return _PAGES.page(page_key(row, tree, now=now, zone=zone), lambda: _made(row, tree, now, zone))


_PAGES: Memory[WhyPage] = Memory()


def _made(row: UnitRow, tree: Tree, now: datetime, zone: ZoneInfo) -> WhyPage:
    series = aggregates.leaf_series(row.id, now=now)
    house = people.current_institution()
    standing = watch.standings(house).get(series.leaf) if series else None
    name = leaf_name(series, tree) if series else row.name
    return WhyPage(
        name=row.name,
        last=gettext("Why"),
        trail=(*tree.trail(row), Link(row.name, address(row))),
        sentence=declines.about(name, trend_of(series) if series else None, standing),
        counted=_counted(series, name) if series else "",
        story=story.of_leaf(name, standing, series.points) if series else (),
        rounds=_rounds(watch.estimates_of(house, series.leaf), series.weeks) if series else (),
        signals=tuple(_box(row, signal, zone) for signal in watch.signals_of(house, series.leaf)) if series else (),
        rates=_rates(),
    )


def _rates() -> Rates:
    settings = Settings()
    return Rates(round(1 / settings.false_alarms_per_unit_year), round(1 / settings.false_discoveries))


def _counted(series: LeafSeries, name: str) -> str:
    shown = [week for week in series.points if week.state is WeekState.SHOWN and week.n]
    if not shown:
        return ""
    low, high = shown[-1].n or (0, None)
    return gettext("%(unit)s: a figure %(rhythm)s, the latest from %(people)s people.") % {
        "unit": name,
        "rhythm": every_weeks(series.weeks),
        "people": band(low, high, shown[-1].eligible or 0),
    }


def _box(row: UnitRow, signal: SignalRow, zone: ZoneInfo) -> SignalBox:
    at = signal.acknowledged_at
    return story.box(signal, zone_day=at.astimezone(zone).date() if at else None, answers=answers_address(row))


def _rounds(estimates: tuple[Estimate, ...], weeks: int) -> tuple[Round, ...]:
    return tuple(_round(estimate, weeks) for estimate in reversed(estimates[-ROUNDS:]))


def _round(estimate: Estimate, weeks: int) -> Round:
    level = gettext("%(level)s (%(low)s to %(high)s)") % declines.level_words(estimate)
    return Round(asked_period(estimate.week, weeks), level, _sure(estimate), _state(estimate))


def _sure(estimate: Estimate) -> str:
    if estimate.state is Decline.TOO_EARLY:
        return ""
    if estimate.probability < declines.POSSIBLY:
        return gettext("below 5 in 10")
    return declines.odds(estimate.probability)


def _state(estimate: Estimate) -> str:
    match estimate.state:
        case Decline.TOO_EARLY:
            return gettext("Too early to tell")
        case Decline.QUIET:
            return gettext("No clear change")
        case Decline.RECOVERING:
            return gettext("Coming back")
        case Decline.WATCH | Decline.DECLINING:
            return declines.chip(declines.sureness(estimate))
