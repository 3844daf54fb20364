"""The XmR chart: limits, the four rules, gaps, changes of composition."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.signals.control_charts import ControlChart, ExactLimits
from callroom.core.signals.engine import Assessment, BadSeries, Engine, Point, Rule, Side, State

START = date(2026, 7, 6)
ALONE = ("surgery", "1")
USUAL = [60, 64, 58, 62, 60, 66, 59, 61, 63, 57, 62, 60]
"""Twelve ordinary figures: mean 61.0, moving ranges 4 6 4 2 6 7 2 2 6 5 2, their mean 46/11; limits 61 +- 11.12."""


def points(values, *, composition=ALONE, start=START, weeks=1) -> list[Point]:
    return [Point(start + timedelta(weeks=weeks * place), value, composition) for place, value in enumerate(values)]


def assess(*values, engine: Engine = ControlChart()) -> Assessment:  # noqa: B008 - it holds no state
    return engine.assess(points(values))


def week(place: int) -> date:
    return START + timedelta(weeks=place)


# Limits


def test_limits_are_the_mean_and_2_66_mean_moving_ranges():
    found = assess(*USUAL)

    assert found.state is State.QUIET
    assert found.limits is not None
    assert (found.limits.centre_hundredths, found.limits.lower_hundredths, found.limits.upper_hundredths) == (
        610,
        499,  # 61 - 2.66 x 46 / 11 = 49.88 tenths
        721,
    )
    assert (found.limits.start, found.limits.end, found.limits.count) == (START, week(11), 12)


def test_eleven_figures_are_too_early():
    found = assess(*USUAL[:11])

    assert (found.state, found.limits, found.figures, found.needed) == (State.TOO_EARLY, None, 11, 12)
    assert all(mark.side is None for mark in found.marks)


def test_gaps_do_not_count_as_figures():
    assert assess(*USUAL[:11], None, None).state is State.TOO_EARLY
    assert assess(*USUAL[:6], None, *USUAL[6:]).state is State.QUIET


def test_no_figures_at_all():
    found = assess()

    assert (found.state, found.as_of, found.marks) == (State.TOO_EARLY, None, ())
    assert assess(None, None).as_of is None


@pytest.mark.parametrize(("figures", "few"), [(19, True), (20, False), (30, False)])
def test_limits_from_few_figures_say_so(figures, few):
    values = [60 + 4 * (place % 2) for place in range(figures)]

    limits = assess(*values).limits

    assert limits is not None
    assert limits.few is few
    assert limits.count == min(24, figures)


def test_limits_are_cut_to_the_scale():
    limits = assess(*[10, 90] * 6).limits

    assert limits is not None
    assert (limits.lower_hundredths, limits.upper_hundredths) == (0, 1000)


def test_a_unit_whose_figures_are_all_clipped_does_not_alarm_at_its_first_ordinary_week():
    assert assess(*[92] * 12, 86).state is State.QUIET
    assert assess(*[92] * 12, 83).state is State.FALLING


def test_limits_take_two_figures():
    with pytest.raises(BadSeries):
        ExactLimits.of([50])


# The four rules


def test_a_figure_beyond_a_limit():
    found = assess(*USUAL, 49)

    assert found.state is State.FALLING
    assert found.finding is not None
    assert (found.finding.rule, found.finding.side, found.finding.count) == (Rule.OUTSIDE, Side.LOW, 1)
    assert found.marks[12].side is Side.LOW
    assert assess(*USUAL, 50).finding is None


def test_a_figure_above_the_upper_limit_is_rising():
    assert assess(*USUAL, 73).state is State.RISING


def test_seven_below_the_average_are_a_shift():
    found = assess(*USUAL, 59, 57, 60, 58, 59, 57, 58)

    assert found.state is State.FALLING
    assert found.finding is not None
    assert (found.finding.rule, found.finding.count) == (Rule.SHIFT, 8)  # the twelfth of the usual ones is below, too
    assert found.finding.start == week(11)
    assert found.as_of == found.finding.end == week(18)


def test_six_below_the_average_are_none():
    assert assess(*USUAL[:-1], 63, 59, 57, 60, 58, 59, 57).state is State.QUIET


def test_a_figure_on_the_average_breaks_a_run():
    assert assess(*USUAL[:-1], 60, 59, 57, 60, 61, 59, 57, 58).finding is None


def test_seven_in_one_direction_are_a_trend():
    values = [50, 70] * 6  # wide limits, average 60
    found = assess(*values, 63, 62, 61, 60, 59, 58, 57)

    assert found.finding is not None
    assert (found.finding.rule, found.finding.side, found.finding.count) == (Rule.TREND, Side.LOW, 8)
    assert found.finding.start == week(11)
    assert assess(*values, 63, 62, 61, 60, 60, 59, 58).finding is None


def test_two_of_three_near_a_limit():
    """After 24 usual figures limits stand: 61 +- 10.64, so the outer third begins 7.09 from the average."""
    found = assess(*USUAL, *USUAL, 53, 61, 53)

    assert found.finding is not None
    assert (found.finding.rule, found.finding.side, found.finding.count) == (Rule.NEAR_LIMIT, Side.LOW, 2)
    assert [bool(mark.findings) for mark in found.marks[24:]] == [True, False, True]
    assert assess(*USUAL, *USUAL, 53, 61, 54).finding is None
    assert assess(*USUAL, *USUAL, 53, 61, 69).finding is None  # near different limits
    assert assess(*USUAL, *USUAL, 53, 61, 61, 53).finding is None  # two of four


def test_a_sentence_prefers_the_rule_that_says_since_when():
    found = assess(*USUAL, 59, 57, 60, 58, 59, 57, 40)

    assert found.finding is not None
    assert (found.finding.rule, found.finding.start) == (Rule.SHIFT, week(11))
    assert [finding.rule for finding in found.marks[-1].findings] == [Rule.SHIFT, Rule.OUTSIDE]


def test_a_unit_that_recovers_far_below_is_not_called_rising():
    found = assess(*USUAL, *USUAL, 61, 20, 21, 22, 23, 24, 61, 25, None, 26, 27, 28, 29, 30, 31, 32)

    assert found.state is State.FALLING
    assert Rule.TREND in [finding.rule for finding in found.marks[-1].findings]


def test_what_is_over_is_over():
    assert assess(*USUAL, 49, 61).state is State.QUIET


# Gaps and changes


def test_a_gap_breaks_a_run():
    assert assess(*USUAL[:-1], 63, 59, 57, 60, 58, None, 59, 57, 58).state is State.QUIET


def test_a_gap_breaks_a_trend():
    assert assess(*[50, 70] * 6, 63, 62, 61, None, 60, 59, 58, 57).finding is None


def test_a_gap_breaks_two_of_three():
    assert assess(*USUAL, 52, None, 52).finding is None


def test_after_a_gap_the_latest_figure_still_says_what_it_said():
    found = assess(*USUAL, 49, None)

    assert (found.state, found.as_of) == (State.FALLING, week(12))
    assert found.marks[13].value_tenths is None
    assert found.marks[13].side is None


def test_a_change_of_composition_starts_anew():
    before = points([*USUAL, *USUAL])
    after = points(USUAL[:5], composition=("surgery", "toxicology", "2"), start=week(24))

    found = ControlChart().assess([*before, *after])

    assert (found.state, found.figures, found.rebased_on) == (State.TOO_EARLY, 5, week(24))
    assert len(found.marks) == 29


def test_a_composition_that_never_changed_was_never_rebased():
    assert assess(*USUAL).rebased_on is None


# The baseline


def test_a_decline_does_not_pull_down_the_limits_that_show_it():
    found = assess(*USUAL, *[45] * 20)

    assert found.state is State.FALLING
    assert found.limits is not None
    assert found.limits.count == 12
    assert found.finding is not None
    assert (found.finding.rule, found.finding.start) == (Rule.SHIFT, week(11))


def test_ordinary_figures_after_a_finding_go_into_the_limits():
    found = assess(*USUAL, 45, *USUAL)

    assert found.limits is not None
    assert (found.limits.count, found.state) == (24, State.QUIET)
    assert found.limits.centre_hundredths == 610


def values() -> st.SearchStrategy[int | None]:
    return st.one_of(st.none(), st.integers(0, 100), st.integers(50, 60), st.integers(50, 60))


@given(st.lists(values(), max_size=60))
def test_what_is_said_holds_together_week_by_week(series):
    """Limits only ever take in later figures, never let go of one, and stand still while they take in none."""
    told = [ControlChart().assess(points(series[:count])) for count in range(len(series) + 1)]

    for count, then in enumerate(told):
        assert len(then.marks) == count
        assert (then.limits is None) == (then.state is State.TOO_EARLY) == (then.figures < 12)
        assert (then.finding is None) == (then.state in (State.TOO_EARLY, State.QUIET))
        if then.finding:
            assert then.finding.end == then.as_of
    limits = [then.limits for then in told if then.limits]
    for before, after in pairwise(limits):
        assert before.count <= after.count <= min(24, before.count + 1)
        assert before == after or before.count < after.count


@given(st.lists(st.integers(30, 70), min_size=12, max_size=50))
def test_a_scale_read_backwards_rises_where_it_fell(series):
    fell = {State.FALLING: State.RISING, State.RISING: State.FALLING}
    one = assess(*series)
    other = assess(*(100 - value for value in series))

    if one.finding and other.finding and one.finding.rule is other.finding.rule and len(one.marks[-1].findings) < 2:
        assert other.state is fell[one.state]
    assert [len(mark.findings) for mark in one.marks] == [len(mark.findings) for mark in other.marks]


# What does not fit


@pytest.mark.parametrize(
    "series",
    [
        [Point(START, 50, ALONE), Point(START, 51, ALONE)],
        [Point(START, 50, ALONE), Point(START - timedelta(weeks=1), 51, ALONE)],
        [Point(START, 101, ALONE)],
        [Point(START, -1, ALONE)],
    ],
)
def test_a_series_that_cannot_be_is_refused(series):
    with pytest.raises(BadSeries):
        ControlChart().assess(series)
