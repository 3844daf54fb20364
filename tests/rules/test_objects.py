"""Statements about all addresses that name one thing: whose it is, or why it is everybody's, and the test that tries another's.

``test_every_route_for_every_role`` opens every address as everybody; this holds the second half, object by object.
"""

from __future__ import annotations

import ast

import pytest
from django.conf import settings

from callroom.people.policy import POLICY, Scope, permission_of
from tests.rules.house import ROOT, Route, routes

OWN = {
    "people:approve-reset": "tests/stories/people/test_second_factors.py::test_nobody_approves_their_own",
    "mfa_remove_webauthn": "tests/stories/people/test_second_factors.py::test_nobody_removes_anothers",
    "watch:acknowledge": "tests/stories/watch/test_signals.py::test_another_units_deputy_does_not",
    "rights:withdraw": "tests/stories/rights/test_requests.py::test_one_may_withdraw_ones_own_and_nobody_elses",
    "rights:answer": "tests/stories/rights/test_requests.py::test_nobody_answers_their_own",
    "rights:copy-for": "tests/stories/rights/test_requests.py::test_nobody_else_sees_a_request",
    "improvement:answer": "tests/stories/improvement/test_pages.py::test_not_yours_looks_like_not_there",
    "improvement:remind": "tests/stories/improvement/test_pages.py::test_the_coordinator_reminds_and_waives",
    "improvement:keep": "tests/stories/improvement/test_answers.py::test_the_chief_resident_owns_it_too_and_a_resident_does_not",
    "pulse:approve-replacement": "tests/stories/pulse/test_replacements.py::test_nobody_else_approves_and_nobody_for_themselves",
    "council:proposal": "tests/stories/council/test_council.py::test_a_proposal_of_another_institution_or_number_is_not_there",
    "council:sign": "tests/stories/council/test_council.py::test_a_coordinator_who_takes_the_role_has_no_key_on_the_council",
}
"""Addresses whose thing is somebody's, with the test in which another person tries."""

SAME_FOR_ALL = {
    "pulse:member-payload": "what was signed is the same for every member; releases only once published",
    "dashboards:csv": "what is published is published to everyone",
    "dashboards:unit": "what is published is published to everyone",
    "dashboards:why": "what is published is published to everyone",
    "improvement:history": "promises are public in the institution",
    "setup:roster-template": "an empty file",
    "setup:settle": "a line of the one check",
    "history:take-back": "imports belong to the institution",
    "council:propose": "a kind of change, not a thing",
    "prompts:remove-day": "the institution's own days are the same for all its members",
}
"""Addresses whose argument names nothing that is somebody's, and why."""

WITH_ARGUMENT = [r for r in routes(settings.ROOT_URLCONF) if "<" in r.path and permission_of(r.view) is not None]


@pytest.mark.parametrize("route", WITH_ARGUMENT, ids=str)
def test_every_address_of_one_thing_says_whose_it_is(route: Route) -> None:
    assert (route.name in OWN) != (route.name in SAME_FOR_ALL), f"say in OWN or SAME_FOR_ALL whose {route.path} is"


@pytest.mark.parametrize("route", WITH_ARGUMENT, ids=str)
def test_a_right_that_reaches_a_unit_or_oneself_only_is_tried_with_anothers(route: Route) -> None:
    action = permission_of(route.view)
    assert action is not None
    narrow = set(POLICY[action].values()) & {Scope.UNIT, Scope.OWN}
    assert not narrow or route.name in OWN, f"{route.path}: a right for {narrow} needs a test with another's"


@pytest.mark.parametrize("name", OWN)
def test_the_test_is_there_and_the_address_too(name: str) -> None:
    path, _, function = OWN[name].partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, OWN[name]
    assert name in {route.name for route in routes(settings.ROOT_URLCONF)}


def test_no_address_is_listed_that_is_gone() -> None:
    assert set(SAME_FOR_ALL) <= {route.name for route in WITH_ARGUMENT}
