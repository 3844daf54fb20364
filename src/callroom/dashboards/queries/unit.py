"""The page of a programme: one leaf, its sentence, its weeks, its questions, and where its answers are counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from callroom.core.instruments import weekly
from callroom.dashboards import charts, counted, declines, earlier, notices, readings, sentences, story, tables
from callroom.dashboards.earlier import Earlier
from callroom.dashboards.memory import Memory
from callroom.dashboards.notices import Notice
from callroom.dashboards.queries.lines import leaf_name, lines_of, page_key
from callroom.dashboards.sentences import Sentence
from callroom.dashboards.story import Line, SignalBox
from callroom.dashboards.tables import Table
from callroom.dashboards.tree import Link, Tree, answers_address, csv_address, why_address
from callroom.dashboards.wording import asked_period, length_of
from callroom.kit.wording import tenths, tenths_range
from callroom.people import queries as people
from callroom.people.queries import UnitRow
from callroom.pulse import aggregates
from callroom.pulse.aggregates import ComingLeaf, CurrentWave, Figure, LeafSeries, LeafWeek
from callroom.pulse.states import WeekState
from callroom.watch import aggregates as watch
from callroom.watch.aggregates import Estimate, Standing, Trend, trend_of


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its latest figure: both ends of its scale, when it was asked, the figure in words and picture."""

    text: str
    ends: str
    asked: str
    words: str
    line: SafeString


@dataclass(frozen=True, slots=True)
class SecondView:
    """The control chart: the familiar second view, with its own sentence."""

    sentence: Sentence
    chart: SafeString


@dataclass(frozen=True, slots=True)
class UnitPage:
    """The page of a unit whose people are counted in one leaf. ``watched``: the engine has looked at it."""

    name: str
    trail: tuple[Link, ...]
    sentence: Sentence
    notices: tuple[Notice, ...]
    watched: bool
    signal: SignalBox | None
    story: tuple[Line, ...]
    why: str
    chart: SafeString
    chart_note: str
    second: SecondView | None
    table: Table
    csv: str
    questions: tuple[Question, ...]
    snapshots: tuple[Question, ...]
    burnout: readings.Burnout | None
    earlier: tuple[Earlier, ...]
    counted: tuple[str, ...]


