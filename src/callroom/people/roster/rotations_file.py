"""Who works elsewhere for a while: one row a rotation, a person by the roster's own id, a unit by its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from callroom.people.roster.cells import Cells
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Sheet, check_columns
from callroom.people.states import UnitKind

REQUIRED: Final = ("external_id", "unit", "from")
OPTIONAL: Final = ("to",)
ROTATED_THROUGH: Final = frozenset({UnitKind.DEPARTMENT, UnitKind.PROGRAMME, UnitKind.SITE})
"""A community is led by nobody who grades, and the institution is where everybody is anyway."""


@dataclass(frozen=True, slots=True)
class Known:
    """
    Somebody whom the roster names. ``homes`` are the programmes in which they count, with their days.

    ``first`` and ``last`` are the days between which they are anything here; without ``last`` there is no end, without
    ``first`` they are nothing.
    """

    id: UUID
    is_active: bool
    first: date | None
    last: date | None
    homes: tuple[tuple[str, date, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Rotation:
    """Somebody works in another unit, from one day to another; without ``to_on`` until a file says otherwise."""

    row: int
    person: UUID
    unit: str
    from_on: date
    to_on: date | None


def read_rotations(
    sheet: Sheet, people: Mapping[str, Known], kinds: Mapping[str, UnitKind], today: date
) -> tuple[list[Rotation], list[Problem]]:
    """
    Return the rotations of the file and every problem. ``people`` are the known persons by external id, ``kinds`` the units.

    A row that is over by ``today`` can change nothing from now on: its days must be days, and that is all. A file without
    rows says that nobody rotates.

    :raises Unreadable: when the header is not one of a rotations file
    """
    check_columns(sheet, required=REQUIRED, optional=OPTIONAL, may_be_empty=True)
    found: list[Rotation] = []
    problems: list[Problem] = []
    for row in sheet.rows:
        cells = Cells(row)
        rotation = _rotation(cells, people, kinds, today)
        problems += cells.problems
        if rotation is not None and not cells.problems:
            found.append(rotation)
    problems += _overlaps(rotation for rotation in found if holds_later(rotation.to_on, today))
    return found, sorted(problems, key=lambda problem: problem.row)


def holds_later(to_on: date | None, today: date) -> bool:
    """Return whether something with this last day holds today or later."""
    return to_on is None or to_on >= today


def overlap(first: date, last: date | None, other_first: date, other_last: date | None) -> bool:
    """Return whether two spans have a day in common."""
    return first <= (other_last or date.max) and other_first <= (last or date.max)


def _rotation(cells: Cells, people: Mapping[str, Known], kinds: Mapping[str, UnitKind], today: date) -> Rotation | None:
    row = cells.row
    from_on, to_on = cells.span("from", "to")
    if not row["from"]:
        cells.bad(Code.EMPTY, "from")
    person, unit = people.get(row["external_id"]), row["unit"].lower()
    over = not cells.problems and not holds_later(to_on, today)
    if not over:
        _check_place(cells, unit, kinds)
        _check_person(cells, person)
    if person is None or from_on is None or (over and unit not in kinds):
        return None
    if not over and not cells.problems:
        _check_days(cells, person, unit, from_on, to_on, today)
    return Rotation(row.number, person.id, unit, from_on, to_on)


def _check_place(cells: Cells, unit: str, kinds: Mapping[str, UnitKind]) -> None:
    if unit not in kinds:
        cells.bad(Code.UNKNOWN_UNIT if unit else Code.EMPTY, "unit", value=unit[:64])
    elif kinds[unit] not in ROTATED_THROUGH:
        cells.bad(Code.NO_ROTATIONS_THERE, "unit", value=unit)


def _check_person(cells: Cells, person: Known | None) -> None:
    key = cells.row["external_id"]
    if person is None:
        cells.bad(Code.UNKNOWN_PERSON if key else Code.EMPTY, "external_id", value=key[:64])
    elif not person.is_active or person.first is None:
        cells.bad(Code.NOT_HERE, "external_id", value=key)


def _check_days(cells: Cells, person: Known, unit: str, from_on: date, to_on: date | None, today: date) -> None:
    for home, first, last in person.homes:
        if home == unit and overlap(first, last, from_on, to_on):
            cells.bad(Code.COUNTS_THERE, "unit", value=unit, first=first.isoformat())
            return
    # A first day that has passed binds nobody: many rosters know it only since their first import.
    if person.first is not None and from_on < person.first and person.first > today:
        cells.bad(Code.BEFORE_FIRST_DAY, "from", first=person.first.isoformat())
    if person.last is not None and (to_on or from_on) > person.last:
        cells.bad(Code.AFTER_LAST_DAY, "to" if to_on else "from", last=person.last.isoformat())
    elif person.last is not None and person.last < today:
        cells.bad(Code.NOT_HERE, "external_id", value=cells.row["external_id"])


def _overlaps(rotations: Iterable[Rotation]) -> Iterator[Problem]:
    """Yield a problem for each rotation that has a day in common with one of the same person in the same unit."""
    of_place: dict[tuple[UUID, str], list[Rotation]] = defaultdict(list)
    for rotation in rotations:
        of_place[rotation.person, rotation.unit].append(rotation)
    for stays in of_place.values():
        stays.sort(key=lambda stay: (stay.from_on, stay.row))
        longest = stays[0]
        for stay in stays[1:]:
            if overlap(longest.from_on, longest.to_on, stay.from_on, stay.to_on):
                first, second = sorted((longest.row, stay.row))
                yield Problem(Code.DOUBLE_ROTATION, second, "from", {"first": first})
            longest = max(longest, stay, key=lambda each: each.to_on or date.max)
