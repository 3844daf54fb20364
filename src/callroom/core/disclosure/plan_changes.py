"""
How a plan changes within its academic year: leaves grow longer waves or are joined whole, never the other way.

Only after weeks 12, 24 and 36, when all series are closed, and only from what was published: nobody may publish a union
one week and a part of it the next. Source: PROTOCOL.md section 2; decision 0008 says how it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from callroom.core.anonymity.promises import CHANGE_WEEKS
from callroom.core.disclosure.leaf_plan import LENGTHS, BadPlan, Cluster, Leaf, PlanUnit, cluster_of
from callroom.core.disclosure.plan_figures import PublishedWave, known_by
from callroom.core.disclosure.plan_payload import Plan, PlanChange
from callroom.core.timetable.waves import first_monday


@dataclass(frozen=True, slots=True)
class Limit:
    """How many gaps in how many of its last waves are too many for a leaf."""

    gaps: int
    waves: int


LIMITS: Mapping[int, Limit] = MappingProxyType({1: Limit(4, 12), 2: Limit(2, 6), 4: Limit(2, 3)})
"""By length in weeks."""

LONGER: Mapping[int, int] = MappingProxyType({1: 2, 2: 4, 4: 4})
"""The next length; from four weeks on a leaf is joined with another instead."""


def change_monday(academic_year: date, after: int) -> date:
    """Return the Monday on which a change after this week of the academic year takes effect."""
    return first_monday(academic_year) + timedelta(weeks=after)


def week_of_year(academic_year: date, monday: date) -> int:
    """Return how many weeks of the academic year are over on this Monday."""
    return (monday - first_monday(academic_year)).days // 7


def in_week(plan: Plan, week: int, waves: Iterable[PublishedWave]) -> Plan:
    """
    Return the plan in force after so many weeks of its year, made again from its units, rates and new units.

    :raises BadPlan: if it cannot be made
    """
    known = tuple(waves)
    added = {change.after: change.added for change in plan.changes}
    made = Plan.of(plan.academic_year, plan.units, plan.rates)
    for after in CHANGE_WEEKS:
        if after <= week:
            made = changed(made, after=after, waves=known, added=added.get(after, ()))
    return made


def changed(plan: Plan, *, after: int, waves: Iterable[PublishedWave], added: Sequence[PlanUnit] = ()) -> Plan:
    """
    Return the plan that takes effect after this week; the same one when nothing has to change.

    A weekly leaf with 4 gaps in its last 12 waves of this year goes to two weeks, one of two weeks with 2 gaps in its
    last 6 to four weeks, one of four weeks with 2 gaps in its last 3 is joined whole with another. A leaf that was not
    asked, because fewer than 11 of its people were left, counts as a gap. ``added``: units in no leaf that have people
    by now, and what stands above them; each joins an existing leaf, since what is new may be part of what was.

    Guarantees: every leaf is whole in exactly one leaf afterwards, whose waves are not shorter.

    :raises BadPlan: if an added unit is in a leaf already, or its parent is unknown
    """
    known = [
        wave
        for wave in known_by(waves, change_monday(plan.academic_year, after))
        if wave.academic_year == plan.academic_year
    ]
    units = _with_added(plan, added)
    groups = [_Group.of(leaf, units, plan, fails=_fails(leaf, known)) for leaf in plan.leaves]
    groups += [_Group(cluster_of(unit, None), 0, True) for unit in added if unit.eligible]
    leaves = tuple(sorted((group.leaf() for group in _joined(groups, _paths(units))), key=lambda leaf: leaf.id))
    if leaves == plan.leaves:
        return plan
    change = PlanChange(after, tuple(sorted(added, key=lambda unit: unit.id)))
    return Plan(plan.academic_year, plan.units, plan.rates, leaves, (*plan.changes, change))


@dataclass(frozen=True, slots=True)
class _Group:
    """People counted together while a plan changes; ``weeks`` 0: a new unit, which has had no waves yet."""

    cluster: Cluster
    weeks: int
    must_join: bool

    @classmethod
    def of(cls, leaf: Leaf, units: Mapping[str, PlanUnit], plan: Plan, *, fails: bool) -> _Group:
        """Return a leaf as it goes on: with longer waves if it fails and there are any, else to be joined."""
        parts = [cluster_of(units[unit], plan.rates.get(unit)) for unit in leaf.units]
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.joined(part)
        return cls(whole, LONGER[leaf.weeks] if fails else leaf.weeks, fails and leaf.weeks == LENGTHS[-1])

    def joined(self, other: _Group) -> _Group:
        """Return both as one, with the longer of their waves."""
        return _Group(self.cluster.joined(other.cluster), max(self.weeks, other.weeks), must_join=False)

    def leaf(self) -> Leaf:
        """Return the leaf."""
        return Leaf(self.cluster.id, self.cluster.units, self.weeks)


def _joined(groups: list[_Group], paths: Mapping[str, tuple[str, ...]]) -> list[_Group]:
    """
    Return the groups after each that must be joined is, the smallest first.

    With whom, in this order: others that must be joined; leaves of several units; last, units that are counted alone.
    Of several those with the longest waves, then the one that stands nearest in the tree, then the one with the fewest
    answers expected in four weeks. So a unit that is counted alone is used only where there is no other way.
    """
    waiting = sorted((group for group in groups if group.must_join), key=lambda group: group.cluster.size)
    settled = [group for group in groups if not group.must_join]
    while waiting:
        first = waiting.pop(0)
        others = [other for other in (*waiting, *settled) if other.weeks or first.weeks]
        if not others:
            return settled + ([first] if first.weeks else [])
        partner = min(others, key=lambda other: _preference(first, other, paths))
        (waiting if partner.must_join else settled).remove(partner)
        settled.append(first.joined(partner))
    return settled


def _preference(group: _Group, other: _Group, paths: Mapping[str, tuple[str, ...]]) -> tuple[object, ...]:
    ways = (other.must_join, len(other.cluster.units) > 1, True)
    return ways.index(True), -other.weeks, -_shared_depth(group, other, paths), other.cluster.size


def _shared_depth(group: _Group, other: _Group, paths: Mapping[str, tuple[str, ...]]) -> int:
    """Return how deep in the tree the lowest unit stands that contains both; 0 for none."""
    ways = [paths[unit] for unit in (*group.cluster.units, *other.cluster.units)]
    depth = 0
    for steps in zip(*ways, strict=False):
        if len(set(steps)) > 1:
            break
        depth += 1
    return depth


def _fails(leaf: Leaf, waves: Sequence[PublishedWave]) -> bool:
    """Return whether too many of the leaf's last waves at its present length were gaps."""
    limit = LIMITS[leaf.weeks]
    own = [wave.leaves.get(leaf.id) for wave in waves if wave.weeks == leaf.weeks and leaf.id in wave.planned]
    return sum(shown is None or shown.n_low is None for shown in own[-limit.waves :]) >= limit.gaps


def _with_added(plan: Plan, added: Sequence[PlanUnit]) -> dict[str, PlanUnit]:
    """
    Return all units of the plan by id, the added ones among them.

    :raises BadPlan: if an added unit is in a leaf already, or its parent is unknown
    """
    units = {unit.id: unit for unit in plan.all_units}
    counted = {unit for leaf in plan.leaves for unit in leaf.units}
    for unit in added:
        if unit.id in counted:
            raise BadPlan(f"{unit.id} is counted in a leaf already")
        units[unit.id] = unit
    for unit in added:
        if unit.parent is not None and unit.parent not in units:
            raise BadPlan(f"unit {unit.parent}, parent of {unit.id}, is not among the units")
    return units


def _paths(units: Mapping[str, PlanUnit]) -> dict[str, tuple[str, ...]]:
    """Return for each unit the ids from its root down to it."""
    return {unit: _path(unit, units) for unit in units}


def _path(unit: str, units: Mapping[str, PlanUnit]) -> tuple[str, ...]:
    path: list[str] = []
    at: str | None = unit
    while at is not None:
        if at in path:
            raise BadPlan(f"unit {at} is above itself")
        path.append(at)
        at = units[at].parent
    return tuple(reversed(path))
