"""Importing a roster: units, people, evaluators or rotations, all of a file or nothing."""

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
from callroom.people.roster import people_file, rotations_file, units_file
from callroom.people.roster.changes import plan_people
from callroom.people.roster.evaluators_file import read_evaluators
from callroom.people.roster.outcome import File, Kind, Line, Outcome
from callroom.people.roster.pairs import plan_evaluators
from callroom.people.roster.plan import Edits, Plan
from callroom.people.roster.problems import Code, Problem, Unreadable
from callroom.people.roster.reading import Sheet, read
from callroom.people.roster.rotations import known_people, plan_rotations
from callroom.people.roster.tree import plan_units
from callroom.people.states import UnitKind

# Both databases limit the number of parameters in a statement.
BATCH = 500

TAGS = {
    File.PEOPLE: Tag.ROSTER_IMPORTED,
    File.UNITS: Tag.UNITS_IMPORTED,
    File.EVALUATORS: Tag.EVALUATORS_IMPORTED,
    File.ROTATIONS: Tag.ROTATIONS_IMPORTED,
}

TAGS_OF_LINES = {
    Kind.ROLE_GIVEN: Tag.ROLE_GIVEN,
    Kind.ROLE_ENDED: Tag.ROLE_ENDED,
    Kind.LEAVER: Tag.PERSON_LEFT,
}

# A people file has an id, a unit and days, too: where it can be one, it is one.
NOT_OF_ROTATIONS = {*people_file.REQUIRED, *people_file.OPTIONAL, *units_file.REQUIRED, *units_file.OPTIONAL} - {
    *rotations_file.REQUIRED,
    *rotations_file.OPTIONAL,
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
    confirmed_ended: int | None = None,
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
        confirmed_ended=confirmed_ended,
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
    confirmed_ended: int | None = None,
    importer_stays: bool = False,
) -> Outcome:
    """
    Bring what is stored in line with a sheet of units, people, evaluators or rotations, told apart by its columns.

    The same sheet again changes nothing. Who is missing from a people sheet has left; when that is more than a fifth of
    all, ``confirmed_leavers`` must be their number, and so ``confirmed_ended`` of missing rotations. Somebody stays who may import the next one, and with
    ``importer_stays`` so does whoever imports this one. ``dry_run`` only says what would happen. ``sha256`` is of the bytes that the sheet came in.

    :raises RosterRefused: with every problem of the sheet; nothing was changed
    :raises NotYours: when ``by`` may not import; ``None`` is whoever runs the machine
    """
    if by is not None:
        check_may(by, Action.IMPORT_ROSTER, now=now)
    institution = Institution.objects.select_for_update().get(pk=institution.pk)
    file = file_of(sheet)
    confirmed = confirmed_ended if file is File.ROTATIONS else confirmed_leavers
    try:
        lines, write = READERS[file](sheet, institution, now, confirmed)
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
    columns = set(sheet.columns)
    if "evaluator" in columns:
        return File.EVALUATORS
    if "kind" in columns:
        return File.UNITS
    return File.ROTATIONS if "unit" in columns and columns.isdisjoint(NOT_OF_ROTATIONS) else File.PEOPLE


Work = tuple[Sequence[Line], Callable[[], None]]


def _people(sheet: Sheet, institution: Institution, now: datetime, confirmed: int | None) -> Work:
    rows, problems = people_file.read_people(sheet, _kinds(institution), _root(institution))
    _refuse(problems)
    plan = plan_people(rows, institution, today=institution.day(now), confirmed_leavers=confirmed)
    _refuse(plan.problems)
    return plan.lines, lambda: _write_people(plan)


def _units(sheet: Sheet, institution: Institution, now: datetime, _confirmed: int | None) -> Work:
    present = {unit.pk: unit for unit in institution.units.all()}
    rotated = Membership.objects.filter(institution=institution, home=False).not_over(institution.day(now))
    ids = set(rotated.values_list("unit_id", flat=True))
    found, problems = units_file.read_units(sheet, present, _root(institution), ids)
    _refuse(problems)
    lines, edits = plan_units(found, institution)
    return lines, lambda: _write(Unit, edits, ("name_en", "name_es", "kind", "parent"))


def _evaluators(sheet: Sheet, institution: Institution, now: datetime, _confirmed: int | None) -> Work:
    people = dict(Person.objects.filter(institution=institution).values_list("external_id", "pk"))
    found, problems = read_evaluators(sheet, people)
    _refuse(problems)
    lines, edits = plan_evaluators(found, institution, institution.day(now))
    return lines, lambda: _write(EvaluatorAssignment, edits, ("from_on", "to_on"))


def _rotations(sheet: Sheet, institution: Institution, now: datetime, confirmed: int | None) -> Work:
    today = institution.day(now)
    people = known_people(institution)
    found, problems = rotations_file.read_rotations(sheet, people, _kinds(institution), today)
    _refuse(problems)
    lines, edits, problems = plan_rotations(found, institution, today, rows=len(sheet.rows), confirmed_ended=confirmed)
    _refuse(problems)
    return lines, lambda: _write(Membership, edits, ("from_on", "to_on"))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RosterRefused(problems)


READERS = {File.PEOPLE: _people, File.UNITS: _units, File.EVALUATORS: _evaluators, File.ROTATIONS: _rotations}


def _kinds(institution: Institution) -> dict[str, UnitKind]:
    return {unit: UnitKind(kind) for unit, kind in institution.units.values_list("pk", "kind")}


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
