"""What somebody writes to settle a line of the check."""

from __future__ import annotations

from callroom.setup.forms.roster import Apply, RosterFile
from callroom.setup.forms.settling import (
    Arrived,
    BackupPlan,
    ClockCompared,
    KeysVolume,
    LinesTried,
    Schedule,
    Signed,
)

__all__ = [
    "Apply",
    "Arrived",
    "BackupPlan",
    "ClockCompared",
    "KeysVolume",
    "LinesTried",
    "RosterFile",
    "Schedule",
    "Signed",
]
