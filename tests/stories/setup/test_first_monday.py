"""No round begins before the Monday that was chosen as the first, however long it lasts; home, calendar and key list agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from callroom.core.timetable.waves import WEEKS_SERIES, iso_week_id
from callroom.improvement.actions import promises
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.prompts import calendars
from callroom.pulse import aggregates, jobs, planning
from callroom.pulse.actions import endings
from callroom.pulse.models import SkippedWeek, Wave
from callroom.pulse.states import WaveState, WeekState
from callroom.setup import actions
from tests.world.history import plan_for, publish_past
from tests.world.people import person_in, residents_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

SignIn = Callable[[Person], Client]
SetClock = Callable[[datetime], None]
NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
"""A Friday. Rounds of two weeks begin on 7 and 21 December, those of four on 7 December and 4 January."""
CHOSEN = date(2026, 12, 14)
SIZES = {1: 24, 2: 14, 4: 11}
"""How many residents a programme has that is asked every so many weeks."""
TOO_EARLY = {1: "pulse/2026-W50", 2: "pulse-2/2026-W50", 4: "pulse-4/2026-W50"}
"""The rounds that would open on 7 December."""
FIRST = {1: date(2026, 12, 14), 2: date(2026, 12, 21), 4: date(2027, 1, 4)}
"""When the first round opens, in the rhythm of each length."""
every_length = pytest.mark.parametrize("weeks", SIZES)


def six_on(day: date) -> datetime:
    """Return the instant at which rounds open in Monterrey."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _two_weeks_ahead(folders: Path, settings: LazySettings, at: SetClock) -> None:
    settings.ANNOUNCE_WEEKS_AHEAD = 2
    at(NOW)


def states() -> dict[str, str]:
    return dict(Wave.objects.values_list("pk", "state"))


def opens(hospital: Institution) -> dict[date, tuple[int, ...]]:
    """Return the lengths of the rounds that the calendar lets open, by Monday."""
    hospital.refresh_from_db()
    return {week.monday: week.opens for week in calendars.weeks(hospital, now=NOW) if week.opens}


def opened_on(monday: date) -> set[str]:
    """Let the worker do what is due when rounds open on this Monday; return what was ever opened."""
    jobs.tick(six_on(monday) - timedelta(days=3))
    jobs.tick(six_on(monday))
    return set(Wave.objects.exclude(wave_sheet="").values_list("pk", flat=True))


@every_length
def test_without_a_choice_the_next_round_of_each_length_opens(hospital: Institution, weeks: int) -> None:
    residents_in(hospital, "surgery", SIZES[weeks])

    assert TOO_EARLY[weeks] in opened_on(date(2026, 12, 7))


@every_length
def test_no_round_that_would_begin_earlier_is_announced_or_opened(
    hospital: Institution, fernando: Person, weeks: int
) -> None:
    residents_in(hospital, "surgery", SIZES[weeks])
    actions.begin_on(by=fernando, monday=CHOSEN, now=NOW)

    assert opened_on(date(2026, 12, 7)) == set()
    assert TOO_EARLY[weeks] not in states()
    assert min(opens(hospital)) == FIRST[weeks]
    first = iso_week_id(WEEKS_SERIES[weeks], FIRST[weeks])
    assert opened_on(FIRST[weeks]) == {first}

    series = aggregates.leaf_series("surgery", now=six_on(FIRST[weeks]))
    assert series is not None
    before = [week for week in series.points if week.wave != first]
    assert TOO_EARLY[weeks] in {week.wave for week in before}
    assert {week.state for week in before} == {WeekState.NOT_ASKED}
    assert [week.reason for week in before] == [planning.BEFORE_THE_FIRST] * len(before)
    assert min(week.week_of for week in before) >= date(2026, 11, 30)


