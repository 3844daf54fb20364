"""The life of a wave, and what a week of a leaf can be for its readers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class WaveState(StrEnum):
    """Where a wave is on its way."""

    ANNOUNCED = "announced"
    """Its key sheet is signed; tokens can be fetched ahead."""
    OPEN = "open"
    """Its wave sheet is signed; answers are taken until its window closes."""
    TALLIED = "tallied"
    """Counted and committed to; readers know the hash of the release."""
    RELEASED = "released"
    VOIDED = "voided"
    """Ended without a result, with a signed reason."""
    WITHDRAWN = "withdrawn"
    """Announced but never opened: a skipped week, or fewer than 11 people left to ask."""


NEXT_STATES: Final[dict[WaveState, frozenset[WaveState]]] = {
    WaveState.ANNOUNCED: frozenset({WaveState.OPEN, WaveState.VOIDED, WaveState.WITHDRAWN}),
    WaveState.OPEN: frozenset({WaveState.TALLIED, WaveState.VOIDED}),
    WaveState.TALLIED: frozenset({WaveState.RELEASED}),
    WaveState.RELEASED: frozenset(),
    WaveState.VOIDED: frozenset(),
    WaveState.WITHDRAWN: frozenset(),
}


class BadStep(Exception):
    """A wave cannot go from its present state to that one."""


def check_step(before: WaveState, after: WaveState) -> None:
    """
    Hold a wave to the table above.

    :raises BadStep: if the table does not have this step
    """
    if after not in NEXT_STATES[before]:
        raise BadStep(f"{before} -> {after}")


class EndedAlone(StrEnum):
    """Why a wave was voided by the closing and by nobody's wish. Stored as text in the trail: never renamed, only added."""

    KEYS_LOST = "keys-lost"
    SHEET_CHANGED = "sheet-changed"


class WeekState(StrEnum):
    """What a reader sees of one wave of one leaf."""

    SHOWN = "shown"
    TOO_FEW = "too few"
    NOT_ASKED = "not asked"
    VOID = "void"
    NOT_PUBLISHED = "not published"
    """Counted, its keys are gone; everybody reads it at the same moment."""
    NOT_BURNED = "not burned"
    """Its window is over, but its keys still exist: the worker was down, or the disk is full."""


class PayloadKind(StrEnum):
    """What a payload of the chain is: the header types of the protocol, and what a wave sheet commits to without a header."""

    KEY_SHEET = "key-sheet"
    WAVE_SHEET = "wave-sheet"
    CLOSING = "closing"
    BURN = "burn"
    RELEASE = "release"
    VOID = "void"
    SUPERSEDE = "supersede"
    KEY_ROTATION = "key-rotation"
    COUNCIL = "council"
    """The institution names a residents' council: its keys."""
    COUNCIL_ACT = "council-act"
    """What the council decided, with its signatures."""
    PROMISES = "promises"
    """What a wave asks about kept promises. It has no header of its own: the wave sheet names its hash."""


PUBLIC_KINDS: Final = frozenset(PayloadKind) - {PayloadKind.RELEASE}
"""Read by anybody; release bodies are read by members of the institution, once published."""
