"""The waves' clock: the machine's, moved by one offset in the demo and nowhere else.

Only views, jobs and commands read it; everything below takes ``now`` as an argument.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
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
        return timedelta(seconds=json.loads(_file().read_text())["seconds"])
    except FileNotFoundError:
        return timedelta(0)


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


def _file() -> Path:
    return Path(settings.DATA_DIR) / "demo-clock.json"
