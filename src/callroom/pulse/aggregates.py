"""The only door for pages about results: published figures of leaves, and nothing finer.

Everything here comes from release bodies whose moment of publication has passed and whose keys are gone. Means and
ranges are tenths of the 0-10 scale. A department page asks once for all its units: ``series_of``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from callroom.core.disclosure import plan_reasons
from callroom.core.disclosure.leaf_plan import Leaf, make_plan
from callroom.core.disclosure.plan_reasons import PlanReason
from callroom.core.timetable.waves import OPENS, WaveTimes
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import planning, published
from callroom.pulse.models import Plan, SkippedWeek, Wave
from callroom.pulse.planning import label_of, leaves_of, plan_at
from callroom.pulse.published import AskedPromise, Counts, Figure
from callroom.pulse.states import WaveState, WeekState

__all__ = [
    "AskedPromise",
    "ComingLeaf",
    "Counts",
    "CurrentWave",
    "Figure",
    "InstitutionCounts",
    "LeafPast",
    "LeafSeries",
    "LeafWeek",
    "Words",
    "coming_leaf",
    "current_waves",
    "edition",
    "institution_counts",
    "leaf_series",
    "never_asked",
    "pasts",
    "series_of",
]

OPENS_AFTER_MIDNIGHT: Final = timedelta(hours=OPENS.hour, minutes=OPENS.minute)
Words = Mapping[str, str]
"""A text in both languages: ``{"en": ..., "es": ...}``."""


@dataclass(frozen=True, slots=True)
class LeafWeek:
    """
    What a reader sees of one wave of one leaf.

    ``week_of``: Monday of the wave's last week. ``n``, ``index`` and ``items`` are there only when ``state`` is SHOWN
    (``eligible`` also when TOO_FEW); ``items`` holds ``None`` for an item that too few answered. ``reason`` explains
    NOT_ASKED and VOID where given. ``promise``: what was asked about a kept promise instead of an item in turn.
    """

    wave: str
    week_of: date
    state: WeekState
    n: tuple[int, int | None] | None = None
    eligible: int | None = None
    index: Figure | None = None
    items: Mapping[str, Figure | None] | None = None
    units: tuple[str, ...] = ()
    reason: Words | None = None
    demo: bool = False
    promise: AskedPromise | None = None


@dataclass(frozen=True, slots=True)
class LeafSeries:
    """The leaf in which a unit's people are counted, why, and its weeks, oldest first."""

    leaf: str
    label: Words
    units: tuple[str, ...]
    weeks: int
    joined_with: tuple[str, ...]
    why: PlanReason
    points: tuple[LeafWeek, ...]
    coming: ComingLeaf | None = None


@dataclass(frozen=True, slots=True)
class ComingLeaf:
    """Where a unit's people will be counted from a day on, with whom and how often: settled a week beforehand."""

    from_on: date
    joined_with: tuple[str, ...]
    weeks: int


@dataclass(frozen=True, slots=True)
class LeafPast:
    """A leaf of any academic year and its weeks, oldest first; ``present``: it is in the plan of this year."""

    leaf: str
    units: tuple[str, ...]
    present: bool
    points: tuple[LeafWeek, ...]


@dataclass(frozen=True, slots=True)
class InstitutionCounts:
    """What is published over all waves that closed on one Sunday; no counts when these were fewer than three leaves'."""

    closed_on: date
    counts: Counts | None


@dataclass(frozen=True, slots=True)
class CurrentWave:
    """A wave that is announced, open, or waits for its publication."""

    wave: str
    series: str
    weeks: int
    state: WaveState
    opens_at: datetime
    closes_at: datetime
    publishes_at: datetime
    wave_sheet: str
    rotating_item: str


def leaf_series(unit_id: str, *, now: datetime) -> LeafSeries | None:
    """Return the leaf of one programme and its weeks; None where nobody is asked."""
    return series_of([unit_id], now=now).get(unit_id)


def series_of(unit_ids: Iterable[str], *, now: datetime) -> dict[str, LeafSeries]:
    """Return, by programme, the leaf in which its people are counted and its weeks; those that are not asked are absent."""
    institution = people.current_institution()
    plan = plan_at(institution, now)
    if plan is None:
        return {}
    contents = leaves_of(plan)
    first = make_plan(contents.units, contents.rates)
    reasons = plan_reasons.explain(contents.all_units, contents.rates, contents.leaves, first=first)
    leaf_of = {unit: leaf for leaf in contents.leaves for unit in leaf.units}
    wanted = {unit: leaf_of[unit] for unit in unit_ids if unit in leaf_of}
    points = _points(institution, {leaf.id for leaf in wanted.values()}, now)
    coming = planning.coming_leaves(institution, plan, now)
    names = {row.id: row for row in people.units_tree()}
    labels = {leaf.id: label_of(leaf.units, names) for leaf in wanted.values()}
    return {
        unit: LeafSeries(
            leaf=leaf.id,
            label=labels[leaf.id],
            units=leaf.units,
            weeks=leaf.weeks,
            joined_with=reasons[unit].joined_with,
            why=reasons[unit],
            points=points[leaf.id],
            coming=_other(coming, unit, leaf),
        )
        for unit, leaf in wanted.items()
    }


