"""What stands around every signed-in page: who reads, and the doors that the policy table opens for them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import get_language, gettext

from callroom.kit.pages import Door, House, with_here
from callroom.people import queries as people
from callroom.people.models import Person
from callroom.people.policy import ACTIONS_OF_ROLES, Action, Role, Standing

QUIET: Final = frozenset({Role.ANYONE, Role.RESIDENT})
"""Roles that are said only where a person has no other."""


def house_of(person: Person, path: str, *, now: datetime) -> House:
    """Return the frame of a page at this address for this person: the first three doors fit a phone's dock."""
    standings = people.roles_of(person, person.institution.day(now))
    allowed = {action for standing in standings for action in ACTIONS_OF_ROLES[standing.role]}
    doors = [Door(gettext("Today"), reverse("home"), "home")]
    if Action.FETCH_TOKEN in allowed:
        doors.append(Door(gettext("Check-in"), f"/w/{(get_language() or 'en')[:2]}/", "ladder", anonymous=True))
    if Action.SEE_RESULTS in allowed:
        doors.append(Door(gettext("Results"), reverse("dashboards:institution"), "chart"))
    if Action.READ_CHAIN in allowed:
        doors.append(Door(gettext("Chain"), "/in/chain/", "chain"))
    doors.append(Door(gettext("My record"), reverse("people:me"), "person"))
    return House(
        institution=person.institution.name,
        who=_in_words(person, standings),
        doors=with_here(doors, path),
        sign_out=reverse("account_logout"),
    )


def _in_words(person: Person, standings: tuple[Standing, ...]) -> str:
    """Return "Dr. Elena Robles, leader": the first role that says something, a resident's own where there is no other."""
    roles = [standing.role for standing in standings if standing.role not in QUIET]
    roles += [standing.role for standing in standings if standing.role is Role.RESIDENT]
    return f"{person.name}, {roles[0].label}" if roles else person.name
