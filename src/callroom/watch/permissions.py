"""Who may say that a signal has been seen: a leader of one of the units it is about, or a deputy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from callroom.people.models import Person
from callroom.people.policy import Action, NotYours, may


def may_acknowledge(person: Person, units: Iterable[str], *, now: datetime) -> bool:
    """Return whether this person leads one of these units or a unit above it now, or stands in for who does."""
    return any(may(person, Action.ACKNOWLEDGE_SIGNAL, now=now, unit=unit) for unit in units)


def check_may_acknowledge(person: Person, units: Iterable[str], *, now: datetime) -> None:
    """:raises NotYours: unless ``may_acknowledge`` says yes to the same question"""
    if not may_acknowledge(person, units, now=now):
        raise NotYours
