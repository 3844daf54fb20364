"""
When waves open, close and are published, in the time zone of the institution.

A wave opens on a Monday at 06:00, closes on the Sunday of its last week at 20:00 and is published on the Monday after
at 08:00, local time, whatever clocks are changed in between. Source: PROTOCOL.md sections 1, 2 and 8.

**Academic year.** The waves of an academic year start on the first Monday on or after its first day (a setting: 1 July
in the United States, 1 March in Mexico) and end on the Sunday before that of the next year. So no wave runs across a
start, every week belongs to exactly one year, and a year has 52 weeks, or 53 (about one year in six).

**Skipped weeks.** A weekly wave in a skipped week is not asked. A longer wave is not asked only if all its weeks are
skipped; with one week off the others remain to answer in, so a holiday does not cost a small unit a month.

**The first wave.** Where a Monday is set on which it may open, a wave whose first week lies before that Monday is not
asked, however long it lasts: the first of each series is the next one in its own rhythm.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from types import MappingProxyType
from zoneinfo import ZoneInfo

SERIES_WEEKS: Mapping[str, int] = MappingProxyType({"pulse": 1, "pulse-2": 2, "pulse-4": 4})
"""The length in weeks of the waves of each series."""

WEEKS_SERIES: Mapping[int, str] = MappingProxyType({weeks: series for series, weeks in SERIES_WEEKS.items()})
"""The series of each length in weeks."""

FULL_YEAR = 52
"""Weeks of an academic year that all series share; a 53rd is asked in the weekly series only."""

SCALE_WEEKS = (8, 20, 32, 44)
"""Weeks of an academic year with which the waves close that carry the quarterly scale: in all series on the same Sunday,
and four weeks or more before the year's plan can change."""

REST_WEEKS = 4
"""For so long after the scale a wave of one or two weeks asks the core alone."""

OPENS = time(6)
CLOSES = time(20)
PUBLISHES = time(8)

_WEEK = timedelta(weeks=1)
_WAVE_ID = re.compile(r"(?P<series>[a-z0-9-]+)/(?P<year>\d{4})-W(?P<week>\d{2})", re.ASCII)


class BadWave(ValueError):
    """No such series, no such week, or a day that cannot start a wave or an academic year."""


