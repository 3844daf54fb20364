"""Every write about the installation: decisions, the worker's heartbeat, roster files in work."""

from __future__ import annotations

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

__all__ = [
    "NoDraft",
    "RosterChanged",
    "apply_draft",
    "beat",
    "begin_on",
    "cancel_draft",
    "confirm_lines",
    "decide",
    "fix_cells",
    "forget_drafts",
    "map_columns",
    "take_file",
]
