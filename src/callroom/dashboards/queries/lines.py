"""The leaves of a unit and their weeks: read once, used by page, table and file."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from callroom.dashboards import earlier
from callroom.dashboards.tables import Line
from callroom.dashboards.tree import Tree
from callroom.dashboards.wording import length_of
from callroom.kit.wording import joined
from callroom.people import queries as people
from callroom.people.queries import UnitRow
from callroom.pulse import aggregates
from callroom.pulse.aggregates import LeafSeries
from callroom.watch import aggregates as watch


def series_within(tree: Tree, unit_id: str, *, now: datetime) -> Mapping[str, LeafSeries]:
    """Return, by programme in or below a unit, the leaf in which its people are counted; the unasked are absent."""
    return aggregates.series_of([row.id for row in tree.programmes(unit_id)], now=now)


def page_key(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> Hashable:
    """Return all that a unit's page depends on; who reads it is no part of it."""
    return (row.id, edition_of(tree, now=now, zone=zone))


def edition_of(tree: Tree, *, now: datetime, zone: ZoneInfo) -> Hashable:
    """Return all that the pages of an institution in one language depend on."""
    watched = watch.edition(people.current_institution())
    return (tree.key, zone.key, aggregates.edition(now=now), watched, earlier.edition())


def distinct(series: Iterable[LeafSeries]) -> tuple[LeafSeries, ...]:
    """Return each leaf once, in the order of their ids."""
    by_leaf = {leaf.leaf: leaf for leaf in series}
    return tuple(by_leaf[leaf] for leaf in sorted(by_leaf))


def leaf_name(series: LeafSeries, tree: Tree) -> str:
    """Return the names of all units that are counted together in a leaf, A to Z."""
    return joined(sorted(tree.names.get(unit, unit) for unit in series.units))


def lines_of(series: LeafSeries) -> tuple[Line, ...]:
    """Return a leaf's weeks as lines of a table or file."""
    return tuple(Line(series.leaf, length_of(week), week) for week in series.points)


def lines_within(tree: Tree, unit_id: str, *, now: datetime) -> tuple[Line, ...]:
    """Return all weeks of all leaves that hold anybody of a unit."""
    leaves = distinct(series_within(tree, unit_id, now=now).values())
    return tuple(line for leaf in leaves for line in lines_of(leaf))
