"""The page of a department or of the institution: its units A to Z, each against its own past, and their roll-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from callroom.dashboards import charts, declines, earlier, notices, rollups, sentences, tables
from callroom.dashboards.earlier import Earlier
from callroom.dashboards.memory import Memory
from callroom.dashboards.notices import Notice
from callroom.dashboards.queries.lines import distinct, leaf_name, lines_of, page_key, series_within
from callroom.dashboards.rollups import RollupWeek
from callroom.dashboards.sentences import Sentence
from callroom.dashboards.states import Direction
from callroom.dashboards.tables import Table
from callroom.dashboards.tree import COUNTED, Link, Tree, address, csv_address
from callroom.dashboards.wording import asked_period, length_of
from callroom.kit.charts import Gap, Missing, Point, Slot, Sparkline, shared_scale, sparkline
from callroom.kit.wording import band, day, every_weeks, joined, short_day, tenths, tenths_range
from callroom.people import queries as people
from callroom.people.queries import UnitRow
from callroom.pulse import aggregates
from callroom.pulse.aggregates import CurrentWave, InstitutionCounts, LeafSeries
from callroom.pulse.states import WaveState, WeekState
from callroom.watch import aggregates as watch
from callroom.watch.aggregates import Standing, Trend, trend_of

GLANCE_FROM: Final = 12
"""Rows from which a page opens with all its units in columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a department page."""

    link: Link
    picture: SafeString
    direction: Direction
    chip: str
    words: str
    people: str
    together: str
    notice: Notice | None

    @property
    def sign(self) -> str:
        """Return the shape that stands for it; empty where there is nothing to say."""
        return {"flat": "flat", "up": "up", "down": "down", "early": "unsure"}.get(self.direction.value, "")

    @property
    def told(self) -> str:
        """Return the words beside its name where it is not as always."""
        return "" if self.direction is Direction.STEADY else self.chip

    @property
    def flagged(self) -> bool:
        """Does it stand out as lower than usual?"""
        return self.direction is Direction.LOWER


@dataclass(frozen=True, slots=True)
class GroupPage:
    """The page of a department, or of the institution (then with its counts)."""

    name: str
    trail: tuple[Link, ...]
    sentence: Sentence
    notices: tuple[Notice, ...]
    figure: str
    missing: str
    chart: SafeString
    rows: tuple[Row, ...]
    table: Table
    csv: str
    counts: str
    earlier: tuple[Earlier, ...]

    @property
    def glance(self) -> tuple[Row, ...]:
        """All units on one screen, for pages on which the table alone would not fit it."""
        return self.rows if len(self.rows) >= GLANCE_FROM else ()

    @property
    def has_people(self) -> bool:
        """Does any row say how many answered? Rows of whole departments do not."""
        return any(row.people for row in self.rows)


@dataclass(frozen=True, slots=True)
class Known:
    """What a group page is made of: the tree, the leaves by programme, what the control chart and the engine say, rounds under way."""

    tree: Tree
    series: Mapping[str, LeafSeries]
    trends: Mapping[str, Trend | None]
    standings: Mapping[str, Standing]
    waves: tuple[CurrentWave, ...]
    zone: ZoneInfo

    def below(self, unit_id: str) -> dict[str, LeafSeries]:
        """Return the leaves of the programmes in or below a unit."""
        inside = {row.id for row in self.tree.programmes(unit_id)}
        return {unit: series for unit, series in self.series.items() if unit in inside}

    def sentence(self, name: str, leaves: Iterable[LeafSeries]) -> Sentence:
        """Return what may be said about several leaves."""
        named = {leaf_name(leaf, self.tree): leaf.leaf for leaf in leaves}
        trends = {name: self.trends[leaf] for name, leaf in named.items()}
        return declines.of_several(name, trends, {name: self.standings.get(leaf) for name, leaf in named.items()})

    def open_waves(self) -> tuple[CurrentWave, ...]:
        """Return the open rounds in which anybody of these leaves is asked, the shortest first."""
        lengths = {leaf.weeks for leaf in self.series.values()}
        waves = [wave for wave in self.waves if wave.state is WaveState.OPEN and wave.weeks in lengths]
        return tuple(sorted(waves, key=lambda wave: wave.weeks))

    def rollup(self, unit_id: str, weeks: int) -> tuple[RollupWeek, ...]:
        """Return a unit's roll-up over its last weeks."""
        below = self.below(unit_id)
        programmes = {unit: series.why.eligible for unit, series in below.items()}
        return rollups.over_time(programmes, distinct(below.values()), weeks=weeks)