def pasts(*, now: datetime) -> tuple[LeafPast, ...]:
    """Return every leaf that was ever planned, in the order of their ids: what is said about the past needs them all."""
    institution = people.current_institution()
    present = plan_at(institution, now)
    plans = list(Plan.objects.filter(institution=institution).order_by("academic_year", "from_week"))
    units = {leaf.id: leaf.units for plan in plans for leaf in leaves_of(plan).leaves}
    kept = {leaf.id for leaf in leaves_of(present).leaves} if present else set()
    points = _points(institution, set(units), now)
    return tuple(LeafPast(leaf, units[leaf], leaf in kept, points[leaf]) for leaf in sorted(units))


def next_change(*, now: datetime) -> date | None:
    """Return the next change date, once it is settled who will count where from then on."""
    institution = people.current_institution()
    plan = plan_at(institution, now)
    coming = planning.coming_leaves(institution, plan, now) if plan else None
    return coming[0] if coming else None


def coming_leaf(unit_id: str, *, counts_in: str, now: datetime) -> ComingLeaf | None:
    """
    Return where a unit's people will count from the next change date on, once that is settled.

    None where it is the leaf in which the people of ``counts_in`` are counted today.
    """
    institution = people.current_institution()
    plan = plan_at(institution, now)
    if plan is None:
        return None
    present = next((leaf for leaf in leaves_of(plan).leaves if counts_in in leaf.units), None)
    return _other(planning.coming_leaves(institution, plan, now), unit_id, present)


def _other(coming: tuple[date, Mapping[str, Leaf]] | None, unit: str, present: Leaf | None) -> ComingLeaf | None:
    if coming is None:
        return None
    from_on, leaves = coming
    leaf = leaves.get(unit)
    if leaf is None or leaf == present:
        return None
    return ComingLeaf(from_on, tuple(other for other in leaf.units if other != unit), leaf.weeks)


def institution_counts(*, now: datetime) -> tuple[InstitutionCounts, ...]:
    """Return the counts of each Sunday on which published waves closed, oldest first."""
    institution = people.current_institution()
    waves = [wave for wave in _waves(institution) if _is_readable(wave, now)]
    bodies = published.releases((wave.release, wave.wave_sheet) for wave in waves)
    by_day = {institution.day(wave.closes_at): bodies[wave.release] for wave in waves}
    return tuple(InstitutionCounts(day, by_day[day].counts) for day in sorted(by_day))


def current_waves(*, now: datetime) -> tuple[CurrentWave, ...]:
    """Return the waves that are announced, open, or closed and not published yet, soonest to close first."""
    institution = people.current_institution()
    states = [WaveState.ANNOUNCED, WaveState.OPEN, WaveState.TALLIED]
    return tuple(
        CurrentWave(
            wave=wave.id,
            series=wave.series,
            weeks=wave.weeks,
            state=WaveState(wave.state),
            opens_at=wave.opens_at,
            closes_at=wave.closes_at,
            publishes_at=wave.publishes_at,
            wave_sheet=wave.wave_sheet,
            rotating_item=wave.rotating_item,
        )
        for wave in Wave.objects.filter(institution=institution, state__in=states)
        if not _is_readable(wave, now)
    )


def never_asked(*, now: datetime) -> frozenset[str]:
    """Return the programmes whose people can be asked today and were asked in no round that has opened."""
    institution = people.current_institution()
    return published.without_a_round(institution, people.eligible_on(institution.day(now)))


def _why_skipped(times: WaveTimes, reasons: Mapping[date, Words]) -> Words | None:
    if times.too_early:
        return planning.BEFORE_THE_FIRST
    return reasons.get(times.weeks_off[0])


