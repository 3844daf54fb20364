"""Dates, states and reasons in words, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from callroom.core.disclosure.leaf_plan import Leaf, PlanUnit, make_plan
from callroom.core.disclosure.plan_reasons import PlanReason, explain
from callroom.dashboards import counted, notices, wording
from callroom.kit import wording as kit_wording
from callroom.pulse.aggregates import CurrentWave
from callroom.pulse.states import WaveState, WeekState
from tests.world.results import gap, points, reason, shown

ZONE = ZoneInfo("America/Monterrey")
MONDAY = date(2026, 11, 9)
NAMES = {"emergency": "Emergency Medicine", "toxicology": "Toxicology", "derm": "Dermatology"}


def wave(state: WaveState) -> CurrentWave:
    return CurrentWave(
        wave="pulse/2026-W46",
        series="pulse",
        weeks=1,
        state=state,
        opens_at=datetime(2026, 11, 9, 12, tzinfo=UTC),
        closes_at=datetime(2026, 11, 16, 2, tzinfo=UTC),
        publishes_at=datetime(2026, 11, 16, 14, tzinfo=UTC),
        wave_sheet="",
        rotating_item="respect",
    )


@pytest.mark.parametrize(
    ("monday", "weeks", "english", "spanish"),
    [
        (date(2026, 11, 9), 1, "9 to 15 November", "9 al 15 de noviembre"),
        (date(2026, 11, 30), 1, "30 November to 6 December", "30 de noviembre al 6 de diciembre"),
        (date(2026, 11, 9), 4, "19 October to 15 November", "19 de octubre al 15 de noviembre"),
        (date(2026, 12, 28), 1, "28 December to 3 January", "28 de diciembre al 3 de enero"),
    ],
)
def test_the_days_of_a_round(monday: date, weeks: int, english: str, spanish: str):
    assert wording.asked_period(monday, weeks) == english
    with translation.override("es"):
        assert wording.asked_period(monday, weeks) == spanish


def test_a_moment_is_in_the_institutions_own_time():
    assert kit_wording.moment(datetime(2026, 11, 16, 14, tzinfo=UTC), ZONE) == "Monday 16 November, 08:00"
    with translation.override("es"):
        assert kit_wording.moment(datetime(2026, 11, 16, 14, tzinfo=UTC), ZONE) == "lunes 16 de noviembre, 08:00"


@pytest.mark.parametrize(("weeks", "length"), [(1, 1), (2, 2), (4, 4)])
def test_a_rounds_length_is_in_its_name(weeks: int, length: int):
    assert wording.length_of(shown(MONDAY, 50, weeks=weeks)) == length


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_two_states_share_their_words(language: str):
    waves = (wave(WaveState.TALLIED),)
    with translation.override(language):
        said = [
            notices.of_week(shown(MONDAY, 50), waves=waves, zone=ZONE),
            *(
                notices.of_week(gap(MONDAY, state), waves=waves, zone=ZONE)
                for state in WeekState
                if state is not WeekState.SHOWN
            ),
        ]

    assert len({re.sub(r"\d+", "", notice.words) for notice in said}) == len(WeekState)
    assert [notice.hidden for notice in said] == [False, True, False, False, False, False]
    assert [notice.unasked for notice in said] == [False, False, True, True, False, False]


def test_a_hidden_round_holds_no_number_but_the_rule():
    said = notices.of_week(gap(MONDAY, WeekState.TOO_FEW), waves=(), zone=ZONE).words

    assert said == "Hidden to protect privacy: fewer than 8 people answered from 9 to 15 November."


def test_a_counted_round_says_when_everybody_reads_it():
    said = notices.of_week(gap(MONDAY, WeekState.NOT_PUBLISHED), waves=(wave(WaveState.TALLIED),), zone=ZONE).words

    assert said.endswith("Everybody reads its result from Monday 16 November, 08:00.")


def test_a_reason_is_told_in_the_language_of_the_page():
    why = {"en": "Holy Week.", "es": "Semana Santa."}
    week = gap(MONDAY, WeekState.NOT_ASKED, reason=why)

    assert notices.of_week(week, waves=(), zone=ZONE).words.endswith("Holy Week.")
    with translation.override("es"):
        assert notices.of_week(week, waves=(), zone=ZONE).words.endswith("Semana Santa.")


def test_a_gap_at_the_end_is_told_beside_the_latest_figure_and_the_open_round():
    weeks = (*points([60]), gap(date(2026, 3, 9), WeekState.TOO_FEW))

    said = notices.of_leaf(weeks, length=1, waves=(wave(WaveState.OPEN),), zone=ZONE)

    assert said[0].hidden
    assert said[1].words.startswith("Latest figure: 6.0, range 4.8 to 7.2 (about all eligible people).")
    assert "8 to 11 of 13 people answered from 2 to 8 March." in said[1].words
    assert said[2].words.startswith("A round of 1 week is open until Sunday 15 November, 20:00.")


def test_an_open_round_of_another_series_is_not_this_leafs():
    assert len(notices.of_leaf(points([60]), length=4, waves=(wave(WaveState.OPEN),), zone=ZONE)) == 1


def small(eligible: dict[str, int]) -> dict[str, PlanReason]:
    units = [
        PlanUnit("house", None, "institution", 0),
        *(PlanUnit(u, "house", "programme", n) for u, n in eligible.items()),
    ]
    return explain(units, {}, make_plan(units, {}))


def test_home_says_where_my_answer_counts():
    alone = counted.mine(reason(("emergency",), weeks=2), NAMES)
    together = counted.mine(reason(("derm", "toxicology"), weeks=4, eligible=8), NAMES)

    assert alone == "This year your answer counts in Emergency Medicine, every two weeks."
    assert together == "This year your answer counts in Dermatology together with Toxicology, every four weeks."


def test_a_page_says_why_a_unit_is_counted_with_others():
    said = counted.here(reason(("derm", "toxicology"), weeks=4, eligible=8), NAMES)

    assert said[0] == "Answers from Dermatology are counted together with those from Toxicology, every four weeks."
    assert said[1] == "Dermatology has 8 people to ask; a figure of its own needs at least 11."


def test_a_page_says_why_a_unit_is_not_counted_more_often():
    said = counted.here(small({"emergency": 12})["emergency"], NAMES)

    assert said[0] == "Answers from Emergency Medicine are counted on their own, every four weeks."
    assert "For a figure every two weeks too few answers are expected." in said


def test_no_reason_gives_away_how_many_are_expected_to_answer():
    for eligible in range(11, 40):
        for why in small({"emergency": eligible, "derm": 5}).values():
            numbers = {int(found) for line in counted.here(why, NAMES) for found in re.findall(r"\d+", line)}
            assert numbers <= {why.eligible, why.leaf_eligible, why.needed.eligible, 12, 14}


def test_too_few_people_in_the_whole_institution():
    nobody = small({"emergency": 5})["emergency"]

    assert nobody.leaf is None
    assert counted.here(nobody, NAMES) == (
        "Nobody is asked in Emergency Medicine this year: there are too few people.",
    )
    assert "no check-in for Emergency Medicine" in counted.mine(nobody, NAMES)


def test_a_unit_that_takes_in_a_smaller_one_says_so():
    units = [
        PlanUnit("house", None, "institution", 0),
        PlanUnit("emergency", "house", "programme", 26),
        PlanUnit("derm", "house", "programme", 5),
    ]
    reasons = explain(units, {}, [Leaf("derm+emergency", ("derm", "emergency"), 1)])

    said = counted.here(reasons["emergency"], NAMES)

    assert said[1] == "Emergency Medicine takes in a smaller unit that could be counted nowhere else."