@dataclass(frozen=True, slots=True)
class WaveTimes:
    """
    One wave on the calendar.

    ``index`` counts the waves of its series in the academic year, from 0; ``academic_year`` is that year's first day
    as set (2026-07-01), not its first Monday; instants are aware and in UTC; ``weeks_off`` are the Mondays of its
    skipped weeks; ``too_early``: it would begin before the Monday on which the institution's first wave may open.
    """

    wave: str
    series: str
    weeks: int
    index: int
    academic_year: date
    monday: date
    opens_at: datetime
    closes_at: datetime
    publishes_at: datetime
    weeks_off: tuple[date, ...]
    too_early: bool = False

    @property
    def last_monday(self) -> date:
        """Return the Monday of the last week, by which a figure is dated."""
        return self.monday + (self.weeks - 1) * _WEEK

    @property
    def last_sunday(self) -> date:
        """Return the day on which the wave closes; waves that share it are counted as one for the institution."""
        return self.last_monday + timedelta(days=6)

    @property
    def skipped(self) -> bool:
        """Return whether the wave is not asked: all its weeks are skipped, or it would begin too early."""
        return self.too_early or len(self.weeks_off) == self.weeks

    def is_open(self, now: datetime) -> bool:
        """Return whether ``now`` lies between opening (included) and closing (excluded) of a wave that is asked."""
        return not self.skipped and self.opens_at <= now < self.closes_at


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    What an institution's waves follow: time zone, first day of the academic year, Mondays of skipped weeks.

    ``begins``: the Monday before which no wave begins; None where nobody chose one.

    :raises BadWave: if the academic year starts on a day that not every year has
    """

    zone: ZoneInfo
    start_month: int
    start_day: int
    skipped: frozenset[date] = frozenset()
    begins: date | None = None

    def __post_init__(self) -> None:
        """Refuse 29 February and days that do not exist."""
        try:
            date(2023, self.start_month, self.start_day)
        except ValueError as error:
            raise BadWave("the academic year starts on a day that every year has") from error

    def academic_year_of(self, day: date) -> date:
        """Return the first day, as set, of the academic year whose waves ``day`` belongs to."""
        start = date(day.year, self.start_month, self.start_day)
        while first_monday(start) > day:  # at most twice: a year that starts in late December has waves from January
            start = start.replace(year=start.year - 1)
        return start

    def waves_of_year(self, academic_year_start: date, series: str) -> tuple[WaveTimes, ...]:
        """Return all waves of one series in the academic year that starts on this day; see ``waves_of_year``."""
        return waves_of_year(academic_year_start, series, self.zone, self.skipped, self.begins)

    def waves_from(self, day: date, series: str) -> Iterator[WaveTimes]:
        """Return the waves of a series without end, from the start of the academic year that ``day`` belongs to."""
        start = self.academic_year_of(day)
        while True:
            yield from self.waves_of_year(start, series)
            start = start.replace(year=start.year + 1)


def first_monday(day: date) -> date:
    """Return the first Monday on or after ``day``."""
    return day + timedelta(days=-day.weekday() % 7)


def iso_week_id(series: str, monday: date) -> str:
    """
    Return the id of the wave of ``series`` that opens on ``monday``: "pulse/2026-W47", by ISO year and week.

    :raises BadWave: if the series is unknown or the day is not a Monday
    """
    _weeks_of(series)
    if monday.weekday():
        raise BadWave(f"{monday} is not a Monday")
    year, week, _ = monday.isocalendar()
    return f"{series}/{year:04d}-W{week:02d}"


def parse_wave_id(wave: str) -> tuple[str, date]:
    """
    Return the series of a wave id and the Monday on which the wave opens.

    :raises BadWave: if the id is malformed or names an unknown series or a week that its ISO year does not have
    """
    match = _WAVE_ID.fullmatch(wave)
    if match is None:
        raise BadWave(f"{wave!r} is not a wave id")
    _weeks_of(match["series"])
    try:
        monday = date.fromisocalendar(int(match["year"]), int(match["week"]), 1)
    except ValueError as error:
        raise BadWave(f"{wave!r} names no week") from error
    return match["series"], monday


def waves_of_year(
    academic_year_start: date,
    series: str,
    zone: ZoneInfo,
    skipped: Collection[date] = frozenset(),
    begins: date | None = None,
) -> tuple[WaveTimes, ...]:
    """
    Return all waves of one series in one academic year in order, those that are skipped among them.

    ``academic_year_start``: its first day as set; ``skipped``: Mondays of skipped weeks; ``begins``: the Monday before
    which none is asked. Two- and four-week waves are counted from the first Monday of the year, so every fourth Sunday
    closes all series; a 53rd week has a weekly wave only.

    :raises BadWave: if the series is unknown, or a skipped day is not a Monday
    """
    weeks = _weeks_of(series)
    for day in skipped:
        if day.weekday():
            raise BadWave(f"{day} is not a Monday")
    first = first_monday(academic_year_start)
    count = weeks_of_year(academic_year_start) // weeks
    return tuple(
        _times(series, weeks, index, first + index * weeks * _WEEK, academic_year_start, zone, skipped, begins)
        for index in range(count)
    )


def weeks_of_year(academic_year_start: date) -> int:
    """Return how many weeks an academic year has: 52 or 53."""
    following = academic_year_start.replace(year=academic_year_start.year + 1)
    return (first_monday(following) - first_monday(academic_year_start)) // _WEEK


def wave_times(calendar: Calendar, wave: str) -> WaveTimes:
    """
    Return the wave with this id.

    :raises BadWave: if there is no such wave in this calendar: a two-week wave cannot open in an odd week
    """
    series, monday = parse_wave_id(wave)
    for times in calendar.waves_of_year(calendar.academic_year_of(monday), series):
        if times.monday == monday:
            return times
    raise BadWave(f"no wave of {series} opens on {monday}")


def current_wave(calendar: Calendar, series: str, now: datetime) -> WaveTimes | None:
    """
    Return the wave of a series that takes answers at ``now``, or None.

    :raises BadWave: if ``now`` has no time zone or the series is unknown
    """
    day = _local_day(calendar, now)
    waves = calendar.waves_of_year(calendar.academic_year_of(day), series)
    return next((times for times in waves if times.is_open(now)), None)


def next_waves(calendar: Calendar, series: str, after: datetime, count: int) -> tuple[WaveTimes, ...]:
    """
    Return the next ``count`` waves of a series that open after ``after`` and are asked, across academic years.

    :raises BadWave: if ``after`` has no time zone or the series is unknown
    """
    day = _local_day(calendar, after)
    coming = (times for times in calendar.waves_from(day, series) if times.opens_at > after and not times.skipped)
    return tuple(islice(coming, count))


def rotating_item(bank: Sequence[str], wave_index: int) -> str:
    """
    Return the rotating item of the wave with this index in its series and academic year: the bank in turn.

    :raises BadWave: if the bank is empty or the index negative
    """
    if not bank or wave_index < 0:
        raise BadWave("a rotating item needs a bank and an index from 0")
    return bank[wave_index % len(bank)]


def rotating_place(bank: Sequence[str], times: WaveTimes, scale: str | None) -> str:
    """
    Return what a wave asks beside the core; empty for nothing.

    ``scale`` in the waves that close with a week of ``SCALE_WEEKS``, nothing in those of one or two weeks that open in
    the four weeks after, else the bank in turn, so that no item is passed over. A wave of four weeks asks nobody twice
    within four weeks as it is. Without a ``scale`` the bank takes its turn in every wave.

    :raises BadWave: if the bank is empty
    """
    if scale is None:
        return rotating_item(bank, times.index)
    if _carries_scale(times.weeks, times.index):
        return scale
    if _rests(times.weeks, times.index):
        return ""
    earlier = (index for index in range(times.index) if _turns(times.weeks, index))
    return rotating_item(bank, sum(1 for _index in earlier))


def carries_scale(times: WaveTimes) -> bool:
    """Return whether a wave is one of those that carry the quarterly scale where it is asked."""
    return _carries_scale(times.weeks, times.index)


def _carries_scale(weeks: int, index: int) -> bool:
    return (index + 1) * weeks in SCALE_WEEKS


def _rests(weeks: int, index: int) -> bool:
    return weeks < REST_WEEKS and any(0 <= index * weeks - after < REST_WEEKS for after in SCALE_WEEKS)


def _turns(weeks: int, index: int) -> bool:
    return not _carries_scale(weeks, index) and not _rests(weeks, index)


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """
    Return the instant, in UTC, at which clocks in ``zone`` show ``at`` on ``day``.

    A time that occurs twice means the first; one that is left out means the instant as far after the gap's start
    (PEP 495, fold 0).
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _times(
    series: str,
    weeks: int,
    index: int,
    monday: date,
    academic_year: date,
    zone: ZoneInfo,
    skipped: Collection[date],
    begins: date | None,
) -> WaveTimes:
    mondays = [monday + week * _WEEK for week in range(weeks)]
    return WaveTimes(
        wave=iso_week_id(series, monday),
        series=series,
        weeks=weeks,
        index=index,
        academic_year=academic_year,
        monday=monday,
        opens_at=local_instant(monday, OPENS, zone),
        closes_at=local_instant(mondays[-1] + timedelta(days=6), CLOSES, zone),
        publishes_at=local_instant(mondays[-1] + _WEEK, PUBLISHES, zone),
        weeks_off=tuple(day for day in mondays if day in skipped),
        too_early=begins is not None and monday < begins,
    )


def _weeks_of(series: str) -> int:
    if series not in SERIES_WEEKS:
        raise BadWave(f"there is no series {series!r}")
    return SERIES_WEEKS[series]


def _local_day(calendar: Calendar, now: datetime) -> date:
    if now.tzinfo is None:
        raise BadWave("an instant has a time zone")
    return now.astimezone(calendar.zone).date()
