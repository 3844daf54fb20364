"""A hospital with 38 weeks of published figures, in which the ratings of Emergency Medicine fell in late September."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse.models import Plan
from callroom.watch import actions
from tests.world.history import plan_for, publish_past
from tests.world.people import person_in, residents_in
from tests.world.waves import PUBLISHED

YEAR = date(2026, 3, 1)
FELL = date(2026, 9, 28)
NOW = PUBLISHED


def mean_of(leaf: str, monday: date) -> int:
    """Return what was published: steady ups and downs, and a fall by three points in Emergency Medicine."""
    number = (monday - date(2026, 3, 2)).days // 7
    steady = 64 + (number * 7) % 5
    # In a hospital of three leaves it takes much to be sure: two steady ones are all that speaks against a common shock.
    return steady - 30 if leaf == "emergency" and monday >= FELL else steady


@pytest.fixture
def staff(hospital: Institution) -> Institution:
    """Give the programmes their residents: two stand alone, two are counted together."""
    for unit, size in {"emergency": 26, "surgery": 24, "dermatology": 8, "urology": 6}.items():
        residents_in(hospital, unit, size)
    return hospital


@pytest.fixture
def plan(staff: Institution) -> Plan:
    """Return the plan of the academic year."""
    return plan_for(staff, YEAR, on=date(2026, 6, 2))


@pytest.fixture
def past(plan: Plan, at: Callable[[datetime], None]) -> Plan:
    """Publish everything until Monday 23 November 08:00, and set the clock to that moment."""
    publish_past(plan.institution, plan, mean_of, until=NOW)
    at(NOW)
    return plan


@pytest.fixture
def watched(past: Plan) -> Plan:
    """Look at all of it."""
    assert actions.look(institution=past.institution, now=NOW)
    return past


@pytest.fixture
def deputy(hospital: Institution) -> Person:
    """Return Nora, who stands in for Dr. Elena in Medicine."""
    return person_in(hospital, "Nora Paz", role=Role.DEPUTY, unit="medicine")
