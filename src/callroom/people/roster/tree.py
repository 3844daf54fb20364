"""A units file against the tree that is stored. Units that the file does not name stay as they are."""

from __future__ import annotations

from collections.abc import Iterable

from callroom.people.models import Institution, Unit
from callroom.people.roster.outcome import Kind, Line
from callroom.people.roster.plan import Edits
from callroom.people.roster.units_file import UnitLine


def plan_units(found: Iterable[UnitLine], institution: Institution) -> tuple[list[Line], Edits[Unit]]:
    """Return what the file changes, in words and as rows."""
    present = {unit.pk: unit for unit in institution.units.all()}
    edits: Edits[Unit] = Edits()
    lines = [line for unit in found if (line := _plan_unit(unit, present.get(unit.unit), institution, edits))]
    return lines, edits


def _plan_unit(line: UnitLine, present: Unit | None, institution: Institution, edits: Edits[Unit]) -> Line | None:
    if present is None:
        new = Unit(
            id=line.unit,
            institution=institution,
            name_en=line.name_en,
            name_es=line.name_es,
            kind=line.kind,
            parent_id=line.parent,
        )
        edits.new.append(new)
        return Line(Kind.NEW, line.unit, new.name)
    wanted = {"name_en": line.name_en, "name_es": line.name_es, "kind": line.kind, "parent_id": line.parent}
    changed = [name for name, value in wanted.items() if getattr(present, name) != value]
    if not changed:
        return None
    for name in changed:
        setattr(present, name, wanted[name])
    edits.changed.append(present)
    return Line(Kind.CHANGED, line.unit, present.name, {"what": ", ".join(changed).replace("parent_id", "parent")})
