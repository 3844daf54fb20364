"""What other packages and pages may know about the institution and its people, as plain frozen rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language

from callroom.audit.queries import days_of
from callroom.audit.states import SIGN_IN
from callroom.people.models import (
    EvaluatorAssignment,
    Institution,
    Invitation,
    Leave,
    Membership,
    Person,
    Persona,
    ResetRequest,
    RoleGrant,
    SecondFactor,
    Unit,
)
from callroom.people.models.ties import Dated
from callroom.people.policy import Standing, is_asked, needs_second_factor, standings_of
from callroom.people.states import Role, UnitKind

RESET_WORKS = timedelta(days=3)
"""So long three words work, counted from the day on which they were asked for."""


class NoInstitution(Exception):
    """Nothing is set up yet: ``callroom roster institution`` comes first."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the tree. ``depth`` counts from 0 at the institution."""

    id: str
    kind: UnitKind
    parent: str | None
    depth: int
    name_en: str
    name_es: str

    @property
    def name(self) -> str:
        """The name in the language that is active."""
        return self.name_es if (get_language() or "").startswith("es") else self.name_en


def current_institution() -> Institution:
    """
    Return this installation's institution.

    :raises NoInstitution: before it is founded
    """
    institution = Institution.objects.order_by("pk").first()
    if institution is None:
        raise NoInstitution
    return institution


def units_tree() -> tuple[UnitRow, ...]:
    """Return all units, parents before their children, siblings in the order of their ids."""
    children: dict[str | None, list[Unit]] = {}
    for unit in Unit.objects.order_by("pk"):
        children.setdefault(unit.parent_id, []).append(unit)
    return tuple(_walk(children, None, 0))


def unit_by_id(unit_id: str) -> UnitRow | None:
    """Return one unit of the tree."""
    return next((row for row in units_tree() if row.id == unit_id), None)


def units_within(unit_id: str) -> frozenset[str]:
    """Return the ids of a unit and of everything below it; empty for an unknown unit."""
    below: set[str] = set()
    for row in units_tree():
        if row.id == unit_id or row.parent in below:
            below.add(row.id)
    return frozenset(below)


def home_programme(person_id: str | UUID, on: date) -> str | None:
    """Return the id of the programme in which this person counts on this day."""
    home = Membership.objects.on(on).filter(person_id=person_id, home=True, unit__kind=UnitKind.PROGRAMME)
    return home.values_list("unit_id", flat=True).first()


def homes_on(day: date) -> dict[str, str]:
    """Return each resident's home programme on this day, whether or not they are away: person id -> programme id."""
    members = Membership.objects.on(day).filter(home=True, unit__kind=UnitKind.PROGRAMME, person__is_active=True)
    return {str(person): unit for person, unit in members.values_list("person_id", "unit_id")}


def come_after(day: date) -> frozenset[str]:
    """
    Return the ids of the residents who came after this day.

    Their first home programme, of all they ever had, begins later; or a roster named them only later, whatever first day
    it gives them: a file can be dated back.
    """
    homes = Membership.objects.filter(home=True, unit__kind=UnitKind.PROGRAMME)
    before = homes.filter(from_on__lte=day).exclude(person__listed_on__gt=day).values("person")
    return frozenset(str(person) for person in homes.exclude(person__in=before).values_list("person_id", flat=True))


def who_can_be_asked(institution: Institution, day: date) -> frozenset[UUID]:
    """Return everybody who has, or will have, a home programme from this day on, and has not left."""
    members = Membership.objects.not_over(day).filter(home=True, unit__kind=UnitKind.PROGRAMME)
    here = members.filter(institution=institution, person__is_active=True)
    return frozenset(here.values_list("person_id", flat=True))


