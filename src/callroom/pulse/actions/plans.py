"""The leaf plan of an academic year: made from a day's roster and last year's bands, changed only at its change dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.disclosure import leaf_plan, plan_payload
from callroom.core.disclosure.plan_changes import change_monday, changed
from callroom.core.disclosure.plan_figures import rates_for
from callroom.core.disclosure.rates import Rates
from callroom.core.timetable.waves import PUBLISHES, first_monday, local_instant
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import planning, rules
from callroom.pulse.models import Plan, Wave
from callroom.pulse.states import WaveState

NEWCOMER: Final = timedelta(weeks=4)
"""Who came later than this before a plan is made does not count towards its minimum: see ``plan_units``."""


class TooFewPeople(Exception):
    """Fewer than 11 people are eligible in the whole institution: nobody is asked."""


class FiguresMissing(Exception):
    """A wave that the plan has to be made from is not finished yet: it is closed, burned and published first."""


@transaction.atomic
def make_plan(*, institution: Institution, academic_year: date, now: datetime) -> Plan:
    """
    Return the first plan of the academic year; when there is none yet, make it from today's roster and published rates.

    :raises TooFewPeople, FiguresMissing: see there; nothing is stored, and it can be tried again
    """
    made = Plan.objects.filter(institution=institution, academic_year=academic_year).first()
    if made is not None:
        return made
    day = institution.day(now)
    units = plan_units(day, without=_newcomers(institution, academic_year, day) | rules.unconfirmed(institution))
    contents = plan_payload.Plan.of(academic_year, units, _rates(institution, academic_year, units))
    if not contents.leaves:
        raise TooFewPeople
    plan = Plan.objects.create(
        institution=institution, academic_year=academic_year, made_on=day, payload=contents.to_payload()
    )
    _record(Tag.PLAN_MADE, plan, contents, now)
    return plan


@transaction.atomic
def settle_changes(*, institution: Institution, academic_year: date, now: datetime) -> None:
    """
    Settle each change date of the year that is a week away or less: keep or change the plan from what was published.

    :raises FiguresMissing: see there; nothing is stored for that date, and it can be tried again
    """
    plans = list(Plan.objects.filter(institution=institution, academic_year=academic_year))
    for after in planning.changes_ahead(plans) if plans else ():
        settled_on = planning.settled_on(academic_year, after)
        if now < local_instant(settled_on, PUBLISHES, institution.zone):
            return
        plans.append(_settle(institution, plans[-1], after, now))


def _settle(institution: Institution, before: Plan, after: int, now: datetime) -> Plan:
    monday = change_monday(before.academic_year, after)
    _must_be_finished(institution, monday)
    day = institution.day(now)
    present = planning.leaves_of(before)
    contents = changed(
        present,
        after=after,
        waves=planning.published_waves(institution, before.academic_year),
        added=_new_units(present, day),
    )
    plan = Plan.objects.create(
        institution=institution,
        academic_year=before.academic_year,
        from_week=after,
        made_on=day,
        payload=contents.to_payload(),
    )
    if contents != present:
        _record(Tag.PLAN_CHANGED, plan, contents, now)
    return plan


def _new_units(present: plan_payload.Plan, day: date) -> tuple[leaf_plan.PlanUnit, ...]:
    """Return the units that are in no leaf but have people by now, and what stands above them that the plan lacks."""
    units = {unit.id: unit for unit in plan_units(day)}
    counted = {unit for leaf in present.leaves for unit in leaf.units}
    known = {unit.id for unit in present.all_units}
    found = {unit.id: unit for unit in units.values() if unit.eligible and unit.id not in counted}
    for unit in tuple(found.values()):
        above = unit.parent
        while above is not None and above not in known and above not in found:
            found[above] = units[above]
            above = units[above].parent
    return tuple(found[unit] for unit in sorted(found))


def _rates(institution: Institution, academic_year: date, units: tuple[leaf_plan.PlanUnit, ...]) -> dict[str, Rates]:
    """Return the rates of last year for the units that there still are."""
    last = Plan.objects.filter(institution=institution, academic_year__lt=academic_year).last()
    if last is None:
        return {}
    monday = first_monday(academic_year)
    _must_be_finished(institution, monday)
    waves = planning.published_waves(institution, last.academic_year)
    known = rates_for(waves, academic_year, monday)
    return {unit.id: known[unit.id] for unit in units if unit.id in known}


def _must_be_finished(institution: Institution, monday: date) -> None:
    """:raises FiguresMissing: unless every wave that counts towards what takes effect on this Monday has ended"""
    states = [WaveState.ANNOUNCED, WaveState.OPEN, WaveState.TALLIED]
    until = local_instant(monday - timedelta(weeks=1), PUBLISHES, institution.zone)
    if Wave.objects.filter(institution=institution, state__in=states, publishes_at__lte=until).exists():
        raise FiguresMissing


def _record(tag: Tag, plan: Plan, contents: plan_payload.Plan, now: datetime) -> None:
    details = {"leaves": len(contents.leaves), "from_week": plan.from_week}
    audit.record(by=None, tag=tag, about=plan.academic_year.isoformat(), now=now, details=details)


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
