"""Charts: what a reader must be able to see in them, and what must never be in them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.kit import charts
from callroom.kit.charts import Event, Gap, Limits, Mark, Missing, Point, RunChart, RunWords, Sparkline
from callroom.kit.charts.run_chart import BOTTOM, LEFT, LINE, TOP, apart

SVG = "{http://www.w3.org/2000/svg}"
MONDAY = date(2026, 1, 5)
WORDS = RunWords(
    "usual high 7.6", "average 6.0", "usual low 4.4", "3.1, last week", "hidden", "not asked", "not counted"
)


def week(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


def points(*means: int | Gap, mark: Mark = Mark.FLAT) -> tuple[Point | Missing, ...]:
    """Return a slot a week: a mean in tenths, or why there is none."""
    return tuple(
        Missing(week(number), mean, f"w{number}")
        if isinstance(mean, Gap)
        else Point(week(number), mean, max(0, mean - 15), min(100, mean + 15), f"w{number}", mark)
        for number, mean in enumerate(means)
    )


def drawn(chart: RunChart) -> ET.Element:
    # Parsed with the namespace that a browser supplies for inline SVG.
    return ET.fromstring(charts.run_chart(chart).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def run(*slots: Point | Missing, **more: object) -> RunChart:
    return RunChart("em", "Index by week", "In words.", tuple(slots), WORDS, **more)  # type: ignore[arg-type]


def all_of(svg: ET.Element, tag: str, class_name: str) -> list[ET.Element]:
    return [e for e in svg.iter(SVG + tag) if e.get("class") == class_name]


def test_a_chart_has_a_name_and_a_description_for_those_who_cannot_see_it() -> None:
    svg = drawn(run(*points(50, 60)))

    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "em-t em-d"
    assert {e.get("id"): e.text for e in svg if e.tag in (SVG + "title", SVG + "desc")} == {
        "em-t": "Index by week",
        "em-d": "In words.",
    }


def test_the_line_breaks_at_every_kind_of_gap() -> None:
    for gap in Gap:
        svg = drawn(run(*points(50, 60, gap, 55, 52, 51)))

        lengths = [len((line.get("points") or "").split()) for line in all_of(svg, "polyline", "c-line")]
        assert lengths == [2, 3]


def test_gaps_are_three_different_pictures_with_words() -> None:
    svg = drawn(run(*points(50, 50, Gap.HIDDEN, 50, 50, 50, Gap.UNASKED, 50, 50, 50, Gap.VOID, 50)))

    hatched = [e for e in svg.iter(SVG + "rect") if e.get("fill") == "url(#em-veil)"]
    framed = all_of(svg, "rect", "c-unasked")
    crossed = all_of(svg, "path", "c-unasked")
    assert (len(hatched), len(framed), len(crossed)) == (1, 2, 1)
    assert {"hidden", "not asked", "not counted"} <= {e.text for e in svg.iter(SVG + "text")}


def test_words_that_would_cover_others_are_left_to_the_key() -> None:
    svg = drawn(run(*points(*[50] * 100, Gap.HIDDEN, Gap.UNASKED, Gap.VOID, 50)))

    words = [e.text for e in svg.iter(SVG + "text") if e.text in {"hidden", "not asked", "not counted"}]
    assert len(words) == 1


def test_only_what_is_protected_is_hatched() -> None:
    svg = drawn(run(*points(50, Gap.UNASKED, Gap.VOID, 50)))

    assert not [e for e in svg.iter(SVG + "rect") if e.get("fill")]


def test_each_mark_has_a_shape_of_its_own() -> None:
    pictures = {mark: charts.parts.shape(mark, 10, 10, 5) for mark in Mark}

    without_class = {re.sub(r'class="[^"]*"', "", picture) for picture in pictures.values()}
    assert len(without_class) == len(Mark)


def test_without_limits_only_the_line_is_drawn() -> None:
    svg = drawn(run(*points(50, 60, 55)))

    assert not all_of(svg, "rect", "c-band")
    assert not all_of(svg, "path", "c-mean")
    assert "usual high 7.6" not in {e.text for e in svg.iter(SVG + "text")}


def test_a_chart_without_words_at_its_right_uses_the_room() -> None:
    plain = RunChart("em", "Index", "In words.", points(50, 60), RunWords())

    assert plain.right > run(*points(50, 60)).right


def test_limits_outside_the_scale_are_cut_to_it() -> None:
    svg = drawn(run(*points(95, 90, 85), limits=(Limits(low=70, mean=90, high=112),)))

    (band,) = all_of(svg, "rect", "c-band")
    assert float(band.get("y") or 0) == TOP


def test_new_limits_start_where_they_were_computed_anew() -> None:
    first, second = Limits(40, 50, 60, first=0, last=1), Limits(60, 70, 80, first=2)

    svg = drawn(run(*points(50, 50, 70, 70), limits=(first, second)))

    bands = [(float(e.get("x") or 0), float(e.get("width") or 0)) for e in all_of(svg, "rect", "c-band")]
    assert bands[0][0] == LEFT
    assert bands[0][0] + bands[0][1] == pytest.approx(bands[1][0], abs=0.2)


def test_events_are_letters_and_two_of_one_week_stand_side_by_side() -> None:
    svg = drawn(run(*points(50, 50, 50), events=(Event(week(1), "A"), Event(week(1), "B"))))

    flags = [float(e.get("x") or 0) for e in all_of(svg, "text", "t-flag")]
    assert [e.text for e in all_of(svg, "text", "t-flag")] == ["A", "B"]
    assert flags[1] - flags[0] >= 22


def test_words_are_escaped() -> None:
    chart = RunChart("em", "<script>", 'a "quote"', points(50), RunWords(last="<b>"))

    assert "<script>" not in charts.run_chart(chart)
    assert "<b>" not in charts.run_chart(chart)


def test_no_style_and_no_script_is_in_any_chart() -> None:
    pictures = [
        charts.run_chart(run(*points(*[50] * 104), limits=(Limits(40, 50, 60),), events=(Event(week(3), "A"),))),
        charts.sparkline(Sparkline("row", points(50, Gap.HIDDEN, 60), Limits(40, 50, 60), 26)),
        charts.dot(charts.Dot("row", 50, 30, 70, Mark.UP, 40)),
        charts.meter(used=3, total=14, label="3 of 14 days used"),
    ]

    for picture in pictures:
        assert not re.search(r"\bstyle=|<style|<script|\bon\w+=|href=", picture)
        assert picture.startswith("<svg")
        assert 'role="img"' in picture


def test_text_is_never_smaller_than_14_pixels_because_a_wide_chart_scrolls() -> None:
    """The natural width of a chart (viewBox) is its smallest width on screen; 1 rem = 16 px."""
    sheet = (charts_css()).replace(" ", "")
    for count, (name, pixels) in {10: ("s", 640), 20: ("m", 928), 104: ("l", 1216)}.items():
        svg = drawn(run(*points(*[50] * count)))

        assert (svg.get("viewBox") or "").split()[2] == str(pixels)
        assert (svg.get("class") or "").endswith(f"wide-{name}")
        assert f".wide-{name}{{min-inline-size:{pixels // 16}rem" in sheet
    assert "font:40014px" in sheet


def charts_css() -> str:
    from django.contrib.staticfiles import finders

    with open(str(finders.find("kit/css/callroom.css")), encoding="utf-8") as sheet:
        return sheet.read()


slots = st.lists(st.one_of(st.integers(0, 100), st.sampled_from(list(Gap))), min_size=0, max_size=110)


@given(slots, st.integers(-30, 100), st.integers(0, 130))
def test_everything_stays_inside_the_picture(means: list[int | Gap], low: int, high: int) -> None:
    chart = run(*points(*means), limits=(Limits(low, 50, high),) if means else ())
    svg = drawn(chart)

    for text in svg.iter(SVG + "text"):
        assert 0 <= float(text.get("x") or 0) <= chart.width
        assert 0 < float(text.get("y") or 0) <= 392
    for circle in svg.iter(SVG + "circle"):
        assert LEFT <= float(circle.get("cx") or 0) <= chart.right
        assert TOP <= float(circle.get("cy") or 0) <= BOTTOM


@given(st.lists(st.floats(TOP, BOTTOM + 5), min_size=0, max_size=5))
def test_labels_never_touch_each_other(wanted: list[float]) -> None:
    placed = apart([(y, "", f"label {number}") for number, y in enumerate(wanted)])

    assert len(placed) == len(wanted)
    for (above, _, _), (below, _, _) in pairwise(placed):
        assert below - above >= LINE - 1e-6
    assert all(0 < y <= BOTTOM + 5 + 1e-6 for y, _, _ in placed)


def test_a_sparkline_shows_its_latest_week_as_a_shape() -> None:
    falling = charts.sparkline(Sparkline("falls", points(50, 40, 30, mark=Mark.DOWN)))
    ended_in_a_gap = charts.sparkline(Sparkline("hidden now", points(50, 40, Gap.HIDDEN)))

    assert falling.count("p-down") == 1
    assert "p-" not in ended_in_a_gap
    assert "c-hatch" in ended_in_a_gap


def test_rows_of_a_table_share_their_weeks_and_their_scale() -> None:
    short, long = Sparkline("new", points(50), room=26), Sparkline("old", points(*[60] * 26), room=26)

    scale = charts.shared_scale([short, long])

    assert scale[1] - scale[0] >= 40
    last = re.compile(r'p-flat" cx="([\d.]+)" cy')
    places = [last.findall(charts.sparkline(row))[-1] for row in (short, long)]
    assert places[0] == places[1]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(-40, 60), st.integers(40, 140)), max_size=8))
def test_a_shared_scale_holds_every_row(rows: list[tuple[int, int, int]]) -> None:
    lines = [Sparkline("row", points(mean), Limits(low, 50, high)) for mean, low, high in rows]

    low, high = charts.shared_scale(lines)

    assert 0 <= low < high <= 100
    assert all(low <= mean <= high for mean, _, _ in rows)


def test_a_meter_refuses_what_cannot_be_drawn() -> None:
    for used, total in ((-1, 3), (1, 0), (1, 61)):
        with pytest.raises(ValueError, match="cannot be drawn"):
            charts.meter(used=used, total=total, label="")
