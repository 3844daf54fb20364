"""Plans of a new year from published bands, and their changes within a year: only whole, only longer, only from figures."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.disclosure.leaf_plan import BadPlan, Leaf, PlanUnit
from callroom.core.disclosure.plan_changes import CHANGE_WEEKS, change_monday, changed, in_week
from callroom.core.disclosure.plan_figures import PublishedLeaf, PublishedWave, institution_rate, known_by, rates_for
from callroom.core.disclosure.plan_payload import Plan
from callroom.core.disclosure.rates import Rates
from callroom.core.timetable.waves import first_monday

YEAR = date(2026, 7, 1)
START = first_monday(YEAR)
WEEK = timedelta(weeks=1)

UNITS = (
    PlanUnit("hospital", None, "institution", 0),
    PlanUnit("medicine", "hospital", "department", 0),
    PlanUnit("cardiology", "medicine", "programme", 12),
    PlanUnit("dermatology", "medicine", "programme", 9),
    PlanUnit("internal", "medicine", "programme", 36),
    PlanUnit("rheumatology", "medicine", "programme", 6),
    PlanUnit("surgery", "hospital", "department", 0),
    PlanUnit("general", "surgery", "programme", 27),
    PlanUnit("neuro", "surgery", "programme", 14),
    PlanUnit("urology", "surgery", "programme", 12),
)
PLAN = Plan.of(YEAR, UNITS, {})


def lengths(plan: Plan) -> dict[str, int]:
    return {leaf.id: leaf.weeks for leaf in plan.leaves}


def wave(leaf: Leaf, week: int, n_low: int | None, *, asked: bool = True, year: date = YEAR) -> PublishedWave:
    """Return the wave of one leaf that opens after so many weeks of the year."""
    leaves = {leaf.id: PublishedLeaf(leaf.units, 12, n_low)} if asked else {}
    monday = first_monday(year) + week * WEEK
    return PublishedWave(year, monday, leaf.weeks, frozenset({leaf.id}), leaves, None)


def gaps(leaf: str, count: int, *, before: int = 12, asked: bool = True) -> list[PublishedWave]:
    """Return waves of one leaf of PLAN up to a change, of which the last so many are gaps."""
    found = next(each for each in PLAN.leaves if each.id == leaf)
    weeks = range(0, before - 1 - found.weeks + 1, found.weeks)
    return [
        wave(found, week, None if place >= len(weeks) - count else 8, asked=asked or place < len(weeks) - count)
        for place, week in enumerate(weeks)
    ]


def test_the_plan_that_changes_has_every_length():
    assert lengths(PLAN) == {
        "cardiology": 4,
        "dermatology+rheumatology": 2,
        "general": 1,
        "internal": 1,
        "neuro": 2,
        "urology": 4,
    }


@pytest.mark.parametrize(
    ("leaf", "few", "after", "becomes"),
    [
        ("general", 3, 12, {"general": 2}),
        ("neuro", 1, 12, {"neuro": 4}),
        ("urology", 1, 24, {"dermatology+rheumatology+urology": 4}),
    ],
)
def test_too_many_gaps_make_waves_longer_and_then_join(leaf, few, after, becomes):
    assert changed(PLAN, after=after, waves=gaps(leaf, few, before=after)) == PLAN

    changes = lengths(changed(PLAN, after=after, waves=gaps(leaf, few + 1, before=after)))

    gone = {unit for name in becomes for unit in name.split("+")}
    others = {name: weeks for name, weeks in lengths(PLAN).items() if not gone & set(name.split("+"))}
    assert changes == others | becomes


def test_gaps_long_ago_do_not_count():
    general = next(leaf for leaf in PLAN.leaves if leaf.id == "general")
    long_ago = [wave(general, week, None if week < 4 else 24) for week in range(22)]

    assert changed(PLAN, after=24, waves=long_ago) == PLAN


def test_only_what_is_known_a_week_before_counts():
    general = next(leaf for leaf in PLAN.leaves if leaf.id == "general")
    known = [wave(general, week, None) for week in (7, 8, 9)]

    assert changed(PLAN, after=12, waves=[*known, wave(general, 11, None)]) == PLAN
    assert lengths(changed(PLAN, after=12, waves=[*known, wave(general, 10, None)]))["general"] == 2
    assert change_monday(YEAR, 12) == START + 12 * WEEK


def test_last_years_gaps_are_last_years():
    general = next(leaf for leaf in PLAN.leaves if leaf.id == "general")
    last_year = YEAR.replace(year=2025)

    assert changed(PLAN, after=12, waves=[wave(general, week, None, year=last_year) for week in range(40, 52)]) == PLAN


def test_a_leaf_that_was_not_asked_has_a_gap():
    assert lengths(changed(PLAN, after=12, waves=gaps("neuro", 2, asked=False)))["neuro"] == 4


def test_two_that_must_join_join_each_other_before_anybody_else():
    both = [*gaps("urology", 2, before=24), *gaps("cardiology", 2, before=24)]

    assert "cardiology+urology" in lengths(changed(PLAN, after=24, waves=both))


def test_a_unit_counted_alone_is_the_last_resort():
    units = (
        UNITS[0],
        PlanUnit("a", "hospital", "programme", 12),
        PlanUnit("b", "hospital", "programme", 30),
        PlanUnit("c", "hospital", "programme", 40),
    )
    plan = Plan.of(YEAR, units, {})
    only = next(leaf for leaf in plan.leaves if leaf.id == "a")
    waves = [wave(only, week, None) for week in (0, 4, 8, 12, 16)]

    assert lengths(plan) == {"a": 4, "b": 1, "c": 1}
    assert lengths(changed(plan, after=24, waves=waves)) == {"a+b": 4, "c": 1}


def test_the_only_leaf_has_nobody_to_join():
    plan = Plan.of(YEAR, (UNITS[0], PlanUnit("a", "hospital", "programme", 12)), {})
    waves = [wave(plan.leaves[0], week, None) for week in (0, 4, 8)]

    assert changed(plan, after=12, waves=waves) == plan


# Units that are new


def test_a_new_unit_joins_a_leaf_that_is_joined_already():
    new = (PlanUnit("sports", "medicine", "programme", 3),)

    plan = changed(PLAN, after=12, waves=[], added=new)

    assert lengths(plan)["dermatology+rheumatology+sports"] == 2
    assert plan.changes[0].added == new
    assert Plan.from_payload(plan.to_payload()) == plan
    assert in_week(plan, 12, []) == plan != in_week(plan, 11, [])


def test_a_new_department_comes_with_what_is_above():
    new = (PlanUnit("mother", "child", "programme", 20), PlanUnit("child", "hospital", "department", 0))

    plan = changed(PLAN, after=24, waves=[], added=new)

    assert [leaf for leaf in plan.leaves if "mother" in leaf.units] == [
        Leaf("dermatology+mother+rheumatology", ("dermatology", "mother", "rheumatology"), 2)
    ]
    assert [unit.id for unit in plan.all_units if unit.id in {"child", "mother"}] == ["child", "mother"]


@pytest.mark.parametrize(
    "added",
    [
        PlanUnit("general", "surgery", "programme", 3),
        PlanUnit("new", "nowhere", "programme", 3),
    ],
)
def test_what_cannot_be_added_is_refused(added):
    with pytest.raises(BadPlan):
        changed(PLAN, after=12, waves=[], added=(added,))


# Always


@st.composite
def figures(draw) -> list[PublishedWave]:
    """Any bands and gaps of all leaves of PLAN, and of what they may become, over a year."""
    plan, found = PLAN, []
    for start, end in zip((0, *CHANGE_WEEKS), (*CHANGE_WEEKS, 52), strict=True):
        plan = in_week(PLAN, start, found)
        for leaf in plan.leaves:
            for week in range(start, end, leaf.weeks):
                found.append(wave(leaf, week, draw(st.sampled_from([None, 8, 12]))))
    return found


@given(waves=figures())
def test_leaves_stay_whole_and_waves_are_never_shorter(waves):
    plans = [in_week(PLAN, week, waves) for week in (0, *CHANGE_WEEKS)]

    for before, after in pairwise(plans):
        units = [unit for leaf in after.leaves for unit in leaf.units]
        assert sorted(units) == sorted(unit for leaf in before.leaves for unit in leaf.units)
        for leaf in before.leaves:
            (within,) = [other for other in after.leaves if set(leaf.units) & set(other.units)]
            assert set(leaf.units) <= set(within.units)
            assert within.weeks >= leaf.weeks


@given(waves=figures(), shuffled=st.randoms())
def test_everybody_who_has_the_figures_finds_the_same_plan(waves, shuffled):
    made = in_week(PLAN, 36, waves)
    shuffled.shuffle(waves)

    assert in_week(Plan.from_payload(made.to_payload()), 36, waves) == made
    assert in_week(made, 35, waves) == in_week(made, 24, waves)


# Rates of a new year


def published(
    year: date, week: int, weeks: int, leaves: dict[str, tuple[int, int | None]], redeemed: int | None = None
):
    shown = {leaf: PublishedLeaf(tuple(leaf.split("+")), *figure) for leaf, figure in leaves.items()}
    return PublishedWave(year, first_monday(year) + week * WEEK, weeks, frozenset(leaves), shown, redeemed)


LAST = date(2025, 7, 1)


def test_a_units_rates_are_those_of_the_leaves_it_was_counted_in():
    waves = [
        *(published(LAST, week, 1, {"general": (27, 12)}) for week in range(4)),
        published(LAST, 4, 1, {"general": (27, None)}),
        published(LAST, 0, 2, {"dermatology+rheumatology": (15, 8)}),
        published(LAST, 12, 4, {"dermatology+rheumatology": (15, 12)}),
    ]

    rates = rates_for(waves, YEAR, START)

    assert rates["general"] == Rates(Fraction(27, 54))
    assert rates["rheumatology"] == rates["dermatology"] == Rates(None, Fraction(19, 30), Fraction(27, 30))
    assert rates_for([], YEAR, START) == {}


def test_the_last_week_of_the_year_is_not_published_yet_when_the_new_plan_is_made():
    weeks = (START - first_monday(LAST)) // WEEK
    waves = [
        published(LAST, week, 1, {"general": (27, None if week == weeks - 1 else 24)}, 27) for week in range(weeks)
    ]

    assert len(known_by(waves, START)) == weeks - 1
    assert rates_for(waves, YEAR, START)["general"] == Rates(Fraction(1))


def test_years_before_the_last_do_not_count():
    waves = [published(date(2024, 7, 1), 0, 1, {"general": (20, 16)}), published(LAST, 0, 1, {"general": (20, 8)})]

    assert rates_for(waves, YEAR, START)["general"] == Rates(Fraction(19, 40))


def test_large_leaves_answer_like_the_institution():
    waves = [published(LAST, week, 1, {"general": (60, 24), "neuro": (20, 12)}, 60) for week in range(3)]
    waves.append(published(LAST, 3, 1, {"general": (60, 24)}))

    assert institution_rate(waves) == Fraction(3, 4)
    assert rates_for(waves, YEAR, START)["general"] == Rates(Fraction(45, 60))


def test_counts_over_all_who_were_asked_are_never_more_than_all():
    assert institution_rate([published(LAST, 0, 1, {"general": (20, 16)}, 25)]) == 1
    assert institution_rate([published(LAST, 0, 1, {"general": (20, 16)})]) == 0
