"""A hospital whose results are published since March, and those who answer for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from callroom.improvement import jobs
from callroom.improvement.actions.answers import Words
from callroom.improvement.models import Clock
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from tests.world.history import plan_for, publish_past
from tests.world.people import SINCE, person_in, residents_in

FIRST = datetime(2026, 3, 9, 15, tzinfo=UTC)
"""Monday 09:00 in Monterrey: the first week's results are an hour old."""
YEAR = date(2026, 3, 1)
WORDS = Words("en", "Help is hard to get at night.", "A second resident is on call from Friday to Sunday.")


def monday(weeks: int) -> datetime:
    """Return the Monday, an hour after publication, this many weeks after the first."""
    return FIRST + timedelta(weeks=weeks)


@pytest.fixture
def publish(hospital: Institution) -> Callable[..., None]:
    """Return what publishes all results up to an instant. Emergency 26, Surgery 24; Dermatology 10 and Urology 10 joined."""
    for unit, size in {"emergency": 26, "surgery": 24, "dermatology": 10, "urology": 10}.items():
        residents_in(hospital, unit, size)
    plan = plan_for(hospital, YEAR, on=date(2026, 3, 2))

    def until(now: datetime, means: Callable[[str, date], int | None] = lambda leaf, week: 60) -> None:
        publish_past(hospital, plan, means, until=now)

    return until


@pytest.fixture
def director(hospital: Institution) -> Person:
    """Return Dr. Julia, who leads Emergency Medicine."""
    return person_in(hospital, "Dr. Julia Mora", role=Role.LEADER, unit="emergency", language="en")


@pytest.fixture
def surgeon(hospital: Institution) -> Person:
    """Return Dr. Raúl, who leads General Surgery."""
    return person_in(hospital, "Dr. Raul Pino", role=Role.LEADER, unit="surgery")


@pytest.fixture
def started(publish: Callable[..., None], director: Person, elena: Person, hector: Person) -> Clock:
    """Publish the first results and start the clocks; return that of Emergency Medicine."""
    publish(FIRST)
    jobs.tick(FIRST)
    return clock_of("emergency")


def clock_of(unit: str) -> Clock:
    """Return the running clock of a unit."""
    return Clock.objects.get(unit=unit, state="running")


def give_leave(person: Person, day: date, to_on: date | None = None) -> None:
    """Send a person on leave."""
    people.go_on_leave(person=person, from_on=day, to_on=to_on)


def give_role(person: Person, role: Role, unit: str) -> None:
    """Give a person a role."""
    people.give_role(by=None, person=person, role=role, unit=unit, from_on=SINCE, now=FIRST)
