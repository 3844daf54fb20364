"""The pooled engine's interface: whole series and one week at a time say the same, and later weeks change nothing."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from callroom.core.signals import items, pooled
from callroom.core.signals.estimates import BadFigures, Figure, Leaf, Settings, State

MONDAY = date(2024, 9, 2)


def institution(leaves: int = 12, weeks: int = 110, fall: int = 80) -> list[Leaf]:
    """Return leaves of about twelve people; the first falls by 1.4 points from week ``fall`` on."""
    chance = np.random.default_rng(5)
    found = []
    for place in range(leaves):
        noise = 0.45 * chance.standard_normal(weeks) + 6.5
        noise[fall:] -= 1.4 if place == 0 else 0.0
        figures = tuple(
            Figure(MONDAY + timedelta(weeks=week), 12, 15, round(10 * float(value))) for week, value in enumerate(noise)
        )
        found.append(Leaf(f"leaf-{place}", f"department-{place % 3}", figures))
    return found


def test_a_fall_of_one_leaf_is_seen_and_the_others_stay_quiet() -> None:
    estimates = pooled.assess(institution(), settings=Settings())

    alarms = [estimate.week for estimate in estimates["leaf-0"] if estimate.alarm]
    assert alarms
    assert MONDAY + timedelta(weeks=80) <= alarms[0] <= MONDAY + timedelta(weeks=86)
    assert estimates["leaf-0"][-1].level < 5.8
    assert estimates["leaf-1"][-1].state is State.QUIET


def test_later_weeks_change_nothing() -> None:
    leaves = institution(leaves=5)
    cut = [Leaf(leaf.key, leaf.department, leaf.figures[:70]) for leaf in leaves]

    whole, part = pooled.assess(leaves, settings=Settings()), pooled.assess(cut, settings=Settings())

    assert {key: found[:70] for key, found in whole.items()} == part


def test_weeks_that_do_not_rise_are_refused() -> None:
    figure = Figure(MONDAY, 8, 11, 60)

    with pytest.raises(BadFigures, match="stands after"):
        pooled.assess([Leaf("a", "", (figure, figure))], settings=Settings())


def test_an_item_is_compared_before_and_after_the_start() -> None:
    leaf = institution()[0]

    found = items.compare(leaf.figures, MONDAY + timedelta(weeks=80), since=MONDAY, noise_scale=2.8)

    assert found
    assert found.low < -1.4 < found.high
    assert found.fell
