"""What the worker does for the trail."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from callroom.audit import actions


def seal_past_days(now: datetime, zone: ZoneInfo) -> None:
    """Seal the looks of all days that have ended in this time zone. Repeating it changes nothing."""
    actions.seal_days(before=now.astimezone(zone).date(), now=now)
