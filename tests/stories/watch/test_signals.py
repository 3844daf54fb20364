"""Signals follow from what is published and from nothing else; people can only say that they know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from callroom.audit.models import AuditRow
from callroom.audit.queries import verify
from callroom.audit.states import Tag
from callroom.people.models import Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.pulse.models import Plan, Wave
from callroom.pulse.states import WaveState
from callroom.watch import actions, aggregates, jobs
from callroom.watch.models import LeafEstimate, Signal, Watched
from callroom.watch.states import Ending, Stage
from tests.stories.watch.conftest import FELL, NOW, mean_of
from tests.world.history import publish_past
from tests.world.people import person_in


def rows() -> list[dict[str, Any]]:
    """Return everything that is kept about signals, but for its numbers."""
    kept: list[dict[str, Any]] = []
    for model in (LeafEstimate, Signal):
        kept += model.objects.order_by("leaf", "pk").values()
    return kept


def look_again(plan: Plan) -> None:
    """Look as if for the first time."""
    Watched.objects.all().delete()
    actions.look(institution=plan.institution, now=NOW)


def the_signal() -> Signal:
    return Signal.objects.get(leaf="emergency")


def void_since(first: date) -> None:
    """Let all weekly waves from this Monday on be voided after all."""
    for wave in Wave.objects.filter(weeks=1):
        if (wave.publishes_at - timedelta(days=7)).date() >= first:
            wave.state, wave.release = WaveState.VOIDED, ""
            wave.reason_en, wave.reason_es = "Keys were lost.", "Se perdieron las llaves."
            wave.save()


def test_the_falling_unit_has_a_signal_and_the_others_have_none(watched: Plan) -> None:
    signal = the_signal()

    assert Signal.objects.count() == 1
    assert signal.stage == Stage.RAISED
    assert signal.units == ["emergency"]
    assert FELL <= signal.raised_week <= FELL + timedelta(weeks=4)
    assert signal.start_low <= FELL <= signal.start_high
    assert signal.confirmed_week


def test_it_is_told_which_questions_fell_with_their_intervals(watched: Plan) -> None:
    row = aggregates.signals_of(watched.institution, "emergency")[0]

    assert {fall.item for fall in row.falls} == {"workload", "support", "voice"}
    assert [fall.change for fall in row.falls] == sorted(fall.change for fall in row.falls)
    for fall in row.falls:
        assert fall.low <= fall.change <= fall.high
        assert fall.clear
        assert fall.change == pytest.approx(-3.0, abs=0.3)


def test_looking_twice_changes_nothing(watched: Plan) -> None:
    before, trail = rows(), AuditRow.objects.count()

    assert not actions.look(institution=watched.institution, now=NOW)
    look_again(watched)

    assert rows() == before
    assert AuditRow.objects.count() == trail


def test_a_day_without_a_release_makes_no_new_look(watched: Plan) -> None:
    revision = Watched.objects.get().revision

    assert not actions.look(institution=watched.institution, now=NOW + timedelta(days=1))
    assert Watched.objects.get().revision == revision


def test_week_by_week_or_all_at_once_is_the_same(plan: Plan, at: Callable) -> None:
    publish_past(plan.institution, plan, mean_of, until=NOW)
    for weeks_ago in range(12, -1, -1):
        actions.look(institution=plan.institution, now=NOW - timedelta(weeks=weeks_ago))
    step_by_step = [{k: v for k, v in row.items() if k != "id"} for row in rows()]
    Signal.objects.all().delete()
    LeafEstimate.objects.all().delete()

    look_again(plan)

    assert [{k: v for k, v in row.items() if k != "id"} for row in rows()] == step_by_step


def test_nothing_is_known_before_it_is_published(past: Plan) -> None:
    actions.look(institution=past.institution, now=NOW - timedelta(seconds=1))
    before = LeafEstimate.objects.filter(leaf="emergency").order_by("week").last()

    actions.look(institution=past.institution, now=NOW)

    after = LeafEstimate.objects.filter(leaf="emergency").order_by("week").last()
    assert before
    assert after
    assert after.week == before.week + timedelta(weeks=1)


def test_a_signal_is_withdrawn_when_its_figures_are_voided(watched: Plan) -> None:
    void_since(FELL)

    look_again(watched)

    assert the_signal().stage == Stage.WITHDRAWN
    assert not LeafEstimate.objects.filter(leaf="emergency", week__gte=FELL).exists()
    assert aggregates.confirmed_declines(watched.institution, now=NOW) == ()
    assert AuditRow.objects.filter(tag=Tag.SIGNAL_WITHDRAWN).count() == 1
    before = rows()
    look_again(watched)
    assert rows() == before


def test_what_people_said_stays_with_the_decline_when_one_figure_goes(watched: Plan, elena: Person) -> None:
    signal = the_signal()
    actions.acknowledge(by=elena, signal_id=signal.pk, now=NOW)
    wave = next(
        w for w in Wave.objects.filter(weeks=1) if (w.publishes_at - timedelta(days=7)).date() == signal.raised_week
    )
    wave.state, wave.release = WaveState.VOIDED, ""
    wave.save()

    look_again(watched)

    again = the_signal()
    assert again.pk == signal.pk
    assert again.raised_week != signal.raised_week
    assert again.stage == Stage.ACKNOWLEDGED


def test_a_leaf_that_is_counted_no_more_has_no_open_signal(watched: Plan) -> None:
    payload = watched.payload
    payload["leaves"] = [leaf for leaf in payload["leaves"] if leaf["leaf"] != "emergency"]
    later = Plan(institution=watched.institution, academic_year=date(2027, 3, 1), made_on=date(2027, 3, 1))
    later.payload = payload | {"academic_year": "2027-03-01"}
    later.save()

    Watched.objects.all().delete()
    actions.look(institution=watched.institution, now=NOW.replace(year=2027, month=6))

    signal = the_signal()
    assert (signal.stage, signal.closed_why) == (Stage.CLOSED, Ending.REGROUPED)


def test_a_confirmed_decline_can_be_read_from_above(watched: Plan) -> None:
    (decline,) = aggregates.confirmed_declines(watched.institution, now=NOW)

    signal = the_signal()
    assert (decline.signal, decline.leaf, decline.units) == (signal.pk, "emergency", ("emergency",))
    assert (decline.start, decline.confirmed_week) == (signal.start, signal.confirmed_week)


def test_a_leader_above_acknowledges_once_and_everybody_reads_the_name(
    watched: Plan, elena: Person, at: Callable
) -> None:
    signal = the_signal()

    actions.acknowledge(by=elena, signal_id=signal.pk, now=NOW)
    actions.acknowledge(by=elena, signal_id=signal.pk, now=NOW + timedelta(hours=1))

    row = aggregates.signals_of(watched.institution, "emergency")[0]
    assert (row.stage, row.acknowledged_by, row.acknowledged_at) == (Stage.ACKNOWLEDGED, elena.name, NOW)
    entry = AuditRow.objects.get(tag=Tag.SIGNAL_ACKNOWLEDGED)
    assert (entry.by, entry.about) == (str(elena.pk), f"signal {signal.pk}")
    assert verify().fault is None


def test_a_deputy_acknowledges_and_is_named(watched: Plan, deputy: Person) -> None:
    actions.acknowledge(by=deputy, signal_id=the_signal().pk, now=NOW)

    assert aggregates.signals_of(watched.institution, "emergency")[0].acknowledged_by == deputy.name


def test_another_units_deputy_does_not(watched: Plan) -> None:
    other = person_in(watched.institution, "Dr. Olga Mar", role=Role.DEPUTY, unit="surgical")

    with pytest.raises(NotYours):
        actions.acknowledge(by=other, signal_id=the_signal().pk, now=NOW)


@pytest.mark.parametrize("name", ["ana", "bruno", "carmen", "dario", "fernando", "hector", "ines", "oscar"])
def test_nobody_else_acknowledges(watched: Plan, everybody: dict[str, Person], name: str) -> None:
    with pytest.raises(NotYours):
        actions.acknowledge(by=everybody[name], signal_id=the_signal().pk, now=NOW)

    assert the_signal().acknowledged_at is None


def test_a_signal_that_is_over_or_was_never_there_is_not_acknowledged(watched: Plan, elena: Person) -> None:
    signal = the_signal()
    void_since(FELL)
    look_again(watched)

    for number in (signal.pk, signal.pk + 999):
        with pytest.raises(actions.NoSuchSignal):
            actions.acknowledge(by=elena, signal_id=number, now=NOW)
        with pytest.raises(actions.NoSuchSignal):
            actions.mark_answered(signal_id=number, now=NOW)


def test_an_answer_outlasts_the_next_look(watched: Plan, elena: Person) -> None:
    signal = the_signal()
    actions.acknowledge(by=elena, signal_id=signal.pk, now=NOW)
    actions.mark_answered(signal_id=signal.pk, now=NOW)
    actions.mark_answered(signal_id=signal.pk, now=NOW + timedelta(days=1))

    look_again(watched)

    assert the_signal().stage == Stage.ANSWERED
    assert the_signal().answered_at == NOW
    assert AuditRow.objects.filter(tag=Tag.SIGNAL_ANSWERED).count() == 1


def test_every_change_a_reader_could_see_has_a_new_edition(watched: Plan, elena: Person) -> None:
    seen = {aggregates.edition(watched.institution)}
    actions.acknowledge(by=elena, signal_id=the_signal().pk, now=NOW)
    seen.add(aggregates.edition(watched.institution))
    void_since(FELL)
    look_again(watched)
    Watched.objects.update(revision=99)
    seen.add(aggregates.edition(watched.institution))

    assert len(seen) == 3


def test_before_the_institution_exists_the_worker_does_nothing(db: None) -> None:
    jobs.tick(NOW)

    assert not Watched.objects.exists()


def test_the_worker_looks_after_the_release(past: Plan) -> None:
    jobs.tick(NOW)

    assert the_signal().stage == Stage.RAISED


def test_an_institution_without_figures_has_nothing_to_say(plan: Plan) -> None:
    jobs.tick(NOW)

    assert aggregates.standings(plan.institution) == {}
    assert aggregates.confirmed_declines(plan.institution, now=NOW) == ()
