"""Clocks and promises as pages need them: frozen rows, read once, with names in the language that is active."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from callroom.improvement.models import Answer, Clock, Delay, Promise, Waiver
from callroom.improvement.states import AnswerKind, AskedThrough, Cause, ClockState, PromiseState, WhyNotAsked
from callroom.people import queries as people
from callroom.pulse.promises import Reading

REMEMBERED: Final = timedelta(days=120)
"""How long an answer or an ended promise stays on pages that are not a history."""


@dataclass(frozen=True, slots=True)
class DelayRow:
    """A promise got a new day."""

    old_due_on: date
    new_due_on: date
    reason: str
    language: str


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise and everything that became of it. ``days_late``: after the first day that was named."""

    id: int
    unit: str
    unit_name: str
    about: tuple[str, ...]
    heard: str
    what: str
    who: str
    language: str
    made_on: date
    due_on: date
    state: PromiseState
    ended_on: date | None
    outcome: str
    outcome_language: str
    days_late: int
    is_late: bool
    delays: tuple[DelayRow, ...]

    @property
    def is_open(self) -> bool:
        """Is it still to be kept?"""
        return self.state is PromiseState.OPEN


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One thing that was said to a clock, by whom."""

    kind: AnswerKind
    heard: str
    because: str
    language: str
    from_name: str
    to_name: str
    due_on: date | None
    by: str
    said_on: date


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock. ``days_used`` of ``days``, ``days_left`` (0 on the last day); ``days_late`` once its time is over."""

    id: int
    unit: str
    unit_name: str
    holder: str
    holder_name: str
    covers: tuple[str, ...]
    cover_names: tuple[str, ...]
    cause: Cause
    is_running: bool
    started_on: date
    due_on: date
    ended_on: date | None
    days: int
    days_used: int
    days_left: int
    days_late: int
    asked_name: str
    asked_through: AskedThrough
    answers: tuple[AnswerRow, ...]

    @property
    def is_late(self) -> bool:
        """Has its time passed without an answer?"""
        return self.is_running and self.days_late > 0

    @property
    def was_passed_on(self) -> bool:
        """Does it lie with another unit than the one that owes the answer?"""
        return self.holder != self.unit


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """A unit was asked before its first commitment, and why, in both languages."""

    unit: str
    unit_name: str
    reason: Mapping[str, str]
    said_on: date


