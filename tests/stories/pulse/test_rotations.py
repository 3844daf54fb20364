"""Who rotates counts where they did: in the plan, and in the registers and sheets of rounds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.world.waves import BEFORE, MONDAY, WAVE

from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.pulse import jobs, planning, queries
from callroom.pulse.actions.plans import make_plan
from callroom.pulse.models import Plan, Wave
from callroom.pulse.stores.register import Register
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
THIS_YEAR, NEXT_YEAR = date(2026, 3, 1), date(2027, 3, 1)
ROLLOVER = datetime(2027, 3, 1, 18, tzinfo=UTC)


def rotate(institution: Institution, persons: list[Person], unit: str) -> None:
    """Bring in a file by which these people rotate through a unit, from before the first plan on and without an end."""
    rows = "".join(f"{person.external_id},{unit},2026-02-01,\n" for person in persons)
    file = f"external_id,unit,from,to\n{rows}".encode()
    people.import_roster(content=file, institution=institution, by=None, now=BEFORE)


def test_a_plan_is_made_of_programmes(staffed: Residents, hospital: Institution) -> None:
    without = planning.leaves_of(make_plan(institution=hospital, academic_year=THIS_YEAR, now=BEFORE))
    rotate(hospital, [*staffed["emergency"][:20], *staffed["urology"]], "dermatology")

    with_them = planning.leaves_of(make_plan(institution=hospital, academic_year=NEXT_YEAR, now=ROLLOVER))

    assert {unit.id: unit.eligible for unit in with_them.units} == {unit.id: unit.eligible for unit in without.units}
    assert [(leaf.id, leaf.units) for leaf in with_them.leaves] == [(leaf.id, leaf.units) for leaf in without.leaves]


def test_each_has_one_place_and_it_is_where_they_count(staffed: Residents, hospital: Institution) -> None:
    """Half of Emergency rotates through Surgery."""
    rotate(hospital, staffed["emergency"][:13], "surgery")

    jobs.tick(BEFORE)
    jobs.tick(MONDAY)

    sheet = queries.wave_sheet_of(Wave.objects.get(pk=WAVE))
    slots = Register(WaveKeys(WAVE).register_file, WAVE).slots()
    groups = {leaf.leaf: leaf.group for leaf in sheet.leaves}
    assert {leaf.leaf: leaf.eligible for leaf in sheet.leaves} == {"emergency": 26, "surgery": 24}
    for unit, group in groups.items():
        assert sorted(slot.person for slot in slots if slot.group == group) == sorted(each.pk for each in staffed[unit])


def test_who_counts_where_does_not_change_while_a_round_is_open(opened: Residents, hospital: Institution) -> None:
    plan = Plan.objects.get()
    before = planning.people_by_leaf(plan, MONDAY.date()), planning.eligible_people(MONDAY.date())

    rotate(hospital, [*opened["urology"], *opened["dermatology"]], "emergency")

    assert (planning.people_by_leaf(plan, MONDAY.date()), planning.eligible_people(MONDAY.date())) == before
