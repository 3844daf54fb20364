"""Who needs a second factor, whether this session has one, and the way to it and back."""

from __future__ import annotations

from datetime import datetime

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from callroom.people.models import Person, SecondFactor
from callroom.people.policy.standing import standings_of
from callroom.people.policy.table import WITH_SECOND_FACTOR

WAY_BACK = "second_factor_next"
"""Where the session keeps the page that was asked for before the second factor was."""

PERSONA = "persona"
"""How a session says that it came through a door of the demo."""

PROVIDER = "provider"
"""How a session says that the hospital's identity provider vouched for the person."""


def needs_second_factor(person: Person, *, now: datetime) -> bool:
    """Return whether this person holds, today, a role that sees more than its own."""
    return any(standing.role in WITH_SECOND_FACTOR for standing in standings_of(person, person.institution.day(now)))


def has_given_second_factor(request: HttpRequest, person: Person) -> bool:
    """Return whether a second factor was given in this session; by the demo's doors, nobody is asked for one."""
    methods = {record.get("method") for record in get_authentication_records(request, person)}
    in_the_demo = settings.DEMO and PERSONA in methods
    return "mfa" in methods or in_the_demo or provider_asked_for_one(request, person)


def provider_asked_for_one(request: HttpRequest, person: Person) -> bool:
    """Return whether the identity provider let this person in, and the hospital says that it asks for a second factor."""
    methods = {record.get("method") for record in get_authentication_records(request, person)}
    return settings.PROVIDER_ASKS_SECOND_FACTOR and PROVIDER in methods


def is_due(request: HttpRequest, person: Person, *, now: datetime) -> bool:
    """Return whether this person must give a second factor, or set one up, before this session opens anything."""
    return not has_given_second_factor(request, person) and needs_second_factor(person, now=now)


def lead_to_second_factor(request: HttpRequest, person: Person) -> HttpResponse:
    """Send the person to where a second factor is given, or set up by who has none; the session keeps the way back."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("home")
    request.session[WAY_BACK] = back
    kinds = set(SecondFactor.objects.filter(user=person).values_list("type", flat=True))
    if not kinds:
        return redirect("mfa_index")
    door = "mfa_reauthenticate_webauthn" if SecondFactor.Type.WEBAUTHN in kinds else "mfa_reauthenticate"
    return redirect(f"{reverse(door)}?{urlencode({'next': back})}")