@dataclass(frozen=True, slots=True)
class NotAsked:
    """
    A question about a kept promise that will not be asked any more.

    ``label``: of the leaf that was asked the first question and not the second; none where nobody was asked the first.
    """

    promise: int
    item: str
    why: WhyNotAsked
    label: Mapping[str, str] | None = None
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    Clocks, promises and waivers: running and open ones, and what ended lately.

    ``readings``: what residents were asked about promises that were kept, and what was published of it; ``not_asked``: what
    they will not be asked.
    """

    clocks: tuple[ClockRow, ...]
    promises: tuple[PromiseRow, ...]
    waivers: tuple[WaiverRow, ...]
    readings: tuple[Reading, ...] = ()
    not_asked: tuple[NotAsked, ...] = ()

    def about(self, units: Iterable[str], above: Iterable[str] = ()) -> Ledger:
        """Return what is about these programmes or lies with these units; ``above``: whose commitments hold there, too."""
        here, higher = set(units), set(above)
        return Ledger(
            tuple(clock for clock in self.clocks if here & {clock.unit, clock.holder, *clock.covers}),
            tuple(
                row for row in self.promises if here & {row.unit, *row.about} or (not row.about and row.unit in higher)
            ),
            tuple(row for row in self.waivers if row.unit in here | higher),
            tuple(reading for reading in self.readings if here & set(reading.units)),
            tuple(each for each in self.not_asked if not each.units or here & set(each.units)),
        )

    @property
    def waiting(self) -> tuple[ClockRow, ...]:
        """The clocks that wait, the soonest due first."""
        return tuple(sorted((clock for clock in self.clocks if clock.is_running), key=lambda clock: clock.due_on))

    @property
    def open(self) -> tuple[PromiseRow, ...]:
        """The promises that are still to be kept, the soonest first."""
        return tuple(sorted((row for row in self.promises if row.is_open), key=lambda row: row.due_on))

    @property
    def ended(self) -> tuple[PromiseRow, ...]:
        """The promises of which it is known what became of them, the latest first."""
        done = [(row.ended_on, row) for row in self.promises if row.ended_on]
        return tuple(row for _day, row in sorted(done, key=lambda pair: pair[0], reverse=True))

    @property
    def asked_about(self) -> frozenset[int]:
        """The promises that residents were asked about."""
        return frozenset(reading.promise for reading in self.readings)

    @property
    def said(self) -> tuple[ClockRow, ...]:
        """The clocks that were answered without a promise, the latest first."""
        return tuple(
            clock
            for clock in self.clocks
            if not clock.is_running and clock.answers and clock.answers[-1].kind is AnswerKind.WILL_NOT
        )


def read(day: date) -> Ledger:
    """Return everything that runs or is open on this day, and what ended in the last months."""
    since = day - REMEMBERED
    return Ledger(
        clocks_in(Clock.objects.filter(Q(state=ClockState.RUNNING) | Q(ended_on__gte=since)), day),
        promises_in(Promise.objects.filter(Q(state=PromiseState.OPEN) | Q(ended_on__gte=since)), day),
        _waivers(),
    )


def clocks_in(clocks: QuerySet[Clock], day: date) -> tuple[ClockRow, ...]:
    """Return these clocks as rows, in their order."""
    names = _names()
    found = clocks.prefetch_related("covers")
    said = _by(Answer.objects.filter(clock__in=clocks).select_related("by"), "clock_id")
    return tuple(_clock(clock, said.get(clock.pk, []), names, day) for clock in found)


def promises_in(promises: QuerySet[Promise], day: date) -> tuple[PromiseRow, ...]:
    """Return these promises as rows, in their order."""
    names = _names()
    found = promises.select_related("answer").prefetch_related("answer__clock__covers")
    late = _by(Delay.objects.filter(promise__in=promises), "promise_id")
    return tuple(_promise(row, late.get(row.pk, []), names, day) for row in found)


Row = TypeVar("Row", Answer, Delay)


def _by(rows: QuerySet[Row], key: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows.order_by("pk"):
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _names() -> dict[str, str]:
    return {row.id: row.name for row in people.units_tree()}


def _clock(clock: Clock, said: list[Answer], names: Mapping[str, str], day: date) -> ClockRow:
    covers = tuple(sorted((unit.pk for unit in clock.covers.all()), key=lambda unit: names[unit].casefold()))
    began = said[-1].said_on if said and said[-1].kind == AnswerKind.PASSED else clock.started_on
    running = clock.state == ClockState.RUNNING
    days = (clock.due_on - began).days
    return ClockRow(
        id=clock.pk,
        unit=clock.unit_id,
        unit_name=names[clock.unit_id],
        holder=clock.holder_id,
        holder_name=names[clock.holder_id],
        covers=covers,
        cover_names=tuple(names[unit] for unit in covers),
        cause=Cause(clock.cause),
        is_running=running,
        started_on=clock.started_on,
        due_on=clock.due_on,
        ended_on=clock.ended_on,
        days=days,
        days_used=min(days, max(0, (day - began).days)),
        days_left=max(0, (clock.due_on - day).days),
        days_late=max(0, (day - clock.due_on).days) if running else clock.days_late,
        asked_name=names[clock.asked_unit_id],
        asked_through=AskedThrough(clock.asked_through),
        answers=tuple(_answer(answer, names) for answer in said),
    )


def _answer(answer: Answer, names: Mapping[str, str]) -> AnswerRow:
    return AnswerRow(
        kind=AnswerKind(answer.kind),
        heard=answer.heard,
        because=answer.because,
        language=answer.language,
        from_name=names[answer.from_unit_id],
        to_name=names.get(answer.to_unit_id or "", ""),
        due_on=answer.due_on,
        by=answer.by.name or gettext("a leader who has left"),
        said_on=answer.said_on,
    )


def _promise(row: Promise, late: list[Delay], names: Mapping[str, str], day: date) -> PromiseRow:
    first_due_on = late[0].old_due_on if late else row.due_on
    until = row.ended_on or day
    covers = [unit.pk for unit in row.answer.clock.covers.all()] if row.answer else []
    return PromiseRow(
        id=row.pk,
        unit=row.unit_id,
        unit_name=names[row.unit_id],
        about=tuple(sorted(covers)),
        heard=row.heard,
        what=row.what,
        who=row.who,
        language=row.language,
        made_on=row.made_on,
        due_on=row.due_on,
        state=PromiseState(row.state),
        ended_on=row.ended_on,
        outcome=row.outcome,
        outcome_language=row.outcome_language or row.language,
        days_late=max(0, (until - first_due_on).days),
        is_late=until > row.due_on or bool(late),
        delays=tuple(DelayRow(one.old_due_on, one.new_due_on, one.reason, one.language) for one in late),
    )


def _waivers() -> tuple[WaiverRow, ...]:
    names = _names()
    return tuple(
        WaiverRow(row.unit_id, names[row.unit_id], {"en": row.reason_en, "es": row.reason_es}, row.said_on)
        for row in Waiver.objects.all()
    )