@every_length
def test_a_later_choice_withdraws_what_was_announced_for_an_earlier_one(
    hospital: Institution, fernando: Person, weeks: int
) -> None:
    residents_in(hospital, "surgery", SIZES[weeks])
    actions.begin_on(by=fernando, monday=date(2026, 12, 7), now=NOW)
    jobs.tick(NOW)
    assert states()[TOO_EARLY[weeks]] == WaveState.ANNOUNCED

    actions.begin_on(by=fernando, monday=CHOSEN, now=NOW + timedelta(hours=1))

    assert states()[TOO_EARLY[weeks]] == WaveState.WITHDRAWN
    assert Wave.objects.get(pk=TOO_EARLY[weeks]).reason_es == "Se está preparando Callroom"
    assert opened_on(date(2026, 12, 7)) == set()


def test_after_a_round_was_opened_a_later_choice_only_skips_weeks(hospital: Institution, fernando: Person) -> None:
    residents_in(hospital, "surgery", SIZES[2])
    actions.begin_on(by=fernando, monday=date(2026, 12, 7), now=NOW)
    assert opened_on(date(2026, 12, 7)) == {TOO_EARLY[2]}

    actions.begin_on(by=fernando, monday=date(2026, 12, 21), now=six_on(date(2026, 12, 7)))

    hospital.refresh_from_db()
    assert hospital.first_round_on == date(2026, 12, 7)
    assert states()[TOO_EARLY[2]] == WaveState.OPEN
    assert date(2026, 12, 14) in set(SkippedWeek.objects.values_list("monday", flat=True))


def test_only_who_may_skip_weeks_chooses_and_only_a_monday(
    hospital: Institution, fernando: Person, oscar: Person
) -> None:
    resident = person_in(hospital, "Ana Paula Ríos", home="emergency")

    for person in (resident, oscar):
        with pytest.raises(NotYours):
            actions.begin_on(by=person, monday=CHOSEN, now=NOW)
        with pytest.raises(NotYours):
            endings.begin_on(by=person, monday=CHOSEN, now=NOW)
    with pytest.raises(endings.NotAMonday):
        endings.begin_on(by=fernando, monday=CHOSEN + timedelta(days=1), now=NOW)

    hospital.refresh_from_db()
    assert hospital.first_round_on is None


def test_home_calendar_and_list_of_keys_say_the_same(
    hospital: Institution, fernando: Person, sign_in: SignIn, settings: LazySettings
) -> None:
    settings.ANNOUNCE_WEEKS_AHEAD = 4
    surgeon = person_in(hospital, "Ema Salas", home="surgery")
    residents_in(hospital, "surgery", SIZES[2] - 1)
    promises.waive_all(units=["surgery"], by=fernando, reason_en="New.", reason_es="Nuevo.", now=NOW)
    jobs.tick(NOW)
    assert "7 December" in sign_in(surgeon).get("/in/").content.decode()
    assert opens(hospital)[date(2026, 12, 7)] == (2,)

    actions.begin_on(by=fernando, monday=CHOSEN, now=NOW)

    home = sign_in(surgeon).get("/in/").content.decode()
    assert "21 December" in home
    assert "7 December" not in home
    assert min(opens(hospital)) == date(2026, 12, 21)
    rounds = sign_in(fernando).get("/in/waves/").content.decode()
    assert "pulse-2/2026-W52" in rounds
    assert "pulse-2/2026-W50" not in rounds


def test_the_calendar_lists_no_round_of_the_time_before_there_was_a_plan(hospital: Institution) -> None:
    residents_in(hospital, "surgery", SIZES[2])
    assert min(opens(hospital)) > NOW.date()

    jobs.tick(NOW)

    assert min(opens(hospital)) > NOW.date()
    assert {week.closes for week in calendars.weeks(hospital, now=NOW) if week.monday < NOW.date()} == {()}


def test_where_rounds_were_asked_already_as_in_the_demo_nothing_changes(
    hospital: Institution, fernando: Person
) -> None:
    residents_in(hospital, "surgery", SIZES[2])
    plan = plan_for(hospital, date(2026, 3, 1), on=date(2026, 3, 2))
    past = publish_past(hospital, plan, lambda _leaf, _monday: 30, until=NOW)
    before = opens(hospital)
    assert past
    assert min(before) < NOW.date()

    actions.begin_on(by=fernando, monday=date(2026, 11, 30), now=NOW)

    assert hospital.first_round_on is None
    assert opens(hospital) == before
    assert set(states()) == {wave.pk for wave in past}
