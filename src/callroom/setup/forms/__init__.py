"""What somebody writes to settle a line of the check."""

from __future__ import annotations

from callroom.setup.forms.roster import Apply, RosterFile
from callroom.setup.forms.settling import (
    Arrived,
    BackupPlan,
    ClockCompared,
    KeysVolume,
    LinesTried,
    LookedInto,
    NoCouncilYet,
    Schedule,
    Signed,
)
from callroom.setup.forms.start import BAR, BUTTON, Code, FirstCoordinator, Founding, Look

__all__ = [
    "BAR",
    "BUTTON",
    "Apply",
    "Arrived",
    "BackupPlan",
    "ClockCompared",
    "Code",
    "FirstCoordinator",
    "Founding",
    "KeysVolume",
    "LinesTried",
    "Look",
    "LookedInto",
    "NoCouncilYet",
    "RosterFile",
    "Schedule",
    "Signed",
]
