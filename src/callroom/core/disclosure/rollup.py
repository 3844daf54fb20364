"""
Figures of larger units: arithmetic on published leaves, so they reveal nothing that the leaves did not.

Source: PROTOCOL.md section 6, "Roll-ups".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeAlias

from callroom.core.disclosure.release import SCALE_TENTHS, Shown
from callroom.core.disclosure.rounding import nearest, nearest_root

WEEKS_BACK = 4
"""A leaf's latest figure counts if its week is one of this many latest weeks."""

COVERED = Fraction(2, 3)
"""The share of a unit's eligible people that the leaves with a figure must hold."""


@dataclass(frozen=True, slots=True)
class LeafPoint:
    """
    One figure of one leaf (an item, or the index), or None where that wave has none.

    ``week``: Monday of the wave's last week; ``eligible``: the leaf's people at the opening of that wave.
    """

    leaf: str
    units: tuple[str, ...]
    eligible: int
    week: date
    figure: Shown | None


@dataclass(frozen=True, slots=True)
class RolledUp:
    """A figure of a larger unit: what it is made of, and which programmes of the unit are not in it."""

    figure: Shown
    parts: tuple[LeafPoint, ...]
    missing: tuple[str, ...]
    covered: Fraction


@dataclass(frozen=True, slots=True)
class TooLittleCovered:
    """Leaves with a figure hold less than two thirds of the unit's eligible people. There is no number."""

    missing: tuple[str, ...]


RollUp: TypeAlias = RolledUp | TooLittleCovered


def roll_up(programmes: Mapping[str, int], points: Iterable[LeafPoint], *, latest_week: date) -> RollUp:
    """
    Return the figure of a unit from its leaves.

    ``programmes``: the programmes of the unit and their eligible people; ``points``: published figures of any leaves,
    in any order; ``latest_week``: Monday of the latest week that could have been published.

    Counts each leaf that lies wholly inside the unit, by its latest figure of the last four weeks, weighted by its
    eligible people. Shown if these leaves hold two thirds of the unit's eligible people. ``missing`` names, in order,
    the programmes with eligible people that are not in it. Guarantee: arithmetic on published tenths only.
    """
    latest = _latest(points, programmes, latest_week)
    counted = {unit for point in latest for unit in point.units}
    missing = tuple(sorted(unit for unit, people in programmes.items() if people and unit not in counted))
    everyone = sum(programmes.values())
    covered = Fraction(sum(programmes[unit] for unit in counted), everyone) if everyone else Fraction(0)
    figure = _weighted(latest)
    if figure is None or covered < COVERED:
        return TooLittleCovered(missing)
    return RolledUp(figure, latest, missing, covered)


def _latest(points: Iterable[LeafPoint], programmes: Mapping[str, int], latest_week: date) -> tuple[LeafPoint, ...]:
    """
    Return the latest figure of each leaf inside the unit, no older than four weeks, in the order of leaf ids.

    After a change of the plan a programme may have been in two leaves within four weeks: the later one counts.
    """
    earliest = latest_week - timedelta(weeks=WEEKS_BACK - 1)
    inside = [
        point
        for point in points
        if point.figure is not None
        and earliest <= point.week <= latest_week
        and all(unit in programmes for unit in point.units)
    ]
    taken: set[str] = set()
    latest: list[LeafPoint] = []
    for point in sorted(inside, key=lambda point: (-point.week.toordinal(), point.leaf)):
        if taken.isdisjoint(point.units):
            taken.update(point.units)
            latest.append(point)
    return tuple(sorted(latest, key=lambda point: point.leaf))


def _weighted(points: Sequence[LeafPoint]) -> Shown | None:
    """Return the mean weighted by eligible people, +- sqrt(sum of w^2 h^2), cut to 0 to 100 tenths; None without weight."""
    weight = sum(point.eligible for point in points)
    if not weight:
        return None
    mean = Fraction(0)
    square = Fraction(0)
    for point in points:
        if point.figure is not None:
            share = Fraction(point.eligible, weight)
            mean += share * point.figure.mean_tenths
            square += (share * _half_width(point.figure)) ** 2
    middle = nearest(mean)
    half_width = nearest_root(square)
    return Shown(middle, (max(0, middle - half_width), min(SCALE_TENTHS, middle + half_width)))


def _half_width(figure: Shown) -> int:
    """Return half the published range before it was cut: with 8 answers or more at most one of its ends is cut."""
    low, high = figure.range_tenths
    return max(figure.mean_tenths - low, high - figure.mean_tenths)
