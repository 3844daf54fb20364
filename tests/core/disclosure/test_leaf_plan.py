"""Who is counted with whom, and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.disclosure.leaf_plan import WAVE_MINIMUMS, BadPlan, Leaf, PlanUnit, cluster_of, make_plan
from callroom.core.disclosure.plan_changes import in_week
from callroom.core.disclosure.plan_payload import Plan
from callroom.core.disclosure.rates import Rates
from tests.core.disclosure.strategies import counted, rates, trees

HOSPITAL = PlanUnit("hospital", None, "institution", 0)


def department(name: str, **programmes: int) -> list[PlanUnit]:
    """Return a department of the hospital with its programmes and their people."""
    below = [PlanUnit(programme, name, "programme", people) for programme, people in programmes.items()]
    return [PlanUnit(name, "hospital", "department", 0), *below]


def plan(*departments: list[PlanUnit], known: dict[str, Rates] | None = None) -> dict[str, int]:
    """Return the leaves of a hospital with their lengths."""
    units = [HOSPITAL, *(unit for below in departments for unit in below)]
    return {leaf.id: leaf.weeks for leaf in make_plan(units, known or {})}


def some_rates() -> st.SearchStrategy[dict[str, Rates]]:
    names = [f"{kind}-{number:02d}" for kind in ("programme", "site") for number in range(14)]
    return st.dictionaries(st.sampled_from(names), rates(), max_size=14)


# Lengths


@pytest.mark.parametrize(
    ("eligible", "leaves"),
    [
        (20, {"a": 1}),  # 0.50 x 20 = 10
        (19, {"a": 2}),  # 9.5 in one week, 0.65 x 19 = 12.35 in two
        (14, {"a": 2}),  # 9.1 in two weeks
        (13, {"a": 4}),  # 8.45 in two, 9.75 in four
        (12, {"a": 4}),  # 0.75 x 12 = 9, exactly
        (11, {"a": 4}),  # 8.25: stands at no length, but is all there is
        (10, {}),  # fewer than 11 in the institution: no wave
    ],
)
def test_lengths_where_nothing_is_known(eligible, leaves):
    assert plan(department("medicine", a=eligible)) == leaves


@pytest.mark.parametrize(
    ("eligible", "weekly", "weeks"),
    [
        (14, Fraction(10, 14), 1),  # exactly 10 expected
        (13, Fraction(1), 2),  # everyone answers, but 13 people are too few for a weekly figure
        (11, Fraction(1), 4),
        (12, Fraction(6, 10), 4),  # 0.744 x 12 = 8.93 in two weeks, 0.84 x 12 = 10.08 in four
    ],
)
def test_lengths_at_known_rates(eligible, weekly, weeks):
    assert plan(department("medicine", a=eligible), known={"a": Rates(weekly)}) == {"a": weeks}


# Joining


def test_small_units_join_each_other_and_leave_large_ones_alone():
    assert plan(department("medicine", a=30, b=8, c=7, d=40)) == {"a": 1, "d": 1, "b+c": 2}


def test_the_two_with_the_fewest_are_joined_first():
    assert plan(department("medicine", a=9, b=8, c=7, d=6)) == {"c+d": 4, "a+b": 2}


def test_ties_go_by_id():
    assert plan(department("medicine", d=6, c=6, b=6, a=6)) == {"a+b": 4, "c+d": 4}


def test_one_left_over_joins_the_joined_leaf_with_the_fewest():
    assert plan(department("medicine", a=10, b=9, c=8, d=7, e=7)) == {"a+d+e": 1, "b+c": 2}


def test_one_left_over_is_handed_up_and_joined_there():
    medicine = department("medicine", a=30, b=8)
    surgery = department("surgery", c=30, d=7)

    assert plan(medicine, surgery) == {"a": 1, "c": 1, "b+d": 2}


def test_one_handed_up_joins_a_joined_leaf_of_another_department():
    medicine = department("medicine", a=30, b=8)
    surgery = department("surgery", c=30, d=7, e=7)

    assert plan(medicine, surgery) == {"a": 1, "c": 1, "b+d+e": 1}


def test_the_last_of_all_joins_the_leaf_with_the_fewest():
    medicine = department("medicine", a=30, b=3)
    surgery = department("surgery", c=25)

    assert plan(medicine, surgery) == {"a": 1, "b+c": 1}


def test_people_on_a_site_of_a_programme_join_the_programme():
    units = [
        HOSPITAL,
        PlanUnit("em", "hospital", "programme", 8),
        PlanUnit("em-north", "em", "site", 9),
        PlanUnit("em-south", "em", "site", 25),
    ]

    assert {leaf.id for leaf in make_plan(units, {})} == {"em+em-north", "em-south"}


def test_a_unit_without_people_is_in_no_leaf():
    assert plan(department("medicine", a=30, b=0)) == {"a": 1}


def test_several_roots_are_planned_together():
    units = [PlanUnit("a", None, "community", 8), PlanUnit("b", None, "community", 7)]

    assert make_plan(units, {}) == (Leaf("a+b", ("a", "b"), 2),)


# What always holds


@given(units=trees(), known=some_rates())
def test_everybody_is_in_exactly_one_leaf_and_one_series(units, known):
    leaves = make_plan(units, known)

    people = counted(units)
    places = Counter(unit for leaf in leaves for unit in leaf.units)
    if sum(people.values()) < 11:
        assert leaves == ()
    else:
        assert places == Counter(people.keys())
    assert len({leaf.id for leaf in leaves}) == len(leaves)
    assert all(leaf.weeks in (1, 2, 4) and leaf.id == "+".join(sorted(leaf.units)) for leaf in leaves)


@given(units=trees(), known=some_rates())
def test_every_leaf_stands_unless_the_whole_institution_does_not(units, known):
    leaves = make_plan(units, known)

    by_id = {unit.id: unit for unit in units}
    for leaf in leaves:
        whole = cluster_of(by_id[leaf.units[0]], known.get(leaf.units[0]))
        for unit in leaf.units[1:]:
            whole = whole.joined(cluster_of(by_id[unit], known.get(unit)))
        length = whole.length(WAVE_MINIMUMS)
        assert whole.eligible >= 11
        assert length == leaf.weeks or (length is None and len(leaves) == 1 and leaf.weeks == 4)


@given(units=trees(), known=some_rates())
def test_a_standing_unit_is_joined_only_when_there_is_no_other_way(units, known):
    leaves = make_plan(units, known)

    standing = {
        unit.id
        for unit in units
        if unit.eligible and cluster_of(unit, known.get(unit.id)).length(WAVE_MINIMUMS) is not None
    }
    helping = [leaf for leaf in leaves if len(leaf.units) > 1 and standing & set(leaf.units)]
    if helping:
        assert len(helping) == 1
        assert len(standing & set(helping[0].units)) == 1
        assert [leaf for leaf in leaves if len(leaf.units) > 1] == helping
        small = [unit for unit in helping[0].units if unit not in standing]
        together = cluster_of(next(unit for unit in units if unit.id == small[0]), known.get(small[0]))
        for name in small[1:]:
            together = together.joined(cluster_of(next(u for u in units if u.id == name), known.get(name)))
        assert together.length(WAVE_MINIMUMS) is None


@given(units=trees(), known=some_rates(), order=st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(units, known, order):
    shuffled = list(units)
    order.shuffle(shuffled)
    names = list(known)
    order.shuffle(names)

    assert make_plan(shuffled, {name: known[name] for name in names}) == make_plan(units, known)


# What cannot be planned


@pytest.mark.parametrize(
    "units",
    [
        [HOSPITAL, HOSPITAL],
        [PlanUnit("a", "nowhere", "programme", 12)],
        [PlanUnit("a", "b", "department", 0), PlanUnit("b", "a", "department", 0)],
        [PlanUnit("a", "a", "programme", 12)],
        [PlanUnit("a+b", None, "programme", 12)],
        [PlanUnit("", None, "programme", 12)],
        [PlanUnit("a", None, "programme", -1)],
        [PlanUnit("a", None, "department", 12)],
    ],
)
def test_what_is_no_tree_of_people_is_refused(units):
    with pytest.raises(BadPlan):
        make_plan(units, {})


# As wave sheets print it


def test_a_plan_can_be_repeated_from_its_payload():
    units = (HOSPITAL, *department("medicine", b=8, a=30, c=7))
    made = Plan.of(date(2026, 7, 1), units, {"a": Rates(Fraction(6, 10)), "b": Rates()})

    read = Plan.from_payload(made.to_payload())

    assert in_week(read, 0, []) == made
    assert read == made
    assert [leaf.id for leaf in read.leaves_of(2)] == ["b+c"]
    assert made.to_payload()["rates"] == {"a": {"1": [3, 5]}}


def test_a_plan_that_does_not_follow_is_refused():
    units = (HOSPITAL, *department("medicine", b=8, a=30, c=7))
    made = Plan.of(date(2026, 7, 1), units, {})
    apart = replace(made, leaves=(Leaf("a", ("a",), 1), Leaf("b", ("b",), 4), Leaf("c", ("c",), 4)))

    assert in_week(apart, 0, []) == made != apart


def test_rates_of_a_stranger_are_refused():
    with pytest.raises(BadPlan, match="no such unit"):
        Plan.of(date(2026, 7, 1), (HOSPITAL,), {"a": Rates(Fraction(1, 2))})


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"academic_year": "last year"},
        {"academic_year": 2026},
        {"units": "all"},
        {"units": [{"id": "a"}]},
        {"units": [{"id": "a", "parent": None, "kind": "programme", "eligible": "many"}]},
        {"rates": []},
        {"rates": {"a": {"1": [2, 4]}}},
        {"leaves": [{"leaf": "a", "units": [1], "weeks": 1}]},
    ],
)
def test_a_malformed_plan_is_refused(change):
    made = Plan.of(date(2026, 7, 1), (HOSPITAL, *department("medicine", a=30)), {})

    with pytest.raises(BadPlan):
        Plan.from_payload({**made.to_payload(), **change})
