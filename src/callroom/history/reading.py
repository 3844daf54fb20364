"""A file of earlier results: bytes to groups. Rows are read, checked and added up here, and then forgotten."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

from callroom.core.disclosure.imported import GroupScores, Scale
from callroom.history.states import Code, Precision, Problem, Shape
from callroom.people.roster import problems, workbook

DELIMITERS: Final = (",", ";", "\t")
MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "."})
NUMBER: Final = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,12})?\Z")
COUNT: Final = re.compile(r"\d{1,6}(?:\.0+)?\Z")
PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")
EARLIEST: Final = date(1950, 1, 1)


@dataclass(frozen=True, slots=True)
class Columns:
    """
    Which column holds what, by the names in the file's header. ``period`` empty: the whole file is of ``one_period``.

    Rows: ``score``. Aggregates: ``count``, ``mean`` and, where there is one, ``spread``. ``eligible``: how many were
    asked, where the file knows. ``units`` and ``periods`` translate what stands in the file ("3" is "surgery",
    "1" is "2021-03").
    """

    unit: str
    period: str = ""
    one_period: str = ""
    score: str = ""
    count: str = ""
    mean: str = ""
    spread: str = ""
    eligible: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    periods: Mapping[str, str] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """Return what one row of the file is."""
        return Shape.ROWS if self.score else Shape.AGGREGATES

    def named(self) -> tuple[str, ...]:
        """Return the columns that must be in the header."""
        asked = (self.unit, self.period, self.score, self.count, self.mean, self.spread, self.eligible)
        return tuple(name for name in asked if name)


@dataclass(frozen=True, slots=True)
class Period:
    """A period: its first day and how exactly it is known."""

    first: date
    precision: Precision


@dataclass(frozen=True, slots=True)
class Group:
    """The scores of one unit in one period, and the row in which it was met first."""

    unit: str
    period: Period
    scores: GroupScores
    row: int


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: its groups in the order of unit and period, rows without a score, and what is wrong."""

    groups: tuple[Group, ...]
    without_score: int
    problems: tuple[Problem, ...]


def header_of(content: bytes) -> tuple[str, ...]:
    """
    Return the names of a file's columns.

    :raises Unreadable: if it is no text or has no header
    """
    return tuple(_sheet(content)[0])


