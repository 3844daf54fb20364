"""What the worker does about the installation itself."""

from __future__ import annotations

from datetime import datetime

from callroom.setup import actions


def every_minute(now: datetime) -> None:
    """Say that the worker is alive."""
    actions.beat(now=now)


def every_hour(now: datetime) -> None:
    """Forget roster files that were taken a day ago and never applied."""
    actions.forget_drafts(now=now)