def edition(*, now: datetime) -> str:
    """
    Return a name for everything that can be read here at this moment: equal names, equal answers.

    Pages may be kept in memory under it. It changes at the instants at which a wave changes for its readers.
    """
    institution = people.current_institution()
    day = institution.day(now)
    begun = SkippedWeek.objects.filter(institution=institution, monday__lte=day).values_list("monday", flat=True)
    plans = Plan.objects.filter(institution=institution).values_list("pk", flat=True)
    waves = [
        (wave.id, wave.state, wave.release, _is_readable(wave, now), str(_state(wave, now)), _public_reason(wave))
        for wave in _waves(institution)
    ]
    opening = institution.day(now - OPENS_AFTER_MIDNIGHT)  # a skipped week begins when its wave would have opened
    known = [str(institution.pk), str(day), str(opening), str(institution.first_round_on), *plans, *begun, *waves]
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _points(institution: Institution, leaves: set[str], now: datetime) -> dict[str, tuple[LeafWeek, ...]]:
    waves = _waves(institution)
    bodies = published.releases((wave.release, wave.wave_sheet) for wave in waves if _is_readable(wave, now))
    plans = {plan.pk: leaves_of(plan) for plan in Plan.objects.filter(institution=institution)}
    found: dict[str, list[LeafWeek]] = {leaf: [] for leaf in leaves}
    for wave in waves:
        state = _state(wave, now)
        if state is None:
            continue
        for leaf in plans[wave.plan_id].leaves_of(wave.weeks):
            if leaf.id in leaves:
                found[leaf.id].append(_week(wave, leaf, state, bodies.get(wave.release)))
    for week in _never_announced(institution, {wave.id for wave in waves}, now):
        for leaf_id, skipped in week.items():
            if leaf_id in leaves:
                found[leaf_id].append(skipped)
    return {leaf: tuple(sorted(weeks, key=lambda week: week.week_of)) for leaf, weeks in found.items()}


def _waves(institution: Institution) -> list[Wave]:
    return list(Wave.objects.filter(institution=institution).order_by("closes_at", "id"))


def _is_readable(wave: Wave, now: datetime) -> bool:
    return bool(wave.release) and wave.burned_at is not None and wave.publishes_at <= now


def _state(wave: Wave, now: datetime) -> WeekState | None:
    """Return what a reader may know of a wave; None while it is only announced or open. SHOWN: see its release."""
    match WaveState(wave.state):
        case WaveState.VOIDED:
            ended = WeekState.NOT_ASKED if wave.frozen else WeekState.VOID
            return ended if wave.opens_at <= now else None
        case WaveState.WITHDRAWN:
            return WeekState.NOT_ASKED if wave.opens_at <= now else None
        case WaveState.ANNOUNCED:
            return None
        case WaveState.OPEN | WaveState.TALLIED if wave.burned_at is None:
            return WeekState.NOT_BURNED if wave.closes_at <= now else None
        case _:
            return WeekState.SHOWN if _is_readable(wave, now) else WeekState.NOT_PUBLISHED


def _week(wave: Wave, leaf: Leaf, state: WeekState, body: published.Release | None) -> LeafWeek:
    week_of = wave.last_monday
    if state is not WeekState.SHOWN or body is None:
        reason = _public_reason(wave)
        return LeafWeek(wave.id, week_of, state, units=leaf.units, reason=reason, demo=wave.demo)
    figures = body.leaves.get(leaf.id)
    if figures is None:  # fewer than 11 people were left at the opening
        return LeafWeek(wave.id, week_of, WeekState.NOT_ASKED, units=leaf.units, demo=wave.demo)
    return LeafWeek(
        wave=wave.id,
        week_of=week_of,
        state=WeekState.SHOWN if figures.n else WeekState.TOO_FEW,
        n=figures.n,
        eligible=figures.eligible,
        index=figures.index,
        items=figures.items if figures.n else None,
        units=figures.units,
        demo=wave.demo,
        promise=figures.promise,
    )


def _public_reason(wave: Wave) -> Words | None:
    """Return why the wave ended without a result; what one person wrote who asked for a void is nobody's to read yet."""
    if wave.state not in {WaveState.VOIDED, WaveState.WITHDRAWN}:
        return None
    return {"en": wave.reason_en, "es": wave.reason_es}


def _never_announced(institution: Institution, known: set[str], now: datetime) -> Iterable[dict[str, LeafWeek]]:
    """
    Return, by leaf, the waves that nobody was asked in and that the chain does not know.

    They were skipped before they were announced, or passed while fewer than 11 people could be asked.
    """
    reasons = {
        week.monday: {"en": week.reason_en, "es": week.reason_es}
        for week in SkippedWeek.objects.filter(institution=institution)
    }
    for stretch, times in planning.waves_not_asked(institution, known, now):
        reason = _why_skipped(times, reasons) if times.skipped else None
        not_asked = partial(LeafWeek, times.wave, times.last_monday, WeekState.NOT_ASKED, reason=reason)
        yield {leaf.id: not_asked(units=leaf.units) for leaf in leaves_of(stretch.plan).leaves_of(times.weeks)}
