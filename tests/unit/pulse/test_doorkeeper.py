"""Seats for verifications: a database that does not answer must not take every thread."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from callroom.pulse.stores import doorkeeper as doors


def test_nobody_waits_for_a_seat_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "SEAT_SECONDS", 0.05)
    keeper = doors.Doorkeeper()

    with ExitStack() as seats:
        for _ in range(doors.VERIFICATIONS_AT_ONCE):
            seats.enter_context(keeper.verifying())

        with pytest.raises(doors.NoSeat), keeper.verifying():
            pass

    with keeper.verifying():
        pass
