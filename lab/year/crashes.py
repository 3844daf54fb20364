"""
Crashes at a chosen moment: every process is killed while the worker is at a step, not before and not after.

The lab holds a lock that the next step needs; the worker comes to it and waits; then the power goes. So a crash happens in
the middle of closing on a machine of any speed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from django.db import transaction

from callroom.kit.locks import locked_file
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.wave_keys import HPKE_FILE, SEED_FILE, WaveKeys
from lab.year.installation import LONGEST_ROUND, WAVES, Installation

COUNTED_WITHIN = 2.0
TO_COMMIT = 12.0


class Moment(StrEnum):
    """Where in the closing the power goes."""

    SHUT = "windows shut, nothing drawn"
    COUNTED = "counted in memory, nothing signed"
    SIGNED = "signed, keys not burned"


def kill_while_closing(installation: Installation, due: Sequence[str], moment: Moment) -> None:
    """Let the worker begin to close these rounds, and kill everything at this moment."""
    last = due[-1]
    with _stopped_at_the_register(last) as go_on:
        for task in WAVES:
            task()
        _wait(lambda: not SealedStore(last).window().is_open)
        if moment is Moment.SHUT:
            installation.kill()
            return
        with _nothing_is_written(last) as write_on:
            go_on()
            _wait(lambda: (WaveKeys(last).folder / SEED_FILE).exists())
            time.sleep(COUNTED_WITHIN)
            if moment is Moment.COUNTED:
                installation.kill()
                return
            with locked_file(WaveKeys(last).register_file, create=False):
                write_on()
                _wait(lambda: Wave.objects.filter(pk=last, state=WaveState.TALLIED).exists(), TO_COMMIT)
                installation.kill()


def kill_while_opening(installation: Installation, due: Sequence[str]) -> None:
    """Let the worker begin to open these rounds, and kill everything once the keys of one of them are drawn."""
    files = [WaveKeys(wave).folder / HPKE_FILE for wave in due]
    for task in WAVES:
        task()
    _wait(lambda: any(map(Path.exists, files)))
    installation.kill()


def _wait(shows: Callable[[], bool], longest: float = LONGEST_ROUND) -> None:
    until = time.monotonic() + longest
    while not shows() and time.monotonic() < until:
        time.sleep(0.001)


@contextmanager
def _stopped_at_the_register(wave: str) -> Iterator[Callable[[], None]]:
    """Hold the register of a round until the block ends, or until what is given is called."""
    lock = locked_file(WaveKeys(wave).register_file, create=False)
    lock.__enter__()
    held = [lock]

    def go_on() -> None:
        for each in held:
            each.__exit__(None, None, None)
        held.clear()

    try:
        yield go_on
    finally:
        go_on()


@contextmanager
def _nothing_is_written(wave: str) -> Iterator[Callable[[], None]]:
    """Hold the database's writers until the block ends, or until what is given is called."""
    held = [transaction.atomic()]
    held[0].__enter__()
    Wave.objects.filter(pk=wave).update(state=WaveState.OPEN)  # what it is already: only the lock is wanted

    def write_on() -> None:
        for each in held:
            each.__exit__(None, None, None)
        held.clear()

    try:
        yield write_on
    finally:
        write_on()
