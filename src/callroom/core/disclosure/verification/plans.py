"""Checking the leaf plan in each wave sheet: made again from figures that were published before it, in exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

from callroom.core.anonymity.canonical import Json
from callroom.core.anonymity.sheets import WaveSheet
from callroom.core.disclosure.leaf_plan import BadPlan
from callroom.core.disclosure.plan_changes import in_week, week_of_year
from callroom.core.disclosure.plan_figures import PublishedWave, published_wave, rates_for
from callroom.core.disclosure.plan_payload import Plan
from callroom.core.timetable.waves import first_monday, parse_wave_id


class Plans:
    """The plans of one chain, and the figures that later ones are made of."""

    def __init__(self) -> None:
        """Start before the first sheet."""
        self._published: list[PublishedWave] = []
        self._made_of: dict[date, tuple[object, object]] = {}

    def check(self, sheet: WaveSheet) -> Plan:
        """
        Return the plan of a sheet that opens now.

        It is for the academic year in which the wave opens; its units and rates are the same all year; the rates are
        those that follow from last year's published bands; its leaves follow from both, and from this year's gaps.

        :raises BadPlan: if any of this does not hold
        """
        plan = Plan.from_payload(sheet.plan)
        monday = parse_wave_id(sheet.wave)[1]
        following = plan.academic_year.replace(year=plan.academic_year.year + 1)
        if not first_monday(plan.academic_year) <= monday < first_monday(following):
            raise BadPlan(f"{sheet.wave} opens in another academic year than its plan is for")
        self._check_rates(plan)
        made_of = (plan.units, plan.rates)
        if self._made_of.setdefault(plan.academic_year, made_of) != made_of:
            raise BadPlan(f"units or rates of the academic year from {plan.academic_year} have changed")
        if in_week(plan, week_of_year(plan.academic_year, monday), self._published) != plan:
            raise BadPlan("the leaves do not follow from the units, rates and published figures")
        return plan

    def _check_rates(self, plan: Plan) -> None:
        known = rates_for(self._published, plan.academic_year, first_monday(plan.academic_year))
        units = {unit.id for unit in plan.units}
        if plan.rates != {unit: rates for unit, rates in known.items() if unit in units}:
            raise BadPlan("the rates are not those that follow from last year's published figures")

    def publish(self, sheet: WaveSheet, body: Json) -> None:
        """Remember what a checked release says of its leaves."""
        self._published.append(published_wave(sheet, cast("Mapping[str, object]", body)))
