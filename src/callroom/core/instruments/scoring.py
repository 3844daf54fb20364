"""
Scores of rows of answers. Rows in, scores and problems out: nothing is repaired, guessed or left out.

Guarantees: a row with a value that is no answer gets no score, unless it is asked for as it stands; a row gets a score only when its instrument's rule for
missing answers allows it; the same cells always give the same score.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from callroom.core.instruments.definitions import Band, Instrument
from callroom.core.instruments.tables import Table

# 1, 1. and 1.0 are the same answer (statistics programs write whole numbers as floats); 1.5 and 1e0 are none.
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}(?:[.,]0*)?", re.ASCII)


class CannotScore(Exception):
    """The table and the instrument do not fit; nothing was scored."""


@dataclass
class MissingColumns(CannotScore):
    """The table lacks these columns."""

    columns: tuple[str, ...]


@dataclass
class RepeatedColumn(CannotScore):
    """A column was named twice, or the header has it twice."""

    column: str


@dataclass
class WrongNumberOfColumns(CannotScore):
    """As many columns are needed as the instrument has items, in its order."""

    named: int
    needed: int


@dataclass
class CodeIsAnAnswer(CannotScore):
    """A code for missing is also one of the instrument's answers."""

    code: str


class Kind(StrEnum):
    """What is wrong with a cell."""

    MISSING = "missing"
    NOT_AN_ANSWER = "not an answer"


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that is no answer. ``row`` counts as a spreadsheet does: the header is row 1."""

    row: int
    column: str
    value: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One row's result. Without a score there is at least one problem; with a value that is no answer, no band."""

    score: Fraction | None
    band: Band | None
    problems: tuple[Problem, ...]

    def invalid(self) -> bool:
        """Does the row hold a value that is no answer?"""
        return any(problem.kind is Kind.NOT_AN_ANSWER for problem in self.problems)


def score_answers(instrument: Instrument, answers: Sequence[int | None]) -> Fraction | None:
    """
    Return the score of one person's answers in the instrument's order; None where they do not make one.

    ``None`` stands for an answer that was not given. Every other value must be one of the item's answers.

    :raises ValueError: when there are not as many answers as items, or a value is no answer
    """
    points = []
    for item, answer in zip(instrument.items, answers, strict=True):
        if answer is None:
            continue
        if answer not in item.answers.values:
            raise ValueError(f"{item.id}: {answer}")
        points.append(item.points(answer))
    if len(points) < instrument.missing.answered_at_least:
        return None
    return instrument.score_of(points)


def score_table(
    instrument: Instrument,
    table: Table,
    *,
    columns: Sequence[str] = (),
    missing_codes: Collection[str] = (),
    as_they_stand: bool = False,
) -> tuple[ScoredRow, ...]:
    """
    Return each row's score, band and problems, in the table's order.

    ``columns`` name the items' columns in the instrument's order; without them the items' own ids are looked for. An
    empty cell is missing; so is one that holds a code of ``missing_codes`` (7 also stands for 7.0). ``as_they_stand``
    counts whole numbers that are no answers, to compare with totals that others made so: such a row keeps its problem
    and gets no band.

    :raises CannotScore: when columns or codes do not fit
    """
    names = tuple(columns) or tuple(item.id for item in instrument.items)
    places = _places(instrument, table, names)
    codes = _codes(instrument, missing_codes)
    return tuple(
        _score_row(
            instrument, _read_row(instrument, number, names, [row[place] for place in places], codes), as_they_stand
        )
        for number, row in zip(table.numbers, table.rows, strict=True)
    )


def as_text(score: Fraction) -> str:
    """Return a score as files carry it: whole, or with at most two decimals."""
    hundredths = (Decimal(score.numerator) / Decimal(score.denominator)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return f"{hundredths:f}".rstrip("0").rstrip(".")


def _places(instrument: Instrument, table: Table, names: tuple[str, ...]) -> list[int]:
    if len(names) != len(instrument.items):
        raise WrongNumberOfColumns(named=len(names), needed=len(instrument.items))
    absent = tuple(name for name in names if name not in table.header)
    if absent:
        raise MissingColumns(absent)
    for name in names:
        if names.count(name) > 1 or table.header.count(name) > 1:
            raise RepeatedColumn(name)
    return [table.column(name) for name in names]


def _codes(instrument: Instrument, missing_codes: Collection[str]) -> frozenset[str | int]:
    codes: set[str | int] = {""}
    for code in missing_codes:
        number = _whole(code.strip())
        if number is not None and any(number in item.answers.values for item in instrument.items):
            raise CodeIsAnAnswer(code)
        codes.add(code.strip() if number is None else number)
    return frozenset(codes)


def _read_row(
    instrument: Instrument, row: int, names: Sequence[str], cells: Sequence[str], codes: frozenset[str | int]
) -> tuple[list[int | None], tuple[Problem, ...]]:
    """Return the row's numbers, None where there is none, and what is wrong with its cells."""
    numbers = []
    problems = []
    for item, name, cell in zip(instrument.items, names, cells, strict=True):
        text = cell.strip()
        number = _whole(text)
        if text in codes or number in codes:
            problems.append(Problem(row, name, cell, Kind.MISSING))
            number = None
        elif number not in item.answers.values:
            problems.append(Problem(row, name, cell, Kind.NOT_AN_ANSWER))
        numbers.append(number)
    return numbers, tuple(problems)


def _score_row(
    instrument: Instrument, read: tuple[list[int | None], tuple[Problem, ...]], as_they_stand: bool
) -> ScoredRow:
    numbers, problems = read
    if not any(problem.kind is Kind.NOT_AN_ANSWER for problem in problems):
        score = score_answers(instrument, numbers)
        return ScoredRow(score, None if score is None else instrument.band_of(score), problems)
    if not as_they_stand or None in numbers:
        return ScoredRow(score=None, band=None, problems=problems)
    points = [item.points(number) for item, number in zip(instrument.items, numbers, strict=True) if number is not None]
    return ScoredRow(score=instrument.score_of(points), band=None, problems=problems)


def _whole(text: str) -> int | None:
    return int(re.split(r"[.,]", text)[0]) if _WHOLE.fullmatch(text) else None
