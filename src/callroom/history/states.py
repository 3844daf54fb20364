"""What can be wrong with a file of earlier results, as data; ``wording`` says it in English and Spanish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Shape(StrEnum):
    """What one row of the file is."""

    ROWS = "rows"
    """One person's score."""
    AGGREGATES = "aggregates"
    """A unit in a period: how many, mean, standard deviation."""


class Precision(StrEnum):
    """How exactly a period is known."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


class Code(StrEnum):
    """Kinds of problems."""

    UNREADABLE = "unreadable"
    BROKEN_WORKBOOK = "broken workbook"
    NO_ROWS = "no rows"
    MISSING_COLUMN = "missing column"
    NO_UNIT = "unit is empty"
    UNKNOWN_UNIT = "unknown unit"
    BAD_PERIOD = "bad period"
    FUTURE_PERIOD = "period in the future"
    NOT_A_NUMBER = "not a number"
    OFF_SCALE = "off the scale"
    BAD_COUNT = "not a count"
    BAD_SPREAD = "impossible spread"
    FEWER_ASKED = "fewer asked than answered"
    DOUBLE_GROUP = "unit and period twice"
    DIFFERENT_ASKED = "different numbers of people asked"
    KNOWN_GROUP = "already imported"
    NOTHING_LEFT = "no score at all"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: kind, row of the file (1 is the header; 0 the file), column, and words for the message."""

    code: Code
    row: int = 0
    column: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
