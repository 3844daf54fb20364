"""What a person is on a day: the roles that count in the policy table, each with its unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from callroom.people.models import Membership, Person, RoleGrant, Unit
from callroom.people.states import Role, UnitKind


@dataclass(frozen=True, slots=True)
class Standing:
    """A role in a unit; ``unit`` is ``None`` for what everyone is who is signed in."""

    role: Role
    unit: str | None


def standings_of(person: Person, day: date) -> tuple[Standing, ...]:
    """Return what this person is on this day. Who has left is nothing at all."""
    if not person.is_active:
        return ()
    homes = Membership.objects.on(day).filter(person=person, home=True, unit__kind=UnitKind.PROGRAMME)
    grants = RoleGrant.objects.on(day).filter(person=person)
    return (
        Standing(Role.ANYONE, None),
        *(Standing(Role.RESIDENT, unit) for unit in homes.values_list("unit_id", flat=True)),
        *(Standing(Role(role), unit) for role, unit in grants.values_list("role", "unit_id")),
    )


def is_asked(person: Person, day: date) -> bool:
    """Return whether this person can be asked in a wave: then nothing dated is written when they come by."""
    return any(standing.role is Role.RESIDENT for standing in standings_of(person, day))


def subtrees(institution_id: UUID, roots: Iterable[str]) -> frozenset[str]:
    """Return these units' ids and those of everything below them."""
    children: dict[str | None, list[str]] = {}
    for unit, parent in Unit.objects.filter(institution_id=institution_id).values_list("id", "parent_id"):
        children.setdefault(parent, []).append(unit)
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting.extend(children.get(unit, ()))
    return frozenset(found)
