"""The three answers, what becomes of promises, commitments and waivers; each refused case beside the allowed one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection

from callroom.audit.models import AuditRow
from callroom.improvement import ledger, readiness
from callroom.improvement.actions import answers, promises
from callroom.improvement.actions.answers import AnsweredAlready, BadDay, CannotTakeIt, MovedMeanwhile, Words
from callroom.improvement.actions.promises import EndedAlready, WaivedAlready
from callroom.improvement.models import Answer, Clock, Promise, Waiver
from callroom.improvement.states import PromiseState
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.rights.queries import own_copy
from tests.stories.improvement.conftest import FIRST, WORDS, clock_of, give_leave, give_role, monday
from tests.world.people import person_in, residents_in

DUE = date(2026, 4, 30)


def promised(clock: Clock, by: Person, *, due_on: date = DUE, days: int = 1) -> Promise:
    return answers.promise(
        clock_id=clock.pk, by=by, words=WORDS, who=by.name, due_on=due_on, now=FIRST + timedelta(days=days)
    )


def passed(clock: Clock, by: Person, from_unit: str, to_unit: str, days: int = 1) -> Answer:
    return answers.pass_on(
        clock_id=clock.pk, by=by, words=WORDS, from_unit=from_unit, to_unit=to_unit, now=FIRST + timedelta(days=days)
    )


class TestPromising:
    def test_we_will(self, started: Clock, director: Person) -> None:
        promise = promised(started, director)

        started.refresh_from_db()
        assert (started.state, started.ended_on, started.days_late) == ("answered", date(2026, 3, 10), 0)
        assert (promise.unit_id, promise.what, promise.due_on) == ("emergency", WORDS.text, DUE)
        assert list(AuditRow.objects.order_by("seq").values_list("tag", flat=True))[-2:] == [
            "clock-answered",
            "promise-made",
        ]

    def test_whoever_leads_the_unit_or_one_above_may(
        self, started: Clock, elena: Person, hector: Person, surgeon: Person
    ) -> None:
        with pytest.raises(NotYours):
            promised(started, surgeon)
        promised(started, elena)
        promised(clock_of("surgery"), hector)

    def test_a_leader_on_leave_may_still_answer(self, started: Clock, director: Person) -> None:
        give_leave(director, FIRST.date())

        assert promised(started, director).pk

    def test_late_is_kept(self, started: Clock, director: Person) -> None:
        promised(started, director, days=20)

        started.refresh_from_db()
        assert started.days_late == 6

    @pytest.mark.parametrize("due_on", [date(2026, 3, 9), date(2027, 4, 1)])
    def test_no_day_that_is_over_or_too_far(self, due_on: date, started: Clock, director: Person) -> None:
        with pytest.raises(BadDay):
            promised(started, director, due_on=due_on)
        assert clock_of("emergency").pk == started.pk

    def test_a_second_answer_is_refused_and_writes_nothing(
        self, started: Clock, director: Person, elena: Person
    ) -> None:
        promised(started, director)

        with pytest.raises(AnsweredAlready):
            promised(started, elena)
        assert Promise.objects.count() == 1

    def test_we_will_not(self, started: Clock, director: Person) -> None:
        answers.decline(clock_id=started.pk, by=director, words=WORDS, now=FIRST)

        (row,) = (clock for clock in ledger.read(FIRST.date()).said)
        assert row.answers[-1].because == WORDS.text
        assert not Promise.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_end_in_one(started: Clock, director: Person, elena: Person, hector: Person) -> None:
    ready, outcomes = threading.Barrier(3), []

    def answer(person: Person) -> None:
        ready.wait(timeout=20)
        try:
            promised(started, person)
            outcomes.append("published")
        except AnsweredAlready:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=(person,)) for person in (director, elena, hector)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(outcomes) == ["published", "too late", "too late"]
    assert Promise.objects.count() == Answer.objects.count() == 1


class TestPassingOn:
    def test_passed_on_it_runs_on_and_stays_visible_with_both(self, started: Clock, director: Person) -> None:
        passed(started, director, "emergency", "medicine", days=5)

        clock = clock_of("emergency")
        assert (clock.holder_id, clock.asked_unit_id, clock.due_on) == ("medicine", "medicine", date(2026, 3, 28))
        known = ledger.read(date(2026, 3, 20))
        for unit in ("emergency", "medicine"):
            (row,) = (each for each in known.about([unit]).waiting if each.id == clock.pk)
            assert row.was_passed_on
            assert row.answers[0].from_name == "Emergency Medicine"

    def test_the_receiver_answers(self, started: Clock, director: Person, elena: Person) -> None:
        passed(started, director, "emergency", "medicine")

        assert promised(started, elena, days=3).unit_id == "emergency"

    def test_who_passed_it_on_may_still_answer(self, started: Clock, director: Person) -> None:
        passed(started, director, "emergency", "san-rafael")

        assert promised(started, director, days=3).pk

    def test_never_back(self, started: Clock, director: Person, elena: Person) -> None:
        passed(started, director, "emergency", "medicine")

        with pytest.raises(CannotTakeIt):
            passed(started, elena, "medicine", "emergency")

    def test_not_more_than_three_times(self, started: Clock, director: Person, elena: Person, hector: Person) -> None:
        chair = person_in(Institution.objects.get(), "Dr. Olga Mar", role=Role.LEADER, unit="surgical")
        passed(started, director, "emergency", "medicine")
        passed(started, elena, "medicine", "surgical")
        passed(started, chair, "surgical", "san-rafael")

        with pytest.raises(CannotTakeIt):
            passed(started, hector, "san-rafael", "urology")

    def test_not_to_a_unit_for_which_the_same_people_answer(self, started: Clock, elena: Person) -> None:
        """Dermatology has no leader: its chair would only gain two weeks."""
        passed(started, elena, "emergency", "medicine")

        assert "dermatology" not in readiness.receivers(clock_of("emergency"), FIRST.date())

    def test_not_where_nobody_is_and_not_to_a_unit_that_is_not_there(self, started: Clock, director: Person) -> None:
        with pytest.raises(NotYours):
            passed(started, director, "emergency", "nowhere")

    def test_two_who_pass_it_on_at_once(self, started: Clock, director: Person, elena: Person) -> None:
        passed(started, director, "emergency", "san-rafael")

        with pytest.raises(MovedMeanwhile):
            passed(started, elena, "emergency", "medicine")
        assert clock_of("emergency").holder_id == "san-rafael"

    def test_a_new_day_makes_it_late_again(self, started: Clock, director: Person) -> None:
        passed(started, director, "emergency", "medicine")

        (row,) = (each for each in ledger.read(date(2026, 4, 1)).waiting if each.unit == "emergency")
        assert row.is_late
        assert row.days_late == 8


class TestWhatBecomesOfIt:
    def delay(self, promise: Promise, by: Person, to: date) -> None:
        promises.delay(
            promise_id=promise.pk,
            by=by,
            words=Words("en", "", "The badge reader was missing."),
            due_on=to,
            now=monday(8),
        )

    def end(self, promise: Promise, by: Person, state: PromiseState = PromiseState.KEPT, weeks: int = 6) -> None:
        promises.end(promise_id=promise.pk, by=by, state=state, outcome="It is there.", now=monday(weeks))

    def test_kept(self, started: Clock, director: Person) -> None:
        promise = promised(started, director)
        self.end(promise, director)

        (row,) = ledger.read(date(2026, 5, 1)).ended
        assert (row.state, row.days_late, row.is_late) == (PromiseState.KEPT, 0, False)

    def test_a_delay_stays_visible_after_the_promise_is_kept(self, started: Clock, director: Person) -> None:
        promise = promised(started, director)
        self.delay(promise, director, date(2026, 5, 20))
        self.end(promise, director, weeks=10)

        (row,) = ledger.read(date(2026, 6, 1)).ended
        assert (row.state, row.days_late) == (PromiseState.KEPT, 18)
        assert [late.reason for late in row.delays] == ["The badge reader was missing."]

    def test_a_new_day_is_later(self, started: Clock, director: Person) -> None:
        promise = promised(started, director, due_on=date(2026, 6, 1))

        with pytest.raises(BadDay):
            self.delay(promise, director, date(2026, 6, 1))

    def test_not_kept(self, started: Clock, director: Person) -> None:
        promise = promised(started, director)
        self.end(promise, director, PromiseState.NOT_KEPT)

        assert ledger.read(date(2026, 5, 1)).ended[0].state is PromiseState.NOT_KEPT

    def test_said_once(self, started: Clock, director: Person) -> None:
        promise = promised(started, director)
        self.end(promise, director)

        with pytest.raises(EndedAlready):
            self.end(promise, director, PromiseState.NOT_KEPT)
        with pytest.raises(EndedAlready):
            self.delay(promise, director, date(2026, 6, 1))

    def test_the_chief_resident_owns_it_too_and_a_resident_does_not(
        self, started: Clock, director: Person, bruno: Person, ana: Person
    ) -> None:
        promise = promised(started, director)

        with pytest.raises(NotYours):
            self.end(promise, ana)
        self.end(promise, bruno)

    def test_a_chief_resident_answers_no_clock(self, started: Clock, bruno: Person) -> None:
        with pytest.raises(NotYours):
            promised(started, bruno)


class TestBeforeTheFirstRound:
    """A unit that was never asked waits for a commitment or a waiver; one that was asked does not."""

    @pytest.fixture
    def staffed_hospital(self, hospital: Institution) -> Institution:
        for unit in ("emergency", "surgery"):
            residents_in(hospital, unit, 3)
        return hospital

    def commit(self, unit: str, by: Person) -> Promise:
        return promises.commit(unit=unit, by=by, words=WORDS, who=by.name, due_on=DUE, now=FIRST)

    def test_nobody_was_asked(self, staffed_hospital: Institution) -> None:
        assert readiness.held_back(now=FIRST) == {"emergency", "surgery"}

    def test_the_leaders_commitment(self, staffed_hospital: Institution, director: Person) -> None:
        self.commit("emergency", director)

        assert readiness.held_back(now=FIRST) == {"surgery"}

    def test_a_chair_commits_for_programmes_without_a_leader_of_their_own(
        self, staffed_hospital: Institution, elena: Person
    ) -> None:
        self.commit("medicine", elena)

        assert readiness.held_back(now=FIRST) == {"surgery"}

    def test_and_not_for_those_that_have_one(
        self, staffed_hospital: Institution, elena: Person, director: Person
    ) -> None:
        self.commit("medicine", elena)

        assert readiness.held_back(now=FIRST) == {"emergency", "surgery"}

    def test_only_who_leads_the_unit_commits(self, staffed_hospital: Institution, director: Person) -> None:
        with pytest.raises(NotYours):
            self.commit("surgery", director)

    def test_the_coordinator_waives_it_and_everybody_reads_why(
        self, staffed_hospital: Institution, fernando: Person, elena: Person
    ) -> None:
        with pytest.raises(NotYours):
            promises.waive(unit="surgery", by=elena, reason_en="a", reason_es="b", now=FIRST)
        promises.waive(unit="surgery", by=fernando, reason_en="New chair.", reason_es="Hay nueva jefa.", now=FIRST)

        assert readiness.held_back(now=FIRST) == {"emergency"}
        assert ledger.read(FIRST.date()).waivers[0].reason == {"en": "New chair.", "es": "Hay nueva jefa."}
        assert AuditRow.objects.filter(tag="commitment-waived", about="surgery").exists()
        with pytest.raises(WaivedAlready):
            promises.waive(unit="surgery", by=fernando, reason_en="a", reason_es="b", now=FIRST)
        assert Waiver.objects.count() == 1

    def test_who_was_asked_before_is_not_held_up(self, publish: Callable[..., None]) -> None:
        publish(FIRST)

        assert readiness.held_back(now=FIRST) == frozenset()


@pytest.mark.django_db(databases=["default", "issuing"])
def test_what_a_leader_said_and_was_written_is_in_their_own_copy(
    started: Clock, director: Person, elena: Person
) -> None:
    promised(started, director)

    rows = own_copy(director, now=FIRST)["said_as_a_leader"]

    assert {row["what"] for row in rows} == {"letter: started", "answer: will", "promise"}
    (made,) = (row for row in rows if row["what"] == "promise")
    assert made == {
        "what": "promise", "day": "2026-03-10", "unit": "emergency",
        "words": [WORDS.heard, WORDS.text, director.name],
    }  # fmt: skip
    assert {row["what"] for row in own_copy(elena, now=FIRST)["said_as_a_leader"]} <= {"letter: started"}


def test_every_answer_is_in_the_trail(started: Clock, director: Person, hector: Person) -> None:
    passed(started, director, "emergency", "san-rafael")
    answers.decline(clock_id=started.pk, by=hector, words=WORDS, now=FIRST)

    said = AuditRow.objects.filter(about=f"clock/{started.pk}").order_by("seq")
    assert [(row.tag, row.by) for row in said] == [
        ("clock-started", ""),
        ("clock-passed", str(director.pk)),
        ("clock-answered", str(hector.pk)),
    ]
    assert WORDS.text not in str(list(said.values()))


def test_a_deputy_answers(hospital: Institution, started: Clock) -> None:
    nora = person_in(hospital, "Nora Paz")
    with pytest.raises(NotYours):
        promised(started, nora)
    give_role(nora, Role.DEPUTY, "emergency")

    assert promised(started, nora).by == nora
