"""The leaf plan of an academic year, made once from the roster of a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.disclosure import leaf_plan, plan_payload
from callroom.core.timetable.waves import first_monday
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import planning
from callroom.pulse.models import Plan

NEWCOMER: Final = timedelta(weeks=4)
"""Who came later than this before a plan is made does not count towards its minimum: see ``plan_units``."""


class TooFewPeople(Exception):
    """Fewer than 11 people are eligible in the whole institution: nobody is asked."""


@transaction.atomic
def make_plan(*, institution: Institution, academic_year: date, now: datetime) -> Plan:
    """
    Return the plan of the academic year; when there is none yet, make it from today's roster.

    :raises TooFewPeople: see there; nothing is stored, and it can be tried again
    """
    made = planning.plan_of_year(institution, academic_year)
    if made is not None:
        return made
    day = institution.day(now)
    contents = plan_payload.Plan.of(
        academic_year, plan_units(day, without=_newcomers(institution, academic_year, day)), {}
    )
    if not contents.leaves:
        raise TooFewPeople
    plan = Plan.objects.create(
        institution=institution, academic_year=academic_year, made_on=day, payload=contents.to_payload()
    )
    leaves = len(contents.leaves)
    audit.record(by=None, tag=Tag.PLAN_MADE, about=academic_year.isoformat(), now=now, details={"leaves": leaves})
    return plan


def plan_units(day: date, *, without: frozenset[str] = frozenset()) -> tuple[leaf_plan.PlanUnit, ...]:
    """Return the unit tree with how many people are eligible in each programme on this day; some ids are left out."""
    eligible = people.eligible_on(day)
    return tuple(
        leaf_plan.PlanUnit(row.id, row.parent, str(row.kind.value), len(set(eligible.get(row.id, ())) - without))
        for row in people.units_tree()
    )


def _newcomers(institution: Institution, academic_year: date, day: date) -> frozenset[str]:
    """
    Return who does not help a unit to stand alone yet: invented residents could make a group in which one is real.

    The rollover counts: who came by the first Monday of the academic year. So does everybody in an institution's first
    plan, whose whole roster may be of yesterday.
    """
    if not Plan.objects.filter(institution=institution).exists():
        return frozenset()
    return people.come_after(max(day - NEWCOMER, first_monday(academic_year)))