def names_of(persons: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of these persons; the unknown are absent, and so is whose record is over."""
    return dict(Person.objects.filter(pk__in=list(persons)).exclude(name="").values_list("pk", "name"))


def eligible_on(day: date) -> dict[str, tuple[str, ...]]:
    """
    Return who is asked on this day: for each programme that has anyone, the ids of its residents, sorted.

    A resident is whoever has a home membership in a programme on that day, has not left and is not on leave that day.
    """
    away = Leave.objects.on(day).values("person")
    members = Membership.objects.on(day).filter(home=True, unit__kind=UnitKind.PROGRAMME, person__is_active=True)
    found: dict[str, list[str]] = {}
    for unit, person in members.exclude(person__in=away).values_list("unit_id", "person_id"):
        found.setdefault(unit, []).append(str(person))
    return {unit: tuple(sorted(found[unit])) for unit in sorted(found)}


def on_leave(person_id: str | UUID, day: date) -> bool:
    """Return whether this person is away on this day."""
    return Leave.objects.on(day).filter(person_id=person_id).exists()


def holders_present(roles: Collection[Role], day: date) -> tuple[tuple[str, Role, UUID], ...]:
    """Return unit, role and person of each grant of these roles: who holds it that day, has not left, is not away."""
    away = Leave.objects.on(day).values("person")
    grants = RoleGrant.objects.on(day).filter(role__in=list(roles), person__is_active=True).exclude(person__in=away)
    rows = grants.order_by("unit", "role", "person").values_list("unit_id", "role", "person_id").distinct()
    return tuple((unit, Role(role), person) for unit, role, person in rows)


def roles_of(person: Person, on: date) -> tuple[Standing, ...]:
    """Return what this person is on this day, each role with its unit."""
    return standings_of(person, on)


def _walk(children: dict[str | None, list[Unit]], parent: str | None, depth: int) -> Iterable[UnitRow]:
    for unit in children.get(parent, ()):
        yield UnitRow(unit.pk, UnitKind(unit.kind), unit.parent_id, depth, unit.name_en, unit.name_es)
        yield from _walk(children, unit.pk, depth + 1)


def people_to_invite(institution: Institution, external_ids: Collection[str]) -> tuple[Person, ...]:
    """Return the active people with these ids; without any, all who have never set a password."""
    active = Person.objects.filter(institution=institution, is_active=True).order_by("external_id")
    if external_ids:
        return tuple(active.filter(external_id__in=external_ids))
    return tuple(active.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX))


def without_a_way_in(institution: Institution, *, now: datetime) -> tuple[Person, ...]:
    """Return the active people who have neither a password nor a link that still sets one."""
    linked = set(Invitation.objects.filter(used=False, expires_at__gt=now).values_list("person", flat=True))
    return tuple(person for person in people_to_invite(institution, ()) if person.pk not in linked)


def people_by_id_or_address(institution: Institution, who: str) -> tuple[Person, ...]:
    """Return the active person with this id of the roster or this address; for nothing, all who never set a password."""
    if not who:
        return people_to_invite(institution, ())
    active = Person.objects.filter(institution=institution, is_active=True)
    return tuple(active.filter(Q(external_id=who) | Q(email=who.lower())))


def person_of_provider(external_id: str) -> Person | None:
    """Return the active person with exactly this id in the roster; an address is never compared."""
    found = Person.objects.filter(institution=current_institution(), is_active=True, external_id=external_id)
    return found.first()


def people_with_nothing_left(institution: Institution, day: date) -> tuple[Person, ...]:
    """
    Return the active people who were something once and are, and will be, nothing from this day on.

    A rotation makes nobody anything: it says where somebody is who is here by a programme or a role.
    """
    active = Person.objects.filter(institution=institution, is_active=True)
    homes, grants = _of(Membership).filter(home=True), _of(RoleGrant)
    were = active.filter(Exists(homes) | Exists(grants))
    return tuple(were.exclude(Exists(homes.not_over(day)) | Exists(grants.not_over(day))))


def _of(model: type[Membership] | type[RoleGrant]) -> Dated[Any]:
    return model.objects.filter(person=OuterRef("pk"))


@dataclass(frozen=True, slots=True)
class DemoDoor:
    """A persona's door: whose it is, what they are, see and never see, in the language that is active."""

    slug: str
    letter: str
    name: str
    part: str
    sees: str
    never: str


def demo_doors() -> tuple[DemoDoor, ...]:
    """Return the demo's doors in their order."""
    personas = Persona.objects.select_related("person").filter(person__is_active=True)
    return tuple(
        DemoDoor(
            slug=persona.slug,
            letter=persona.person.name.removeprefix("Dr. ")[:1],
            name=persona.person.name,
            part=persona.in_words("part"),
            sees=persona.in_words("sees"),
            never=persona.in_words("never"),
        )
        for persona in personas
    )


@dataclass(frozen=True, slots=True)
class Span:
    """Something that holds from one day to another; ``what`` is in the language that is active."""

    what: str
    where: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """Everything that is stored about a person, for that person."""

    name: str
    email: str
    external_id: str
    language: str
    institution: str
    listed_on: date | None
    homes: tuple[Span, ...]
    rotations: tuple[Span, ...]
    roles: tuple[Span, ...]
    leaves: tuple[Span, ...]
    evaluators: tuple[Span, ...]
    evaluated: tuple[Span, ...]
    sign_ins: tuple[date, ...]
    sign_ins_are_kept: bool
    left_on: date | None


def own_record(person: Person, *, now: datetime) -> OwnRecord:
    """Return everything that is stored about this person; sign-ins, where they are kept, as the latest ten days."""
    places = Membership.objects.filter(person=person).select_related("unit").order_by("-from_on", "unit")
    grants = RoleGrant.objects.filter(person=person).select_related("unit").order_by("-from_on")
    leaves = Leave.objects.filter(person=person).order_by("-from_on")
    by = EvaluatorAssignment.objects.filter(person=person).select_related("evaluator").order_by("evaluator__name")
    of = EvaluatorAssignment.objects.filter(evaluator=person).select_related("person").order_by("person__name")
    return OwnRecord(
        name=person.name,
        email=person.email,
        external_id=person.external_id,
        language=dict(settings.LANGUAGES)[person.language],
        institution=person.institution.name,
        listed_on=person.listed_on,
        homes=tuple(Span(row.unit.name, "", row.from_on, row.to_on) for row in places if row.home),
        rotations=tuple(Span(row.unit.name, "", row.from_on, row.to_on) for row in places if not row.home),
        roles=tuple(Span(str(Role(row.role).label), row.unit.name, row.from_on, row.to_on) for row in grants),
        leaves=tuple(Span("", "", leave.from_on, leave.to_on) for leave in leaves),
        evaluators=tuple(Span(row.evaluator.name, "", row.from_on, row.to_on) for row in by.on(_day(person, now))),
        evaluated=tuple(Span(row.person.name, "", row.from_on, row.to_on) for row in of.on(_day(person, now))),
        sign_ins=days_of(str(person.pk), SIGN_IN, limit=10),
        sign_ins_are_kept=not is_asked(person, _day(person, now)),
        left_on=person.left_on,
    )


def _day(person: Person, now: datetime) -> date:
    return person.institution.day(now)


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor of a person; ``name`` is what its owner calls a passkey."""

    key: int
    kind: str
    name: str
    added_on: date


def factors_of(person: Person) -> tuple[Factor, ...]:
    """Return a person's second factors, the sheet of recovery codes included."""
    zone = person.institution.zone
    return tuple(
        Factor(row.pk, row.type, str(row.data.get("name", "")), row.created_at.astimezone(zone).date())
        for row in SecondFactor.objects.filter(user=person).order_by("type", "pk")
    )


def may_remove_factor(person: Person, key: int, *, now: datetime) -> bool:
    """Return whether a person may do without this second factor: no role needs one, or there is another beside it."""
    others = SecondFactor.objects.filter(user=person).exclude(pk=key)
    return others.exclude(type=SecondFactor.Type.RECOVERY_CODES).exists() or not needs_second_factor(person, now=now)


@dataclass(frozen=True, slots=True)
class WaitingReset:
    """Somebody who asks for a new second factor, for the page of who may approve it."""

    person: UUID
    name: str
    asked_on: date
    approved: bool


def waiting_resets(people: QuerySet[Person], *, today: date) -> tuple[WaitingReset, ...]:
    """Return who of these people asks for a new second factor and whose asking still works, by name."""
    rows = ResetRequest.objects.filter(person__in=people, person__is_active=True, asked_on__gte=today - RESET_WORKS)
    return tuple(
        WaitingReset(row.person_id, row.person.name, row.asked_on, row.approved_by_id is not None)
        for row in rows.select_related("person").order_by("person__name", "person")
    )
