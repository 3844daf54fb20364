"""
Who is counted with whom, and how often: the leaf plan of an academic year.

A leaf is the smallest thing that is published: one programme, or several counted together. The plan depends on the
unit tree, on how many people are eligible and on last year's published figures, in exact fractions, so that everybody
can recompute it. Source: PROTOCOL.md section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from callroom.core.disclosure.rates import UNKNOWN, Rates

JOINT = "+"
"""What stands between the units of a joined leaf in its id; no unit id may hold it."""

LENGTHS = (1, 2, 4)
"""Lengths of a wave in weeks, shortest first."""

LEAST_GROUP = 11
"""The fewest eligible people of a group (PROTOCOL.md section 1), and so of a plan that has any leaf."""

COUNTED_IN_PARTS = frozenset({"institution", "department"})
"""Kinds of unit that consist of others: nobody is counted in them directly."""


class BadPlan(ValueError):
    """The units cannot be planned: an id twice, an unknown parent, a circle, people where nobody can be counted."""


@dataclass(frozen=True, slots=True)
class WaveMinimum:
    """What a leaf needs to have waves of one length: eligible people, and how many of them are expected to answer."""

    eligible: int
    expected: int


WAVE_MINIMUMS: Mapping[int, WaveMinimum] = MappingProxyType(
    {1: WaveMinimum(14, 10), 2: WaveMinimum(12, 9), 4: WaveMinimum(11, 9)}
)
"""By length in weeks. Why 14, 12 and 11: PRIVACY.md, "What the noise costs" (inference about somebody who leaves)."""


@dataclass(frozen=True, slots=True)
class PlanUnit:
    """
    One unit of the tree, on the day of the plan.

    ``eligible``: people whose home is this unit itself, not those of the units below it.
    """

    id: str
    parent: str | None
    kind: str
    eligible: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """People counted together: the ids of their units in order, and the length of their waves in weeks."""

    id: str
    units: tuple[str, ...]
    weeks: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Units counted together while a plan is being made; ``expected`` holds answers per length in weeks."""

    units: tuple[str, ...]
    eligible: int
    expected: Mapping[int, Fraction]

    @property
    def id(self) -> str:
        """Return the id that a leaf of these units has."""
        return JOINT.join(self.units)

    @property
    def size(self) -> tuple[Fraction, str]:
        """Return what clusters are ordered by: the answers expected in four weeks, then the id."""
        return self.expected[4], self.id

    def joined(self, other: Cluster) -> Cluster:
        """Return the cluster of both: people and expected answers are added."""
        return Cluster(
            units=tuple(sorted(self.units + other.units)),
            eligible=self.eligible + other.eligible,
            expected={weeks: self.expected[weeks] + other.expected[weeks] for weeks in LENGTHS},
        )

    def length(self, wave_minimums: Mapping[int, WaveMinimum]) -> int | None:
        """Return the shortest length in weeks at which enough people are expected to answer, or None."""
        for weeks in LENGTHS:
            least = wave_minimums[weeks]
            if self.eligible >= least.eligible and self.expected[weeks] >= least.expected:
                return weeks
        return None


def cluster_of(unit: PlanUnit, rates: Rates | None) -> Cluster:
    """Return the cluster of one unit alone; unknown rates are those of PROTOCOL.md section 2."""
    known = rates or UNKNOWN
    return Cluster(
        units=(unit.id,),
        eligible=unit.eligible,
        expected={weeks: unit.eligible * known.rate(weeks) for weeks in LENGTHS},
    )


