"""The door for pages about results: what is owed and promised for units. The same for every reader."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Max

from callroom.improvement import ledger
from callroom.improvement.ledger import AnswerRow, ClockRow, DelayRow, Ledger, PromiseRow, WaiverRow
from callroom.improvement.models import Clock, Delay, Promise, Waiver
from callroom.people import queries as people

__all__ = [
    "AnswerRow",
    "ClockRow",
    "DelayRow",
    "Ledger",
    "PromiseRow",
    "WaiverRow",
    "edition",
    "ledger_of",
]


def ledger_of(units: Iterable[str], *, above: Iterable[str] = (), now: datetime) -> Ledger:
    """Return what is owed and promised for these units; ``above``: units whose own commitments hold there, too."""
    return ledger.read(_today(now)).about(units, above)


def edition(*, now: datetime) -> str:
    """Return a name for everything that can be read here at this moment: equal names, equal answers."""
    known = (
        _today(now),  # what is late depends on the day
        Clock.objects.aggregate(Count("pk"), Max("changed_at")),
        Promise.objects.aggregate(Count("pk"), Max("changed_at")),
        Delay.objects.count(),
        Waiver.objects.count(),
    )
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _today(now: datetime) -> date:
    return people.current_institution().day(now)
