"""Asking the table. ``check_`` refuses aloud, ``may_`` asks; lists of what is visible come from the same rows."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet
from django.http import Http404

from callroom.people.models import EvaluatorAssignment, Membership, Person, RoleGrant, Unit
from callroom.people.policy.standing import standings_of, subtrees
from callroom.people.policy.table import POLICY, TWO_PEOPLE, Action, Scope
from callroom.people.states import EVALUATING, HELPING, Role


class NotYours(Http404):
    """The person may not do this. It looks like what is not there."""


def check_may(
    person: Person, action: Action, *, now: datetime, unit: str | None = None, about: Person | None = None
) -> None:
    """:raises NotYours: unless ``may`` says yes to the same question"""
    if not may(person, action, now=now, unit=unit, about=about):
        raise NotYours


def may(person: Person, action: Action, *, now: datetime, unit: str | None = None, about: Person | None = None) -> bool:
    """
    Return whether the table lets this person do this now.

    Without ``unit`` and ``about``: whether they may do it at all, for whomever or whatever. With ``unit`` (an id):
    for that unit as a whole. With ``about``: for that person.
    """
    scopes = _reach(person, action, person.institution.day(now))
    if not scopes:
        return False
    if unit is not None:
        return visible_units(person, action, now=now).filter(pk=unit).exists()
    if about is not None:
        return visible_people(person, action, now=now).filter(pk=about.pk).exists()
    return True


def visible_units(person: Person, action: Action, *, now: datetime) -> QuerySet[Unit]:
    """Return the units for which the table lets this person do this."""
    reach = _reach(person, action, person.institution.day(now))
    units = Unit.objects.filter(institution_id=person.institution_id)
    if Scope.INSTITUTION in reach:
        return units
    return units.filter(pk__in=subtrees(person.institution_id, reach.get(Scope.UNIT, ())))


def visible_people(person: Person, action: Action, *, now: datetime) -> QuerySet[Person]:
    """Return the people about whom the table lets this person do this."""
    day = person.institution.day(now)
    reach = _reach(person, action, day)
    people = Person.objects.filter(institution_id=person.institution_id)
    if Scope.INSTITUTION in reach:
        return people
    seen = {person.pk} if Scope.OWN in reach else set()
    units = subtrees(person.institution_id, reach.get(Scope.UNIT, ()))
    members = Membership.objects.on(day).filter(unit__in=units).values("person")
    holders = RoleGrant.objects.on(day).filter(unit__in=units).values("person")
    return people.filter(pk__in=seen) | people.filter(pk__in=members) | people.filter(pk__in=holders)


def check_may_jointly(first: Person, second: Person, action: Action, *, now: datetime) -> None:
    """
    Check an action that one person can never do alone: two different people, in either order, as ``TWO_PEOPLE`` says.

    :raises NotYours: for anybody else, and for one person twice
    """
    if first.pk == second.pk or first.institution_id != second.institution_id:
        raise NotYours
    rule = TWO_PEOPLE[action]
    day = first.institution.day(now)
    seconds = RoleGrant.objects.on(day).filter(
        institution_id=first.institution_id, role=rule.second, person__is_active=True
    )
    confirming = frozenset({rule.second}) if seconds.exists() else rule.until_then
    one, other = _roles(first, day), _roles(second, day)
    if not ((rule.first in one and confirming & other) or (rule.first in other and confirming & one)):
        raise NotYours


def evaluates(evaluator: Person, person: Person, *, now: datetime) -> bool:
    """
    Return whether one person evaluates another today: by assignment, or as a leader of a unit that holds them.

    It holds whoever counts in it or below it, and whoever rotates through it on the days of the rotation.
    """
    day = person.institution.day(now)
    if EvaluatorAssignment.objects.on(day).filter(evaluator=evaluator, person=person).exists():
        return True
    led = RoleGrant.objects.on(day).filter(person=evaluator, role__in=EVALUATING).values_list("unit_id", flat=True)
    units = subtrees(evaluator.institution_id, led)
    return Membership.objects.on(day).filter(person=person, unit__in=units).exists() and evaluator.pk != person.pk


def may_help(helper: Person, person: Person, role: Role, *, now: datetime) -> bool:
    """Return whether ``helper`` holds this helping role and may use it towards ``person``: an evaluator may not."""
    if role not in HELPING or helper.pk == person.pk:
        return False
    return role in _roles(helper, helper.institution.day(now)) and not evaluates(helper, person, now=now)


def check_may_help(helper: Person, person: Person, role: Role, *, now: datetime) -> None:
    """:raises NotYours: unless ``may_help`` says yes to the same question"""
    if not may_help(helper, person, role, now=now):
        raise NotYours


def _roles(person: Person, day: date) -> set[Role]:
    return {standing.role for standing in standings_of(person, day)}


def _reach(person: Person, action: Action, day: date) -> dict[Scope, list[str]]:
    """Return the scopes that the table gives, each with the units of the roles that give it."""
    reach: dict[Scope, list[str]] = {}
    for standing in standings_of(person, day):
        scope = POLICY[action].get(standing.role)
        if scope is not None:
            reach.setdefault(scope, []).extend([standing.unit] if standing.unit else [])
    return reach
