"""Importing a roster: units, people or evaluators, all of a file or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import CharField, Model, Value
from django.db.models.functions import Cast, Concat

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.people.models import (
    EvaluatorAssignment,
    Institution,
    Invitation,
    Leave,
    Membership,
    Person,
    RoleGrant,
    Unit,
)
from callroom.people.policy import Action, check_may
from callroom.people.roster.changes import plan_people
from callroom.people.roster.evaluators_file import read_evaluators
from callroom.people.roster.outcome import File, Kind, Line, Outcome
from callroom.people.roster.pairs import plan_evaluators
from callroom.people.roster.people_file import read_people
from callroom.people.roster.plan import Edits, Plan
from callroom.people.roster.problems import Code, Problem, Unreadable
from callroom.people.roster.reading import Sheet, read
from callroom.people.roster.tree import plan_units
from callroom.people.roster.units_file import read_units
from callroom.people.states import UnitKind

# Both databases limit the number of parameters in a statement.
BATCH = 500

TAGS = {
    File.PEOPLE: Tag.ROSTER_IMPORTED,
    File.UNITS: Tag.UNITS_IMPORTED,
    File.EVALUATORS: Tag.EVALUATORS_IMPORTED,
}

TAGS_OF_LINES = {
    Kind.ROLE_GIVEN: Tag.ROLE_GIVEN,
    Kind.ROLE_ENDED: Tag.ROLE_ENDED,
    Kind.LEAVER: Tag.PERSON_LEFT,
}

M = TypeVar("M", bound=Model)


class RosterRefused(Exception):
    """Nothing was changed; ``problems`` says why, row by row."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)


def import_roster(
    *,
    content: bytes,
    institution: Institution,
    by: Person | None,
    now: datetime,
    dry_run: bool = False,
    confirmed_leavers: int | None = None,
) -> Outcome:
    """
    Bring what is stored in line with a file, CSV or spreadsheet; otherwise as ``import_sheet``.

    :raises RosterRefused: with every problem of the file; nothing was changed
    :raises NotYours: when ``by`` may not import; ``None`` is whoever runs the machine
    """
    if by is not None:
        check_may(by, Action.IMPORT_ROSTER, now=now)
    try:
        sheet = read(content)
    except Unreadable as error:
        raise RosterRefused(error.problems) from error
    return import_sheet(
        sheet=sheet,
        sha256=hashlib.sha256(content).hexdigest(),
        institution=institution,
        by=by,
        now=now,
        dry_run=dry_run,
        confirmed_leavers=confirmed_leavers,
    )


@transaction.atomic
def import_sheet(
    *,
    sheet: Sheet,
    sha256: str,
    institution: Institution,
    by: Person | None,
    now: datetime,
    dry_run: bool = False,
    confirmed_leavers: int | None = None,
    importer_stays: bool = False,
) -> Outcome:
    """
    Bring what is stored in line with a sheet of units, people or evaluators, told apart by its columns.

    The same sheet again changes nothing. Who is missing from a people sheet has left; when that is more than a fifth of
    all, ``confirmed_leavers`` must be their number. Somebody stays who may import the next one, and with
    ``importer_stays`` so does whoever imports this one. ``dry_run`` only says what would happen. ``sha256`` is of the bytes that the sheet came in.

    :raises RosterRefused: with every problem of the sheet; nothing was changed
    :raises NotYours: when ``by`` may not import; ``None`` is whoever runs the machine
    """
    if by is not None:
        check_may(by, Action.IMPORT_ROSTER, now=now)
    institution = Institution.objects.select_for_update().get(pk=institution.pk)
    file = file_of(sheet)
    try:
        lines, write = READERS[file](sheet, institution, now, confirmed_leavers)
    except Unreadable as error:
        raise RosterRefused(error.problems) from error
    if (
        by is not None
        and importer_stays
        and any(line.kind is Kind.LEAVER and line.about == str(by.pk) for line in lines)
    ):
        raise RosterRefused([Problem(Code.YOURSELF, said={"key": by.external_id})])
    outcome = Outcome(file, len(sheet.rows), tuple(lines), dry_run)
    if not dry_run:
        write()  # also where there is nothing to say: leave that is over is forgotten without a word
        if lines:
            _record(outcome, sha256, by, now)
    return outcome


