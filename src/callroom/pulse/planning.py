"""The calendar and the leaf plan: who counts where on a day, for actions, queries and aggregates alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import translation

from callroom.core.disclosure import plan_payload
from callroom.core.timetable.waves import Calendar, first_monday
from callroom.kit.wording import joined
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse.models import Plan, SkippedWeek

CHANGE_WEEKS: Final = (0, 12, 24, 36)
"""Weeks of the academic year after which moves between units take effect: all series are closed then."""


def calendar_of(institution: Institution) -> Calendar:
    """Return what the institution's waves follow."""
    skipped = SkippedWeek.objects.filter(institution=institution).values_list("monday", flat=True)
    month, day = institution.academic_year_month, institution.academic_year_day
    return Calendar(institution.zone, month, day, frozenset(skipped))


def plan_of_year(institution: Institution, academic_year: date) -> Plan | None:
    """Return the plan of the academic year that starts on this day."""
    return Plan.objects.filter(institution=institution, academic_year=academic_year).first()


def plan_at(institution: Institution, now: datetime) -> Plan | None:
    """Return the plan of the present academic year, else the latest one."""
    year = calendar_of(institution).academic_year_of(institution.day(now))
    plans = Plan.objects.filter(institution=institution)
    return plans.filter(academic_year=year).first() or plans.order_by("-academic_year").first()


def leaves_of(plan: Plan) -> plan_payload.Plan:
    """Return the plan's contents."""
    return plan_payload.Plan.from_payload(plan.payload)


def reference_day(plan: Plan, day: date) -> date:
    """Return the day whose home programmes decide where people count on ``day``: the latest change date before it."""
    first = first_monday(plan.academic_year)
    changes = [first + timedelta(weeks=weeks) for weeks in CHANGE_WEEKS]
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
