"""The change dates of a year in the hands of the worker: settled a week before, said to everybody, never crossed ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from tests.world.people import person_in
from tests.world.waves import NOISE_SEED

from callroom.audit.models import AuditRow
from callroom.audit.states import Tag
from callroom.people.models import Institution, Person
from callroom.pulse import aggregates, history, jobs, planning
from callroom.pulse.aggregates import ComingLeaf
from callroom.pulse.models import Plan, Wave
from callroom.pulse.states import WaveState

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

YEAR = date(2026, 3, 1)
CHANGES_ON = date(2026, 11, 9)
"""After week 36."""
SETTLED = datetime(2026, 11, 2, 14, tzinfo=UTC)
"""Monday 08:00 in Monterrey, a week before: the figures of the week before are published."""
SECOND = timedelta(seconds=1)
STOPS_ANSWERING = date(2026, 8, 31)


@pytest.fixture
def eight_months(hospital: Institution, staffed: dict[str, list[Person]]) -> Institution:
    """Publish the year until October; from September on General Surgery has too few answers."""

    def answers(wave: history.PastWave) -> history.Answers:
        def share(leaf: str) -> int:
            return 4 if leaf == "surgery" and wave.times.monday >= STOPS_ANSWERING else 20

        return {leaf: [dict.fromkeys(wave.items, 2)] * share(leaf) for leaf in wave.people}

    before = SETTLED - timedelta(days=3)
    history.make_history(institution=hospital, since=date(2026, 3, 2), answers=answers, seed=NOISE_SEED, now=before)
    return hospital


def settled_weeks() -> list[int]:
    return list(Plan.objects.values_list("from_week", flat=True))


def test_a_change_is_settled_a_week_before_and_acts_on_its_day(eight_months: Institution) -> None:
    jobs.tick(SETTLED - SECOND)
    assert settled_weeks() == [0, 12, 24]
    assert aggregates.next_change(now=SETTLED) is None

    jobs.tick(SETTLED + SECOND)

    assert settled_weeks() == [0, 12, 24, 36]
    series = aggregates.leaf_series("surgery", now=SETTLED)
    assert series
    assert (series.weeks, series.coming) == (1, ComingLeaf(CHANGES_ON, (), 2))
    emergency = aggregates.leaf_series("emergency", now=SETTLED)
    assert emergency
    assert emergency.coming is None
    after = aggregates.leaf_series("surgery", now=SETTLED + timedelta(days=7))
    assert after
    assert (after.weeks, after.coming) == (2, None)
    assert AuditRow.objects.filter(tag=Tag.PLAN_CHANGED).count() == 1


def test_nothing_is_announced_beyond_what_is_settled(eight_months: Institution, settings: object) -> None:
    settings.ANNOUNCE_WEEKS_AHEAD = 8  # type: ignore[attr-defined]
    jobs.tick(SETTLED - SECOND)
    assert not Wave.objects.filter(state=WaveState.ANNOUNCED).exists()

    jobs.tick(SETTLED + SECOND)

    announced = Wave.objects.filter(state=WaveState.ANNOUNCED)
    assert {wave.plan.from_week for wave in announced} == {36}
    assert {"pulse/2026-W46", "pulse-2/2026-W46", "pulse/2026-W52"} <= {wave.pk for wave in announced}
    assert "surgery" in {leaf.id for leaf in planning.leaves_of(announced[0].plan).leaves_of(2)}


def test_key_sheets_never_cross_the_start_of_a_year(eight_months: Institution, settings: object) -> None:
    settings.ANNOUNCE_WEEKS_AHEAD = 8  # type: ignore[attr-defined]
    jobs.tick(SETTLED + SECOND)

    jobs.tick(datetime(2027, 2, 12, 18, tzinfo=UTC))

    opens = [eight_months.day(wave.opens_at) for wave in Wave.objects.filter(state=WaveState.ANNOUNCED)]
    assert max(opens) == date(2027, 2, 22)


def test_it_waits_for_figures_that_are_not_published(eight_months: Institution) -> None:
    Wave.objects.filter(pk="pulse/2026-W41").update(state=WaveState.TALLIED, burned_at=None, release="")

    with pytest.raises(jobs.SomeJobsFailed):
        jobs.tick(SETTLED + SECOND)

    assert settled_weeks() == [0, 12, 24]


def test_a_resident_reads_it_at_home_before_it_happens(
    eight_months: Institution, sign_in: Callable[[Person], Client], at: Callable[[datetime], None]
) -> None:
    marta = person_in(eight_months, "Marta", home="surgery", language="en")
    jobs.tick(SETTLED + SECOND)
    at(SETTLED + timedelta(hours=1))

    client = sign_in(marta)
    english = {"accept-language": "en"}
    page = client.get("/in/", secure=True, headers=english).content.decode()
    unit = client.get("/in/results/surgery/", secure=True, headers=english).content.decode()

    assert "This year your answer counts in General Surgery, every week." in page
    assert "From 9 November your answer counts in General Surgery, every two weeks." in page
    assert "From 9 November answers from General Surgery are counted on their own, every two weeks." in unit
