"""Which units can take a clock, and which cannot be asked for the first time yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from callroom.improvement.leadership import Leadership, way_up
from callroom.improvement.models import Clock, Promise, Waiver
from callroom.improvement.states import MOST_PASSES, AnswerKind
from callroom.people import queries as people
from callroom.people.models import Unit
from callroom.pulse import aggregates


def receivers(clock: Clock, day: date) -> tuple[str, ...]:
    """Return the units that can still take a clock: none that had it, and only where somebody can answer by then."""
    passed = list(clock.answers.filter(kind=AnswerKind.PASSED).values_list("from_unit_id", flat=True))
    if len(passed) >= MOST_PASSES:
        return ()
    had = {*passed, clock.holder_id}
    units = Unit.objects.filter(institution=clock.institution).exclude(pk__in=had).values_list("pk", flat=True)
    leadership = Leadership.on(day)
    now_asked = leadership.asked_for(clock.holder_id).persons
    # Passing it to a unit for which the very same people answer would only buy time.
    return tuple(unit for unit in units if leadership.asked_for(unit).persons not in {(), now_asked})


def held_back(now: datetime) -> frozenset[str]:
    """
    Return the programmes that are not asked yet: never asked before, without a commitment, without a waiver.

    A commitment or waiver counts for a programme when it is its own, or that of a unit above it up to the one whose
    leader answers for it. So a chair commits for the programmes that have no leader of their own.
    """
    return frozenset(_waiting(now, Leadership.on(people.current_institution().day(now))))


def first_promises_of(person: UUID, *, now: datetime) -> Mapping[str, str]:
    """
    Return the programmes that wait for this person's first promise, each with the unit for which they make it.

    These are the ones held back for which this person is asked today, as for the answer of a clock.
    """
    leadership = Leadership.on(people.current_institution().day(now))
    asked = {unit: leadership.asked_for(unit) for unit in _waiting(now, leadership)}
    return {unit: found.unit for unit, found in asked.items() if person in found.persons}


def _waiting(now: datetime, leadership: Leadership) -> Iterator[str]:
    committed = {*Promise.objects.values_list("unit_id", flat=True), *Waiver.objects.values_list("unit_id", flat=True)}
    for unit in aggregates.never_asked(now=now):
        if not committed & set(_up_to(unit, leadership.asked_for(unit).unit, leadership.parents)):
            yield unit


def _up_to(unit: str, last: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    way = way_up(unit, parents)
    return way[: way.index(last) + 1]
