"""Who may answer a clock, and who may say what became of a promise. Roles and scopes are the policy table's."""

from __future__ import annotations

from datetime import datetime

from callroom.improvement.models import Clock, Promise
from callroom.people.models import Person
from callroom.people.policy import POLICY, Action, NotYours, Scope, standings_of, visible_units


def check_may_answer(person: Person, clock: Clock, *, now: datetime) -> None:
    """:raises NotYours: unless ``may_answer`` says yes to the same question"""
    if not may_answer(person, clock, now=now):
        raise NotYours


def may_answer(person: Person, clock: Clock, *, now: datetime) -> bool:
    """
    Return whether this person may answer: who leads the unit where the clock lies, or a unit that it is about.

    So the leaders of programmes that are counted together may answer for all of them, and who passed a clock on may
    still answer it.
    """
    if clock.institution_id != person.institution_id:
        return False
    units = {clock.holder_id, clock.unit_id, *clock.covers.values_list("pk", flat=True)}
    return visible_units(person, Action.ANSWER_CLOCK, now=now).filter(pk__in=units).exists()


def check_may_keep(person: Person, promise: Promise, *, now: datetime) -> None:
    """:raises NotYours: unless this person may say what became of the promise"""
    units = {promise.unit_id}
    if promise.answer is not None:
        units |= set(promise.answer.clock.covers.values_list("pk", flat=True))
    if not units & units_of_keeper(person, now=now):
        raise NotYours


def units_of_keeper(person: Person, *, now: datetime) -> set[str]:
    """Return the units of whose promises this person may say what became: a chief resident's own, a leader's and below."""
    standings = standings_of(person, person.institution.day(now))
    own = {row.unit for row in standings if POLICY[Action.KEEP_PROMISE].get(row.role) is Scope.OWN and row.unit}
    return own | set(visible_units(person, Action.KEEP_PROMISE, now=now).values_list("pk", flat=True))
