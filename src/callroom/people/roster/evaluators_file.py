"""Who evaluates whom: one row a pair, both named by the roster's own ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from callroom.people.roster.cells import Cells
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Sheet, check_columns

REQUIRED: Final = ("evaluator", "external_id")
OPTIONAL: Final = ("from", "to")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One person evaluates another."""

    row: int
    evaluator: UUID
    person: UUID
    from_on: date | None
    to_on: date | None


def read_evaluators(sheet: Sheet, people: Mapping[str, UUID]) -> tuple[list[Assignment], list[Problem]]:
    """
    Return the pairs of the file and every problem. ``people`` are the known persons by external id.

    :raises Unreadable: when the header is not one of an evaluators file
    """
    check_columns(sheet, required=REQUIRED, optional=OPTIONAL)
    found: list[Assignment] = []
    problems: list[Problem] = []
    first: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        cells = Cells(row)
        pair = (row["evaluator"], row["external_id"])
        for column, key in zip(REQUIRED, pair, strict=True):
            if key not in people:
                cells.bad(Code.UNKNOWN_PERSON if key else Code.EMPTY, column, value=key[:64])
        if pair[0] == pair[1]:
            cells.bad(Code.EVALUATES_SELF, "external_id")
        if first.setdefault(pair, row.number) != row.number:
            cells.bad(Code.DOUBLE_ASSIGNMENT, "external_id", first=first[pair])
        from_on, to_on = cells.span("from", "to")
        problems += cells.problems
        if not cells.problems:
            found.append(Assignment(row.number, people[pair[0]], people[pair[1]], from_on, to_on))
    return found, problems