def file_of(sheet: Sheet) -> File:
    """Return which file this is, by the columns that only one of them has."""
    if "evaluator" in sheet.columns:
        return File.EVALUATORS
    return File.UNITS if "kind" in sheet.columns else File.PEOPLE


Work = tuple[Sequence[Line], Callable[[], None]]


def _people(sheet: Sheet, institution: Institution, now: datetime, confirmed_leavers: int | None) -> Work:
    kinds = {unit: UnitKind(kind) for unit, kind in institution.units.values_list("pk", "kind")}
    rows, problems = read_people(sheet, kinds, _root(institution))
    _refuse(problems)
    plan = plan_people(rows, institution, today=institution.day(now), confirmed_leavers=confirmed_leavers)
    _refuse(plan.problems)
    return plan.lines, lambda: _write_people(plan)


def _units(sheet: Sheet, institution: Institution, now: datetime, confirmed_leavers: int | None) -> Work:
    present = {unit.pk: unit for unit in institution.units.all()}
    found, problems = read_units(sheet, present, _root(institution))
    _refuse(problems)
    lines, edits = plan_units(found, institution)
    return lines, lambda: _write(Unit, edits, ("name_en", "name_es", "kind", "parent"))


def _evaluators(sheet: Sheet, institution: Institution, now: datetime, confirmed_leavers: int | None) -> Work:
    people = dict(Person.objects.filter(institution=institution).values_list("external_id", "pk"))
    found, problems = read_evaluators(sheet, people)
    _refuse(problems)
    lines, edits = plan_evaluators(found, institution, institution.day(now))
    return lines, lambda: _write(EvaluatorAssignment, edits, ("from_on", "to_on"))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RosterRefused(problems)


READERS = {File.PEOPLE: _people, File.UNITS: _units, File.EVALUATORS: _evaluators}


def _root(institution: Institution) -> str:
    return institution.units.get(parent=None).pk


def _write_people(plan: Plan) -> None:
    Invitation.objects.filter(person__in=[person.pk for person in plan.leavers], used=False).delete()
    _write_addresses_and_people(plan)
    _write(Membership, plan.homes, ("unit", "from_on", "to_on"))
    _write(RoleGrant, plan.grants, ("from_on", "to_on"))
    _write(Leave, plan.leaves, ("from_on", "to_on"))


def _write_addresses_and_people(plan: Plan) -> None:
    moved = [person.pk for person in plan.moved_addresses]
    # Two people may have exchanged addresses: all old ones are given up before a new one is taken.
    held = Concat(Value("moving-"), Cast("pk", CharField()), Value("@callroom.invalid"))
    Person.objects.filter(pk__in=moved).update(email=held)
    _write(Person, plan.people, ("name", "email", "language", "is_active", "left_on", "session_epoch", "listed_on"))
    EmailAddress.objects.filter(user__in=moved).delete()
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user=person, email=person.email, verified=True, primary=True)
            for person in [*plan.people.new, *plan.moved_addresses]
        ],
        batch_size=BATCH,
    )


def _write(model: type[M], edits: Edits[M], fields: Sequence[str]) -> None:
    model._default_manager.filter(pk__in=[row.pk for row in edits.gone]).delete()
    model._default_manager.bulk_update(edits.changed, fields, batch_size=BATCH)
    model._default_manager.bulk_create(edits.new, batch_size=BATCH)


def _record(outcome: Outcome, sha256: str, by: Person | None, now: datetime) -> None:
    who = None if by is None else str(by.pk)
    counts = {kind.value: count for kind, count in outcome.counts().items()}
    whole = audit.Entry(
        tag=TAGS[outcome.file],
        about=sha256,
        by=who,
        details={"rows": outcome.rows, **counts},
    )
    people = outcome.lines if outcome.file is File.PEOPLE else ()
    each = [
        audit.Entry(tag=TAGS_OF_LINES[line.kind], about=line.about, by=who, details=_details(line))
        for line in people
        if line.kind in TAGS_OF_LINES
    ]
    audit.record_all([whole, *each], now=now)


def _details(line: Line) -> dict[str, str | int]:
    return {name: line.said[name] for name in ("role", "unit") if name in line.said}
