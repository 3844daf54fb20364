"""Real groups with real gaps, of which only a part answers: ranges hold what all think, and few are never a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from statistics import mean

import pytest

from callroom.core.disclosure.leaf_plan import Leaf, PlanUnit, make_plan
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.release import ItemAsked, LeafAsked, LeafFigures, Shown, TooFew, leaf_index, release_leaf
from tests.world.garrison import (
    COLUMNS,
    TIMES,
    Soldier,
    Steps,
    least_answered,
    needs_data,
    of_units,
    soldiers,
    true_mean,
)

pytestmark = needs_data

CORE = tuple(COLUMNS)
ITEMS = [ItemAsked(item, 5) for item in CORE]
REPEATS = 8
WEEKLY_RATES = (0.45, 0.60, 0.72)
"""The response of the simulations in PROTOCOL.md section 2."""


@dataclass(frozen=True)
class Answered:
    """What the tally reads of one person."""

    worked: bool
    values: tuple[int | None, ...]


def rate(weekly: float, weeks: int) -> float:
    """Return how many answer within so many weeks (PROTOCOL.md section 2)."""
    return weekly + {1: 0.0, 2: 0.6, 4: 1.0}[weeks] * weekly * (1 - weekly)


def plan_of(people: Mapping[str, Soldier]) -> tuple[Leaf, ...]:
    """Return the leaves of the companies."""
    sizes = Counter(soldier.company for soldier in people.values())
    battalions = sorted({company.split("-")[0] for company in sizes})
    units = [PlanUnit("garrison", None, "institution", 0)]
    units += [PlanUnit(battalion, "garrison", "department", 0) for battalion in battalions]
    units += [PlanUnit(company, company.split("-")[0], "programme", size) for company, size in sizes.items()]
    return make_plan(units, {})


@pytest.mark.parametrize("weekly", WEEKLY_RATES)
def test_ranges_hold_what_all_think_though_a_part_answers(weekly: float):
    people = soldiers()

    held = [inside for leaf in plan_of(people) for inside in figures_hold(leaf, people, weekly)]

    assert len(held) > 1000
    assert mean(held) >= 0.95


def figures_hold(leaf: Leaf, people: Mapping[str, Soldier], weekly: float) -> Iterator[bool]:
    """Say of each published figure whether its range holds the mean of all who have a value; check the minimum."""
    members = of_units(leaf.units, people)
    for repeat in range(REPEATS):
        for time in range(TIMES):
            chance = Random(f"{weekly} {leaf.id} {repeat} {time}")
            answering = [each for each in members if each.answers(time) and chance.random() < rate(weekly, leaf.weeks)]
            outcome = released(leaf, answering, len(members), time, seed=sha256(f"{repeat} {time}".encode()).digest())
            if not answering or least_answered(answering, time) < DEFAULT_POLICY.minimum:
                assert outcome == TooFew()
                continue
            assert isinstance(outcome, LeafFigures)
            truths = {item: true_mean([each.steps[time][item] for each in members], 0) for item in CORE}
            yield holds(leaf_index(outcome, CORE, DEFAULT_POLICY), mean(truths.values()))
            yield from (holds(outcome.items[item], truths[item]) for item in CORE)


def released(
    leaf: Leaf, answering: Sequence[Soldier], eligible: int, time: int, *, seed: bytes
) -> LeafFigures | TooFew:
    """Return what the leaf publishes when these people answer."""
    return release_leaf(
        [Answered(True, in_order(soldier.steps[time])) for soldier in answering],
        leaf=LeafAsked(leaf.id, leaf.units, None, eligible),
        replacements=0,
        items=ITEMS,
        core=CORE,
        policy=DEFAULT_POLICY,
        seed=seed,
        wave=f"pulse/2026-W{time + 10}",
    ).outcome


def in_order(steps: Steps) -> tuple[int | None, ...]:
    """Return the steps in the order of the items."""
    return tuple(steps[item] for item in CORE)


def holds(figure: Shown | TooFew, truth: float) -> bool:
    """Return whether a range contains this mean, which is on the scale from 0 to 10."""
    assert isinstance(figure, Shown)
    low, high = figure.range_tenths
    return low <= 10 * truth <= high
