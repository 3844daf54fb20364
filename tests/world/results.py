"""Published weeks, made by hand: series of a leaf as ``pulse.aggregates`` hands them to pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from callroom.core.disclosure.leaf_plan import Leaf, PlanUnit
from callroom.core.disclosure.plan_reasons import PlanReason, explain
from callroom.pulse.aggregates import Figure, LeafSeries, LeafWeek, Words
from callroom.pulse.states import WeekState

FIRST_MONDAY = date(2026, 3, 2)


def figure(mean: int, half: int = 12) -> Figure:
    """Return a figure with its range, cut to the scale."""
    return Figure(mean, max(0, mean - half), min(100, mean + half))


def shown(
    at: date, mean: int, *, weeks: int = 1, units: tuple[str, ...] = ("emergency",), rotating: str = "respect"
) -> LeafWeek:
    """Return a week with figures: the three core items and one that takes turns, all with this mean."""
    items = {"workload": figure(mean), "support": figure(mean + 1), "voice": figure(mean - 1), rotating: figure(mean)}
    return LeafWeek(
        wave=wave_id(at, weeks),
        week_of=at,
        state=WeekState.SHOWN,
        n=(8, 11),
        eligible=13,
        index=figure(mean),
        items=items,
        units=units,
    )


def gap(
    at: date,
    state: WeekState,
    *,
    weeks: int = 1,
    units: tuple[str, ...] = ("emergency",),
    reason: Words | None = None,
) -> LeafWeek:
    """Return a week without figures."""
    return LeafWeek(wave=wave_id(at, weeks), week_of=at, state=state, units=units, reason=reason)


def wave_id(last_monday: date, weeks: int) -> str:
    """Return the id of a wave from the Monday of its last week."""
    year, week, _ = (last_monday - timedelta(weeks=weeks - 1)).isocalendar()
    series = "pulse" if weeks == 1 else f"pulse-{weeks}"
    return f"{series}/{year}-W{week:02d}"


def points(
    means: Iterable[int | None], *, weeks: int = 1, units: tuple[str, ...] = ("emergency",)
) -> tuple[LeafWeek, ...]:
    """Return one week for each mean (None: too few), each a wave later than the one before."""
    found = []
    at = FIRST_MONDAY + timedelta(weeks=weeks - 1)
    for mean in means:
        found.append(
            gap(at, WeekState.TOO_FEW, weeks=weeks, units=units)
            if mean is None
            else shown(at, mean, weeks=weeks, units=units)
        )
        at += timedelta(weeks=weeks)
    return tuple(found)


def series(
    weeks_of_leaf: Sequence[LeafWeek], *, units: tuple[str, ...] = ("emergency",), weeks: int = 1, eligible: int = 13
) -> LeafSeries:
    """Return a leaf with these weeks; the reason is that of a plan in which it has this many people."""
    return LeafSeries(
        leaf="+".join(units),
        label={"en": " and ".join(units), "es": " y ".join(units)},
        units=units,
        weeks=weeks,
        joined_with=units[1:],
        why=reason(units, weeks=weeks, eligible=eligible),
        points=tuple(weeks_of_leaf),
    )


def reason(units: tuple[str, ...], *, weeks: int = 1, eligible: int = 13) -> PlanReason:
    """Return why the first of these units is counted as it is, when each has this many people."""
    leaf = Leaf("+".join(units), units, weeks)
    house = PlanUnit("house", None, "institution", 0)
    people = (PlanUnit(unit, "house", "programme", eligible) for unit in units)
    return explain([house, *people], {}, [leaf])[units[0]]
