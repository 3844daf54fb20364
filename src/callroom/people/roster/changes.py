"""A people file against what is stored: every row of the database that would be added, changed or removed."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from callroom.people.models import Institution, Leave, Membership, Person, RoleGrant
from callroom.people.roster.homes import end_homes, plan_home
from callroom.people.roster.outcome import Kind
from callroom.people.roster.people_file import PersonRow
from callroom.people.roster.plan import Plan
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.rotations import Tie, end_rotations, fit_rotations
from callroom.people.states import Role

DAY = timedelta(days=1)
IMPORTING: Final = frozenset({Role.COORDINATOR, Role.OPERATOR})
"""One of these stays after every import: else nobody could import the next."""
FEW_LEAVERS = 5
"""So many people, or a fifth of all, may leave in one import without being confirmed by number."""


@dataclass(slots=True)
class Present:
    """What is stored, by person."""

    people: dict[str, Person]
    homes: dict[UUID, list[Membership]]
    rotations: dict[UUID, list[Membership]]
    grants: dict[UUID, list[RoleGrant]]
    leaves: dict[UUID, list[Leave]]


def plan_people(rows: list[PersonRow], institution: Institution, *, today: date, confirmed_leavers: int | None) -> Plan:
    """Return what these rows would do to what is stored; ``problems`` where they cannot."""
    present = _present(institution)
    plan = Plan(institution, today, (institution.languages or ["en"])[0])
    before = any(_importers(present, plan))
    plan.problems += _taken_addresses(rows, present)
    active = sum(person.is_active for person in present.people.values())
    for row in rows:
        person = present.people.get(row.external_id)
        if row.to_on is not None and row.to_on < today:
            if person is not None and person.is_active:
                _leave_for_good(person, row.to_on, present, plan)
        else:
            _plan_person(row, person, present, plan)
    named = {row.external_id for row in rows}
    for key, person in present.people.items():
        if key not in named and person.is_active:
            _leave_for_good(person, today - DAY, present, plan)
    _fit_rotations(present, plan)
    plan.problems += _too_many_leavers(len(plan.leavers), active, confirmed_leavers)
    if before and not any(_importers(present, plan)):
        plan.problems.append(Problem(Code.NOBODY_LEFT))
    return plan


def _present(institution: Institution) -> Present:
    return Present(
        people={person.external_id: person for person in Person.objects.filter(institution=institution)},
        homes=_by_person(Membership.objects.filter(institution=institution, home=True).order_by("from_on")),
        rotations=_by_person(Membership.objects.filter(institution=institution, home=False).order_by("from_on")),
        grants=_by_person(RoleGrant.objects.filter(institution=institution).order_by("from_on")),
        leaves=_by_person(Leave.objects.filter(institution=institution).order_by("from_on")),
    )


T = TypeVar("T", Membership, RoleGrant, Leave)


def _by_person(rows: Iterable[T]) -> dict[UUID, list[T]]:
    found: dict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def _plan_person(row: PersonRow, person: Person | None, present: Present, plan: Plan) -> None:
    is_new = person is None
    if person is None:
        person = Person(
            institution=plan.institution,
            external_id=row.external_id,
            email=row.email,
            name=row.name,
            language=row.language or plan.language,
            password=UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20),
            listed_on=plan.today,
        )
        plan.people.new.append(person)
        plan.say(Kind.NEW, person, home=row.home or "")
    else:
        _plan_fields(row, person, plan)
    homes = present.homes.get(person.pk, [])
    plan.problems += plan_home(row, person, homes, plan, is_new=is_new)
    _plan_grants(row, person, present.grants.get(person.pk, []), plan, is_new=is_new)
    _plan_leave(row, person, present.leaves.get(person.pk, []), plan)


def _plan_fields(row: PersonRow, person: Person, plan: Plan) -> None:
    wanted = {"name": row.name, "email": row.email, "language": row.language or person.language}
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, wanted[name])
    if "email" in changed:
        plan.moved_addresses.append(person)
    if changed:
        plan.say(Kind.CHANGED, person, what=", ".join(changed))
    if not person.is_active:
        person.is_active, person.left_on = True, None
        person.listed_on = plan.today  # whoever uses an old record again is as new as anybody
        plan.say(Kind.BACK, person)
        changed.append("is_active")
    if changed:
        plan.people.changed.append(person)


def _plan_grants(row: PersonRow, person: Person, grants: list[RoleGrant], plan: Plan, *, is_new: bool) -> None:
    to_on = row.role_to or row.to_on
    begins = row.role_from or (row.from_on if is_new else None) or plan.today
    over = to_on is not None and to_on < plan.today
    if row.grants and not over and to_on is not None and to_on < begins:
        said = {"first": begins.isoformat(), "last": to_on.isoformat()}
        plan.problems.append(Problem(Code.DATES_REVERSED, row.row, "role_to" if row.role_to else "to", said))
        return
    live = {(Role(grant.role), grant.unit_id): grant for grant in grants if _holds_later(grant.to_on, plan.today)}
    # Who is on the residents' council is not decided by whoever writes the roster.
    missing = {place for place in set(live) - row.grants if place[0] is not Role.KEY_HOLDER}
    for role, unit in sorted(missing) if not over else sorted(live):
        _end_grant(live[role, unit], plan.today - DAY, plan)
        plan.say(Kind.ROLE_ENDED, person, role=role.value, unit=unit)
    if over:
        return
    for role, unit in sorted(row.grants):
        _keep_grant(
            row, person, live.get((role, unit)) or _same_start(grants, role, unit, begins), role, unit, plan, begins
        )


def _keep_grant(
    row: PersonRow, person: Person, grant: RoleGrant | None, role: Role, unit: str, plan: Plan, begins: date
) -> None:
    to_on = row.role_to or row.to_on
    if grant is None:
        plan.grants.new.append(
            RoleGrant(institution=plan.institution, person=person, role=role, unit_id=unit, from_on=begins, to_on=to_on)
        )
        plan.say(Kind.ROLE_GIVEN, person, role=role.value, unit=unit)
        return
    from_on = row.role_from or grant.from_on
    if (grant.from_on, grant.to_on) != (from_on, to_on):
        if not _holds_later(grant.to_on, plan.today):
            plan.say(Kind.ROLE_GIVEN, person, role=role.value, unit=unit)
        else:
            plan.say(Kind.CHANGED, person, what=f"{role.value} ({unit})")
        grant.from_on, grant.to_on = from_on, to_on
        plan.grants.changed.append(grant)


def _same_start(grants: list[RoleGrant], role: Role, unit: str, begins: date) -> RoleGrant | None:
    """Return a grant that has ended and began on the same day: it is taken up again, not given twice."""
    return next((grant for grant in grants if (grant.role, grant.unit_id, grant.from_on) == (role, unit, begins)), None)


def _end_grant(grant: RoleGrant, last: date, plan: Plan) -> None:
    if grant.from_on > last:
        plan.grants.gone.append(grant)
    else:
        grant.to_on = last
        plan.grants.changed.append(grant)


def _plan_leave(row: PersonRow, person: Person, leaves: list[Leave], plan: Plan) -> None:
    wanted = row.leave if row.leave and _holds_later(row.leave[1], plan.today) else None
    kept = next((leave for leave in leaves if wanted and leave.from_on == wanted[0]), None)
    others = [leave for leave in leaves if leave is not kept]
    plan.leaves.gone += others
    if not wanted and any(_holds_later(leave.to_on, plan.today) for leave in others):
        plan.say(Kind.LEAVE_OVER, person)
    if not wanted or (kept and kept.to_on == wanted[1]):
        return
    if kept:
        kept.to_on = wanted[1]
        plan.leaves.changed.append(kept)
    else:
        plan.leaves.new.append(Leave(institution=plan.institution, person=person, from_on=wanted[0], to_on=wanted[1]))
    plan.say(Kind.ON_LEAVE, person, first=wanted[0].isoformat(), last=wanted[1].isoformat() if wanted[1] else "")


def _leave_for_good(person: Person, last: date, present: Present, plan: Plan) -> None:
    last = min(last, plan.today - DAY)
    end_homes(present.homes.get(person.pk, []), last, plan)
    end_rotations(present.rotations.get(person.pk, []), last, plan)
    for grant in present.grants.get(person.pk, []):
        if _holds_later(grant.to_on, plan.today):
            _end_grant(grant, max(last, min(grant.from_on, plan.today - DAY)), plan)
            plan.say(Kind.ROLE_ENDED, person, role=grant.role, unit=grant.unit_id)
    plan.leaves.gone += present.leaves.get(person.pk, [])
    person.is_active, person.left_on = False, last
    person.session_epoch += 1
    plan.people.changed.append(person)
    plan.leavers.append(person)
    plan.say(Kind.LEAVER, person, last=last.isoformat())


def _fit_rotations(present: Present, plan: Plan) -> None:
    """Keep rotations within what everybody who stays is from now on."""
    gone = {id(tie) for tie in [*plan.homes.gone, *plan.grants.gone]}
    new: dict[UUID, list[Tie]] = defaultdict(list)
    begun: list[Tie] = [*plan.homes.new, *plan.grants.new]
    for tie in begun:
        new[tie.person_id].append(tie)
    for person in present.people.values():
        if person.is_active and person.pk in present.rotations:
            ties = [*present.homes.get(person.pk, ()), *present.grants.get(person.pk, ()), *new[person.pk]]
            fit_rotations(person, present.rotations[person.pk], [tie for tie in ties if id(tie) not in gone], plan)


def _taken_addresses(rows: list[PersonRow], present: Present) -> list[Problem]:
    named = {row.external_id for row in rows}
    taken = {person.email: key for key, person in present.people.items() if key not in named}
    return [
        Problem(Code.EMAIL_TAKEN, row.row, "email", {"value": row.email, "key": taken[row.email]})
        for row in rows
        if row.email in taken
    ]


def _too_many_leavers(leavers: int, active: int, confirmed: int | None) -> list[Problem]:
    if leavers <= max(FEW_LEAVERS, active // 5) or leavers == confirmed:
        return []
    return [Problem(Code.MANY_LEAVERS, said={"leavers": leavers, "active": active})]


def _importers(present: Present, plan: Plan) -> Iterator[RoleGrant]:
    """Yield the grants, as they are or would be, of whoever may import the next roster."""
    gone = {id(grant) for grant in plan.grants.gone}
    left = {person.pk for person in plan.leavers}
    active = {person.pk for person in [*present.people.values(), *plan.people.new] if person.is_active} - left
    for grant in [*(each for grants in present.grants.values() for each in grants), *plan.grants.new]:
        live = id(grant) not in gone and grant.person_id in active and _holds_later(grant.to_on, plan.today)
        if live and grant.role in IMPORTING:
            yield grant


def _holds_later(to_on: date | None, today: date) -> bool:
    return to_on is None or to_on >= today
