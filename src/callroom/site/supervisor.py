"""``callroom serve``: the web server and the worker under one command, or one of them; when one ends, both end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

GRACE_SECONDS = 20.0
PR_SET_PDEATHSIG = 1  # prctl(2): the kernel tells the child when its parent dies


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_for(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Look once a second until something is ready; return whether it was within so many seconds."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(1)
    return True


def supervise(commands: Sequence[Sequence[str]]) -> int:
    """
    Run all commands until one ends or a signal comes, then end the rest.

    :returns: 0 after a signal, 1 when a command ended by itself (a restart is the outer supervisor's work)
    """
    stop: list[int] = []

    def on_signal(signum: int, _frame: FrameType | None) -> None:
        stop.append(signum)

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, on_signal)
    prepare = _die_with_parent if sys.platform == "linux" else None
    # A session each: Ctrl-C reaches only the supervisor, which then ends them in order.
    children = [
        subprocess.Popen(command, start_new_session=True, preexec_fn=prepare)  # noqa: S603
        for command in commands
    ]
    while not stop and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        _end(child, deadline)
    return 0 if stop else 1


def _end(child: subprocess.Popen[bytes], deadline: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        child.wait(max(0.0, deadline - time.monotonic()))
    # What is left of its group: a Granian worker outlives a killed Granian and keeps the port.
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
