"""Invented institutions for tests of the pooled engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from callroom.core.signals.estimates import Figure, Leaf

MONDAY = date(2024, 9, 2)


def day(week: int) -> date:
    """Return the Monday of a week of these institutions."""
    return MONDAY + timedelta(weeks=week)


def steady(_leaf: int, _week: int) -> float:
    """Return no change."""
    return 0.0


def institution(
    leaves: int = 12,
    weeks: int = 110,
    *,
    change: Callable[[int, int], float] = steady,
    length: Callable[[int], int] = lambda _leaf: 1,
    seed: int = 5,
) -> list[Leaf]:
    """Return leaves of about twelve people in departments of three; ``change`` moves a leaf's figure in a week."""
    chance = np.random.default_rng(seed)
    found = []
    for place in range(leaves):
        noise = 6.5 + 0.45 * chance.standard_normal(weeks)
        figures = tuple(
            Figure(
                day(week),
                12,
                15,
                int(np.clip(round(10 * float(value) + 10 * change(place, week)), 0, 100)),
                length(place),
            )
            for week, value in enumerate(noise)
            if (week + 1) % length(place) == 0
        )
        found.append(Leaf(f"leaf-{place:02d}", f"department-{place // 3}", figures))
    return found
