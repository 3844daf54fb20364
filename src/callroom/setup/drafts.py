"""What a roster file in work is: its columns in words, its sheet, and the digest of what it would do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callroom.people.models import Institution
from callroom.people.roster.outcome import Outcome
from callroom.people.roster.reading import Sheet, Table, asks_why, column_name, sheet_of
from callroom.setup.models import ColumnMemory, RosterDraft

COLUMNS: Final[Mapping[str, Promise]] = {
    "external_id": _("Id in your own roster"),
    "name": _("Name"),
    "email": _("E-mail address"),
    "role": _("Role"),
    "unit": _("Unit of the role, or the unit's id"),
    "home_unit": _("Programme"),
    "from": _("From"),
    "to": _("Until"),
    "role_from": _("Role from"),
    "role_to": _("Role until"),
    "language": _("Language of letters"),
    "leave_from": _("Away from"),
    "leave_to": _("Away until"),
    "name_en": _("Unit's name in English"),
    "name_es": _("Unit's name in Spanish"),
    "kind": _("Kind of unit"),
    "parent": _("Unit above"),
    "evaluator": _("Evaluator's id"),
}
"""Every column that a file of people, units, evaluators or rotations may have."""


def without_reasons(table: Table) -> Table:
    """Return the table without columns that ask why somebody is away: what stands in them is never stored."""
    kept = [place for place, cell in enumerate(table.header) if not asks_why(column_name(cell))]
    return Table(
        tuple(table.header[place] for place in kept),
        tuple((number, tuple(cells[place] for place in kept if place < len(cells))) for number, cells in table.rows),
    )


def named(table: Table, institution: Institution) -> tuple[list[str], list[str]]:
    """Return what each column is, empty for one that is left out, and the headers that nobody has named yet."""
    remembered = dict(ColumnMemory.objects.filter(institution=institution).values_list("header", "column"))
    known = {**remembered, **{name: name for name in COLUMNS}}
    names = [column_name(cell) for cell in table.header]
    unknown = [cell for cell, name in zip(table.header, names, strict=True) if name not in known]
    return [known.get(name, "") for name in names], unknown


def sheet_in(draft: RosterDraft) -> tuple[Sheet, str]:
    """Return the sheet of a file in work, and the SHA-256 of its rows as they are now."""
    table = Table(tuple(draft.header), tuple((number, tuple(cells)) for number, cells in draft.rows))
    said = json.dumps([draft.columns, draft.rows], ensure_ascii=False, separators=(",", ":"))
    return sheet_of(table, draft.columns), hashlib.sha256(said.encode()).hexdigest()


def digest_of(outcome: Outcome) -> str:
    """Return a digest of what an import does; the ids that newcomers are given are no part of it."""
    said = sorted([line.kind.value, line.key, line.name, *sorted(line.said.items())] for line in outcome.lines)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