def make_plan(
    units: Iterable[PlanUnit],
    rates: Mapping[str, Rates],
    *,
    wave_minimums: Mapping[int, WaveMinimum] = WAVE_MINIMUMS,
) -> tuple[Leaf, ...]:
    """
    Return the leaves of an academic year in the order of their ids; empty with fewer than 11 eligible people in all.

    Guarantees: every unit with eligible people is in exactly one leaf, and a leaf has one length, so in exactly one
    series. The order of ``units`` and ``rates`` does not matter. A unit that stands alone is joined with another only
    when a single unit is left in the whole institution and nothing else has been joined.

    Read from PROTOCOL.md where it leaves room:

    - Units without eligible people are in no leaf: joining nobody to a programme would only change its name.
    - A cluster expects the sum of what its units expect, each at its own rate.
    - "The joined leaves do the same" in the unit above: they may take in what is left over there; among themselves
      they are not joined, since they stand.
    - A cluster of the whole institution that stands at no length, but has 11 people or more, is one leaf of four
      weeks: people may answer, and a week with fewer than 8 answers is a gap.

    :raises BadPlan: if the units are not a tree, or people are counted directly in a department or institution
    """
    by_id = _checked(units)
    children: dict[str | None, list[PlanUnit]] = {}
    for unit in sorted(by_id.values(), key=lambda unit: unit.id):
        children.setdefault(unit.parent, []).append(unit)
    plan = _Planner(children, rates, wave_minimums).plan(None)
    return tuple(sorted(plan.leaves(wave_minimums), key=lambda leaf: leaf.id))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one unit of the tree hands to the unit above: leaves that stand alone, joined leaves, what is left over."""

    alone: tuple[Cluster, ...]
    joined: tuple[Cluster, ...]
    left_over: tuple[Cluster, ...]

    def leaves(self, wave_minimums: Mapping[int, WaveMinimum]) -> list[Leaf]:
        """Return the plan's leaves, after "the last of all joins the leaf with the fewest"."""
        clusters = [*self.alone, *self.joined]
        for last in self.left_over:
            if clusters:
                fewest = min(clusters, key=lambda cluster: cluster.size)
                clusters.remove(fewest)
                clusters.append(fewest.joined(last))
            elif last.eligible >= LEAST_GROUP:
                clusters.append(last)
        return [Leaf(cluster.id, cluster.units, cluster.length(wave_minimums) or LENGTHS[-1]) for cluster in clusters]


@dataclass(frozen=True, slots=True)
class _Planner:
    """The recursion of PROTOCOL.md section 2: plan(unit), bottom-up, in id order."""

    children: Mapping[str | None, list[PlanUnit]]
    rates: Mapping[str, Rates]
    wave_minimums: Mapping[int, WaveMinimum]

    def plan(self, unit: PlanUnit | None) -> _Part:
        """Return what ``unit`` (None: above all roots) hands up: at most one cluster is left over."""
        alone: list[Cluster] = []
        joined: list[Cluster] = []
        small: list[Cluster] = []
        if unit is not None and unit.eligible:
            own = cluster_of(unit, self.rates.get(unit.id))
            (alone if self._stands(own) else small).append(own)
        for child in self.children.get(unit.id if unit else None, ()):
            part = self.plan(child)
            alone.extend(part.alone)
            joined.extend(part.joined)
            small.extend(part.left_over)
        return self._join(alone, joined, small)

    def _join(self, alone: list[Cluster], joined: list[Cluster], small: list[Cluster]) -> _Part:
        """Join the two smallest that do not stand, again and again; give a single one to the smallest joined leaf."""
        while len(small) > 1:
            small.sort(key=lambda cluster: cluster.size)
            both = small.pop(0).joined(small.pop(0))
            (joined if self._stands(both) else small).append(both)
        if small and joined:
            fewest = min(joined, key=lambda cluster: cluster.size)
            joined.remove(fewest)
            joined.append(fewest.joined(small.pop()))
        return _Part(tuple(alone), tuple(joined), tuple(small))

    def _stands(self, cluster: Cluster) -> bool:
        return cluster.length(self.wave_minimums) is not None


def _checked(units: Iterable[PlanUnit]) -> dict[str, PlanUnit]:
    """
    Return the units by id.

    :raises BadPlan: see ``make_plan``
    """
    by_id: dict[str, PlanUnit] = {}
    for unit in units:
        if unit.id in by_id:
            raise BadPlan(f"unit {unit.id} is there twice")
        if not unit.id or JOINT in unit.id:
            raise BadPlan(f"unit id {unit.id!r} is empty or holds {JOINT!r}")
        if unit.eligible < 0 or (unit.eligible and unit.kind in COUNTED_IN_PARTS):
            raise BadPlan(f"{unit.eligible} people cannot be counted in {unit.kind} {unit.id} itself")
        by_id[unit.id] = unit
    for unit in by_id.values():
        _check_leads_to_a_root(unit, by_id)
    return by_id


def _check_leads_to_a_root(unit: PlanUnit, by_id: Mapping[str, PlanUnit]) -> None:
    met = {unit.id}
    above = unit.parent
    while above is not None:
        if above not in by_id:
            raise BadPlan(f"unit {above}, parent of another, is not among the units")
        if above in met:
            raise BadPlan(f"unit {above} is above itself")
        met.add(above)
        above = by_id[above].parent
