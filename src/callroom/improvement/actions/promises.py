"""What becomes of a promise, the first commitment of a unit, and the coordinator's waiver of it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from django.db import IntegrityError, transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.improvement.actions.answers import BadDay, Words, check_day
from callroom.improvement.models import Delay, Promise, Waiver
from callroom.improvement.permissions import check_may_keep
from callroom.improvement.states import NEXT_PROMISE_STATES, PromiseState
from callroom.people.models import Person
from callroom.people.policy import Action, NotYours, check_may


class EndedAlready(Exception):
    """Somebody said before what became of this promise; nothing was written."""


class WaivedAlready(Exception):
    """The commitment of this unit was waived before."""


@dataclass(frozen=True, slots=True)
class Ended:
    """It was kept, or it was not and why."""

    state: PromiseState
    outcome: str
    language: str


@dataclass(frozen=True, slots=True)
class Later:
    """It gets a later day, because of ``words.text``."""

    words: Words
    due_on: date


def tell(*, promise_id: int, by: Person, said: Ended | Later, now: datetime) -> None:
    """Say what became of a promise; raises what ``end`` and ``delay`` raise."""
    match said:
        case Ended(state, outcome, language):
            end(promise_id=promise_id, by=by, state=state, outcome=outcome, language=language, now=now)
        case Later(words, due_on):
            delay(promise_id=promise_id, by=by, words=words, due_on=due_on, now=now)
        case _:
            assert_never(said)


@transaction.atomic
def end(
    *, promise_id: int, by: Person, state: PromiseState, outcome: str, now: datetime, language: str = ""
) -> Promise:
    """
    Say that a promise was kept, or that it was not and why (``outcome``; without a language, in that of the promise).

    :raises NotYours: for whom the promise is not there
    :raises EndedAlready: when that was said before
    """
    promise = _open(promise_id, by, now)
    if state is PromiseState.OPEN or state not in NEXT_PROMISE_STATES[PromiseState(promise.state)]:
        raise EndedAlready
    promise.state, promise.outcome, promise.outcome_language = state, outcome, language
    promise.ended_on, promise.changed_at = by.institution.day(now), now
    promise.save(update_fields=["state", "outcome", "outcome_language", "ended_on", "changed_at"])
    audit.record(
        by=str(by.pk), tag=Tag.PROMISE_ENDED, about=f"promise/{promise.pk}", now=now, details={"state": state.value}
    )
    return promise


@transaction.atomic
def delay(*, promise_id: int, by: Person, words: Words, due_on: date, now: datetime) -> Delay:
    """
    Give a promise a later day and say why (``words.text``). Both stay visible for good.

    :raises NotYours: for whom the promise is not there
    :raises EndedAlready: when it was kept, or given up
    :raises BadDay: for a day that is not later than the one that holds, or more than a year away
    """
    promise = _open(promise_id, by, now)
    day = by.institution.day(now)
    check_day(due_on, day)
    if due_on <= promise.due_on:
        raise BadDay
    late = Delay.objects.create(
        institution=promise.institution,
        promise=promise,
        old_due_on=promise.due_on,
        new_due_on=due_on,
        language=words.language,
        reason=words.text,
        by=by,
        said_on=day,
    )
    promise.due_on, promise.changed_at = due_on, now
    promise.save(update_fields=["due_on", "changed_at"])
    audit.record(
        by=str(by.pk), tag=Tag.PROMISE_DELAYED, about=f"promise/{promise.pk}", now=now,
        details={"from": late.old_due_on.isoformat(), "to": due_on.isoformat()},
    )  # fmt: skip
    return late


@transaction.atomic
def commit(*, unit: str, by: Person, words: Words, who: str, due_on: date, now: datetime) -> Promise:
    """
    Promise something without a clock: the dated commitment that a unit needs before it is asked for the first time.

    :raises NotYours: for who does not lead the unit
    :raises BadDay: for a day that is over, or more than a year away
    """
    check_may(by, Action.ANSWER_CLOCK, now=now, unit=unit)
    day = by.institution.day(now)
    check_day(due_on, day)
    made = Promise.objects.create(
        institution=by.institution,
        unit_id=unit,
        language=words.language,
        heard=words.heard,
        what=words.text,
        who=who,
        made_on=day,
        due_on=due_on,
        by=by,
        changed_at=now,
    )
    audit.record(by=str(by.pk), tag=Tag.PROMISE_MADE, about=f"promise/{made.pk}", now=now, details={"unit": unit})
    return made


@transaction.atomic
def waive(*, unit: str, by: Person, reason_en: str, reason_es: str, now: datetime) -> Waiver:
    """
    Let a unit be asked before anybody committed to anything. Everybody in the institution reads the reason.

    :raises NotYours: for anybody but a coordinator
    :raises WaivedAlready: for the second time
    """
    check_may(by, Action.WAIVE_COMMITMENT, now=now, unit=unit)
    try:
        with transaction.atomic():
            waiver = Waiver.objects.create(
                institution=by.institution,
                unit_id=unit,
                reason_en=reason_en,
                reason_es=reason_es,
                by=by,
                said_on=by.institution.day(now),
            )
    except IntegrityError as error:
        raise WaivedAlready from error
    audit.record(by=str(by.pk), tag=Tag.COMMITMENT_WAIVED, about=unit, now=now)
    return waiver


@transaction.atomic
def waive_all(*, units: Iterable[str], by: Person, reason_en: str, reason_es: str, now: datetime) -> None:
    """Waive the commitments of several units with one reason; those that were waived before keep their own."""
    for unit in units:
        with suppress(WaivedAlready):
            waive(unit=unit, by=by, reason_en=reason_en, reason_es=reason_es, now=now)


def _open(promise_id: int, by: Person, now: datetime) -> Promise:
    """Return an open promise, held until the transaction ends."""
    # Only the promise is locked: PostgreSQL cannot lock the outer side of a join that may be empty.
    promise = Promise.objects.select_for_update().filter(pk=promise_id, institution=by.institution).first()
    if promise is None:
        raise NotYours
    check_may_keep(by, promise, now=now)
    if promise.state != PromiseState.OPEN:
        raise EndedAlready
    return promise
