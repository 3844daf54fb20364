"""Who is asked for a unit's answer today: its leader, the deputy, or one level up. Nothing says why: leave is private."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from callroom.improvement.states import AskedThrough
from callroom.people import queries as people
from callroom.people.states import Role

LEADS: Final = frozenset({Role.LEADER})
LEADS_THE_INSTITUTION: Final = frozenset({Role.LEADER, Role.EXECUTIVE})
STANDS_IN: Final = frozenset({Role.DEPUTY})


@dataclass(frozen=True, slots=True)
class Asked:
    """The unit whose leadership is asked, how it came to that, and the people."""

    unit: str
    through: AskedThrough
    persons: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Leadership:
    """Who leads and who stands in, in every unit, as of one day. Who is away is not in it."""

    parents: Mapping[str, str | None]
    holders: tuple[tuple[str, Role, UUID], ...]

    @classmethod
    def on(cls, day: date) -> Leadership:
        """Return it as it is on this day."""
        parents = {row.id: row.parent for row in people.units_tree()}
        return cls(parents, people.holders_present(LEADS_THE_INSTITUTION | STANDS_IN, day))

    def asked_for(self, unit: str) -> Asked:
        """
        Return who is asked for the answer of a unit.

        Its leaders; while they are away or the post is vacant, its deputies; else the same one level up, and so on.
        """
        way = way_up(unit, self.parents)
        for place in way:
            leads = LEADS_THE_INSTITUTION if place == way[-1] else LEADS
            for roles, through in ((leads, AskedThrough.LEADER), (STANDS_IN, AskedThrough.DEPUTY)):
                persons = self._holding(place, roles)
                if persons:
                    return Asked(place, through if place == unit else AskedThrough.ABOVE, persons)
        return Asked(way[-1], AskedThrough.NOBODY, ())

    def _holding(self, unit: str, roles: Iterable[Role]) -> tuple[UUID, ...]:
        found = {person for place, role, person in self.holders if place == unit and role in roles}
        return tuple(sorted(found))


def way_up(unit: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return a unit and all units above it, the institution last."""
    way, here = [unit], parents[unit]
    while here is not None:
        way.append(here)
        here = parents[here]
    return tuple(way)


def lowest_common(units: Iterable[str]) -> str:
    """Return the lowest unit that contains all of these: of one unit, itself."""
    parents = {row.id: row.parent for row in people.units_tree()}
    ways = [way_up(unit, parents) for unit in units]
    common = set(ways[0]).intersection(*ways[1:])
    return next(unit for unit in ways[0] if unit in common)
