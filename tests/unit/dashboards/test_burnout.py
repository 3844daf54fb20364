"""The quarterly scale on pages: its own points and direction, never mixed with figures from 0 to 10."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from callroom.dashboards import burnout, readings, tables
from callroom.dashboards.queries.lines import lines_of
from callroom.pulse.aggregates import Figure, LeafWeek
from callroom.pulse.states import WeekState
from tests.world.results import FIRST_MONDAY, figure, gap, series, shown


def reading(weeks: int, of: Figure | None) -> LeafWeek:
    """Return a week with the core items and a reading of the scale."""
    week = shown(FIRST_MONDAY + timedelta(weeks=weeks), 60)
    items = {item: known for item, known in (week.items or {}).items() if item in tables.CORE}
    return replace(week, items={**items, burnout.SCALE: of})


def test_the_latest_four_readings_newest_first_each_with_its_date():
    weeks = [reading(12 * number, figure(30 + number)) for number in range(6)]

    shown_now = readings.of_leaf(weeks)

    assert shown_now
    assert [each.words.split()[0] for each in shown_now.readings] == ["35", "34", "33", "32"]
    assert len({each.asked for each in shown_now.readings}) == 4
    assert all("of 100" in each.words and each.line for each in shown_now.readings)


def test_too_few_is_no_number():
    shown_now = readings.of_leaf([reading(0, None)])

    assert shown_now
    assert shown_now.readings[0].words == "Too few answered this question."
    assert not shown_now.readings[0].line
    assert not any(digit.isdigit() for digit in shown_now.readings[0].words)


def test_where_it_was_never_asked_or_the_week_is_hidden_there_is_nothing():
    assert readings.of_leaf([shown(FIRST_MONDAY, 60), gap(FIRST_MONDAY, WeekState.TOO_FEW)]) is None


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_benchmark_says_what_was_counted_and_for_the_newest_year(language: str):
    with translation.override(language):
        lines = burnout.benchmarks()

    assert len(lines) == 2
    assert ["21 %" in lines[0], "63 %" in lines[1]] == [True, True]
    assert all("2024" in line and "100" in line for line in lines)


def test_the_scale_has_columns_of_its_own_in_table_and_file():
    lines = lines_of(series([shown(FIRST_MONDAY, 60), reading(1, Figure(57, 40, 74)), reading(2, None)]))

    table = tables.of_leaf(lines)
    few, asked, usual = table.rows
    rows = list(csv.DictReader(io.StringIO(tables.as_csv(lines))))

    assert table.header[8] == burnout.column_head()
    assert (asked[7], asked[8]) == ("–", "57 (40 to 74)")
    assert (usual[7], usual[8]) == ("Respect: 6.0 (4.8 to 7.2)", "–")
    assert few[8] == "too few"
    assert "higher is worse" in table.caption
    assert [row["burnout"] for row in rows] == ["", "57", ""]
    assert [row["rotating"] for row in rows] == ["6.0", "", ""]
    assert [bool(row["burnout_definition"]) for row in rows] == [False, True, True]


def test_without_it_the_table_has_no_column_for_it():
    table = tables.of_leaf(lines_of(series([shown(FIRST_MONDAY, 60)])))

    assert burnout.column_head() not in table.header
    assert "100" not in table.caption
