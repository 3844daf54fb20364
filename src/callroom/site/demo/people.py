"""Puts the demo's institution, units, people and roles into an empty database."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from callroom.consent import actions as consent
from callroom.consent.states import Law
from callroom.people import queries
from callroom.people.models import Institution, Membership, Person, Persona, RoleGrant, Unit
from callroom.prompts import actions as prompts
from callroom.site.demo import hospital


def create(*, since: date) -> Institution:
    """Create everybody, with memberships that began on ``since``; return the institution."""
    month, day = hospital.ACADEMIC_YEAR_START
    institution = Institution.objects.create(
        name=hospital.INSTITUTION,
        short_name=hospital.SHORT_NAME,
        time_zone=hospital.TIME_ZONE,
        languages=["es", "en"],
        academic_year_month=month,
        academic_year_day=day,
    )
    for unit in hospital.UNITS:
        Unit.objects.create(
            id=unit.id,
            institution=institution,
            name_en=unit.english,
            name_es=unit.spanish,
            kind=unit.kind,
            parent_id=unit.parent,
        )
    _create_residents(institution, since)
    for leader in hospital.LEADERS:
        _create_leader(institution, leader, since)
    for position, persona in enumerate(hospital.PERSONAS):
        _create_persona(institution, persona, position, since)
    return institution


def publish_notice(institution: Institution, *, now: datetime) -> None:
    """Publish the Mexican template as the hospital's notice, and let everybody have said yes to it."""
    coordinator = Person.objects.get(institution=institution, persona__slug="fernando")
    consent.begin_draft(by=coordinator, law=Law.MEXICO, now=now)
    consent.save_draft(by=coordinator, address=hospital.ADDRESS, contact=hospital.CONTACT, written={}, now=now)
    consent.publish(by=coordinator, asks_again=False, reviewed_by="", now=now)
    consent.agree_beforehand(institution, sorted(queries.who_can_be_asked(institution, institution.day(now))))


def add_own_day(institution: Institution, *, now: datetime) -> None:
    """Let the hospital rest on the day of its saint."""
    coordinator = Person.objects.get(institution=institution, persona__slug="fernando")
    prompts.add_day(by=coordinator, day=hospital.OWN_DAY, every_year=True, name=hospital.OWN_DAY_NAME, now=now)


def add_rotations(institution: Institution, *, monday: date) -> None:
    """Let some residents work in other units for a while, before and after this Monday."""
    people = dict(Person.objects.filter(institution=institution).values_list("external_id", "pk"))
    for rotation in hospital.rotations():
        begins = monday + timedelta(weeks=rotation.from_week)
        Membership.objects.create(
            institution=institution,
            person_id=people[rotation.external_id],
            unit_id=rotation.unit,
            from_on=begins,
            to_on=begins + timedelta(weeks=rotation.weeks, days=-1),
            home=False,
        )


def _create_residents(institution: Institution, since: date) -> None:
    drawn = list(hospital.residents())
    people = Person.objects.bulk_create(
        Person(
            institution=institution,
            external_id=resident.external_id,
            email=resident.email,
            name=resident.name,
            language=resident.language,
            password="!",  # nobody signs in with a password; unusable by its form
        )
        for resident in drawn
    )
    Membership.objects.bulk_create(
        Membership(institution=institution, person=person, unit_id=resident.programme, from_on=since)
        for person, resident in zip(people, drawn, strict=True)
    )


def _create_leader(institution: Institution, leader: hospital.DemoLeader, since: date) -> None:
    person = Person.objects.create(
        institution=institution,
        external_id=leader.external_id,
        email=f"{leader.external_id}@sanrafael.example",
        name=leader.name,
        language="es",
        password="!",  # as above
    )
    RoleGrant.objects.create(institution=institution, person=person, role="leader", unit_id=leader.unit, from_on=since)


def _create_persona(institution: Institution, persona: hospital.DemoPersona, position: int, since: date) -> None:
    person = Person.objects.create(
        institution=institution,
        external_id=f"persona-{persona.slug}",
        email=f"{persona.slug}@sanrafael.example",
        name=persona.name,
        language="es" if persona.slug == "ana" else "en",
        password="!",  # as above
    )
    if persona.home is not None:
        Membership.objects.create(institution=institution, person=person, unit_id=persona.home, from_on=since)
    if persona.role != "resident":
        RoleGrant.objects.create(
            institution=institution, person=person, role=persona.role, unit_id=persona.unit, from_on=since
        )
    Persona.objects.create(
        slug=persona.slug,
        institution=institution,
        person=person,
        position=position,
        part_en=persona.part[0],
        part_es=persona.part[1],
        sees_en=persona.sees[0],
        sees_es=persona.sees[1],
        never_en=persona.never[0],
        never_es=persona.never[1],
    )
