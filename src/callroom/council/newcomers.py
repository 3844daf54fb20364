"""Who came since there is a council, and waits for one of its members to say that they exist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from callroom.core.anonymity.council import Confirmation
from callroom.people.models import Institution, Membership
from callroom.people.states import UnitKind
from callroom.pulse import rules


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom no member has confirmed yet, with the first day in their present or next home programme."""

    id: str
    name: str
    unit: str
    unit_name: str
    from_on: date


def waiting(institution: Institution, *, now: datetime) -> tuple[Newcomer, ...]:
    """Return who waits, by programme and name. Whoever has left meanwhile does not wait any more."""
    homes = (
        Membership.objects.not_over(institution.day(now))
        .filter(home=True, unit__kind=UnitKind.PROGRAMME, person__is_active=True)
        .filter(person__in=[UUID(person) for person in rules.unconfirmed(institution)])
        .select_related("person", "unit")
        .order_by("from_on")
    )
    found: dict[str, Newcomer] = {}
    for home in homes:
        person = str(home.person_id)
        found.setdefault(person, Newcomer(person, home.person.name, home.unit_id, home.unit.name, home.from_on))
    return tuple(sorted(found.values(), key=lambda each: (each.unit_name, each.name, each.id)))


def confirmation(institution: Institution, persons: Collection[str], *, now: datetime) -> Confirmation | None:
    """Return what a member would sign about those of these people who wait; None for nobody, or without a council."""
    seated = rules.council(institution, now=now)
    chosen = sorted({each.id for each in waiting(institution, now=now)} & set(persons))
    if seated is None or not chosen:
        return None
    return Confirmation(rules.fingerprint_of(institution), seated.sha256, tuple(chosen))
