"""Newcomers and the plan: the rollover counts, people who were added in the weeks before a later plan do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.world.people import residents_in

from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.pulse import jobs, planning
from callroom.pulse.actions.plans import make_plan
from callroom.pulse.models import Plan, SkippedWeek, Wave
from callroom.pulse.states import WaveState

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

LAST_YEAR, YEAR = date(2025, 3, 1), date(2026, 3, 1)
FIRST_MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
Residents = dict[str, list[Person]]


@pytest.fixture
def residents(hospital: Institution) -> Residents:
    """Return the residents of the year before: 26 in Emergency, 8 in Dermatology."""
    sizes = {"emergency": 26, "dermatology": 8}
    return {unit: residents_in(hospital, unit, size, since=LAST_YEAR) for unit, size in sizes.items()}


@pytest.fixture
def last_year(residents: Residents, hospital: Institution) -> Plan:
    """Make the plan of the year before, so that the next one is not the first."""
    return make_plan(institution=hospital, academic_year=LAST_YEAR, now=NOON - timedelta(days=300))


def eight_more(hospital: Institution, from_on: date, listed_on: date | None = None) -> None:
    """Add eight to Dermatology's eight: enough to be asked alone, if they count."""
    for number in range(8):
        person = people.add_person(
            institution=hospital,
            external_id=f"new-{number}",
            name=f"New {number}",
            email=f"new-{number}@hospital.example",
            listed_on=listed_on,
        )
        people.join(person=person, unit="dermatology", from_on=from_on)


def counted(hospital: Institution, now: datetime) -> int:
    """Make the year's plan; return how many people of Dermatology it was made with."""
    plan = make_plan(institution=hospital, academic_year=YEAR, now=now)
    return next(unit.eligible for unit in planning.leaves_of(plan).units if unit.id == "dermatology")


def test_who_was_added_in_the_last_four_weeks_does_not_make_a_group(hospital: Institution, last_year: Plan) -> None:
    now = NOON + timedelta(weeks=8)
    eight_more(hospital, now.date() - timedelta(days=27))

    assert counted(hospital, now) == 8


def test_a_first_day_that_is_dated_back_makes_nobody_older(hospital: Institution, last_year: Plan) -> None:
    """The file says that they came last year; the house has known them for three weeks."""
    now = NOON + timedelta(weeks=8)
    eight_more(hospital, LAST_YEAR, listed_on=now.date() - timedelta(days=27))

    assert counted(hospital, now) == 8


def test_after_four_weeks_they_do(hospital: Institution, last_year: Plan) -> None:
    now = NOON + timedelta(weeks=8)
    eight_more(hospital, now.date() - timedelta(days=28))

    assert counted(hospital, now) == 16


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=10)])
def test_the_rollover_counts_also_when_the_worker_was_down(
    hospital: Institution, last_year: Plan, late: timedelta
) -> None:
    eight_more(hospital, FIRST_MONDAY)

    assert counted(hospital, NOON + late) == 16


def test_in_an_institutions_first_plan_everybody_counts(residents: Residents, hospital: Institution) -> None:
    now = NOON + timedelta(weeks=8)
    eight_more(hospital, now.date())

    assert counted(hospital, now) == 16


def test_who_moved_is_no_newcomer(residents: Residents, hospital: Institution, last_year: Plan) -> None:
    now = NOON + timedelta(weeks=8)
    for person in residents["emergency"][:8]:
        people.transfer(person=person, unit="dermatology", on=now.date() - timedelta(days=3))

    assert counted(hospital, now) == 16


def opened_at(now: datetime) -> list[str]:
    """Let the worker work at this moment for the first time since the night; return the rounds that are open then."""
    jobs.tick(now)
    return sorted(Wave.objects.filter(state=WaveState.OPEN).values_list("pk", flat=True))


def test_a_worker_that_was_away_in_the_years_first_night_opens_its_first_rounds_on_that_monday(
    hospital: Institution, last_year: Plan, folders: Path
) -> None:
    assert opened_at(NOON) == ["pulse/2026-W10"]
    jobs.tick(NOON + timedelta(minutes=1))

    assert Wave.objects.filter(opens_at__lte=NOON).count() == 1


def test_on_tuesday_it_is_too_late_for_them(hospital: Institution, last_year: Plan, folders: Path) -> None:
    assert opened_at(NOON + timedelta(days=1)) == []


def test_an_institution_that_begins_on_that_monday_asks_nobody_before_the_next(
    hospital: Institution, residents: Residents, folders: Path
) -> None:
    assert opened_at(NOON) == []
    assert Wave.objects.filter(state=WaveState.ANNOUNCED, opens_at__gt=NOON).exists()


def test_late_rounds_of_the_first_monday_are_none_in_a_skipped_week(
    hospital: Institution, last_year: Plan, folders: Path
) -> None:
    SkippedWeek.objects.create(institution=hospital, monday=FIRST_MONDAY, reason_en="Moving.", reason_es="Mudanza.")

    assert opened_at(NOON) == []
