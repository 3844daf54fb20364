"""The units of a roster file: one row a unit, checked together with the tree that is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError

from callroom.people.models import Unit
from callroom.people.models.places import UNIT_ID
from callroom.people.roster.cells import Cells
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Sheet, check_columns
from callroom.people.roster.rotations_file import ROTATED_THROUGH
from callroom.people.states import PARENTS, UnitKind

REQUIRED: Final = ("unit", "name_en", "kind")
OPTIONAL: Final = ("name_es", "parent")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What the file says about one unit."""

    row: int
    unit: str
    name_en: str
    name_es: str
    kind: UnitKind
    parent: str | None


def read_units(
    sheet: Sheet, present: Mapping[str, Unit], root: str, rotated: Collection[str] = ()
) -> tuple[list[UnitLine], list[Problem]]:
    """
    Return the units of the file and every problem, the tree as it would be after the import included.

    ``rotated`` are the units through which somebody rotates or will: they stay of a kind that one rotates through.

    :raises Unreadable: when the header is not one of a units file
    """
    check_columns(sheet, required=REQUIRED, optional=OPTIONAL)
    lines: list[UnitLine] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for row in sheet.rows:
        cells = Cells(row)
        line = _line(cells, root)
        if line.unit and first.setdefault(line.unit, row.number) != row.number:
            cells.bad(Code.DOUBLE_ID, "unit", value=line.unit[:64], first=first[line.unit])
        if line.unit in rotated and line.kind not in ROTATED_THROUGH and not cells.problems:
            cells.bad(Code.ROTATED_THROUGH, "kind", value=line.unit)
        problems += cells.problems
        if not cells.problems:
            lines.append(line)
    if not problems:
        problems = _tree_problems(lines, present)
    return lines, sorted(problems, key=lambda problem: problem.row)


def _line(cells: Cells, root: str) -> UnitLine:
    unit = cells.text("unit", longest=64).lower()
    try:
        UNIT_ID(unit)
    except ValidationError:
        if unit:
            cells.bad(Code.BAD_UNIT_ID, "unit", value=unit[:64])
    kind = cells.kind("kind") or UnitKind.PROGRAMME
    if kind is UnitKind.INSTITUTION and (unit != root or cells.row["parent"]):
        cells.bad(Code.SECOND_ROOT, "kind", root=root)
    if kind is not UnitKind.INSTITUTION and unit == root:
        cells.bad(Code.SECOND_ROOT, "unit", root=root)
    name = cells.text("name_en", longest=120)
    return UnitLine(
        row=cells.row.number,
        unit=unit,
        name_en=name,
        name_es=cells.text("name_es", longest=120, needed=False) or name,
        kind=kind,
        parent=None if kind is UnitKind.INSTITUTION else cells.row["parent"].lower() or root,
    )


def _tree_problems(lines: list[UnitLine], present: Mapping[str, Unit]) -> list[Problem]:
    parents: dict[str, str | None] = {key: unit.parent_id for key, unit in present.items()}
    kinds = {key: UnitKind(unit.kind) for key, unit in present.items()}
    for line in lines:
        parents[line.unit], kinds[line.unit] = line.parent, line.kind
    rows = {line.unit: line.row for line in lines}
    problems = [problem for line in lines if (problem := _problem_of(line, parents, kinds))]
    problems += [
        Problem(Code.IN_USE, rows[parent], "kind", {"unit": parent, "below": unit})
        for unit, parent in parents.items()
        if unit not in rows and parent in rows and kinds[parent] not in PARENTS[kinds[unit]]
    ]
    return problems


def _problem_of(line: UnitLine, parents: Mapping[str, str | None], kinds: Mapping[str, UnitKind]) -> Problem | None:
    if line.parent is None:
        return None
    if line.parent not in kinds:
        return Problem(Code.UNKNOWN_UNIT, line.row, "parent", {"value": line.parent[:64]})
    if cycle := cycle_through(line.unit, parents):
        return Problem(Code.CYCLE, line.row, "parent", {"way": " → ".join(cycle)})
    if kinds[line.parent] not in PARENTS[line.kind]:
        said = {"kind": line.kind.value, "parent": line.parent, "above": kinds[line.parent].value}
        return Problem(Code.BAD_PARENT, line.row, "parent", said)
    return None


def cycle_through(unit: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the way from ``unit`` up to itself, or nothing where it does not come back."""
    way = [unit]
    above = parents.get(unit)
    while above is not None and above not in way:
        way.append(above)
        above = parents.get(above)
    return (*way, unit) if above == unit else ()