def unit_page(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> UnitPage:
    """Return the page of a programme: its leaf's sentence, chart, questions, and where its answers are counted."""
    return _PAGES.page(page_key(row, tree, now=now, zone=zone), lambda: _made(row, tree, now, zone))


_PAGES: Memory[UnitPage] = Memory()


def _made(row: UnitRow, tree: Tree, now: datetime, zone: ZoneInfo) -> UnitPage:
    series = aggregates.leaf_series(row.id, now=now)
    if series is None:
        return _unasked_page(row, tree, aggregates.coming_leaf(row.id, counts_in=row.id, now=now))
    house = people.current_institution()
    standing = watch.standings(house).get(series.leaf)
    told = Told(standing, watch.estimates_of(house, series.leaf) if standing else ())
    return page_of(row, tree, series, waves=aggregates.current_waves(now=now), zone=zone, told=told)


@dataclass(frozen=True, slots=True)
class Told:
    """What the engine says of a leaf: now, and in each week. Nothing while it has not looked."""

    standing: Standing | None = None
    estimates: tuple[Estimate, ...] = ()


def page_of(
    row: UnitRow,
    tree: Tree,
    series: LeafSeries,
    *,
    waves: tuple[CurrentWave, ...],
    zone: ZoneInfo,
    told: Told,
) -> UnitPage:
    """Return the page of a programme from its leaf, what the engine says of it, and the rounds that are under way."""
    trend, standing = trend_of(series), told.standing
    latest = _latest_shown(series.points)
    name = leaf_name(series, tree)
    return UnitPage(
        name=row.name,
        trail=tree.trail(row),
        sentence=declines.about(name, trend, standing),
        notices=notices.of_leaf(series.points, length=series.weeks, waves=waves, zone=zone),
        watched=standing is not None,
        signal=_signal(row, standing, zone),
        story=story.of_leaf(name, standing, series.points),
        why=why_address(row),
        chart=_chart(row.name, series, trend, told),
        chart_note=_chart_note(series),
        second=_second(row.name, name, series, trend) if standing else None,
        table=tables.of_leaf(lines_of(series)),
        csv=csv_address(row),
        questions=_core_questions(latest),
        snapshots=_snapshots(series),
        burnout=readings.of_leaf(series.points),
        earlier=earlier.of_unit(row.id),
        counted=(*counted.here(series.why, tree.names), *_soon(row, series.coming, tree)),
    )


def _chart(name: str, series: LeafSeries, trend: Trend | None, told: Told) -> SafeString:
    """Return the engine's chart; while it has not looked, the control chart stands in."""
    places = charts.told_slots(series.points, trend, told.standing)
    if told.standing is None:
        return charts.run(places, trend, name=name, weeks=series.weeks)
    return charts.declining(places, told.estimates, told.standing.signal, name=name, weeks=series.weeks)


def _second(name: str, leaf: str, series: LeafSeries, trend: Trend | None) -> SecondView:
    chart = charts.run(charts.slots(series.points, trend), trend, name=name, weeks=series.weeks, chart="control")
    return SecondView(sentences.about(leaf, trend), chart)


def _signal(row: UnitRow, standing: Standing | None, zone: ZoneInfo) -> SignalBox | None:
    if standing is None or standing.signal is None:
        return None
    at = standing.signal.acknowledged_at
    day = at.astimezone(zone).date() if at else None
    return story.box(standing.signal, zone_day=day, answers=answers_address(row))


def _unasked_page(row: UnitRow, tree: Tree, coming: ComingLeaf | None) -> UnitPage:
    return UnitPage(
        name=row.name,
        trail=tree.trail(row),
        sentence=sentences.about(row.name, None),
        notices=(Notice(gettext("Nobody is asked in this unit."), unasked=True),),
        watched=False,
        signal=None,
        story=(),
        why="",
        chart=SafeString(""),
        chart_note="",
        second=None,
        table=Table("", (), ()),
        csv=csv_address(row),
        questions=(),
        snapshots=(),
        burnout=None,
        earlier=earlier.of_unit(row.id),
        counted=_soon(row, coming, tree),
    )


def _soon(row: UnitRow, coming: ComingLeaf | None, tree: Tree) -> tuple[str, ...]:
    return (counted.change(row.id, coming, tree.names),) if coming else ()


def _latest_shown(points: Sequence[LeafWeek]) -> LeafWeek | None:
    return next((week for week in reversed(points) if week.state is WeekState.SHOWN), None)


def _chart_note(series: LeafSeries) -> str:
    if series.weeks == 1:
        return gettext("From 0 to 10, week by week; higher is better. The last 12 months.")
    return gettext("From 0 to 10, round by round; higher is better. The last 12 months.")


def _core_questions(latest: LeafWeek | None) -> tuple[Question, ...]:
    items: Mapping[str, Figure | None] = (latest.items or {}) if latest else {}
    return tuple(question(item, items[item], asked(latest)) for item in tables.CORE if latest and item in items)


def _snapshots(series: LeafSeries) -> tuple[Question, ...]:
    """Return the last reading of each question that takes turns, newest first, each with its date."""
    latest: dict[str, LeafWeek] = {}
    for week in reversed(series.points):
        item = tables.rotating_of(week) if week.state is WeekState.SHOWN else ""
        if item and item not in latest:
            latest[item] = week
    return tuple(question(item, (week.items or {}).get(item), asked(week)) for item, week in latest.items())


def asked(week: LeafWeek) -> str:
    """Return the days in which a week's round was open."""
    return asked_period(week.week_of, length_of(week))


def question(item: str, figure: Figure | None, when: str) -> Question:
    """Return a question with its figure; ``when``: the days in which it was asked."""
    language = (get_language() or "en")[:2]
    known = weekly.item(item)
    text, options = known.text[language], known.options[language]
    ends = gettext("0: %(low)s. 10: %(high)s.") % {"low": options[0], "high": options[-1]}
    if figure is None:
        return Question(text, ends, when, gettext("Too few answered this question."), SafeString(""))
    words = gettext("%(mean)s, range %(range)s: near “%(option)s”.") % {
        "mean": tenths(figure.mean),
        "range": tenths_range(figure.low, figure.high),
        "option": weekly.nearest_option(figure.mean, options),
    }
    return Question(text, ends, when, words, charts.question(figure, label=f"{text} {words}"))
