"""The door for pages about results: what is owed and promised for units. The same for every reader."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Max

from callroom.improvement import ledger, showing
from callroom.improvement.ledger import Ledger, PromiseRow
from callroom.improvement.models import Clock, Delay, Promise, Waiver
from callroom.improvement.remeasuring import with_readings
from callroom.improvement.showing import Card, SaidCard, Ticket
from callroom.people import queries as people
from callroom.pulse import aggregates as pulse

__all__ = ["Card", "Ledger", "Owed", "SaidCard", "Ticket", "edition", "ledger_now", "owed", "state_of"]

MOST_CARRIED: Final = 3
ENDED_SHOWN: Final = 3
"""Promises that ended lately and stay beside those that are open; as many more stay whose residents were asked about them."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed and promised to a unit, ready to be shown: clocks that wait, open promises, what ended, refusals."""

    clocks: tuple[Card, ...] = ()
    promised: tuple[Ticket, ...] = ()
    ended: tuple[Ticket, ...] = ()
    said: tuple[SaidCard, ...] = ()

    @property
    def anything(self) -> bool:
        """Is there anything to show?"""
        return bool(self.clocks or self.promised or self.ended or self.said)

    @property
    def carried(self) -> tuple[Ticket, ...]:
        """The few that a phone brings along to the page that says thanks: the soonest, then what ended lately."""
        return (*self.promised, *self.ended)[:MOST_CARRIED]

    @property
    def silent(self) -> tuple[Card, ...]:
        """The clocks whose time is over."""
        return tuple(card for card in self.clocks if card.late)


def ledger_now(*, now: datetime) -> Ledger:
    """Return everything that is owed and promised in the institution; ``Ledger.about`` takes out a unit's part."""
    return with_readings(ledger.read(_today(now)), now=now)


def owed(known: Ledger) -> Owed:
    """Return a ledger, or a unit's part of it, as it is shown."""
    return Owed(
        clocks=showing.cards(known.waiting),
        promised=showing.tickets(known.open),
        ended=showing.tickets(_ended(known), known.readings, known.not_asked),
        said=tuple(showing.said(clock, clock.answers[-1]) for clock in known.said[:1]),
    )


def _ended(known: Ledger) -> tuple[PromiseRow, ...]:
    """Return what ended last, and what ended before that and is asked about now: an answer must not come after its promise has gone."""
    earlier = [row for row in known.ended[ENDED_SHOWN:] if row.id in known.asked_about]
    return (*known.ended[:ENDED_SHOWN], *earlier[:ENDED_SHOWN])


def state_of(known: Ledger) -> tuple[str, str]:
    """Return one state for a row of a table, and its kind (kept, due or late); both empty where nothing is owed."""
    return showing.summary(known.waiting, known.open, known.ended)


def edition(*, now: datetime) -> str:
    """Return a name for everything that can be read here at this moment: equal names, equal answers."""
    known = (
        _today(now),  # what is late depends on the day
        Clock.objects.aggregate(Count("pk"), Max("changed_at")),
        Promise.objects.aggregate(Count("pk"), Max("changed_at")),
        Delay.objects.count(),
        Waiver.objects.count(),
        pulse.edition(now=now),  # what residents were asked about promises
    )
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _today(now: datetime) -> date:
    return people.current_institution().day(now)
