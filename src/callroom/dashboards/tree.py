"""The tree of units as pages need it: names in the active language, the way up, what stands below."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.urls import reverse
from django.utils.translation import get_language

from callroom.people import queries as people
from callroom.people.queries import UnitRow

COUNTED: Final = frozenset({"programme", "community"})
"""Kinds of unit that people can be counted in."""
SHOWN: Final = frozenset({"institution", "department"}) | COUNTED
"""Kinds of unit that have a page of results."""


@dataclass(frozen=True, slots=True)
class Link:
    """A name and where it leads."""

    name: str
    address: str


@dataclass(frozen=True)
class Tree:
    """All units of the institution, by id."""

    rows: Mapping[str, UnitRow]

    @classmethod
    def read(cls) -> Tree:
        """Return the tree as it is now."""
        return cls({row.id: row for row in people.units_tree()})

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names by id, in the language that was active when they were first asked for."""
        return {row.id: row.name for row in self.rows.values()}

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What pages depend on here: every unit, and the language of its name."""
        return (get_language(), *self.rows.values())

    @property
    def root(self) -> UnitRow:
        """The institution."""
        return next(iter(self.rows.values()))

    def shown(self, unit_id: str) -> UnitRow | None:
        """Return a unit that has a page of results."""
        row = self.rows.get(unit_id)
        return row if row and row.kind.value in SHOWN else None

    def shown_rows(self) -> tuple[UnitRow, ...]:
        """Return all units that have a page of results, those of many units first."""
        rows = [row for row in self.rows.values() if row.kind.value in SHOWN]
        return tuple(sorted(rows, key=lambda row: row.kind.value in COUNTED))

    def children(self, unit_id: str) -> tuple[UnitRow, ...]:
        """Return the units directly below one that have a page, A to Z in the active language."""
        below = (row for row in self.rows.values() if row.parent == unit_id and row.kind.value in SHOWN)
        return tuple(sorted(below, key=lambda row: row.name.casefold()))

    def programmes(self, unit_id: str) -> tuple[UnitRow, ...]:
        """Return the units in or below one in which people are counted, A to Z in the active language."""
        found: list[UnitRow] = []
        for row in self.rows.values():
            if row.kind.value in COUNTED and unit_id in self._way_up(row):
                found.append(row)
        return tuple(sorted(found, key=lambda row: row.name.casefold()))

    def within(self, unit_id: str) -> tuple[str, ...]:
        """Return the ids of a unit and of everything below it."""
        return tuple(row.id for row in self.rows.values() if unit_id in self._way_up(row))

    def above(self, row: UnitRow) -> tuple[str, ...]:
        """Return the ids of the units above one, the nearest first."""
        return tuple(self._way_up(row)[1:])

    def trail(self, row: UnitRow) -> tuple[Link, ...]:
        """Return the way from the institution down to the unit above this one."""
        way = self._way_up(row)[1:]
        return tuple(Link(self.rows[unit].name, address(self.rows[unit])) for unit in reversed(way))

    def _way_up(self, row: UnitRow) -> list[str]:
        way, here = [], row
        while True:
            way.append(here.id)
            if here.parent is None:
                return way
            here = self.rows[here.parent]


def address(row: UnitRow) -> str:
    """Return where a unit's results are."""
    if row.parent is None:
        return reverse("dashboards:institution")
    return reverse("dashboards:unit", args=[row.id])


def csv_address(row: UnitRow) -> str:
    """Return where the same figures are as CSV."""
    return reverse("dashboards:csv", args=[row.id])


def answers_address(row: UnitRow) -> str:
    """Return where everything is that was ever answered and promised to a unit."""
    return reverse("improvement:history", args=[row.id])


def why_address(row: UnitRow) -> str:
    """Return where the page of a unit explains what it says, and why."""
    return reverse("dashboards:why", args=[row.id])
