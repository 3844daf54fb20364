"""A unit is asked for the first time when somebody who leads it has committed to something, or the coordinator waived it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from callroom.improvement.actions import promises
from callroom.improvement.actions.answers import Words
from callroom.improvement.readiness import held_back
from callroom.people.models import Person
from callroom.pulse import aggregates, jobs
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.setup import checks
from callroom.setup.states import Topic
from tests.world.waves import BEFORE, MONDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

WORDS = Words("en", "", "The rota is published six weeks ahead.")


def leaves_asked() -> set[str]:
    return {leaf.leaf for leaf in aggregates.series_of(["emergency", "surgery"], now=MONDAY).values()} - {
        leaf for leaf in ("emergency", "surgery") if leaf in aggregates.never_asked(now=MONDAY)
    }


@pytest.fixture
def chair(announced: dict[str, list[Person]], elena: Person) -> Person:
    return elena


def test_without_any_commitment_nobody_is_asked_and_the_reason_is_public(announced: dict[str, list[Person]]) -> None:
    jobs.tick(MONDAY, held_back=held_back)

    wave = Wave.objects.get(pk=WAVE)
    assert wave.state == WaveState.WITHDRAWN
    assert wave.reason_en == "Nobody who leads these units had committed to anything when the wave was due to open."


def test_who_committed_is_asked_and_who_did_not_waits(chair: Person) -> None:
    promises.commit(unit="medicine", by=chair, words=WORDS, who="chair", due_on=date(2026, 12, 24), now=BEFORE)

    jobs.tick(MONDAY, held_back=held_back)

    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    assert leaves_asked() == {"emergency"}


def test_a_waiver_lets_it_be_asked(announced: dict[str, list[Person]], fernando: Person) -> None:
    promises.waive_all(units=["surgery"], by=fernando, reason_en="New.", reason_es="Nuevo.", now=BEFORE)

    jobs.tick(MONDAY, held_back=held_back)

    assert leaves_asked() == {"surgery"}


def test_who_says_nothing_about_it_asks_everybody(announced: dict[str, list[Person]]) -> None:
    jobs.tick(MONDAY)

    assert leaves_asked() == {"emergency", "surgery"}


def test_the_check_warns_of_who_is_held_back_and_is_red_once_a_round_was_due(
    announced: dict[str, list[Person]], fernando: Person
) -> None:
    def line(now: datetime) -> checks.Finding:
        return next(found for found in checks.findings(now=now) if found.topic is Topic.COMMITMENTS)

    assert line(BEFORE).warns
    assert "General Surgery" in line(BEFORE).says

    jobs.tick(MONDAY, held_back=held_back)
    assert not line(MONDAY).settled
    assert "General Surgery" in line(MONDAY).says

    promises.waive_all(units=sorted(announced), by=fernando, reason_en="New.", reason_es="Nuevo.", now=MONDAY)
    assert line(MONDAY).settled
    assert not line(MONDAY).warns
    assert "General Surgery" not in line(MONDAY).says
