"""What a leaf's published weeks say: gaps, changed groups, and weeks that wait for their publication."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from callroom.core.signals.engine import Rule
from callroom.pulse.aggregates import LeafPast
from callroom.pulse.states import WeekState
from callroom.watch import figures
from callroom.watch.trends import Side, State, points_of, trend_of
from tests.world.results import gap, points, series, shown

STEADY = [64, 66, 63, 65, 67, 64, 62, 66, 65, 64, 66, 63]


def test_a_leaf_without_a_figure_has_no_trend():
    assert trend_of(series(points([None, None]))) is None
    assert trend_of(series(())) is None


def test_eleven_figures_are_too_early_and_twelve_are_not():
    early, later = trend_of(series(points(STEADY[:11]))), trend_of(series(points(STEADY)))

    assert early
    assert early.assessment.state is State.TOO_EARLY
    assert later
    assert later.assessment.state is State.QUIET


def test_seven_below_the_average_are_falling_and_marked():
    found = trend_of(series(points([*STEADY, 63, 62, 63, 62, 63, 62, 63])))

    assert found
    assert found.assessment.state is State.FALLING
    assert list(found.sides.values()).count(Side.LOW) >= 7


def test_a_hidden_week_breaks_a_run():
    below = [63, 62, 63, None, 62, 63, 62, 63]

    found = trend_of(series(points([*STEADY, *below])))

    assert found
    assert found.assessment.state is State.QUIET


def test_another_group_starts_again_from_nothing():
    before = points(STEADY)
    at = before[-1].week_of
    after = [shown(at + timedelta(weeks=n), 40, units=("emergency", "toxicology")) for n in range(1, 4)]

    found = trend_of(series([*before, *after], units=("emergency", "toxicology")))

    assert found
    assert found.assessment.state is State.TOO_EARLY
    assert found.assessment.figures == 3
    assert found.assessment.rebased_on == after[0].week_of


def test_another_length_of_waves_starts_again_as_well():
    before = points(STEADY)
    after = shown(before[-1].week_of + timedelta(weeks=2), 64, weeks=2)

    found = trend_of(series([*before, after], weeks=2))

    assert found
    assert found.assessment.figures == 1


def test_another_questionnaire_starts_again_as_well():
    before = points(STEADY)
    after = [shown(before[-1].week_of + timedelta(weeks=n), 40) for n in range(1, 9)]
    after = [replace(week, wave=week.wave.replace("pulse/", "other/")) for week in after]

    found = trend_of(series([*before, *after]))

    assert found
    assert found.assessment.state is State.TOO_EARLY
    assert found.assessment.figures == 8


def test_the_engine_is_told_of_another_questionnaire_and_not_of_another_length():
    at = date(2026, 11, 2)
    told = [
        figures.index_of(LeafPast("emergency", ("emergency",), True, (week,)))[0].composition
        for week in (
            shown(at, 60),
            shown(at, 60, weeks=4),
            replace(shown(at, 60), wave="other/2026-W45"),
        )
    ]

    assert told[0] == told[1]
    assert told[0] != told[2]


def test_a_week_that_nobody_was_asked_in_belongs_to_the_group_around_it():
    before = points(STEADY)
    at = before[-1].week_of
    unasked = gap(at + timedelta(weeks=1), WeekState.NOT_ASKED, units=())
    after = shown(at + timedelta(weeks=2), 64)

    found = trend_of(series([*before, unasked, after]))

    assert found
    assert found.assessment.figures == 13


def test_what_is_not_published_is_not_looked_at():
    before = points(STEADY)
    at = before[-1].week_of
    waiting = [
        gap(at + timedelta(weeks=1), WeekState.NOT_PUBLISHED),
        gap(at + timedelta(weeks=2), WeekState.NOT_BURNED),
    ]

    assert points_of(series([*before, *waiting])) == points_of(series(before))


def test_a_run_that_ends_outside_the_limits_tells_both():
    found = trend_of(series(points([*STEADY, 63, 62, 63, 62, 63, 62, 30])))

    assert found
    assert found.assessment.finding
    assert found.assessment.finding.rule is Rule.SHIFT
    assert [other.rule for other in found.also] == [Rule.OUTSIDE]
