"""When clocks start, whom they ask, and what happens to them when units and leaders change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from callroom.improvement import jobs, ledger
from callroom.improvement.actions import answers, clocks
from callroom.improvement.actions.clocks import Decline
from callroom.improvement.models import Clock
from callroom.improvement.states import AskedThrough, Cause, ClockState
from callroom.people import actions as people
from callroom.people.models import Institution, Person, RoleGrant
from callroom.people.states import Role, UnitKind
from callroom.watch import aggregates as watch
from callroom.watch import jobs as watching
from tests.stories.improvement.conftest import FIRST, WORDS, clock_of, give_leave, give_role, monday
from tests.world.people import person_in

SignIn = Callable[[Person], Client]


def declines(hospital: Institution, *units: str, key: str, now: datetime) -> int:
    return clocks.start_for_declines(
        institution=hospital, declines=[Decline(units, key)], results=clocks.latest_results(now=now), now=now
    )


def decline(clock: Clock, by: Person, now: datetime) -> None:
    answers.decline(clock_id=clock.pk, by=by, words=WORDS, now=now)


class TestStarting:
    def test_nothing_published_starts_nothing(self, publish: Callable[..., None], elena: Person) -> None:
        jobs.tick(FIRST)

        assert not Clock.objects.exists()

    def test_the_first_result_starts_a_clock_of_two_weeks(self, started: Clock) -> None:
        assert (started.cause, started.started_on, started.due_on) == (
            Cause.FIRST,
            date(2026, 3, 9),
            date(2026, 3, 23),
        )

    def test_too_few_answers_are_no_result(self, publish: Callable[..., None], elena: Person) -> None:
        publish(FIRST, lambda leaf, week: None)
        jobs.tick(FIRST)

        assert not Clock.objects.exists()

    def test_looking_twice_starts_no_second_clock(self, started: Clock) -> None:
        before = Clock.objects.count()
        for minutes in (0, 10, 20):
            jobs.tick(FIRST + timedelta(minutes=minutes))

        assert Clock.objects.count() == before

    def test_an_answered_clock_is_followed_by_the_next_after_four_weeks(
        self, started: Clock, publish: Callable[..., None], director: Person
    ) -> None:
        decline(started, director, FIRST + timedelta(days=2))
        for week in (1, 2, 3):
            publish_week(publish, week)
            assert not Clock.objects.filter(unit="emergency", state=ClockState.RUNNING).exists(), week

        publish_week(publish, 4)

        assert clock_of("emergency").cause == Cause.FOUR_WEEKS
        assert clock_of("emergency").started_on == monday(4).date()

    def test_while_one_waits_no_other_starts_and_it_covers_every_result_up_to_the_answer(
        self, started: Clock, publish: Callable[..., None], director: Person
    ) -> None:
        for week in range(1, 7):
            publish_week(publish, week)
        assert Clock.objects.filter(unit="emergency").count() == 1

        decline(clock_of("emergency"), director, monday(6) + timedelta(hours=2))
        jobs.tick(monday(6) + timedelta(hours=3))

        assert not Clock.objects.filter(unit="emergency", state=ClockState.RUNNING).exists()
        publish_week(publish, 7)
        assert clock_of("emergency").cause == Cause.FOUR_WEEKS

    def test_no_new_result_starts_nothing(self, started: Clock, director: Person) -> None:
        decline(started, director, FIRST)

        jobs.tick(monday(9))

        assert not Clock.objects.filter(unit="emergency", state=ClockState.RUNNING).exists()


class TestDeclines:
    def test_a_confirmed_decline_starts_a_clock_at_once(
        self, hospital: Institution, started: Clock, publish: Callable[..., None], director: Person
    ) -> None:
        decline(started, director, FIRST)
        publish_week(publish, 1)

        assert declines(hospital, "emergency", key="signal/7", now=monday(1)) == 1

        assert clock_of("emergency").cause == Cause.DECLINE

    def test_one_decline_starts_one_clock(self, hospital: Institution, started: Clock, director: Person) -> None:
        decline(started, director, FIRST)
        declines(hospital, "emergency", key="signal/1", now=FIRST)
        decline(clock_of("emergency"), director, FIRST)

        assert declines(hospital, "emergency", key="signal/1", now=FIRST) == 0

    def test_a_running_clock_learns_of_it_and_keeps_its_day(self, hospital: Institution, started: Clock) -> None:
        assert declines(hospital, "emergency", key="signal/1", now=FIRST + timedelta(days=3)) == 0

        clock = clock_of("emergency")
        assert (clock.pk, clock.cause, clock.due_on) == (started.pk, Cause.DECLINE, started.due_on)


def test_a_decline_that_is_watched_starts_the_clock_and_learns_of_the_answer(
    hospital: Institution, publish: Callable[..., None], director: Person, elena: Person, hector: Person
) -> None:
    """From the published figures through the watch to the clock, and back with the answer."""
    publish(monday(37), fallen)
    for week in range(20, 38):
        watching.tick(monday(week))
    (confirmed,) = watch.confirmed_declines(hospital, now=monday(37))

    jobs.tick(monday(37))

    clock = clock_of("emergency")
    assert (clock.cause, clock.signal) == (Cause.DECLINE, f"signal/{confirmed.signal}")
    decline(clock, director, monday(37))
    found = watch.signal(hospital, confirmed.signal)
    assert found
    assert found.answered_at == monday(37)
    for hours in (1, 2):
        jobs.tick(monday(37) + timedelta(hours=hours))
    assert Clock.objects.filter(signal=clock.signal).count() == 1
    assert not Clock.objects.filter(unit="emergency", state=ClockState.RUNNING).exists()


def fallen(leaf: str, week: date) -> int:
    """Return what is published: three points less in Emergency Medicine from the last day of August on."""
    return 66 if leaf != "emergency" or week < date(2026, 8, 31) else 30


@pytest.fixture
def falling(
    hospital: Institution, publish: Callable[..., None], director: Person, elena: Person, hector: Person
) -> Clock:
    """Return the clock that the four weeks started, whose residents have fallen; the signal is not known to it."""
    publish(monday(29), fallen)
    for week in range(20, 30):
        watching.tick(monday(week))
    clocks.start_due(institution=hospital, results=clocks.latest_results(now=monday(29)), now=monday(29))
    return clock_of("emergency")


def signal_of(hospital: Institution) -> watch.SignalRow:
    (signal,) = watch.signals_of(hospital, "emergency")
    return signal


class TestSignals:
    """An answer covers every open signal of the units that it is about, whatever started its clock."""

    def test_an_answer_to_any_clock_answers_the_units_open_signal(
        self, hospital: Institution, falling: Clock, director: Person
    ) -> None:
        assert falling.signal == ""
        decline(falling, director, monday(29))

        assert signal_of(hospital).answered_at == monday(29)

    def test_the_signal_leads_to_the_answer_and_the_clock_to_the_result(
        self, falling: Clock, director: Person, ana: Person, at: Callable[[datetime], None], sign_in: SignIn
    ) -> None:
        at(monday(29))
        reader = sign_in(ana)
        assert '<a class="link" href="/in/results/emergency/">' in reader.get("/in/promises/").content.decode()
        results = ("/in/results/emergency/", "/in/results/emergency/why/")
        for address in results:
            assert "Read the answer" not in reader.get(address).content.decode(), address

        decline(falling, director, monday(29))

        for address in results:
            assert '<a class="link" href="/in/promises/emergency/">' in reader.get(address).content.decode(), address

    def test_passing_it_on_answers_nothing(self, hospital: Institution, falling: Clock, director: Person) -> None:
        answers.pass_on(
            clock_id=falling.pk, by=director, words=WORDS, from_unit="emergency", to_unit="medicine", now=monday(29)
        )

        assert signal_of(hospital).answered_at is None

    def test_another_units_answer_does_not(self, hospital: Institution, falling: Clock, surgeon: Person) -> None:
        decline(clock_of("surgery"), surgeon, monday(29))

        assert signal_of(hospital).answered_at is None

    def test_nor_one_from_before_its_figure_was_published(
        self, hospital: Institution, falling: Clock, director: Person
    ) -> None:
        before = datetime.combine(signal_of(hospital).raised_week + timedelta(days=6), FIRST.timetz())
        decline(falling, director, before)

        assert signal_of(hospital).answered_at is None

    def test_a_decline_that_is_confirmed_after_its_answer_starts_one_clock_and_no_second(
        self, hospital: Institution, falling: Clock, director: Person
    ) -> None:
        """The answer came before anybody knew that the decline holds against the whole institution."""
        decline(falling, director, monday(29))

        jobs.tick(monday(29) + timedelta(hours=1))
        clock = clock_of("emergency")
        assert clock.cause == Cause.DECLINE
        decline(clock, director, monday(29) + timedelta(hours=2))
        jobs.tick(monday(29) + timedelta(hours=3))

        assert not Clock.objects.filter(unit="emergency", state=ClockState.RUNNING).exists()
        assert signal_of(hospital).answered_at == monday(29)


class TestWhoIsAsked:
    def test_its_leader(self, started: Clock) -> None:
        assert (started.asked_unit_id, started.asked_through) == ("emergency", AskedThrough.LEADER)

    def test_a_merged_leaf_asks_the_lowest_unit_that_contains_it(self, started: Clock) -> None:
        together = clock_of("san-rafael")

        assert {unit.pk for unit in together.covers.all()} == {"dermatology", "urology"}
        assert not Clock.objects.filter(unit__in=["dermatology", "urology"]).exists()

    def test_the_leaders_of_its_units_may_answer_together(self, hospital: Institution, started: Clock) -> None:
        skin = person_in(hospital, "Dr. Tania Sol", role=Role.LEADER, unit="dermatology")

        decline(clock_of("san-rafael"), skin, FIRST)

        assert not Clock.objects.filter(unit="san-rafael", state=ClockState.RUNNING).exists()

    def test_the_deputy_while_the_leader_is_away(self, hospital: Institution, started: Clock, director: Person) -> None:
        person_in(hospital, "Nora Paz", role=Role.DEPUTY, unit="emergency")
        give_leave(director, FIRST.date())

        jobs.tick(FIRST + timedelta(minutes=10))

        assert clock_of("emergency").asked_through == AskedThrough.DEPUTY

    def test_the_only_leader_away_and_no_deputy_goes_one_level_up(
        self, started: Clock, director: Person, elena: Person
    ) -> None:
        give_leave(director, FIRST.date(), FIRST.date() + timedelta(days=5))
        jobs.tick(FIRST + timedelta(days=1))
        clock = clock_of("emergency")
        assert (clock.asked_unit_id, clock.asked_through) == ("medicine", AskedThrough.ABOVE)

        jobs.tick(FIRST + timedelta(days=6))

        assert clock_of("emergency").asked_through == AskedThrough.LEADER

    def test_a_vacancy_goes_up_until_somebody_is_there(self, started: Clock, hospital: Institution) -> None:
        RoleGrant.objects.filter(role=Role.LEADER).update(to_on=date(2026, 3, 10))

        jobs.tick(FIRST + timedelta(days=3))

        clock = clock_of("emergency")
        assert (clock.asked_unit_id, clock.asked_through) == ("san-rafael", AskedThrough.ABOVE)

    def test_nobody_at_all_is_said(self, started: Clock) -> None:
        RoleGrant.objects.all().update(to_on=date(2026, 3, 10))

        jobs.tick(FIRST + timedelta(days=3))

        assert clock_of("emergency").asked_through == AskedThrough.NOBODY

    def test_who_is_away_and_who_has_left_are_not_asked(self, started: Clock, director: Person, elena: Person) -> None:
        people.offboard(by=None, person=director, now=FIRST)

        jobs.tick(FIRST + timedelta(days=1))

        assert clock_of("emergency").asked_unit_id == "medicine"


class TestUnitsThatChange:
    """A clock runs on whatever happens to its unit, and somebody is asked."""

    def test_renamed(self, hospital: Institution, started: Clock) -> None:
        people.place_unit(
            institution=hospital, unit="emergency", name_en="Acute Medicine", kind=UnitKind.PROGRAMME, parent="medicine"
        )

        (row,) = (clock for clock in ledger.read(FIRST.date()).waiting if clock.unit == "emergency")

        assert row.unit_name == "Acute Medicine"
        assert row.id == started.pk

    def test_moved_below_another_department(self, hospital: Institution, started: Clock, director: Person) -> None:
        chair = person_in(hospital, "Dr. Olga Mar", role=Role.LEADER, unit="surgical")
        people.place_unit(
            institution=hospital, unit="emergency", name_en="Emergency", kind=UnitKind.PROGRAMME, parent="surgical"
        )
        give_leave(director, FIRST.date())

        jobs.tick(FIRST + timedelta(minutes=10))

        assert clock_of("emergency").asked_unit_id == "surgical"
        decline(clock_of("emergency"), chair, FIRST)

    def test_closed(self, hospital: Institution, started: Clock, director: Person, elena: Person) -> None:
        """Nobody is left in it: the clock waits for the unit above, visibly."""
        people.offboard(by=None, person=director, now=FIRST)
        for person in Person.objects.filter(memberships__unit="emergency"):
            people.offboard(by=None, person=person, now=FIRST)

        jobs.tick(FIRST + timedelta(days=20))

        (row,) = (clock for clock in ledger.read(monday(3).date()).waiting if clock.unit == "emergency")
        assert row.is_late
        assert row.asked_through is AskedThrough.ABOVE
        decline(clock_of("emergency"), elena, monday(3))

    def test_merged_while_both_wait(self, hospital: Institution, started: Clock, surgeon: Person) -> None:
        """Each answers for what was published about it; the common leaf starts none before."""
        result = clocks.LeafResult(("emergency", "surgery"), date(2026, 3, 9))

        assert clocks.start_due(institution=hospital, results=[result], now=monday(1)) == 0

        assert {clock_of("emergency").results_until, clock_of("surgery").results_until} == {date(2026, 3, 9)}

    def test_merged_after_both_were_answered(
        self, hospital: Institution, started: Clock, director: Person, surgeon: Person
    ) -> None:
        decline(clock_of("emergency"), director, FIRST)
        decline(clock_of("surgery"), surgeon, FIRST)
        decline(clock_of("san-rafael"), Person.objects.get(external_id="hector"), FIRST)
        result = clocks.LeafResult(("emergency", "surgery"), date(2026, 4, 6))

        assert clocks.start_due(institution=hospital, results=[result], now=monday(5)) == 1

        assert {unit.pk for unit in clock_of("san-rafael").covers.all()} == {"emergency", "surgery"}

    def test_split(self, hospital: Institution, started: Clock, hector: Person) -> None:
        """The common clock is about both until it is answered; four weeks later each has its own."""
        parts = [clocks.LeafResult((unit,), date(2026, 4, 6)) for unit in ("dermatology", "urology")]
        assert clocks.start_due(institution=hospital, results=parts, now=monday(5)) == 0

        decline(clock_of("san-rafael"), hector, monday(5))
        later = [clocks.LeafResult(part.units, date(2026, 4, 13)) for part in parts]

        assert clocks.start_due(institution=hospital, results=later, now=monday(6)) == 2

    def test_a_second_leaf_below_the_same_unit_joins_its_clock(self, hospital: Institution, started: Clock) -> None:
        result = clocks.LeafResult(("north", "south"), date(2026, 3, 2))

        clocks.start_due(institution=hospital, results=[result], now=FIRST)

        assert {unit.pk for unit in clock_of("san-rafael").covers.all()} == {"dermatology", "urology", "north", "south"}


def publish_week(publish: Callable[..., None], week: int) -> None:
    """Let a week pass: only what is not published yet is published."""
    from callroom.pulse.models import ChainPayload, Wave

    Wave.objects.all().delete()
    ChainPayload.objects.all().delete()
    publish(monday(week))
    jobs.tick(monday(week))


@pytest.mark.parametrize("role", [Role.CHIEF, Role.FACULTY, Role.COORDINATOR, Role.MENTOR])
def test_no_other_role_answers(role: Role, hospital: Institution, started: Clock) -> None:
    other = person_in(hospital, "Tomas Vega")
    give_role(other, role, "emergency")

    with pytest.raises(answers.NotYours):
        decline(started, other, FIRST)
