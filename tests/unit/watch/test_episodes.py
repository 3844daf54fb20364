"""From estimates to declines: raised by an alarm, closed after four quiet weeks, never changed by what comes later."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callroom.core.signals.estimates import Estimate, Reasons, State
from callroom.watch.episodes import Episode, episodes, regrouped
from callroom.watch.states import Ending

FIRST = date(2026, 3, 2)
REASONS = Reasons(0.0, 0.0, 0.0, 0.0, 0.0, 20, 0)


def week(number: int) -> date:
    """Return the Monday of a week counted from the first."""
    return FIRST + timedelta(weeks=number)


def estimate(
    number: int, state: State, *, alarm: bool = False, confirmed: bool = False, start: int | None = None
) -> Estimate:
    """Return what the engine might say in a week."""
    begun = None if start is None else week(start)
    low, high = (begun - timedelta(weeks=2), begun + timedelta(weeks=1)) if begun else (None, None)
    return Estimate(week(number), 6.0, 5.5, 6.5, 0.5, begun, low, high, state, alarm, confirmed, REASONS)


def told(*states: str) -> list[Estimate]:
    """Return estimates from letters: q quiet, A alarm, w watch, D declining, r recovering, e too early, - no figure."""
    found = []
    for number, letter in enumerate("".join(states)):
        match letter:
            case "q":
                found.append(estimate(number, State.QUIET))
            case "A":
                found.append(estimate(number, State.WATCH, alarm=True, start=max(0, number - 2)))
            case "w":
                found.append(estimate(number, State.WATCH, start=max(0, number - 3)))
            case "D":
                found.append(estimate(number, State.DECLINING, confirmed=True, start=max(0, number - 4)))
            case "r":
                found.append(estimate(number, State.RECOVERING))
            case "e":
                found.append(estimate(number, State.TOO_EARLY))
            case _:
                continue
    return found


def test_nothing_is_told_without_an_alarm() -> None:
    assert episodes(told("eeeqqqqwwq")) == ()


def test_an_alarm_raises_and_a_confirmation_is_kept() -> None:
    (found,) = episodes(told("qqqqAwDDw"))

    assert found.raised == week(4)
    assert found.confirmed == week(6)
    assert found.start == week(5)
    assert found.start_low <= found.start <= found.start_high
    assert found.closed is None


def test_a_decline_that_is_confirmed_at_once_is_raised_without_an_alarm() -> None:
    (found,) = episodes(told("qqqqqD"))

    assert found.raised == found.confirmed == week(5)


def test_recovering_is_told_and_falling_again_ends_it() -> None:
    assert episodes(told("qqqAwDrr"))[0].recovering == week(6)
    assert episodes(told("qqqAwDrrD"))[0].recovering is None


def test_four_quiet_weeks_close_it_and_three_do_not() -> None:
    assert episodes(told("qqAwqqq"))[0].closed is None
    (found,) = episodes(told("qqAwqqqq"))
    assert (found.closed, found.why) == (week(7), Ending.QUIET)


def test_one_quiet_figure_closes_a_leaf_of_four_weeks() -> None:
    (found,) = episodes(told("q---A---q"))

    assert found.closed == week(8)


def test_the_next_alarm_after_the_end_is_another_decline() -> None:
    found = episodes(told("qqAwqqqqqqAw"))

    assert [one.raised for one in found] == [week(2), week(10)]
    assert found[0].closed
    assert not found[1].closed


def test_when_other_people_are_counted_together_it_ends() -> None:
    assert episodes(told("qqAwe"))[0].why is Ending.REGROUPED


def test_a_leaf_that_is_not_counted_any_more_has_no_open_decline() -> None:
    (ended,) = regrouped(episodes(told("qqAww")), week(4))

    assert (ended.closed, ended.why) == (week(4), Ending.REGROUPED)
    assert regrouped((), week(4)) == ()
    assert regrouped((ended,), week(9)) == (ended,)


@given(st.text(alphabet="qAwDre-", max_size=60), st.integers(min_value=0, max_value=60))
def test_what_comes_later_changes_no_end_and_no_beginning(letters: str, cut: int) -> None:
    whole, part = episodes(told(letters)), episodes(told(letters[:cut]))

    for before, after in zip(part, whole, strict=False):
        assert before.raised == after.raised
        assert before.confirmed in {None, after.confirmed}
        if before.closed:
            assert before == after
    assert len(part) <= len(whole)


@given(st.text(alphabet="qAwDre-", max_size=80))
def test_declines_follow_one_another(letters: str) -> None:
    found = episodes(told(letters))

    assert all(isinstance(one, Episode) and one.closed for one in found[:-1])
    for before, after in itertools.pairwise(found):
        assert before.closed
        assert before.closed <= after.raised
    for one in found:
        assert one.start_low <= one.start <= one.start_high
        assert one.raised <= one.told