class Unreadable(Exception):
    """The file as a whole cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def read(content: bytes, columns: Columns, scale: Scale, units: Mapping[str, str], *, today: date) -> Read:
    """
    Return the groups of a file, or everything that is wrong with it.

    :param units: by how a file may write it (id or name, lower case), the unit's id
    """
    try:
        header, rows = _sheet(content)
    except Unreadable as error:
        return Read((), 0, (error.problem,))
    missing = [Problem(Code.MISSING_COLUMN, 1, name) for name in columns.named() if name not in header]
    if missing:
        return Read((), 0, tuple(missing))
    reader = _Reader(columns, scale, units, today)
    for number, cells in rows:
        reader.take(number, dict(zip(header, cells, strict=False)))
    return reader.result()


@dataclass(slots=True)
class _Sum:
    row: int
    count: int = 0
    total: Fraction = Fraction(0)
    spread: Fraction | None = None
    eligible: int | None = None


class _Reader:
    """Takes rows one by one, adds them up, and remembers what was wrong."""

    def __init__(self, columns: Columns, scale: Scale, units: Mapping[str, str], today: date) -> None:
        self.columns, self.scale, self.today = columns, scale, today
        self.units = units
        self.sums: dict[tuple[str, Period], _Sum] = {}
        self.problems: list[Problem] = []
        self.without = 0
        self.rows = 0

    def take(self, row: int, cells: Mapping[str, str]) -> None:
        """Add a row to its group, or note what is wrong with it."""
        self.rows += 1
        unit, period = self._unit(row, cells), self._period(row, cells)
        if self.columns.shape is Shape.ROWS:
            self._take_score(row, cells, unit, period)
        else:
            self._take_aggregate(row, cells, unit, period)

    def result(self) -> Read:
        """Return what was read."""
        if not self.rows:
            self._bad(Code.NO_ROWS, 0, "")
        elif not self.sums and not self.problems:
            self._bad(Code.NOTHING_LEFT, 0, self.columns.score)
        if self.problems:
            return Read((), self.without, tuple(self.problems))
        ordered = sorted(self.sums.items(), key=lambda item: (item[0][0], item[0][1].first))
        groups = tuple(
            Group(unit, period, GroupScores(found.count, found.total, found.spread, found.eligible), found.row)
            for (unit, period), found in ordered
        )
        return Read(groups, self.without, ())

    def _take_score(self, row: int, cells: Mapping[str, str], unit: str | None, period: Period | None) -> None:
        eligible = self._eligible(row, cells)
        found = self._group(row, unit, period, eligible)
        text = cells.get(self.columns.score, "")
        if text.lower() in MISSING:
            self.without += 1
            return
        score = self._number(row, self.columns.score, text)
        if score is None:
            return
        if not self.scale.holds(score):
            self._bad(Code.OFF_SCALE, row, self.columns.score, value=text[:40], **self._ends())
        elif found is not None:
            found.count += 1
            found.total += score
            if eligible is not None and found.count > eligible:
                self._bad(Code.FEWER_ASKED, row, self.columns.eligible)

    def _take_aggregate(self, row: int, cells: Mapping[str, str], unit: str | None, period: Period | None) -> None:
        count = self._count(row, self.columns.count, cells)
        mean = self._number(row, self.columns.mean, cells.get(self.columns.mean, ""))
        spread = self._spread(row, cells)
        eligible = self._eligible(row, cells)
        if mean is not None and not self.scale.holds(mean):
            self._bad(Code.OFF_SCALE, row, self.columns.mean, value=cells[self.columns.mean][:40], **self._ends())
            return
        if count is None or mean is None or unit is None or period is None:
            return
        if eligible is not None and eligible < count:
            self._bad(Code.FEWER_ASKED, row, self.columns.eligible)
        elif (unit, period) in self.sums:
            self._bad(Code.DOUBLE_GROUP, row, self.columns.unit, first=str(self.sums[(unit, period)].row))
        else:
            self.sums[(unit, period)] = _Sum(row, count, count * mean, spread, eligible)

    def _group(self, row: int, unit: str | None, period: Period | None, eligible: int | None) -> _Sum | None:
        if unit is None or period is None:
            return None
        found = self.sums.setdefault((unit, period), _Sum(row, eligible=eligible))
        if eligible != found.eligible:
            self._bad(Code.DIFFERENT_ASKED, row, self.columns.eligible, first=str(found.row))
        return found

    def _unit(self, row: int, cells: Mapping[str, str]) -> str | None:
        text = cells.get(self.columns.unit, "")
        if not text:
            self._bad(Code.NO_UNIT, row, self.columns.unit)
            return None
        unit = self.units.get(self.columns.units.get(text, text).casefold())
        if unit is None:
            self._bad(Code.UNKNOWN_UNIT, row, self.columns.unit, value=text[:40])
        return unit

    def _period(self, row: int, cells: Mapping[str, str]) -> Period | None:
        text = cells.get(self.columns.period, "") if self.columns.period else self.columns.one_period
        period = parse_period(self.columns.periods.get(text, text))
        if period is None:
            self._bad(Code.BAD_PERIOD, row, self.columns.period, value=text[:40])
        elif period.first > self.today:
            self._bad(Code.FUTURE_PERIOD, row, self.columns.period, value=text[:40])
            return None
        return period

    def _number(self, row: int, column: str, text: str) -> Fraction | None:
        if not NUMBER.match(text):
            self._bad(Code.NOT_A_NUMBER, row, column, value=text[:40])
            return None
        return Fraction(text.replace(",", "."))

    def _count(self, row: int, column: str, cells: Mapping[str, str]) -> int | None:
        text = cells.get(column, "")
        if not COUNT.match(text):
            self._bad(Code.BAD_COUNT, row, column, value=text[:40])
            return None
        return int(text.partition(".")[0])

    def _eligible(self, row: int, cells: Mapping[str, str]) -> int | None:
        return self._count(row, self.columns.eligible, cells) if self.columns.eligible else None

    def _spread(self, row: int, cells: Mapping[str, str]) -> Fraction | None:
        text = cells.get(self.columns.spread, "") if self.columns.spread else ""
        if text.lower() in MISSING:
            return None
        spread = self._number(row, self.columns.spread, text)
        if spread is not None and not 0 <= spread <= self.scale.range:
            self._bad(Code.BAD_SPREAD, row, self.columns.spread, value=text[:40])
            return None
        return spread

    def _ends(self) -> dict[str, str]:
        return {"lowest": plain(self.scale.lowest), "highest": plain(self.scale.highest)}

    def _bad(self, code: Code, row: int, column: str, **said: str) -> None:
        self.problems.append(Problem(code, row, column, said))


def parse_period(text: str) -> Period | None:
    """Return a year, a month or a day; None for anything else."""
    match = PERIOD.match(text.strip())
    if not match:
        return None
    year, month, day = match.groups()
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return Period(first, precision) if first >= EARLIEST else None


def plain(value: Fraction) -> str:
    """Return a number of a scale in the shortest way: "27", "0.5"."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _sheet(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    rows = _of_workbook(content) if workbook.is_workbook(content) else _of_text(content)
    if not rows:
        raise Unreadable(Problem(Code.NO_ROWS))
    return rows[0][1], rows[1:]


def _of_workbook(content: bytes) -> list[tuple[int, list[str]]]:
    """Return the rows of a spreadsheet: the reader of rosters knows how."""
    try:
        cells = workbook.cells_of(content)
    except problems.Unreadable as error:
        raise Unreadable(Problem(Code.BROKEN_WORKBOOK)) from error
    return [(number, row) for number, row in enumerate(cells, start=1) if any(row)]


def _of_text(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(Problem(Code.UNREADABLE, error.object[: error.start].count(b"\n") + 1)) from error
    first = text.lstrip("\r\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
    return list(_numbered(reader))


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield number, stripped
    except csv.Error as error:
        raise Unreadable(Problem(Code.UNREADABLE, number + 1)) from error
