"""A roster file in work: taken, its columns named, cells corrected, applied or cancelled. One file a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from callroom.people import actions as people
from callroom.people.models import Person
from callroom.people.policy import Action, check_may
from callroom.people.roster.outcome import Outcome
from callroom.people.roster.reading import Unreadable, column_name, read_table
from callroom.setup import drafts
from callroom.setup.models import ColumnMemory, RosterDraft

KEPT: Final = timedelta(days=1)
LONGEST_CELL: Final = 500


class NoDraft(Exception):
    """This person has no roster file in work: it was applied, cancelled, or is a day old."""


class RosterChanged(Exception):
    """What the file would do now is not what its reader saw: somebody else imported in between."""


@transaction.atomic
def take_file(*, by: Person, file_name: str, content: bytes, now: datetime) -> bool:
    """
    Keep a file's rows for a day at most; return whether all its columns are known already.

    A column that asks why somebody is away is dropped here and never stored.

    :raises RosterRefused: when the file as a whole cannot be read
    :raises NotYours: unless this person may import
    """
    check_may(by, Action.IMPORT_ROSTER, now=now)
    try:
        table = drafts.without_reasons(read_table(content))
    except Unreadable as error:
        raise people.RosterRefused(error.problems) from error
    columns, unknown = drafts.named(table, by.institution)
    RosterDraft.objects.update_or_create(
        person=by,
        defaults={
            "institution_id": by.institution_id,
            "taken_at": now,
            "file_name": file_name[-200:],
            "header": list(table.header),
            "columns": columns,
            "rows": [[number, list(cells)] for number, cells in table.rows],
        },
    )
    return not unknown


@transaction.atomic
def map_columns(*, by: Person, columns: Sequence[str], now: datetime) -> None:
    """
    Say what each column of the file is, in the file's order; an empty name leaves it out. It is remembered.

    :raises NoDraft, NotYours: see there
    :raises ValueError: for another number of columns, or a name that no column has
    """
    draft = _draft(by, now)
    if len(columns) != len(draft.header) or not set(columns) <= {*drafts.COLUMNS, ""}:
        raise ValueError("one known name for each column")
    draft.columns = list(columns)
    draft.save(update_fields=["columns"])
    for cell, column in zip(draft.header, columns, strict=True):
        name = column_name(cell)[:200]
        if name not in drafts.COLUMNS:
            ColumnMemory.objects.update_or_create(
                institution_id=by.institution_id, header=name, defaults={"column": column}
            )


@transaction.atomic
def fix_cells(*, by: Person, cells: Mapping[tuple[int, str], str], now: datetime) -> None:
    """
    Correct cells of the file in work: (row, column) -> text. Rows and columns that are not there are passed over.

    :raises NoDraft, NotYours: see there
    """
    draft = _draft(by, now)
    for column in sorted({column for _row, column in cells} - set(draft.columns)):
        if column in drafts.COLUMNS:
            draft.header.append(column)
            draft.columns.append(column)
    places = {column: place for place, column in enumerate(draft.columns) if column}
    rows = dict(draft.rows)
    for (number, column), text in cells.items():
        if number in rows and column in places:
            row = rows[number]
            row += [""] * (len(draft.columns) - len(row))
            row[places[column]] = text.strip()[:LONGEST_CELL]
    draft.save(update_fields=["header", "columns", "rows"])


@transaction.atomic
def apply_draft(
    *, by: Person, confirmed_leavers: int | None, seen: str, now: datetime, confirmed_ended: int | None = None
) -> Outcome:
    """
    Import the file in work, all of it or nothing, and forget it.

    ``seen`` is the digest of the preview that was read.

    :raises RosterChanged: when it would do something else by now
    :raises RosterRefused: when it cannot be imported, or too many people would leave, or rotations end, and their number is not
        confirmed
    :raises NoDraft, NotYours: see there
    """
    draft = _draft(by, now)
    sheet, sha256 = drafts.sheet_in(draft)
    outcome = people.import_sheet(
        sheet=sheet,
        sha256=sha256,
        institution=by.institution,
        by=by,
        now=now,
        confirmed_leavers=confirmed_leavers,
        confirmed_ended=confirmed_ended,
        importer_stays=True,
    )
    if drafts.digest_of(outcome) != seen:
        raise RosterChanged
    draft.delete()
    return outcome


def cancel_draft(*, by: Person) -> None:
    """Forget this person's file in work."""
    RosterDraft.objects.filter(person=by).delete()


def forget_drafts(*, now: datetime) -> None:
    """Forget every file that was taken a day ago."""
    RosterDraft.objects.filter(taken_at__lte=now - KEPT).delete()


def _draft(by: Person, now: datetime) -> RosterDraft:
    check_may(by, Action.IMPORT_ROSTER, now=now)
    found = RosterDraft.objects.select_for_update().filter(person=by, taken_at__gt=now - KEPT).first()
    if found is None:
        raise NoDraft
    return found
