"""The leader's desk and the ledger as pages show them: what to do comes first, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext

from callroom.improvement import showing
from callroom.improvement.ledger import ClockRow, Ledger, PromiseRow, WaiverRow
from callroom.improvement.queries import Desk, FirstPromise
from callroom.improvement.showing import Card, SaidCard, Ticket
from callroom.improvement.states import ClockState
from callroom.kit.wording import day

ENDED_SHOWN: Final = 12
"""Of the whole institution; a unit's own page shows all of its own."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what, why it waits, and where."""

    what: str
    why: str
    late: bool
    address: str
    link: str


@dataclass(frozen=True, slots=True)
class Owned:
    """A promise in the leader's own list."""

    ticket: Ticket
    address: str


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What a leader finds: a sentence, what to do, the clocks, what was promised, what residents were asked about it."""

    headline: str
    tasks: tuple[Task, ...]
    clocks: tuple[Card, ...]
    promised: tuple[Owned, ...]
    asked: tuple[Ticket, ...]
    ended: tuple[Ticket, ...]
    may_answer: bool
    first: FirstPromise | None


@dataclass(frozen=True, slots=True)
class Past:
    """One clock that was answered: a line of a unit's history."""

    unit: str
    since: str
    what: str
    late: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """What is owed, what is promised, what was said otherwise, and what became of it. ``unit``: of one unit only."""

    unit: str
    headline: str
    silent: tuple[Card, ...]
    waiting: tuple[Card, ...]
    open: tuple[Ticket, ...]
    said: tuple[SaidCard, ...]
    ended: tuple[Ticket, ...]
    past: tuple[Past, ...]
    waivers: tuple[WaiverRow, ...]

    @property
    def all(self) -> tuple[Card, ...]:
        """All clocks that wait, the silent ones first."""
        return (*self.silent, *self.waiting)


def desk(mine: Desk) -> DeskPage:
    """Return a leader's desk."""
    tasks = (*_clock_tasks(mine.clocks), *_promise_tasks(mine.promises))
    return DeskPage(
        headline=_desk_headline(mine),
        tasks=tasks,
        clocks=showing.cards(mine.clocks),
        promised=tuple(Owned(showing.ticket(row), reverse("improvement:keep", args=[row.id])) for row in mine.promises),
        asked=showing.tickets(mine.asked, mine.readings, mine.not_asked),
        ended=showing.tickets(mine.ended, (), mine.not_asked),
        may_answer=bool(mine.units),
        first=mine.first,
    )


def ledger(known: Ledger, *, unit: str = "") -> LedgerPage:
    """Return the ledger of the institution, or of one unit with all its past."""
    silent = tuple(clock for clock in known.waiting if clock.is_late)
    return LedgerPage(
        unit=unit,
        headline=_ledger_headline(len(silent), len(known.waiting) - len(silent), len(known.open)),
        silent=showing.cards(silent),
        waiting=showing.cards(clock for clock in known.waiting if not clock.is_late),
        open=showing.tickets(known.open),
        said=tuple(showing.said(clock, clock.answers[-1]) for clock in known.said),
        ended=showing.tickets(known.ended if unit else known.ended[:ENDED_SHOWN], known.readings, known.not_asked),
        past=tuple(_past(clock) for clock in known.clocks if not clock.is_running) if unit else (),
        waivers=known.waivers,
    )


def _desk_headline(mine: Desk) -> str:
    clocks = mine.clocks
    if mine.first and not clocks:
        return gettext("Your residents wait for your first promise.")
    if not clocks:
        return gettext("No result waits for your answer.")
    late = sum(clock.is_late for clock in clocks)
    if late:
        return gettext("Your residents wait: the time to answer is over.")
    return gettext("Your residents wait for an answer until %(day)s.") % {"day": day(clocks[0].due_on)}


def _clock_tasks(clocks: tuple[ClockRow, ...]) -> Iterator[Task]:
    for clock in clocks:
        yield Task(
            what=showing.headline(clock),
            why=showing.about(clock),
            late=clock.is_late,
            address=reverse("improvement:answer", args=[clock.id]),
            link=gettext("Write the answer"),
        )


def _promise_tasks(promises: tuple[PromiseRow, ...]) -> Iterator[Task]:
    for row in promises:
        if row.days_late:
            yield Task(
                what=gettext("Say what became of it: %(what)s") % {"what": row.what},
                why=showing.state_of(row),
                late=True,
                address=reverse("improvement:keep", args=[row.id]),
                link=gettext("Kept, not kept or a new date"),
            )


def _ledger_headline(silent: int, waiting: int, promised: int) -> str:
    if silent:
        return gettext("Some leaders have not answered.")
    if waiting:
        return gettext("Some results wait for an answer.")
    return gettext("Every result has its answer.") if promised else gettext("Nothing is owed or promised yet.")


def _past(clock: ClockRow) -> Past:
    last = clock.answers[-1] if clock.answers else None
    return Past(
        unit=clock.unit_name,
        since=day(clock.started_on),
        what=str((last.kind if last else ClockState.ANSWERED).label),
        late=showing.days_late(clock.days_late) if clock.days_late else gettext("in time"),
    )
