"""The first start: a code on the console, an institution, its first coordinator. Then this door is closed for good."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.setup import queries
from callroom.setup.models import StartCode

LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1: a code is read from one screen and typed on another."""
GROUPS: Final = 3
TRIES: Final = 5
BLOCKED_FOR: Final = timedelta(minutes=15)


class DoorClosed(Exception):
    """There is a coordinator or an operator: what remains to be done is done signed in."""


class WrongCode(Exception):
    """The code is not the one that the console showed last."""


class TooManyTries(Exception):
    """Too many wrong codes: nobody can try for a quarter of an hour."""


@transaction.atomic
def issue_code() -> str | None:
    """Draw a code, which replaces an older one, and return it: once, for the console. ``None``: the door is closed."""
    if not queries.door_is_open():
        StartCode.objects.all().delete()
        return None
    code = "-".join("".join(secrets.choice(LETTERS) for _letter in range(4)) for _group in range(GROUPS))
    StartCode.objects.update_or_create(
        pk=1,
        defaults={
            "hashed": make_password(_plain(code)),
            "visit": secrets.token_hex(16),
            "tries": 0,
            "blocked_until": None,
        },
    )
    return code


def enter(*, code: str, now: datetime) -> str:
    """
    Return what a browser is known by once the right code was typed into it.

    :raises DoorClosed, WrongCode, TooManyTries: see there
    """
    right, visit = _try(code, now)  # a wrong try is kept although it fails
    if not right:
        raise WrongCode
    return visit


@transaction.atomic
def _try(code: str, now: datetime) -> tuple[bool, str]:
    row = StartCode.objects.select_for_update().filter(pk=1).first()
    if row is None or not queries.door_is_open():
        raise DoorClosed
    if row.blocked_until is not None and now < row.blocked_until:
        raise TooManyTries
    if check_password(_plain(code), row.hashed):
        row.tries, row.blocked_until = 0, None
        row.save()
        return True, row.visit
    row.tries += 1
    if row.tries >= TRIES:
        row.tries, row.blocked_until = 0, now + BLOCKED_FOR
    row.save()
    return False, ""


@transaction.atomic
def first_coordinator(*, name: str, email: str, external_id: str, password: str, now: datetime) -> Person:
    """
    Add the first coordinator and close the door.

    :raises DoorClosed: when somebody else was first
    :raises ValidationError: for an address or id that is taken or wrong, or a password that is too weak
    :raises NoInstitution: before it is founded
    """
    institution = Institution.objects.select_for_update().order_by("pk").first()
    if institution is None or not queries.door_is_open():
        raise DoorClosed
    person = people.add_person(
        institution=institution,
        external_id=external_id,
        name=name,
        email=email,
        language=institution.languages[0],
    )
    validate_password(password, person)
    people.set_password(person=person, password=password, now=now)
    people.give_role(
        by=None,
        person=person,
        role=Role.COORDINATOR,
        unit=institution.units.get(parent=None).pk,
        from_on=institution.day(now),
        now=now,
    )
    StartCode.objects.all().delete()
    return person


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter in LETTERS)
