"""Statements about all addresses: who may open them, and which side of the house they are on."""

from __future__ import annotations

import pytest
from django.conf import settings

from callroom.people.policy import Action
from callroom.people.policy.routes import permission_of
from tests.rules.house import Route, routes

# Signed-in side: doors that stand open, and why.
OPEN_DOORS = {
    "front-door": "leads to /in/",
    "kit:language": "everybody may read in their own language",
    "people:invitation": "a one-time link is its own permission",
    "people:choose-persona": "the demo's doors; not there outside the demo",
    "setup:start": "the first start, with the code on the console; not there once somebody coordinates",
    "setup:found": "the first start",
    "setup:first-coordinator": "the first start",
    "setup:style-sheet": "the institution's colours, on the sign-in page as well",
    "setup:logo": "the institution's logo, on the sign-in page as well",
    "consent:notice": "the privacy notice, for everybody",
    "consent:version": "an earlier privacy notice, for everybody",
    "account_login": "signing in",
    "account_logout": "signing out",
    "people:go-to-provider": "signing in by the hospital's identity provider; not there without one",
    "people:provider-back": "signing in by the hospital's identity provider; not there without one",
    "people:provider-response": "what the identity provider signed; not there without one",
    "people:provider-metadata": "what an identity provider must know about us; not there without one",
    "mfa_login_webauthn": "signing in by a passkey",
    "mfa_authenticate": "the second step of signing in; not there before the first",
    "people:lost-factors": "the second step of signing in, for who can give none; not there before the first",
    "account_reset_password": "a forgotten password",
    "account_reset_password_done": "a forgotten password",
    "account_reset_password_from_key": "a forgotten password",
    "account_reset_password_from_key_done": "a forgotten password",
}

SIGNED_IN = routes(settings.ROOT_URLCONF)
ANONYMOUS = routes(settings.ANONYMOUS_URLCONF)


@pytest.mark.parametrize("route", SIGNED_IN, ids=str)
def test_every_route_has_a_permission_or_is_a_known_open_door(route: Route) -> None:
    if route.name in OPEN_DOORS:
        assert permission_of(route.view) is None
    else:
        assert isinstance(permission_of(route.view), Action), f"{route.path} has no @permission"


def test_every_open_door_exists() -> None:
    """An entry without a door is a promise about nothing."""
    assert set(OPEN_DOORS) <= {route.name for route in SIGNED_IN}


@pytest.mark.parametrize("route", SIGNED_IN, ids=str)
def test_signed_in_pages_live_under_in(route: Route) -> None:
    assert route.path.startswith("/in/") or route.name == "front-door"


@pytest.mark.parametrize("route", ANONYMOUS, ids=str)
def test_anonymous_pages_live_apart_and_know_no_permission(route: Route) -> None:
    assert route.path.startswith(("/w/", "/help/"))
    assert route.ours, "only our own views answer without a name"
    assert permission_of(route.view) is None


def test_no_view_answers_on_both_sides() -> None:
    assert not {route.view for route in SIGNED_IN} & {route.view for route in ANONYMOUS}


@pytest.mark.parametrize("route", [r for r in (*SIGNED_IN, *ANONYMOUS) if r.ours], ids=str)
def test_every_route_has_a_name_that_can_be_read(route: Route) -> None:
    """Words joined by hyphens; views of allauth's name stand in for its own."""
    assert route.name, route.path
    name = route.name.rsplit(":", 1)[-1]
    assert name == name.lower()
    assert "_" not in name or name.startswith(("account_", "mfa_"))


@pytest.mark.parametrize("route", [r for r in (*SIGNED_IN, *ANONYMOUS) if r.ours], ids=str)
def test_views_are_functions(route: Route) -> None:
    assert not hasattr(route.view, "view_class")
