"""A wave's life is a table: nothing else is possible."""

from __future__ import annotations

import pytest

from callroom.pulse.states import NEXT_STATES, PUBLIC_KINDS, BadStep, PayloadKind, WaveState, check_step


@pytest.mark.parametrize("before", WaveState)
@pytest.mark.parametrize("after", WaveState)
def test_only_the_steps_of_the_table_are_taken(before: WaveState, after: WaveState) -> None:
    if after in NEXT_STATES[before]:
        check_step(before, after)
    else:
        with pytest.raises(BadStep):
            check_step(before, after)


def test_what_was_counted_cannot_be_voided() -> None:
    assert NEXT_STATES[WaveState.TALLIED] == {WaveState.RELEASED}
    assert NEXT_STATES[WaveState.RELEASED] == frozenset()


def test_releases_are_the_only_payloads_that_are_not_public() -> None:
    assert set(PayloadKind) - PUBLIC_KINDS == {PayloadKind.RELEASE}
