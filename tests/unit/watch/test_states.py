"""A signal's life is a table: nothing else is possible."""

from __future__ import annotations

import pytest

from callroom.watch.states import NEXT_STAGES, OPEN, BadStep, Stage, check_step


@pytest.mark.parametrize("before", Stage)
@pytest.mark.parametrize("after", Stage)
def test_only_the_steps_of_the_table_are_taken(before: Stage, after: Stage) -> None:
    if after in NEXT_STAGES[before]:
        check_step(before, after)
    else:
        with pytest.raises(BadStep):
            check_step(before, after)


def test_what_is_over_stays_over() -> None:
    assert {Stage.CLOSED, Stage.WITHDRAWN} == set(Stage) - OPEN
    assert NEXT_STAGES[Stage.CLOSED] == NEXT_STAGES[Stage.WITHDRAWN] == frozenset()


def test_no_open_signal_is_without_an_end() -> None:
    for stage in OPEN:
        assert {Stage.CLOSED, Stage.WITHDRAWN} <= NEXT_STAGES[stage]


def test_an_answer_is_never_taken_back_to_mere_knowing() -> None:
    assert Stage.ACKNOWLEDGED not in NEXT_STAGES[Stage.ANSWERED]
    assert Stage.RAISED not in NEXT_STAGES[Stage.ACKNOWLEDGED]
