"""Deadlines in working days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.timetable import working_days

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, FRIDAY), (1, date(2026, 11, 23)), (5, date(2026, 11, 27)), (20, date(2026, 12, 18))],
)
def test_weekends_do_not_count(count: int, expected: date) -> None:
    assert working_days.after(FRIDAY, count) == expected


@given(day=st.dates(date(2020, 1, 1), date(2040, 1, 1)), count=st.integers(1, 60))
def test_exactly_that_many_working_days_lie_behind(day: date, count: int) -> None:
    last = working_days.after(day, count)
    days = [day + timedelta(days=number) for number in range(1, (last - day).days + 1)]

    assert sum(each.weekday() < 5 for each in days) == count
    assert last.weekday() < 5


@given(day=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_twenty_of_them_end_within_a_month(day: date) -> None:
    assert working_days.after(day, 20) <= day + timedelta(days=28)


def test_a_deadline_does_not_lie_in_the_past() -> None:
    with pytest.raises(ValueError, match="past"):
        working_days.after(FRIDAY, -1)
