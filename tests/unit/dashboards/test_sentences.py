"""The sentence that opens a page: careful, about ratings, the same meaning in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from callroom.dashboards import sentences
from callroom.dashboards.states import Direction
from callroom.watch.aggregates import Trend, trend_of
from tests.world.results import points, series

NAME = "Emergency Medicine"
STEADY = [64, 66, 63, 65, 67, 64, 62, 66, 65, 64, 66, 63]


def trend(*more: int | None, weeks: int = 1) -> Trend:
    found = trend_of(series(points([*STEADY, *more], weeks=weeks), weeks=weeks))
    assert found is not None
    return found


def test_seven_weeks_within_the_limits_are_below_the_average_not_below_the_range():
    said = sentences.about(NAME, trend(63, 62, 63, 62, 63, 62, 63))

    assert said.headline == "Ratings in Emergency Medicine have been below their average for 8 weeks in a row."
    assert said.chip == "Below its average"
    assert said.direction is Direction.LOWER
    assert "below its usual range" not in said.headline + said.detail
    assert "not proof of a cause" in said.detail


def test_rounds_of_four_weeks_are_not_called_weeks():
    said = sentences.about(NAME, trend(63, 62, 63, 62, 63, 62, 63, weeks=4))

    assert "for 8 rounds in a row" in said.headline


def test_a_figure_outside_the_limits_is_said_to_be():
    said = sentences.about(NAME, trend(66, 30))

    assert said.headline == "The latest rating in Emergency Medicine is below its usual range."
    assert "can be chance" in said.detail


def test_a_run_that_ends_outside_the_range_tells_both():
    said = sentences.about(NAME, trend(63, 62, 63, 62, 63, 62, 30))

    assert "below their average for 8 weeks in a row" in said.headline
    assert "The latest one is below their usual range as well." in said.detail
    assert "may lie within the usual range" not in said.detail


def test_a_rise_is_told_as_plainly_as_a_fall():
    said = sentences.about(NAME, trend(66, 67, 66, 67, 66, 67, 66))

    assert "above their average" in said.headline
    assert said.direction is Direction.HIGHER


def test_seven_steps_down_are_a_trend():
    falling = trend_of(series(points([*[60, 70] * 6, 75, 73, 71, 69, 67, 65, 63])))

    said = sentences.about(NAME, falling)

    assert said.headline == "Ratings in Emergency Medicine have gone down step by step over 7 weeks."
    assert said.chip == "Going down"


def test_two_of_three_near_a_limit():
    close = trend_of(series(points([*[60, 70] * 6, 66, 42, 66, 41])))

    assert close
    said = sentences.about(NAME, close)

    assert (
        said.headline
        == "At least two of the last three ratings in Emergency Medicine were near the low end of their usual range."
    )


def test_too_early_says_how_many_are_needed():
    early = trend_of(series(points(STEADY[:9])))

    said = sentences.about(NAME, early)

    assert said.headline == "It is too early to tell for Emergency Medicine."
    assert said.detail.startswith("There are 9 figures of this group so far.")
    assert "12" in said.detail


def test_nothing_yet_and_no_change_are_different():
    assert sentences.about(NAME, None).headline == "There is no result for Emergency Medicine yet."
    assert sentences.about(NAME, trend()).headline == "Ratings in Emergency Medicine show no clear change."


def test_the_average_rests_on_few_figures_and_says_so():
    assert "may still move a little" in sentences.about(NAME, trend()).detail
    assert "may still move" not in sentences.about(NAME, trend(*[64, 66] * 6)).detail


def test_a_department_names_the_one_unit_that_changed():
    said = sentences.of_several("Acute Care", {NAME: trend(63, 62, 63, 62, 63, 62, 63), "Radiology": trend()})

    assert said.headline.startswith("Ratings in Emergency Medicine have been below")
    assert said.detail == "No other unit shows a clear change."


def test_a_department_names_all_that_changed_a_to_z_and_ranks_none():
    low, high = trend(63, 62, 63, 62, 63, 62, 63), trend(66, 67, 66, 67, 66, 67, 66)

    said = sentences.of_several("Acute Care", {"Radiology": low, NAME: low, "Pathology": high})

    assert said.headline == "3 units of Acute Care show a clear change."
    assert said.detail == "Lower than usual: Emergency Medicine and Radiology. Higher than usual: Pathology."
    assert said.direction is Direction.NONE


@pytest.mark.parametrize("more", [(), (63, 62, 63, 62, 63, 62, 63), (66, 30), (66, 67, 66, 67, 66, 67, 66)])
def test_every_sentence_has_spanish(more: tuple[int, ...]):
    english = sentences.about("Urgencias", trend(*more))
    with translation.override("es"):
        spanish = sentences.about("Urgencias", trend(*more))

    assert spanish.headline != english.headline
    assert spanish.chip != english.chip
    assert spanish.direction is english.direction
    assert "Urgencias" in spanish.headline


@pytest.mark.parametrize("language", ["en", "es"])
def test_people_do_not_fall_and_nobody_is_ranked_or_diagnosed(language: str):
    forbidden = ("worst", "best", "rank", "burnout", "failed", "peor", "mejor", "agotamiento", "%", "!")
    with translation.override(language):
        for more in [(), (63, 62, 63, 62, 63, 62, 63), (66, 30), (66, 67, 66, 67, 66, 67, 66)]:
            said = sentences.about(NAME, trend(*more))
            assert not [word for word in forbidden if word in f"{said.headline} {said.detail} {said.chip}".lower()]