def group_page(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> GroupPage:
    """Return the page of a department, or of the institution."""
    return _PAGES.page(page_key(row, tree, now=now, zone=zone), lambda: _made(row, tree, now, zone))


_PAGES: Memory[GroupPage] = Memory()


def _made(row: UnitRow, tree: Tree, now: datetime, zone: ZoneInfo) -> GroupPage:
    series = series_within(tree, row.id, now=now)
    trends = {leaf.leaf: trend_of(leaf) for leaf in series.values()}
    standings = watch.standings(people.current_institution())
    known = Known(tree, series, trends, standings, aggregates.current_waves(now=now), zone)
    return page_of(row, known, counts=aggregates.institution_counts(now=now) if row.parent is None else ())


def page_of(row: UnitRow, known: Known, *, counts: tuple[InstitutionCounts, ...] = ()) -> GroupPage:
    """Return the page of a department, or of the institution, from its leaves and the rounds that are under way."""
    tree, zone = known.tree, known.zone
    leaves = distinct(known.series.values())
    weeks = known.rollup(row.id, charts.CHART_WEEKS)
    places = tuple(_place(week) for week in weeks)
    return GroupPage(
        name=row.name,
        trail=tree.trail(row),
        sentence=known.sentence(row.name, leaves),
        notices=tuple(notices.of_open_wave(wave, zone) for wave in known.open_waves()),
        figure=_figure(weeks),
        missing=_missing(weeks, tree),
        chart=charts.run(places, None, name=row.name, weeks=1),
        rows=_rows(row, known),
        table=tables.of_leaves({leaf_name(leaf, known.tree): lines_of(leaf) for leaf in leaves}),
        csv=csv_address(row),
        counts=_counts(counts),
        earlier=earlier.of_unit(row.id),
    )


def _place(week: RollupWeek) -> Slot:
    if week.figure is None:
        return Missing(week.week_of, Gap.HIDDEN, short_day(week.week_of))
    return charts.point(week.week_of, week.figure)


def _figure(weeks: Sequence[RollupWeek]) -> str:
    if not weeks:
        return ""
    latest = weeks[-1]
    if latest.figure is None:
        return gettext(
            "There is no common figure: units with a figure from the last four weeks hold less than two thirds of the people."
        )
    words = gettext("All units together: %(mean)s, range %(range)s (about all eligible people), as of %(day)s.") % {
        "mean": tenths(latest.figure.mean),
        "range": tenths_range(latest.figure.low, latest.figure.high),
        "day": day(latest.week_of),
    }
    if latest.oldest and latest.oldest < latest.week_of:
        since = gettext("Each unit counts with its latest figure; the oldest is from the week of %(day)s.")
        words = f"{words} {since % {'day': day(latest.oldest)}}"
    return words


def _missing(weeks: Sequence[RollupWeek], tree: Tree) -> str:
    if not weeks or not weeks[-1].missing:
        return ""
    names = sorted(tree.names.get(unit, unit) for unit in weeks[-1].missing)
    return gettext("Missing in it: %(units)s.") % {"units": joined(names)}


def _counts(counts: Sequence[InstitutionCounts]) -> str:
    if not counts:
        return ""
    latest = counts[-1]
    if latest.counts is None:
        return gettext(
            "How many tickets were fetched and used in the rounds that closed on %(day)s is not published: fewer than three "
            "groups closed then, and the counts would be nearly those of one."
        ) % {"day": day(latest.closed_on)}
    return gettext(
        "In the rounds that closed on %(day)s, %(issued)d tickets were fetched, %(replaced)d replaced and "
        "%(redeemed)d used in the whole institution (rounded down to five)."
    ) % {
        "day": day(latest.closed_on),
        "issued": latest.counts.issued,
        "replaced": latest.counts.replaced,
        "redeemed": latest.counts.redeemed,
    }


@dataclass(frozen=True, slots=True)
class _Sketch:
    """A row before its picture is drawn: all pictures of a table share one scale."""

    row: UnitRow
    picture: Sparkline | None
    sentence: Sentence
    words: str = ""
    people: str = ""
    together: str = ""
    notice: Notice | None = None

    def drawn(self, scale: tuple[int, int]) -> Row:
        """Return the row with its picture on this scale."""
        picture = SafeString("")
        if self.picture and any(isinstance(slot, Point) for slot in self.picture.points):
            same = self.picture
            picture = sparkline(Sparkline(same.label, same.points, same.limits, same.room, scale))
        return Row(
            link=Link(self.row.name, address(self.row)),
            picture=picture,
            direction=self.sentence.direction,
            chip=self.sentence.chip,
            words=self.words,
            people=self.people,
            together=self.together,
            notice=self.notice,
        )


def _rows(row: UnitRow, known: Known) -> tuple[Row, ...]:
    sketches = [
        _of_unit(child, known) if child.kind.value in COUNTED else _of_group(child, known)
        for child in known.tree.children(row.id)
    ]
    scale = shared_scale(sketch.picture for sketch in sketches if sketch.picture)
    return tuple(sketch.drawn(scale) for sketch in sketches)


def _of_unit(row: UnitRow, known: Known) -> _Sketch:
    series = known.series.get(row.id)
    if series is None:
        nobody = Notice(gettext("Nobody is asked in this unit."), unasked=True)
        return _Sketch(row, None, sentences.about(row.name, None), notice=nobody)
    trend, standing = known.trends[series.leaf], known.standings.get(series.leaf)
    sentence = declines.about(leaf_name(series, known.tree), trend, standing)
    latest = series.points[-1] if series.points else None
    shown = next((week for week in reversed(series.points) if week.state is WeekState.SHOWN), None)
    label = " ".join(part for part in (f"{row.name}:", sentence.headline, sentence.detail) if part)
    notice = None
    if latest and latest.state is not WeekState.SHOWN:
        notice = notices.of_week(latest, waves=known.waves, zone=known.zone)
    return _Sketch(
        row=row,
        picture=charts.row(charts.told_slots(series.points, trend, standing), trend, label=label, weeks=series.weeks),
        sentence=sentence,
        words=_latest_words(series),
        people=band(shown.n[0], shown.n[1], shown.eligible or 0) if shown and shown.n else "",
        together=_together(row, series, known),
        notice=notice,
    )


def _latest_words(series: LeafSeries) -> str:
    shown = next((week for week in reversed(series.points) if week.state is WeekState.SHOWN), None)
    if shown is None or shown.index is None:
        return ""
    return gettext("%(mean)s, range %(range)s, from %(period)s.") % {
        "mean": tenths(shown.index.mean),
        "range": tenths_range(shown.index.low, shown.index.high),
        "period": asked_period(shown.week_of, length_of(shown)),
    }


def _together(row: UnitRow, series: LeafSeries, known: Known) -> str:
    words = {"rhythm": every_weeks(series.weeks)}
    others = [unit for unit in series.units if unit != row.id]
    if not others:
        return gettext("Counted %(rhythm)s") % words
    words["others"] = joined(sorted(known.tree.names.get(unit, unit) for unit in others))
    return gettext("Counted together with %(others)s, %(rhythm)s") % words


def _of_group(row: UnitRow, known: Known) -> _Sketch:
    """Return the row of a department: its roll-up as a line, and which of its units changed."""
    below = known.below(row.id)
    leaves = distinct(below.values())
    sentence = known.sentence(row.name, leaves)
    weeks = known.rollup(row.id, charts.ROW_WEEKS)
    latest = weeks[-1] if weeks else None
    words = ""
    if latest and latest.figure:
        words = gettext("All units together: %(mean)s, range %(range)s.") % {
            "mean": tenths(latest.figure.mean),
            "range": tenths_range(latest.figure.low, latest.figure.high),
        }
    label = " ".join(part for part in (sentence.headline, sentence.detail, words) if part)
    return _Sketch(
        row=row,
        picture=charts.row([_place(week) for week in weeks], None, label=label, weeks=1),
        sentence=sentence,
        words=f"{sentence.headline} {words}".strip(),
    )
