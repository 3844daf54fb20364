"""The calendar and the leaf plan: who counts where on a day, for actions, queries and aggregates alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import translation

from callroom.core.anonymity.promises import CHANGE_WEEKS
from callroom.core.anonymity.sheets import WaveSheet
from callroom.core.disclosure import plan_payload
from callroom.core.disclosure.leaf_plan import Leaf
from callroom.core.disclosure.plan_changes import change_monday, week_of_year
from callroom.core.disclosure.plan_figures import PublishedWave, published_wave
from callroom.core.timetable.waves import WEEKS_SERIES, Calendar, WaveTimes, first_monday
from callroom.kit.wording import joined
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse.models import ChainPayload, Plan, SkippedWeek, Wave
from callroom.pulse.states import WaveState

BEFORE_THE_FIRST: Final[Mapping[str, str]] = {
    "en": "Callroom is being set up",
    "es": "Se está preparando Callroom",
}
"""Why nobody is asked in a week before the first round, in a round that would begin in one."""


def calendar_of(institution: Institution) -> Calendar:
    """Return what the institution's waves follow."""
    skipped = SkippedWeek.objects.filter(institution=institution).values_list("monday", flat=True)
    month, day = institution.academic_year_month, institution.academic_year_day
    return Calendar(institution.zone, month, day, frozenset(skipped), institution.first_round_on)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A week in which nobody is asked."""

    monday: date
    reason: Mapping[str, str]


def skipped_weeks(institution: Institution, *, now: datetime) -> tuple[Skipped, ...]:
    """Return the weeks that are skipped, this one and later."""
    this_week = institution.day(now) - timedelta(days=6)
    weeks = SkippedWeek.objects.filter(institution=institution, monday__gte=this_week)
    return tuple(Skipped(week.monday, {"en": week.reason_en, "es": week.reason_es}) for week in weeks)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From which Monday to which (not included) a plan decides who counts where."""

    plan: Plan
    from_on: date
    until: date


def stretches_of(institution: Institution, academic_year: date) -> tuple[Stretch, ...]:
    """
    Return the settled part of an academic year, in order; the last ends at the next change date that is not settled.

    Nothing may be announced beyond it: nobody knows yet who will count where.
    """
    plans = list(Plan.objects.filter(institution=institution, academic_year=academic_year))
    if not plans:
        return ()
    starts = [change_monday(academic_year, plan.from_week) for plan in plans]
    ahead = changes_ahead(plans)
    following = academic_year.replace(year=academic_year.year + 1)
    end = change_monday(academic_year, ahead[0]) if ahead else first_monday(following)
    return tuple(Stretch(*parts) for parts in zip(plans, starts, [*starts[1:], end], strict=True))


def changes_ahead(plans: Sequence[Plan]) -> tuple[int, ...]:
    """
    Return the change dates of a year that are not settled, as weeks; ``plans``: those of the year, in order.

    A change that would have been settled before the year's first plan was made does not happen.
    """
    first, last = plans[0], plans[-1]
    return tuple(
        after
        for after in CHANGE_WEEKS
        if after > last.from_week and settled_on(first.academic_year, after) >= first.made_on
    )


def settled_on(academic_year: date, after: int) -> date:
    """Return the Monday on which a change after this week is settled: a week before, so that people know beforehand."""
    return change_monday(academic_year, after) - timedelta(weeks=1)


def plan_at(institution: Institution, now: datetime) -> Plan | None:
    """Return the plan in force in this week of the present academic year, else the latest one."""
    today = institution.day(now)
    year = calendar_of(institution).academic_year_of(today)
    plans = Plan.objects.filter(institution=institution)
    of_year = plans.filter(academic_year=year, from_week__lte=max(0, week_of_year(year, today)))
    return of_year.last() or plans.last()


def coming_leaves(institution: Institution, plan: Plan, now: datetime) -> tuple[date, Mapping[str, Leaf]] | None:
    """Return from which day the next plan of the year holds, once it is settled, and the leaf of each unit in it."""
    later = Plan.objects.filter(
        institution=institution, academic_year=plan.academic_year, from_week__gt=plan.from_week
    ).first()
    if later is None:
        return None
    from_on = change_monday(later.academic_year, later.from_week)
    if from_on <= institution.day(now):
        return None
    return from_on, {unit: leaf for leaf in leaves_of(later).leaves for unit in leaf.units}


