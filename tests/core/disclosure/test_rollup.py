"""Figures of larger units: arithmetic on leaves."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.disclosure.release import Shown
from callroom.core.disclosure.rollup import LeafPoint, RolledUp, TooLittleCovered, roll_up

LATEST = date(2026, 11, 16)


def point(leaf, mean, half=20, *, eligible=20, weeks_ago=0, units=None):
    figure = None if mean is None else Shown(mean, (max(0, mean - half), min(100, mean + half)))
    return LeafPoint(leaf, units or (leaf,), eligible, LATEST - timedelta(weeks=weeks_ago), figure)


def test_weights_are_eligible_people():
    rolled = roll_up({"a": 30, "b": 10}, [point("a", 40, eligible=30), point("b", 80, eligible=10)], latest_week=LATEST)

    assert isinstance(rolled, RolledUp)
    assert rolled.figure.mean_tenths == 50
    half = math.sqrt((0.75 * 20) ** 2 + (0.25 * 20) ** 2)
    assert rolled.figure.range_tenths == (50 - round(half), 50 + round(half))
    assert rolled.covered == 1
    assert rolled.missing == ()


def test_a_range_that_was_cut_counts_whole():
    rolled = roll_up({"a": 30}, [point("a", 12, half=20)], latest_week=LATEST)

    assert isinstance(rolled, RolledUp)
    assert rolled.figure == Shown(12, (0, 32))


def test_two_thirds_are_enough_and_what_is_missing_is_named():
    points = [point("a", 40), point("b", None)]

    rolled = roll_up({"a": 20, "b": 10, "empty": 0}, points, latest_week=LATEST)
    short = roll_up({"a": 19, "b": 10, "empty": 0}, points, latest_week=LATEST)

    assert isinstance(rolled, RolledUp)
    assert (rolled.missing, rolled.covered) == (("b",), Fraction(2, 3))
    assert short == TooLittleCovered(("b",))


def test_the_latest_of_the_last_four_weeks_counts():
    points = [point("a", 40, weeks_ago=3), point("a", None), point("b", 60, weeks_ago=4), point("c", 80, weeks_ago=-1)]

    rolled = roll_up({"a": 60, "b": 10, "c": 10}, points, latest_week=LATEST)

    assert isinstance(rolled, RolledUp)
    assert rolled.figure.mean_tenths == 40
    assert [part.week for part in rolled.parts] == [LATEST - timedelta(weeks=3)]
    assert rolled.missing == ("b", "c")


def test_a_leaf_that_reaches_beyond_the_unit_does_not_count():
    points = [point("a", 40), point("b+c", 60, units=("b", "c"))]

    rolled = roll_up({"a": 30, "b": 8}, points, latest_week=LATEST)

    assert isinstance(rolled, RolledUp)
    assert [part.leaf for part in rolled.parts] == ["a"]
    assert rolled.missing == ("b",)


def test_nobody_counts_twice_after_a_change_of_the_plan():
    points = [point("a", 40, weeks_ago=2), point("a+b", 60, units=("a", "b"))]

    rolled = roll_up({"a": 10, "b": 10}, points, latest_week=LATEST)

    assert isinstance(rolled, RolledUp)
    assert [part.leaf for part in rolled.parts] == ["a+b"]


@pytest.mark.parametrize("programmes", [{}, {"a": 0}])
def test_a_unit_without_people(programmes):
    assert roll_up(programmes, [point("a", 40, eligible=0)], latest_week=LATEST) == TooLittleCovered(())


@given(
    means=st.lists(st.tuples(st.integers(12, 88), st.integers(11, 60)), min_size=1, max_size=8),
)
def test_a_roll_up_lies_between_its_leaves_and_is_no_less_sure(means):
    points = [point(f"leaf-{place}", mean, eligible=people) for place, (mean, people) in enumerate(means)]
    programmes = {point.leaf: point.eligible for point in points}

    rolled = roll_up(programmes, points, latest_week=LATEST)

    assert isinstance(rolled, RolledUp)
    middle = rolled.figure.mean_tenths
    assert min(mean for mean, _ in means) <= middle <= max(mean for mean, _ in means)
    low, high = rolled.figure.range_tenths
    assert middle - 20 <= low <= middle <= high <= middle + 20
