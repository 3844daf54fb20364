"""A made-up clock to practise on. Nothing here is stored, and no real unit has its name."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext, override

from callroom.improvement.actions.answers import PassOn, Said, Will, WillNot, Words
from callroom.improvement.ledger import AnswerRow, ClockRow, PromiseRow
from callroom.improvement.showing import SaidCard, Ticket, ticket
from callroom.improvement.showing import said as said_card
from callroom.improvement.states import TIME_TO_ANSWER, AnswerKind, AskedThrough, Cause, PromiseState
from callroom.people.queries import UnitRow
from callroom.people.states import UnitKind

UNIT = "practice-unit"
DAYS_USED = 4


def made_up_clock(day: date) -> ClockRow:
    """Return a clock of a unit that does not exist, four days old."""
    name = gettext("Practice unit")
    started = day - timedelta(days=DAYS_USED)
    return ClockRow(
        id=0,
        unit=UNIT,
        unit_name=name,
        holder=UNIT,
        holder_name=name,
        covers=(UNIT,),
        cover_names=(name,),
        cause=Cause.DECLINE,
        is_running=True,
        started_on=started,
        due_on=started + TIME_TO_ANSWER,
        ended_on=None,
        days=TIME_TO_ANSWER.days,
        days_used=DAYS_USED,
        days_left=TIME_TO_ANSWER.days - DAYS_USED,
        days_late=0,
        asked_name=name,
        asked_through=AskedThrough.LEADER,
        answers=(),
    )


def made_up_receivers() -> tuple[UnitRow, ...]:
    """Return a unit that does not exist either, to pass the clock to."""
    with override("en"):
        english = gettext("Practice department")
    with override("es"):
        spanish = gettext("Practice department")
    return (UnitRow("practice-department", UnitKind.DEPARTMENT, None, 0, english, spanish),)


def outcome(clock: ClockRow, said: Said, *, by: str, day: date) -> Ticket | SaidCard:
    """Return what residents would see now: a ticket, or what was said instead of a promise."""
    match said:
        case Will(words, who, due_on):
            return ticket(_promise(clock, words, who, day, due_on))
        case WillNot(words):
            return said_card(clock, _answer(clock, AnswerKind.WILL_NOT, words, by, day))
        case PassOn(words):
            return said_card(clock, _answer(clock, AnswerKind.PASSED, words, by, day))


def _promise(clock: ClockRow, words: Words, who: str, day: date, due_on: date) -> PromiseRow:
    return PromiseRow(
        id=0,
        unit=clock.unit,
        unit_name=clock.unit_name,
        about=clock.covers,
        heard=words.heard,
        what=words.text,
        who=who,
        language=words.language,
        made_on=day,
        due_on=due_on,
        state=PromiseState.OPEN,
        ended_on=None,
        outcome="",
        outcome_language="",
        days_late=0,
        is_late=False,
        delays=(),
    )


def _answer(clock: ClockRow, kind: AnswerKind, words: Words, by: str, day: date) -> AnswerRow:
    to_name = made_up_receivers()[0].name if kind is AnswerKind.PASSED else ""
    due_on = day + TIME_TO_ANSWER if kind is AnswerKind.PASSED else None
    return AnswerRow(kind, words.heard, words.text, words.language, clock.unit_name, to_name, due_on, by, day)
