"""Single changes to persons and what they are. Whole rosters come in through ``roster``."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F, Q

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.people.models import EvaluatorAssignment, Institution, Leave, Membership, Person, RoleGrant
from callroom.people.models.persons import normal_email
from callroom.people.states import Role


class AlreadyHome(Exception):
    """The person counts in this programme already, or from a later day on."""


@transaction.atomic
def add_person(
    *,
    institution: Institution,
    external_id: str,
    name: str,
    email: str,
    language: str = "en",
    listed_on: date | None = None,
) -> Person:
    """
    Add a person without a password, and the row by which they can sign in once they have one.

    ``listed_on``: the day on which a roster named them; None for whoever was known before there was one.
    """
    person = Person(
        institution=institution,
        external_id=external_id,
        name=name,
        email=normal_email(email),
        language=language,
        listed_on=listed_on,
    )
    person.set_unusable_password()
    person.full_clean()
    person.save(force_insert=True)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def join(*, person: Person, unit: str, from_on: date, to_on: date | None = None, home: bool = True) -> None:
    """Make a person a member of a unit; ``home`` for the programme in which a resident counts."""
    Membership.objects.create(
        institution_id=person.institution_id, person=person, unit_id=unit, from_on=from_on, to_on=to_on, home=home
    )


@transaction.atomic
def transfer(*, person: Person, unit: str, on: date) -> None:
    """
    End a person's home membership the day before ``on`` and begin one in ``unit`` that day.

    What was announced stays as it is: key sheets name who may fetch, and the move acts from the next one. Whoever rotates
    through ``unit`` is no guest there any more: the rotation ends the day before, too.

    :raises AlreadyHome: when the present membership is there already, or began on that day or later
    """
    present = Membership.objects.select_for_update().filter(person=person, home=True).not_over(on).first()
    if present is not None:
        if present.unit_id == unit or present.from_on >= on:
            raise AlreadyHome
        present.to_on = on - timedelta(days=1)
        present.save(update_fields=["to_on"])
    rotations = Membership.objects.filter(person=person, unit=unit, home=False)
    rotations.filter(from_on__gte=on).delete()
    rotations.not_over(on).update(to_on=on - timedelta(days=1))
    join(person=person, unit=unit, from_on=on)


@transaction.atomic
def give_role(
    *,
    by: Person | None,
    person: Person,
    role: Role,
    unit: str,
    from_on: date,
    now: datetime,
    to_on: date | None = None,
) -> None:
    """Give a person a role for a unit and everything below it."""
    RoleGrant.objects.create(
        institution_id=person.institution_id, person=person, role=role, unit_id=unit, from_on=from_on, to_on=to_on
    )
    audit.record(
        by=_id(by), tag=Tag.ROLE_GIVEN, about=str(person.pk), now=now, details={"role": role.value, "unit": unit}
    )


@transaction.atomic
def end_role(*, by: Person | None, person: Person, role: Role, now: datetime) -> None:
    """End a person's role as of yesterday, in every unit where they hold it."""
    last = person.institution.day(now) - timedelta(days=1)
    grants = RoleGrant.objects.filter(person=person, role=role)
    grants.filter(from_on__gt=last).delete()
    grants.not_over(last).filter(Q(to_on__isnull=True) | Q(to_on__gt=last)).update(to_on=last)
    audit.record(by=_id(by), tag=Tag.ROLE_ENDED, about=str(person.pk), now=now, details={"role": role.value})


def go_on_leave(*, person: Person, from_on: date, to_on: date | None = None) -> None:
    """Keep that a person is away, from one day to another. There is no place for why."""
    Leave.objects.create(institution_id=person.institution_id, person=person, from_on=from_on, to_on=to_on)


def forget_past_leave(*, institution: Institution, today: date) -> None:
    """Delete leave that is over: nobody needs to know later who was away."""
    Leave.objects.filter(institution=institution, to_on__lt=today).delete()


def assign_evaluator(*, evaluator: Person, person: Person, from_on: date, to_on: date | None = None) -> None:
    """Keep that one person evaluates another; every helping role towards them ends with it."""
    EvaluatorAssignment.objects.create(
        institution_id=person.institution_id, evaluator=evaluator, person=person, from_on=from_on, to_on=to_on
    )


@transaction.atomic
def offboard(*, by: Person | None, person: Person, now: datetime) -> None:
    """End everything a person is as of yesterday, and all their sessions at once."""
    last = person.institution.day(now) - timedelta(days=1)
    for model in (Membership, RoleGrant):
        model.objects.filter(person=person, from_on__gt=last).delete()
        model.objects.filter(person=person).not_over(last).update(to_on=last)
    person.invitations.filter(used=False).delete()
    Person.objects.filter(pk=person.pk).update(is_active=False, left_on=last, session_epoch=F("session_epoch") + 1)
    person.refresh_from_db()
    audit.record(by=_id(by), tag=Tag.PERSON_LEFT, about=str(person.pk), now=now)


def _id(person: Person | None) -> str | None:
    return None if person is None else str(person.pk)
