"""
A file of series as the engine reads and writes it: ``callroom signals IN.csv OUT.csv``.

Two formats, told apart by their columns. Releases: ``unit,department,week,n_low,n_high,mean[,weeks]``. Plain series:
``unit,department,period,n,mean,sd``. Rows may stand in any order; other columns are left alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Final, NoReturn

from callroom.core.instruments.tables import Table
from callroom.core.signals import model, pooled
from callroom.core.signals.estimates import Estimate, Figure, Settings
from callroom.core.signals.plain import PlainFigure, Scale

RELEASES: Final = ("unit", "department", "week", "n_low", "n_high", "mean")
PLAIN: Final = ("unit", "department", "period", "n", "mean", "sd")
OUTPUT: Final = ("unit", "week", "level", "low", "high", "probability", "start", "state", "alarm", "confirmed")
LENGTHS: Final = (1, 2, 4)
WHOLE: Final = re.compile(r"[0-9]{1,7}")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


class BadSeries(Exception):
    """A file that cannot be read as series."""


@dataclass
class MissingColumns(BadSeries):
    """Neither format's columns are all there; these are missing from the one that is nearer."""

    columns: tuple[str, ...]


@dataclass
class RepeatedColumn(BadSeries):
    """A column is there twice, so it is not clear which one is meant."""

    column: str


@dataclass
class BadCell(BadSeries):
    """A cell that does not hold what its column needs: ``needs`` names what."""

    row: int
    column: str
    value: str
    needs: str


@dataclass
class Repeated(BadSeries):
    """A unit has a second figure for the same week; ``first`` is the row of the other one."""

    row: int
    column: str
    unit: str
    first: int


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the file, with the date as it stood there."""

    unit: str
    department: str
    on: str
    day: date
    figure: Figure | PlainFigure


def read(table: Table) -> list[Row]:
    """
    Return the file's figures, sorted by date and unit.

    :raises BadSeries: with the row and the column where something is wrong
    """
    plain = "week" not in table.header and "period" in table.header
    wanted = PLAIN if plain else RELEASES
    optional = {"sd"} if plain else set()
    missing = tuple(name for name in wanted if name not in table.header and name not in optional)
    if missing:
        raise MissingColumns(missing)
    twice = [name for name in (*wanted, "weeks") if table.header.count(name) > 1]
    if twice:
        raise RepeatedColumn(twice[0])
    places = {name: table.column(name) for name in (*wanted, "weeks") if name in table.header}
    rows, seen = [], dict[tuple[str, date], int]()
    for number, cells in zip(table.numbers, table.rows, strict=True):
        line = Line(number, {name: cells[place].strip() for name, place in places.items()})
        row = _plain(line) if plain else _release(line)
        first = seen.setdefault((row.unit, row.day), number)
        if first != number:
            raise Repeated(number, "period" if plain else "week", row.unit, first)
        rows.append(row)
    return sorted(rows, key=lambda row: (row.day, row.unit))


@dataclass(frozen=True, slots=True)
class Line:
    """One row's cells by column; each reader refuses what its column cannot hold."""

    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Return a cell that may not be empty."""
        return self.cells[column] or self._refuse(column, "text")

    def whole(self, column: str) -> int:
        """Return a whole number of one or more."""
        value = self.cells[column]
        return int(value) if WHOLE.fullmatch(value) and int(value) else self._refuse(column, "whole")

    def number_in(self, column: str, needs: str, low: float = float("-inf"), high: float = float("inf")) -> float:
        """Return a finite number between these."""
        cell = self.cells[column]
        value = float(cell) if NUMBER.fullmatch(cell) else float("nan")
        return value if isfinite(value) and low <= value <= high else self._refuse(column, needs)

    def day(self, column: str, *, monday: bool) -> date:
        """Return a date of this century."""
        try:
            day = date.fromisoformat(self.cells[column] if DAY.fullmatch(self.cells[column]) else "")
        except ValueError:
            return self._refuse(column, "monday" if monday else "date")
        if day < model.FIRST_MONDAY or (monday and day.weekday()):
            self._refuse(column, "monday" if monday else "date")
        return day

    def refuse(self, column: str, needs: str) -> BadCell:
        """Return the error about a cell."""
        return BadCell(self.number, column, self.cells[column], needs)

    def _refuse(self, column: str, needs: str) -> NoReturn:
        raise self.refuse(column, needs)


def _release(line: Line) -> Row:
    low = line.whole("n_low")
    high = line.whole("n_high") if line.cells["n_high"] else None
    if high is not None and high < low:
        raise line.refuse("n_high", "band")
    length = line.whole("weeks") if line.cells.get("weeks") else 1
    if length not in LENGTHS:
        raise line.refuse("weeks", "length")
    day = line.day("week", monday=True)
    mean = line.number_in("mean", "mean", 0, 10)
    figure = Figure(day, low, high, round(10 * mean), length)
    return Row(line.text("unit"), line.cells["department"], line.cells["week"], day, figure)


def _plain(line: Line) -> Row:
    day = line.day("period", monday=False)
    sd = line.number_in("sd", "sd", 0) if line.cells.get("sd") else None
    figure = PlainFigure(day, line.whole("n"), line.number_in("mean", "number"), sd)
    return Row(line.text("unit"), line.cells["department"], line.cells["period"], day, figure)


def judged(rows: list[Row], settings: Settings) -> Iterator[tuple[Row, Estimate, bool]]:
    """
    Yield each row with its estimate, week by week, and whether it is the last of its unit in this week.

    Figures of a unit that fall into one week are taken together; only the last one tells of an alarm.
    """
    weeks: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        weeks[model.week_number(row.day)].append(row)
    memory, scale = pooled.begin(settings), None
    for week in sorted(weeks):
        of_unit: dict[str, list[Row]] = defaultdict(list)
        for row in weeks[week]:
            of_unit[row.unit].append(row)
        plain = {
            unit: [row.figure for row in mine if isinstance(row.figure, PlainFigure)] for unit, mine in of_unit.items()
        }
        if scale is None:
            first = [figure for figures in plain.values() for figure in figures]
            scale = Scale.of(first) if first else Scale(model.CENTRE, 1.0)
        sightings = {}
        for unit, mine in of_unit.items():
            figure = mine[-1].figure
            sightings[unit] = (
                model.sighting(mine[-1].department, figure, settings.noise_scale)
                if isinstance(figure, Figure)
                else scale.sighting(mine[-1].department, plain[unit])
            )
        for unit, estimate in pooled.observe(memory, model.monday(week), sightings).items():
            for row in of_unit[unit]:
                yield row, scale.told(estimate) if plain[unit] else estimate, row is of_unit[unit][-1]


def cells(row: Row, estimate: Estimate, *, last: bool) -> tuple[str, ...]:
    """Return the cells of a row of the output."""
    return (
        row.unit,
        row.on,
        *(f"{value:.3f}" for value in (estimate.level, estimate.low, estimate.high)),
        f"{estimate.probability:.4f}",
        "" if estimate.start is None else estimate.start.isoformat(),
        estimate.state.value,
        str(int(estimate.alarm and last)),
        str(int(estimate.confirmed)),
    )
