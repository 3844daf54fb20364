"""Every write about the installation: decisions, the worker's heartbeat, roster files in work."""

from __future__ import annotations

from callroom.setup.actions.copies import take_roster, take_rotations
from callroom.setup.actions.decisions import beat, begin_on, confirm_lines, decide
from callroom.setup.actions.drafts import (
    NoDraft,
    RosterChanged,
    apply_draft,
    cancel_draft,
    fix_cells,
    forget_drafts,
    map_columns,
    take_file,
)
from callroom.setup.actions.looks import choose_look
from callroom.setup.actions.nights import import_night
from callroom.setup.actions.start import (
    DoorClosed,
    TooManyTries,
    WrongCode,
    enter,
    first_coordinator,
    issue_code,
)

__all__ = [
    "DoorClosed",
    "NoDraft",
    "RosterChanged",
    "TooManyTries",
    "WrongCode",
    "apply_draft",
    "beat",
    "begin_on",
    "cancel_draft",
    "choose_look",
    "confirm_lines",
    "decide",
    "enter",
    "first_coordinator",
    "fix_cells",
    "forget_drafts",
    "import_night",
    "issue_code",
    "map_columns",
    "take_file",
    "take_roster",
    "take_rotations",
]
