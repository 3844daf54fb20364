"""What can be wrong with a file, as data; ``wording`` says it in English and Spanish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """Kinds of problems."""

    NOT_UTF8 = "not UTF-8"
    UTF16 = "UTF-16"
    NUL = "null byte"
    NOT_CSV = "not CSV"
    OLD_WORKBOOK = "old workbook"
    BROKEN_WORKBOOK = "broken workbook"
    TOO_LARGE = "too large"
    TOO_MANY_ROWS = "too many rows"
    NO_ROWS = "no rows"
    UNKNOWN_COLUMN = "unknown column"
    MISSING_COLUMN = "missing column"
    DOUBLE_COLUMN = "double column"
    REASON_COLUMN = "reason column"
    UNKNOWN_FILE = "unknown file"
    TOO_MANY_CELLS = "too many cells"
    EMPTY = "empty"
    TOO_LONG = "too long"
    UNPRINTABLE = "unprintable"
    FORMULA = "formula"
    BAD_DATE = "bad date"
    DATES_REVERSED = "dates reversed"
    DATE_NEEDS_START = "needs start"
    BAD_EMAIL = "bad e-mail"
    BAD_LANGUAGE = "bad language"
    UNKNOWN_ROLE = "unknown role"
    ROLES_AND_UNITS = "roles and units"
    UNIT_NEEDED = "unit needed"
    HOME_NEEDED = "home needed"
    NOT_A_PROGRAMME = "not a programme"
    UNKNOWN_UNIT = "unknown unit"
    BAD_UNIT_ID = "bad unit id"
    UNKNOWN_KIND = "unknown kind"
    BAD_PARENT = "bad parent"
    CYCLE = "cycle"
    SECOND_ROOT = "second root"
    IN_USE = "in use"
    DOUBLE_ID = "double id"
    DOUBLE_EMAIL = "double e-mail"
    EMAIL_TAKEN = "e-mail taken"
    DOUBLE_ASSIGNMENT = "double assignment"
    UNKNOWN_PERSON = "unknown person"
    EVALUATES_SELF = "evaluates self"
    DOUBLE_ROTATION = "double rotation"
    NO_ROTATIONS_THERE = "no rotations there"
    ROTATED_THROUGH = "rotated through"
    COUNTS_THERE = "counts there"
    NOT_HERE = "not here"
    BEFORE_FIRST_DAY = "before first day"
    AFTER_LAST_DAY = "after last day"
    MANY_ROTATIONS = "many rotations"
    MANY_LEAVERS = "many leavers"
    NOBODY_LEFT = "nobody left"
    YOURSELF = "yourself"
    NO_ACCESS = "no access"
    OTHER_FILE = "other file"
    NOT_NAMED = "not named"


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing that is wrong. ``row`` counts as a spreadsheet does: the header is row 1; 0 stands for the whole file.
    """

    code: Code
    row: int = 0
    column: str = ""
    said: Mapping[str, str | int] = field(default_factory=dict)


class Unreadable(Exception):
    """The file as a whole cannot be used."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems
