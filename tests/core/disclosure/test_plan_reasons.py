"""Why a unit is counted alone or together."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given

from callroom.core.disclosure.leaf_plan import WAVE_MINIMUMS, PlanUnit, make_plan
from callroom.core.disclosure.plan_reasons import PlanReason, Shortfall, Why, explain
from callroom.core.disclosure.rates import Rates
from tests.core.disclosure.strategies import counted, trees

HOSPITAL = PlanUnit("hospital", None, "institution", 0)


def reasons(known: dict[str, Rates] | None = None, **programmes: int) -> dict[str, PlanReason]:
    units = [HOSPITAL, *(PlanUnit(name, "hospital", "programme", people) for name, people in programmes.items())]
    return explain(units, known or {}, make_plan(units, known or {}))


def test_a_large_programme_stands_alone_every_week():
    reason = reasons(surgery=30)["surgery"]

    assert (reason.why, reason.shorter, reason.joined_with) == (Why.ALONE, None, ())


def test_why_not_every_week():
    by_people = reasons({"surgery": Rates(Fraction(1))}, surgery=13)["surgery"]
    by_answers = reasons(surgery=16)["surgery"]

    assert (by_people.why, by_people.shorter, by_people.leaf_eligible) == (Why.ALONE, Shortfall.PEOPLE, 13)
    assert by_people.shorter_needs == WAVE_MINIMUMS[1]
    assert by_answers.shorter is Shortfall.EXPECTED


def test_why_together():
    found = reasons(surgery=30, fellows=4, pathology=11)

    assert found["fellows"].why is Why.TOO_FEW_PEOPLE
    assert found["fellows"].joined_with == ("pathology",)
    assert found["pathology"].why is Why.TOO_FEW_EXPECTED
    assert found["pathology"].expected_tenths == 82  # 0.75 x 11 = 8.25, half to even
    assert found["pathology"].needed == WAVE_MINIMUMS[4]
    assert found["surgery"].why is Why.ALONE


def test_a_programme_that_takes_in_the_last_one_left():
    found = reasons(surgery=30, fellows=4)

    assert found["surgery"].why is Why.TAKES_IN
    assert found["surgery"].leaf_eligible == 34
    assert found["fellows"].joined_with == ("surgery",)


def test_nobody_to_ask():
    found = reasons(surgery=30, archive=0)

    assert found["archive"].why is Why.NOBODY
    assert found["archive"].leaf is None
    assert found["archive"].joined_with == ()
    assert "hospital" not in found


def test_an_institution_that_is_too_small():
    assert reasons(surgery=10)["surgery"].why is Why.NOBODY


@given(units=trees())
def test_everybody_who_is_counted_has_a_reason(units):
    leaves = make_plan(units, {})
    found = explain(units, {}, leaves)

    assert counted(units).keys() <= found.keys()
    assert all((reason.leaf is None) == (reason.why is Why.NOBODY) for reason in found.values())
    assert all(reason.unit in reason.leaf.units for reason in found.values() if reason.leaf)
