"""
The weekly letter to leaders: that there is something to read, and where. No figure, no unit, never at night.

Where no leader of a unit is present, its deputies get it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from callroom.kit import mail
from callroom.people import queries as people
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.prompts import holidays
from callroom.watch.models import Digest, Signal
from callroom.watch.states import Stage

QUIET_UNTIL: Final = time(9)
"""An hour after publication: the worker has looked by then, and nobody reads of a signal before the page has it."""
QUIET_FROM: Final = time(18)
WAITING: Final = (Stage.RAISED, Stage.ACKNOWLEDGED)
"""Signals that still wait for an answer; an answered or recovering one needs no letter."""


def send_due(*, institution: Institution, now: datetime) -> int:
    """
    Send this week's letters on working days between 9 and 18, never on a holiday; return how many went out.

    Each leader gets one letter a week at most, however many units and signals it is about. When mail is down it is tried
    again.
    """
    local = now.astimezone(institution.zone)
    if not QUIET_UNTIL <= local.time() < QUIET_FROM or not holidays.works_on(institution, local.date()):
        return 0
    monday = local.date() - timedelta(days=local.weekday())
    return mail.hand_over(
        mail.Waiting(
            letter=partial(_letter, person),
            take=partial(_taken, institution, person, monday),
            give_back=Digest.objects.filter(person=person, monday=monday).delete,
        )
        for person in _waiting(institution, local.date(), monday)
    )


def forget_digests(*, institution: Institution, before: date) -> int:
    """Delete the notes of letters of weeks before this day; return how many."""
    return Digest.objects.filter(institution=institution, monday__lt=before).delete()[0]


@transaction.atomic
def _taken(institution: Institution, person: Person, monday: date) -> bool:
    """Note that this person gets this week's letter now; say no if somebody noted it already."""
    _digest, made = Digest.objects.get_or_create(person=person, monday=monday, defaults={"institution": institution})
    return made


def _waiting(institution: Institution, day: date, monday: date) -> Iterable[Person]:
    """Return who is written to about units with a signal that waits, without those who had this week's letter."""
    signals = Signal.objects.filter(institution=institution, stage__in=WAITING).values_list("units", flat=True)
    parents = {row.id: row.parent for row in people.units_tree()}
    places = {place for units in signals for unit in units for place in _way_up(unit, parents)}
    had: set[UUID] = set(Digest.objects.filter(monday=monday).values_list("person_id", flat=True))
    found = Person.objects.filter(pk__in=_responsible(places, day) - had, institution=institution)
    return found.order_by("external_id")


def _responsible(places: Iterable[str], day: date) -> set[UUID]:
    """Return who leads these units and is present that day; where nobody who leads one is, its deputies."""
    present = people.holders_present({Role.LEADER, Role.DEPUTY}, day)
    found: set[UUID] = set()
    for place in places:
        here = [(role, person) for unit, role, person in present if unit == place]
        leaders = {person for role, person in here if role is Role.LEADER}
        found |= leaders or {person for _role, person in here}
    return found


def _way_up(unit: str, parents: Mapping[str, str | None]) -> Iterable[str]:
    here: str | None = unit
    while here is not None:
        yield here
        here = parents.get(here)


def _letter(person: Person) -> mail.Letter:
    with translation.override(person.language):
        text = gettext(
            "There is an open signal in the units you lead, and it waits for an answer.\n\n"
            "What it says, and why, is on the page:\n%(address)s\n\n"
            "This letter holds no figures and names no unit, on purpose. It comes once a week at most."
        )
        return mail.Letter(
            to=person.email,
            subject=gettext("Something to read about the units you lead"),
            text=text % {"address": mail.address_of(reverse("home"))},
        )
