"""
Why a unit is counted alone or together with others, and why not more often: codes and numbers, no words.

Pages make sentences of these: "12 people work here: too few for a figure every week, enough for one every two weeks."
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callroom.core.disclosure.leaf_plan import (
    LENGTHS,
    WAVE_MINIMUMS,
    Cluster,
    Leaf,
    PlanUnit,
    WaveMinimum,
    cluster_of,
)
from callroom.core.disclosure.rates import Rates
from callroom.core.disclosure.rounding import nearest


class Why(StrEnum):
    """How a unit came to its leaf."""

    ALONE = "alone"
    """It stands alone."""
    TOO_FEW_PEOPLE = "too few people"
    """It has too few eligible people for a figure of its own at any length."""
    TOO_FEW_EXPECTED = "too few expected"
    """It has people enough, but too few of them are expected to answer even in four weeks."""
    TAKES_IN = "takes in"
    """It would stand alone, but a small unit had nowhere else to go."""
    PUT_TOGETHER = "put together"
    """It was put together with others at a change date within the year: gaps, or a unit that is new."""
    NOBODY = "nobody"
    """Nobody in it was eligible on the day of the plan, or fewer than 11 in the whole institution: it is in no leaf."""


class Shortfall(StrEnum):
    """Why waves are not one step shorter."""

    PEOPLE = "people"
    """Too few people are eligible."""
    EXPECTED = "expected"
    """Too few answers are expected in so short a wave."""


@dataclass(frozen=True, slots=True)
class PlanReason:
    """
    Why one unit is counted as it is.

    ``eligible`` and ``expected_tenths`` (answers expected in four weeks, in tenths of an answer) are the unit's own;
    ``needed``: what a figure of its own takes at the longest length. ``leaf`` is None where it is in none; ``shorter``
    says why the leaf's waves are not one step shorter, with the numbers of the leaf; None for weekly waves.
    """

    unit: str
    why: Why
    eligible: int
    expected_tenths: int
    needed: WaveMinimum
    leaf: Leaf | None
    leaf_eligible: int
    shorter: Shortfall | None
    shorter_needs: WaveMinimum | None

    @property
    def joined_with(self) -> tuple[str, ...]:
        """Return the other units of the leaf, in order of their ids."""
        return () if self.leaf is None else tuple(unit for unit in self.leaf.units if unit != self.unit)


def explain(
    units: Iterable[PlanUnit],
    rates: Mapping[str, Rates],
    leaves: Iterable[Leaf],
    *,
    first: Iterable[Leaf] | None = None,
    wave_minimums: Mapping[int, WaveMinimum] = WAVE_MINIMUMS,
) -> dict[str, PlanReason]:
    """
    Return for each unit that people can be counted in why the plan has it where it is, by unit id, in id order.

    ``leaves`` is what ``make_plan`` gave for the same units, rates and minimums, or what became of it at change dates;
    ``first`` is then what it gave. Units above others without people of
    their own (departments) have no reason of their own.
    """
    ordered = sorted(units, key=lambda unit: unit.id)
    parents = {unit.parent for unit in ordered}
    alone = {unit.id: cluster_of(unit, rates.get(unit.id)) for unit in ordered}
    leaf_of = {unit: leaf for leaf in leaves for unit in leaf.units}
    together = leaf_of if first is None else {unit: leaf for leaf in first for unit in leaf.units}
    return {
        unit.id: _reason(unit, leaf_of.get(unit.id), together.get(unit.id), alone, wave_minimums)
        for unit in ordered
        if unit.eligible or unit.id not in parents
    }


def _reason(
    unit: PlanUnit,
    leaf: Leaf | None,
    first: Leaf | None,
    alone: Mapping[str, Cluster],
    wave_minimums: Mapping[int, WaveMinimum],
) -> PlanReason:
    own = alone[unit.id]
    whole = _whole(leaf, alone) if leaf else own
    shorter = _shortfall(leaf, whole, wave_minimums) if leaf else None
    return PlanReason(
        unit=unit.id,
        why=_why(own, leaf, first, wave_minimums),
        eligible=unit.eligible,
        expected_tenths=nearest(10 * own.expected[LENGTHS[-1]]),
        needed=wave_minimums[LENGTHS[-1]],
        leaf=leaf,
        leaf_eligible=whole.eligible if leaf else 0,
        shorter=shorter[0] if shorter else None,
        shorter_needs=shorter[1] if shorter else None,
    )


def _why(own: Cluster, leaf: Leaf | None, first: Leaf | None, wave_minimums: Mapping[int, WaveMinimum]) -> Why:
    if leaf is None:
        return Why.NOBODY
    if first is None or first.units != leaf.units:
        return Why.PUT_TOGETHER
    if own.length(wave_minimums) is not None:
        return Why.ALONE if leaf.units == own.units else Why.TAKES_IN
    if own.eligible < wave_minimums[LENGTHS[-1]].eligible:
        return Why.TOO_FEW_PEOPLE
    return Why.TOO_FEW_EXPECTED


def _whole(leaf: Leaf, alone: Mapping[str, Cluster]) -> Cluster:
    whole = alone[leaf.units[0]]
    for unit in leaf.units[1:]:
        whole = whole.joined(alone[unit])
    return whole


def _shortfall(
    leaf: Leaf, whole: Cluster, wave_minimums: Mapping[int, WaveMinimum]
) -> tuple[Shortfall, WaveMinimum] | None:
    place = LENGTHS.index(leaf.weeks)
    if place == 0:
        return None
    needs = wave_minimums[LENGTHS[place - 1]]
    return (Shortfall.PEOPLE if whole.eligible < needs.eligible else Shortfall.EXPECTED), needs
