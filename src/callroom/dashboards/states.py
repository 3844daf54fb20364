"""What a page can say about a direction. The states of a week are those of ``pulse.states.WeekState``."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """What the chip beside a sentence says: a shape and words first, colour last. The values are the kit's kinds."""

    STEADY = "flat"
    LOWER = "down"
    HIGHER = "up"
    EARLY = "early"
    NONE = ""


class Sureness(StrEnum):
    """How sure a decline is, in the words of the pages."""

    VERY_LIKELY = "very likely"
    PROBABLY = "probably"
    POSSIBLY = "possibly"
    UNCLEAR = "not clear yet"
