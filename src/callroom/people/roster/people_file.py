"""The people of a roster file: one row a person, checked against itself and the tree of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from callroom.people.roster.cells import Cells
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Sheet, check_columns
from callroom.people.states import Role, UnitKind

REQUIRED: Final = ("external_id", "name", "email", "role")
OPTIONAL: Final = (
    "unit",
    "home_unit",
    "from",
    "to",
    "role_from",
    "role_to",
    "language",
    "leave_from",
    "leave_to",
)
LIVES_IN_A_PROGRAMME: Final = frozenset({Role.RESIDENT, Role.CHIEF})
NEEDS_ITS_UNIT: Final = frozenset({Role.LEADER, Role.DEPUTY})


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What the file says about one person. ``grants`` are roles with their units; ``None`` dates were left empty."""

    row: int
    external_id: str
    name: str
    email: str
    language: str | None
    home: str | None
    from_on: date | None
    to_on: date | None
    grants: frozenset[tuple[Role, str]]
    role_from: date | None
    role_to: date | None
    leave: tuple[date, date | None] | None


def read_people(sheet: Sheet, kinds: Mapping[str, UnitKind], root: str) -> tuple[list[PersonRow], list[Problem]]:
    """
    Return the rows that can be used and every problem of the others. ``kinds`` are the known units.

    :raises Unreadable: when the header is not one of a people file
    """
    check_columns(sheet, required=REQUIRED, optional=OPTIONAL)
    people: list[PersonRow] = []
    problems: list[Problem] = []
    for row in sheet.rows:
        cells = Cells(row)
        person = _person(cells, kinds, root)
        problems += cells.problems
        if not cells.problems:
            people.append(person)
    problems += _doubles(sheet)
    return people, sorted(problems, key=lambda problem: problem.row)


def _person(cells: Cells, kinds: Mapping[str, UnitKind], root: str) -> PersonRow:
    roles = cells.roles("role")
    if not roles and not cells.row["role"]:
        cells.bad(Code.EMPTY, "role")
    units = _units(cells, roles, kinds, root)
    from_on, to_on = cells.span("from", "to")
    role_from, role_to = cells.span("role_from", "role_to")
    leave_from, leave_to = cells.span("leave_from", "leave_to", start_needed=True)
    return PersonRow(
        row=cells.row.number,
        external_id=cells.text("external_id", longest=64),
        name=cells.text("name", longest=200),
        email=cells.email("email"),
        language=cells.language("language"),
        home=_home(cells, roles, units, kinds),
        from_on=from_on,
        to_on=to_on,
        grants=frozenset((role, unit) for role, unit in zip(roles, units, strict=False) if role is not Role.RESIDENT),
        role_from=role_from,
        role_to=role_to,
        leave=(leave_from, leave_to) if leave_from is not None else None,
    )


def _units(cells: Cells, roles: list[Role], kinds: Mapping[str, UnitKind], root: str) -> list[str]:
    """Return one unit for each role: as many as roles are given, one for all, or none for the institution."""
    named = [unit.lower() for unit in cells.words("unit")]
    for unit in named:
        if unit not in kinds:
            cells.bad(Code.UNKNOWN_UNIT, "unit", value=unit[:64])
    if not roles:
        return []
    if len(named) not in {0, 1, len(roles)}:
        cells.bad(Code.ROLES_AND_UNITS, "unit", roles=len(roles), units=len(named))
        return []
    if not named and not NEEDS_ITS_UNIT.isdisjoint(roles):
        cells.bad(Code.UNIT_NEEDED, "unit")
    if not named:
        home = cells.row["home_unit"].lower()
        return [home if home and role in LIVES_IN_A_PROGRAMME else root for role in roles]
    return named if len(named) == len(roles) else named * len(roles)


def _home(cells: Cells, roles: list[Role], units: list[str], kinds: Mapping[str, UnitKind]) -> str | None:
    named = cells.row["home_unit"].lower()
    column = "home_unit" if named else "unit"
    if not named:
        of_roles = [unit for role, unit in zip(roles, units, strict=False) if role in LIVES_IN_A_PROGRAMME]
        named = of_roles[0] if of_roles and cells.row["unit"] else ""
    if not named:
        if not LIVES_IN_A_PROGRAMME.isdisjoint(roles):
            cells.bad(Code.HOME_NEEDED, "home_unit")
        return None
    if named not in kinds:
        if column == "home_unit":
            cells.bad(Code.UNKNOWN_UNIT, column, value=named[:64])
    elif kinds[named] is not UnitKind.PROGRAMME:
        cells.bad(Code.NOT_A_PROGRAMME, column, value=named)
    return named


def _doubles(sheet: Sheet) -> list[Problem]:
    """Return a problem for each row that repeats an id or an address of a row above it."""
    problems = []
    for column, code in (("external_id", Code.DOUBLE_ID), ("email", Code.DOUBLE_EMAIL)):
        first: dict[str, int] = {}
        for row in sheet.rows:
            value = row[column].lower() if column == "email" else row[column]
            if value and first.setdefault(value, row.number) != row.number:
                problems.append(Problem(code, row.number, column, {"value": value[:80], "first": first[value]}))
    return problems
