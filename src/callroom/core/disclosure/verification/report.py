"""What a verification found when nothing was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callroom.core.anonymity.council import Council


class WaveState(StrEnum):
    """How far a wave has come in the chain."""

    ANNOUNCED = "announced"
    SUPERSEDED = "superseded"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"
    VOID = "void"


class NoteCode(StrEnum):
    """What is not wrong, but ought to be known."""

    END_NOT_CHECKED = "the end was not checked"
    DEMO = "answers are invented"
    NOT_BURNED = "keys are not burned yet"
    NOT_PUBLISHED = "closed, not published yet"
    LEAF_NOT_ASKED = "a leaf of the plan was not asked"
    COUNCIL_NAMED_ANEW = "the institution named another council than the one that acted"
    STRAY_FILE = "a file that the chain does not name"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to know; ``about``: a wave, "wave leaf", or a file, empty for the whole chain."""

    code: NoteCode
    about: str = ""


@dataclass(frozen=True, slots=True)
class WaveSummary:
    """One wave of the chain; ``figures``: published means, each checked."""

    wave: str
    state: WaveState
    demo: bool
    figures: int


@dataclass(frozen=True, slots=True)
class Report:
    """
    A chain that holds.

    ``fingerprint``: SHA-256 of the institution's first key; ``head``: hash of the last header, empty for an empty
    chain; ``waves`` in the order in which they were first named; ``council``: the one in force at the last header, none
    where there is none; ``decisions``: how many it, or one before it, has signed, each checked.
    """

    institution: str
    fingerprint: str
    headers: int
    head: str
    head_checked: bool
    waves: tuple[WaveSummary, ...]
    notes: tuple[Note, ...]
    council: Council | None
    decisions: int

    @property
    def figures(self) -> int:
        """Return how many published means were checked."""
        return sum(wave.figures for wave in self.waves)
