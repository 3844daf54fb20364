"""What the engine says, in words: about ratings, never surer than it is, the unit's own apart from what is shared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.signals.estimates import Estimate, Reasons, State
from callroom.dashboards import declines, story
from callroom.dashboards.states import Direction, Sureness
from callroom.pulse.aggregates import LeafWeek
from callroom.watch.aggregates import Fall, SignalRow, Standing
from callroom.watch.states import Ending, Stage
from tests.world.results import points

NAME = "Emergency Medicine"
REASONS = Reasons(-1.1, 0.0, 0.0, 0.0, 0.0, 30, 6)
CONFIRMED = Estimate(
    date(2026, 11, 9), 5.2, 4.8, 5.6, 0.93, date(2026, 10, 12), date(2026, 9, 28), date(2026, 10, 19),
    State.DECLINING, False, True, REASONS,
)  # fmt: skip
WATCHED = replace(CONFIRMED, probability=0.8, state=State.WATCH, confirmed=False)
SIGNAL = SignalRow(
    id=7,
    leaf="emergency",
    units=("emergency",),
    stage=Stage.RAISED,
    raised_week=date(2026, 10, 26),
    start=date(2026, 10, 12),
    start_low=date(2026, 9, 28),
    start_high=date(2026, 10, 19),
    confirmed_week=date(2026, 11, 2),
    recovering_week=None,
    closed_week=None,
    closed_why=None,
    falls=(Fall("workload", -1.4, -2.0, -0.8), Fall("support", -0.9, -1.5, -0.3), Fall("voice", -0.2, -0.8, 0.4)),
    acknowledged_at=None,
    acknowledged_by="",
    answered_at=None,
    answered_on=None,
)


ANSWERED = datetime(2026, 11, 8, 20, tzinfo=UTC)
"""The Sunday before the figures of the week of 2 November, which confirmed it, were published."""


def said(estimate: Estimate, signal: SignalRow | None = SIGNAL) -> declines.Sentence:
    return declines.about(NAME, None, Standing(estimate, signal))


def test_the_sentence_says_what_fell_since_when_and_how_sure_it_is() -> None:
    sentence = said(CONFIRMED)

    assert sentence.headline == (
        "Ratings in Emergency Medicine have very likely been falling since about 12 October, 9 in 10 sure; "
        "“Amount of work” fell most."
    )
    assert "between the weeks of 28 September and 19 October" in sentence.detail
    assert "Fallen clearly: “Amount of work” and “Getting help”." in sentence.detail
    assert "not proof of a cause" in sentence.detail
    assert sentence.direction is Direction.LOWER


def test_without_a_confirmation_it_is_never_very_likely() -> None:
    sentence = said(replace(WATCHED, probability=0.97))

    assert "have probably been falling" in sentence.headline
    assert declines.sureness(replace(WATCHED, probability=0.97)) is Sureness.PROBABLY


@pytest.mark.parametrize(
    ("probability", "words", "direction"),
    [(0.8, "probably", Direction.LOWER), (0.6, "possibly", Direction.EARLY), (0.3, "not clear yet", Direction.EARLY)],
)
def test_each_probability_has_its_word(probability: float, words: str, direction: Direction) -> None:
    sentence = said(replace(WATCHED, probability=probability))

    assert words in sentence.headline
    assert sentence.direction is direction


@given(st.floats(min_value=0.5, max_value=1.0))
def test_sureness_is_never_rounded_up(probability: float) -> None:
    first, _, second = declines.odds(probability).partition(" in ")

    assert int(first) / int(second) <= probability + 1e-9


def test_no_question_is_named_that_did_not_fall_clearly() -> None:
    vague = replace(SIGNAL, falls=(Fall("workload", -0.4, -1.0, 0.2),))

    assert "fell most" not in said(CONFIRMED, vague).headline
    assert "No single question fell clearly." in said(CONFIRMED, vague).detail


def test_recovering_calm_quiet_and_early_each_have_their_words() -> None:
    quiet = replace(CONFIRMED, state=State.QUIET, confirmed=False, probability=0.1)
    sentences = [
        said(CONFIRMED, replace(SIGNAL, stage=Stage.RECOVERING)).headline,
        said(quiet).headline,
        said(quiet, None).headline,
        said(replace(quiet, state=State.TOO_EARLY), None).headline,
    ]

    assert "coming back" in sentences[0]
    assert "no longer point to a decline" in sentences[1]
    assert "show no clear change" in sentences[2]
    assert "too early to tell" in sentences[3]
    assert "about 5.2 (4.8 to 5.6)" in said(quiet, None).detail


def test_before_the_first_look_the_control_chart_stands_in() -> None:
    assert declines.about(NAME, None, None).headline == "There is no result for Emergency Medicine yet."


def test_of_several_the_falling_are_named_a_to_z_and_nobody_is_ranked() -> None:
    standings = {"Surgery": Standing(CONFIRMED, SIGNAL), "Cardiology": Standing(WATCHED, SIGNAL), "Urology": None}
    sentence = declines.of_several("Medicine", {}, standings)

    assert sentence.headline == "2 units of Medicine have an open signal."
    assert "Cardiology and Surgery" in sentence.detail


def heads(estimate: Estimate, weeks: tuple[LeafWeek, ...] = ()) -> dict[str, str]:
    return {line.head: line.words for line in story.of_leaf(NAME, Standing(estimate, SIGNAL), weeks)}


def test_the_units_own_part_stands_apart_from_what_is_shared() -> None:
    shared = replace(CONFIRMED, reasons=replace(REASONS, institution_shock=-0.5, department_shock=0.4, season=-0.3))
    lines = heads(shared)

    assert "1.1 points lower" in lines["The unit's own part"]
    assert "The whole hospital fell in the week of 9 November, by about 0.5 points" in lines["The whole hospital"]
    assert "rose" in lines["The department"]
    assert "0.3 points below" in lines["The season"]
    assert set(heads(CONFIRMED)) == {"The unit's own part"}


@pytest.mark.parametrize(
    ("since", "words"),
    [((8, 11), "Fewer people answer"), ((16, 23), "More people answer"), ((12, 15), "As many people answer as before")],
)
def test_who_answered_is_told_as_bands_and_never_as_a_share(since: tuple[int, int], words: str) -> None:
    weeks = tuple(
        replace(week, n=since if number >= 8 else (12, 15), eligible=25)
        for number, week in enumerate(points([64] * 8 + [50] * 4))
    )
    signal = replace(SIGNAL, start=weeks[8].week_of, start_low=weeks[7].week_of, start_high=weeks[9].week_of)

    lines = {line.head: line.words for line in story.of_leaf(NAME, Standing(CONFIRMED, signal), weeks)}

    assert words in lines["Who answered"]
    assert "%" not in lines["Who answered"]


def test_the_box_tells_a_signals_life() -> None:
    seen = replace(
        SIGNAL,
        stage=Stage.ACKNOWLEDGED,
        acknowledged_at=datetime(2026, 11, 10, 16, tzinfo=UTC),
        acknowledged_by="Dr. Elena Robles",
    )

    assert "No leader of the unit has said yet" in " ".join(story.box(SIGNAL, zone_day=None).lines)
    assert "Dr. Elena Robles said on 10 November" in " ".join(story.box(seen, zone_day=date(2026, 11, 10)).lines)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stage": Stage.WITHDRAWN}, "it is taken back"),
        (
            {"stage": Stage.CLOSED, "closed_week": date(2026, 12, 7), "closed_why": Ending.QUIET},
            "for four weeks nothing",
        ),
        ({"stage": Stage.CLOSED, "closed_week": date(2026, 12, 7), "closed_why": Ending.REGROUPED}, "other people"),
        ({"stage": Stage.ANSWERED, "answered_at": datetime(2026, 11, 20, tzinfo=UTC)}, "A published answer covers it."),
    ],
)
def test_each_end_has_its_words(change: dict[str, object], words: str) -> None:
    ended = replace(SIGNAL, **change)  # type: ignore[arg-type]

    assert words in " ".join(story.box(ended, zone_day=None).lines)


def test_every_stage_has_a_name_of_its_own() -> None:
    assert len({story.stage_words(replace(SIGNAL, stage=stage)) for stage in Stage}) == len(Stage)


@pytest.mark.parametrize(
    ("changes", "unseen"),
    [
        ({}, True),
        ({"acknowledged_at": ANSWERED}, False),
        ({"answered_at": ANSWERED, "answered_on": date(2026, 11, 8)}, True),
        ({"answered_at": ANSWERED, "answered_on": date(2026, 11, 9)}, False),
        ({"answered_at": ANSWERED, "answered_on": date(2026, 11, 8), "confirmed_week": None}, False),
        ({"answered_at": ANSWERED, "answered_on": date(2026, 11, 8), "acknowledged_at": ANSWERED}, False),
        ({"stage": Stage.CLOSED}, False),
    ],
)
def test_an_answer_shows_that_they_know_unless_it_came_before_the_decline_was_confirmed(
    changes: dict[str, object], *, unseen: bool
) -> None:
    signal = replace(SIGNAL, **changes)

    lines = story.box(signal, zone_day=ANSWERED.date() if signal.acknowledged_at else None).lines

    assert signal.unseen is unseen
    assert ("No leader of the unit has said yet that they have seen it." in lines) is unseen
    assert ("That answer came before the decline was confirmed." in lines) is (unseen and bool(signal.answered_at))
