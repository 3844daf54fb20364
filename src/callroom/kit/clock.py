"""The waves' clock: the machine's, moved by one offset in the demo and nowhere else.

Only views, jobs and commands read it; everything below takes ``now`` as an argument.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings


class NotInTheDemo(Exception):
    """The clock can be moved only in the demo."""


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """Return how far the demo's clock is ahead of the machine's; zero outside the demo."""
    if not settings.DEMO:
        return timedelta(0)
    try:
        state = os.stat(_file())
    except FileNotFoundError:
        return timedelta(0)
    return _read(str(_file()), state.st_ino, state.st_mtime_ns)


def move_to(instant: datetime) -> None:
    """
    Let the demo's clock show ``instant`` now; every process reads the new offset at its next look.

    :raises NotInTheDemo: outside the demo
    """
    if not settings.DEMO:
        raise NotInTheDemo
    seconds = (instant - datetime.now(UTC)).total_seconds()
    temporary = _file().with_suffix(".new")
    temporary.write_text(json.dumps({"seconds": seconds}))
    temporary.replace(_file())


@lru_cache(maxsize=1)
def _read(file: str, _inode: int, _changed_at: int) -> timedelta:
    # The file is replaced, never written into: another inode or another instant is another offset.
    return timedelta(seconds=json.loads(Path(file).read_text())["seconds"])


def _file() -> Path:
    return Path(settings.DATA_DIR) / "demo-clock.json"
