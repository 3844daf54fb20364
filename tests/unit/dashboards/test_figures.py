"""Tables, files, charts and roll-ups of published weeks."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.instruments import weekly
from callroom.dashboards import charts, rollups, tables
from callroom.dashboards.memory import Memory
from callroom.dashboards.queries.lines import lines_of
from callroom.dashboards.queries.unit import question
from callroom.kit.charts import Gap, Mark, Missing, Point
from callroom.pulse.states import WeekState
from callroom.watch.aggregates import trend_of
from tests.world.results import FIRST_MONDAY, figure, gap, points, series, shown


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@given(means=st.lists(st.one_of(st.none(), st.integers(0, 100)), max_size=30))
def test_table_and_file_hold_the_same_weeks_and_figures(means: list[int | None]):
    leaf = series(points(means))

    rows = tables.of_leaf(lines_of(leaf)).rows
    lines = read(tables.as_csv(lines_of(leaf)))

    assert [row[2] for row in reversed(rows)] == [line["index"] or "–" for line in lines]
    assert [line["state"] for line in lines] == ["too few" if mean is None else "shown" for mean in means]


def test_a_hidden_week_has_no_figure_and_no_band_anywhere():
    lines = lines_of(series(points([None])))

    line = read(tables.as_csv(lines))[0]
    row = tables.of_leaf(lines).rows[0]

    assert {key for key, value in line.items() if value} == {"leaf", "wave", "week_of", "weeks", "state", "demo"}
    assert row[1:8] == ("–",) * 7
    assert row[8] == "Too few this week"


def test_an_item_that_too_few_answered_has_no_figure():
    week = shown(FIRST_MONDAY, 60)
    week = replace(week, items={**(week.items or {}), "respect": None})
    lines = lines_of(series([week]))

    assert read(tables.as_csv(lines))[0]["rotating"] == ""
    assert tables.of_leaf(lines).rows[0][7] == "Respect: too few"


def test_a_file_runs_nothing_in_a_spreadsheet():
    lines = [replace(line, leaf="=cmd()") for line in lines_of(series(points([60])))]

    assert read(tables.as_csv(lines))[0]["leaf"] == "'=cmd()"


def test_a_file_is_the_same_in_both_languages():
    lines = lines_of(series(points([60, None, 61])))

    english = tables.as_csv(lines)
    with translation.override("es"):
        assert tables.as_csv(lines) == english


def test_every_question_has_a_short_name_in_both_languages():
    for item in (*weekly.CORE, *weekly.ROTATING):
        english = tables.short_name(item.id)
        with translation.override("es"):
            assert english != tables.short_name(item.id) != item.id


def test_gaps_are_drawn_as_what_they_are_and_waiting_weeks_not_at_all():
    at = [FIRST_MONDAY + timedelta(weeks=n) for n in range(6)]
    states = (WeekState.TOO_FEW, WeekState.NOT_ASKED, WeekState.VOID, WeekState.NOT_PUBLISHED, WeekState.NOT_BURNED)

    drawn = charts.slots(
        [shown(at[0], 60), *(gap(day, state) for day, state in zip(at[1:], states, strict=True))], None
    )

    assert isinstance(drawn[0], Point)
    assert [slot.why for slot in drawn[1:] if isinstance(slot, Missing)] == [Gap.HIDDEN, Gap.UNASKED, Gap.VOID]


def test_figures_that_stand_out_have_their_own_shape():
    leaf = series(points([*[64, 66, 63, 65, 67, 64, 62, 66, 65, 64, 66, 63], 63, 62, 63, 62, 63, 62, 63]))

    drawn = charts.slots(leaf.points, trend_of(leaf))

    assert drawn[-1].mark is Mark.DOWN  # type: ignore[union-attr]  # a point
    assert drawn[0].mark is Mark.FLAT  # type: ignore[union-attr]


def test_a_chart_without_a_figure_is_not_drawn():
    assert charts.run(charts.slots(points([None, None]), None), None, name="X", weeks=1) == ""


def test_before_twelve_figures_a_chart_has_no_limits():
    early, later = series(points([60] * 11)), series(points([60] * 12))

    assert "c-limit" not in charts.run(charts.slots(early.points, None), trend_of(early), name="X", weeks=1)
    assert "c-limit" in charts.run(charts.slots(later.points, None), trend_of(later), name="X", weeks=1)


def test_a_question_is_shown_near_its_worded_option():
    options = weekly.item("support").options["en"]

    assert weekly.nearest_option(0, options) == "Very hard"
    assert weekly.nearest_option(62, options) == "Neither hard nor easy"
    assert weekly.nearest_option(63, options) == "Easy"
    assert weekly.nearest_option(100, options) == "Very easy"


def test_a_question_too_few_answered_shows_no_line():
    asked = question("support", None, "9 to 15 November")

    assert asked.line == ""
    assert asked.words == "Too few answered this question."


def test_a_rollup_leaves_out_what_reaches_beyond_the_unit_and_names_it():
    inside = series(points([60, 62], units=("em",)), units=("em",))
    beyond = series(points([20, 20], units=("tox", "elsewhere")), units=("tox", "elsewhere"))

    last = rollups.over_time({"em": 26, "tox": 8}, [inside, beyond], weeks=52)[-1]

    assert last.figure == figure(62)
    assert last.missing == ("tox",)


def test_a_rollup_that_covers_too_little_is_no_number():
    inside = series(points([60], units=("em",)), units=("em",))

    last = rollups.over_time({"em": 10, "tox": 10}, [inside], weeks=52)[-1]

    assert last.figure is None
    assert last.missing == ("tox",)


def test_a_rollup_forgets_a_leaf_after_four_weeks():
    em = series(points([60, None, None, None, None], units=("em",)), units=("em",))

    weeks = rollups.over_time({"em": 10}, [em], weeks=52)

    assert [week.figure is not None for week in weeks] == [True, True, True, True, False]
    assert weeks[3].oldest == date(2026, 3, 2)


def test_a_page_is_worked_out_once_and_the_oldest_is_forgotten():
    made: list[str] = []
    memory: Memory[str] = Memory(size=2)

    def make(name: str) -> str:
        made.append(name)
        return name

    for name in ("a", "b", "a", "c", "b"):
        assert memory.page(name, lambda name=name: make(name)) == name  # type: ignore[misc]

    assert made == ["a", "b", "c", "b"]
