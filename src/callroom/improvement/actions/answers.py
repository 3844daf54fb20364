"""The three answers to a clock. Each checks who answers, holds the clock while it writes, and is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.improvement.leadership import Leadership
from callroom.improvement.models import Answer, Clock, Promise
from callroom.improvement.permissions import check_may_answer
from callroom.improvement.readiness import receivers
from callroom.improvement.states import LONGEST_PROMISE, TIME_TO_ANSWER, AnswerKind, ClockState
from callroom.people.models import Person, Unit
from callroom.people.policy import NotYours
from callroom.watch import actions as watch


class AnsweredAlready(Exception):
    """Somebody answered this clock before; nothing was written."""


class MovedMeanwhile(Exception):
    """The clock was passed on after this page was opened; nothing was written."""


class BadDay(Exception):
    """The day lies in the past, or too far ahead."""


class CannotTakeIt(Exception):
    """That unit had this clock before, or it was passed on often enough, or nobody is there who could answer."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a leader wrote, and in which language."""

    language: str
    heard: str
    text: str


@dataclass(frozen=True, slots=True)
class Will:
    """We will: ``words.text``, by this day; ``who`` is a role or a member of staff."""

    words: Words
    who: str
    due_on: date


@dataclass(frozen=True, slots=True)
class WillNot:
    """We will not, because of ``words.text``."""

    words: Words


@dataclass(frozen=True, slots=True)
class PassOn:
    """Not ours to fix: passed to ``to_unit``. ``from_unit``: where the clock lay when the page was opened."""

    words: Words
    from_unit: str
    to_unit: str


Said = Will | WillNot | PassOn


def answer(*, clock_id: int, by: Person, said: Said, now: datetime) -> None:
    """Give one of the three answers to a clock; raises what ``promise``, ``decline`` and ``pass_on`` raise."""
    match said:
        case Will(words, who, due_on):
            promise(clock_id=clock_id, by=by, words=words, who=who, due_on=due_on, now=now)
        case WillNot(words):
            decline(clock_id=clock_id, by=by, words=words, now=now)
        case PassOn(words, from_unit, to_unit):
            pass_on(clock_id=clock_id, by=by, words=words, from_unit=from_unit, to_unit=to_unit, now=now)
        case _:
            assert_never(said)


@transaction.atomic
def promise(*, clock_id: int, by: Person, words: Words, who: str, due_on: date, now: datetime) -> Promise:
    """
    Answer "we will": what was heard, what will be done (``words.text``), by whom and by which day.

    :raises NotYours: for whom the clock is not there
    :raises AnsweredAlready: when somebody was faster
    :raises BadDay: for a day that is over, or more than a year away
    """
    clock = _running(clock_id, by, now)
    check_day(due_on, by.institution.day(now))
    answer = _ended(clock, AnswerKind.WILL, by, words, now)
    made = Promise.objects.create(
        institution=clock.institution,
        unit=clock.unit,
        answer=answer,
        language=words.language,
        heard=words.heard,
        what=words.text,
        who=who,
        made_on=answer.said_on,
        due_on=due_on,
        by=by,
        changed_at=now,
    )
    audit.record(by=str(by.pk), tag=Tag.PROMISE_MADE, about=f"promise/{made.pk}", now=now)
    return made


@transaction.atomic
def decline(*, clock_id: int, by: Person, words: Words, now: datetime) -> Answer:
    """
    Answer "we will not, because" (``words.text``).

    :raises NotYours: for whom the clock is not there
    :raises AnsweredAlready: when somebody was faster
    """
    return _ended(_running(clock_id, by, now), AnswerKind.WILL_NOT, by, words, now)


@transaction.atomic
def pass_on(*, clock_id: int, by: Person, words: Words, from_unit: str, to_unit: str, now: datetime) -> Answer:
    """
    Answer "not ours to fix": the clock goes on with ``to_unit``, which has two weeks, and stays visible with both.

    ``from_unit``: where the clock lay when the reader opened the page.

    :raises NotYours: for whom the clock is not there, and for an unknown unit
    :raises AnsweredAlready: when somebody was faster
    :raises MovedMeanwhile: when somebody passed it on meanwhile
    :raises CannotTakeIt: to a unit that had it before, or where nobody could answer, or after three times
    """
    clock = _running(clock_id, by, now)
    day = by.institution.day(now)
    if clock.holder_id != from_unit:
        raise MovedMeanwhile
    if not Unit.objects.filter(institution=clock.institution, pk=to_unit).exists():
        raise NotYours
    if to_unit not in receivers(clock, day):
        raise CannotTakeIt
    asked = Leadership.on(day).asked_for(to_unit)
    answer = Answer.objects.create(
        institution=clock.institution,
        clock=clock,
        kind=AnswerKind.PASSED,
        language=words.language,
        heard=words.heard,
        because=words.text,
        from_unit_id=from_unit,
        to_unit_id=to_unit,
        due_on=day + TIME_TO_ANSWER,
        by=by,
        said_on=day,
    )
    clock.holder_id, clock.due_on, clock.changed_at = to_unit, day + TIME_TO_ANSWER, now
    clock.asked_unit_id, clock.asked_through = asked.unit, asked.through
    clock.save(update_fields=["holder", "due_on", "changed_at", "asked_unit", "asked_through"])
    audit.record(
        by=str(by.pk), tag=Tag.CLOCK_PASSED, about=f"clock/{clock.pk}", now=now,
        details={"from": from_unit, "to": to_unit},
    )  # fmt: skip
    return answer


def check_day(due_on: date, today: date) -> None:
    """:raises BadDay: unless the day is today or later, and within a year"""
    if not today <= due_on <= today + LONGEST_PROMISE:
        raise BadDay


def _running(clock_id: int, by: Person, now: datetime) -> Clock:
    """Return a running clock, held until the transaction ends."""
    clock = Clock.objects.select_for_update().filter(pk=clock_id, institution=by.institution).first()
    if clock is None:
        raise NotYours
    check_may_answer(by, clock, now=now)
    if clock.state != ClockState.RUNNING:
        raise AnsweredAlready
    return clock


def _ended(clock: Clock, kind: AnswerKind, by: Person, words: Words, now: datetime) -> Answer:
    day = by.institution.day(now)
    answer = Answer.objects.create(
        institution=clock.institution,
        clock=clock,
        kind=kind,
        language=words.language,
        heard=words.heard,
        because=words.text if kind is AnswerKind.WILL_NOT else "",
        from_unit_id=clock.holder_id,
        by=by,
        said_on=day,
    )
    clock.state, clock.ended_on, clock.changed_at = ClockState.ANSWERED, day, now
    clock.days_late = max(0, (day - clock.due_on).days)
    clock.save(update_fields=["state", "ended_on", "days_late", "changed_at"])
    _tell_watch(clock, now)
    audit.record(
        by=str(by.pk), tag=Tag.CLOCK_ANSWERED, about=f"clock/{clock.pk}", now=now, details={"kind": kind.value}
    )
    return answer


def _tell_watch(clock: Clock, now: datetime) -> None:
    """Say beside the open signals of the units that the clock is about that there is an answer."""
    units = clock.covers.values_list("pk", flat=True)
    watch.mark_answered_about(institution=clock.institution, units=units, now=now)
