"""Every signed-in address is opened by every person of the world: the table says who finds something there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import LazySettings, settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from callroom.people.models import Person
from callroom.people.policy import Action, may, permission_of

pytestmark = [pytest.mark.django_db(databases=["default", "issuing", "sealed"]), pytest.mark.one_store]
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)

# What stands in for an argument of an address.
ARGUMENTS = {
    "person": "00000000-0000-4000-8000-000000000000",
    "pk": "1",
    "unit_id": "emergency",
    "unit": "emergency",
    "slug": "emergency",
    "sha256": "0" * 64,
    "segment": "0",
    "signal": "1",
    "survey": "1",
    "request_id": "1",
    "clock": "1",
    "promise": "1",
    "proposal": "1",
    "kind": "pause",
    "number": "1",
}


def guarded_addresses() -> list[tuple[str, Action, bool]]:
    """Return each guarded address with its permission, and whether it stands for itself (it has no argument)."""
    return sorted(_walk(get_resolver(settings.ROOT_URLCONF).url_patterns, "/"))


def _walk(patterns: list[URLPattern | URLResolver], path: str) -> list[tuple[str, Action, bool]]:
    found: list[tuple[str, Action, bool]] = []
    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _walk(pattern.url_patterns, here)
        elif (action := permission_of(pattern.callback)) is not None:
            address = re.sub(r"<(?:\w+:)?(\w+)>", lambda name: ARGUMENTS.get(name[1], "x"), here)
            found.append((address, action, address == here))
    return found


@pytest.mark.parametrize(("address", "action", "plain"), guarded_addresses(), ids=str)
def test_an_address_is_there_for_whom_the_table_names_and_for_nobody_else(
    address: str,
    action: Action,
    plain: bool,
    everybody: dict[str, Person],
    sign_in: Callable[[Person], Client],
    settings: LazySettings,
) -> None:
    settings.DEMO = action is Action.MOVE_DEMO
    settings.TEST_INSTALLATION = action is Action.TRY_TO_FIND
    with time_machine.travel(NOW, tick=False):
        for name, person in everybody.items():
            client = sign_in(person)
            if not may(person, action, now=NOW):
                statuses = {client.get(address).status_code, client.post(address).status_code}
                assert statuses <= {404, 405}, (name, statuses)
                assert 404 in statuses, name
            elif plain and action is not Action.MOVE_DEMO:
                assert client.get(address).status_code in {200, 302, 405}, name


@pytest.mark.parametrize(("address", "action", "plain"), guarded_addresses(), ids=str)
def test_a_stranger_is_asked_to_sign_in(
    address: str, action: Action, plain: bool, everybody: dict[str, Person]
) -> None:
    answer = Client(headers={"host": "localhost"}).get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/in/sign-in/?next=/in/")


def test_the_walk_finds_addresses() -> None:
    assert len(guarded_addresses()) >= 5