def waves_not_asked(institution: Institution, known: set[str], now: datetime) -> Iterator[tuple[Stretch, WaveTimes]]:
    """
    Return the waves of settled weeks that nobody was asked in, each with the stretch of its plan.

    Skipped ones that would be open by now, and those that passed since the plan was made; ``known``: waves that were
    announced. One that was over before there was a plan is none, unless a person skipped weeks of it.
    """
    today, calendar = institution.day(now), calendar_of(institution)
    years = Plan.objects.filter(institution=institution).values_list("academic_year", flat=True)
    for year in sorted(set(years)):
        for stretch in stretches_of(institution, year):
            for times in waves_in(stretch, calendar):
                made_on = stretch.plan.made_on
                passed = made_on < times.monday and times.last_sunday < today
                off = times.skipped and times.opens_at <= now and (times.weeks_off or times.last_monday >= made_on)
                if times.wave not in known and (passed or off):
                    yield stretch, times


def waves_in(stretch: Stretch, calendar: Calendar) -> Iterator[WaveTimes]:
    """Return the waves of a stretch, skipped ones among them, one series after another."""
    for weeks in sorted({leaf.weeks for leaf in leaves_of(stretch.plan).leaves}):
        for times in calendar.waves_of_year(stretch.plan.academic_year, WEEKS_SERIES[weeks]):
            if stretch.from_on <= times.monday < stretch.until:
                yield times


def waves_of_settled_weeks(institution: Institution, academic_year: date) -> Iterator[tuple[Plan, WaveTimes]]:
    """Return the waves of a year's settled weeks with the plan that each is asked on, skipped ones among them."""
    calendar = calendar_of(institution)
    for stretch in stretches_of(institution, academic_year):
        for times in waves_in(stretch, calendar):
            yield stretch.plan, times


def published_waves(institution: Institution, since: date) -> tuple[PublishedWave, ...]:
    """Return what was published of waves of academic years that began on ``since`` or later."""
    waves = Wave.objects.filter(
        institution=institution, state=WaveState.RELEASED, plan__academic_year__gte=since
    ).values_list("wave_sheet", "release")
    data = ChainPayload.objects.in_bulk([sha256 for pair in waves for sha256 in pair])
    return tuple(
        published_wave(WaveSheet.from_bytes(bytes(data[sheet].data)), json.loads(bytes(data[release].data)))
        for sheet, release in waves
    )


def leaves_of(plan: Plan) -> plan_payload.Plan:
    """Return the plan's contents."""
    return plan_payload.Plan.from_payload(plan.payload)


def reference_day(plan: Plan, day: date) -> date:
    """Return the day whose home programmes decide where people count on ``day``: the latest change date before it."""
    changes = [change_monday(plan.academic_year, weeks) for weeks in (0, *CHANGE_WEEKS)]
    return max([plan.made_on, *(change for change in changes if change <= day)])


def people_by_leaf(plan: Plan, day: date) -> dict[str, tuple[UUID, ...]]:
    """
    Return who counts in each leaf on this day, sorted: eligible that day, by their home programme on the reference day.

    Who came later counts where they came to. Who moved counts where they were, until the next change date.
    """
    leaf_of_unit = {unit: leaf.id for leaf in leaves_of(plan).leaves for unit in leaf.units}
    homes = people.homes_on(reference_day(plan, day))
    found: dict[str, list[UUID]] = {}
    for unit, persons in people.eligible_on(day).items():
        for person in persons:
            leaf = leaf_of_unit.get(homes.get(person, unit))
            if leaf is not None:
                found.setdefault(leaf, []).append(UUID(person))
    return {leaf: tuple(sorted(found[leaf])) for leaf in sorted(found)}


def eligible_people(day: date) -> frozenset[UUID]:
    """Return everybody who is asked on this day, wherever they count."""
    return frozenset(UUID(person) for persons in people.eligible_on(day).values() for person in persons)


def label_of(units: tuple[str, ...], names: Mapping[str, people.UnitRow]) -> dict[str, str]:
    """Return the name of a leaf in both languages: its units' names, joined."""
    labels = {}
    for language in ("en", "es"):
        with translation.override(language):
            labels[language] = joined(names[unit].name if unit in names else unit for unit in units)
    return labels
