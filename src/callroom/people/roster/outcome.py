"""What an import would do, or did: a line for everybody it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What happens to a person, a unit, an assignment or a rotation."""

    NEW = "new"
    CHANGED = "changed"
    TRANSFER = "transfer"
    ROLE_GIVEN = "role given"
    ROLE_ENDED = "role ended"
    PAIR_MADE = "pair made"
    PAIR_ENDED = "pair ended"
    ROTATION = "rotation"
    ROTATION_ENDED = "rotation ended"
    ON_LEAVE = "on leave"
    LEAVE_OVER = "leave over"
    BACK = "back"
    LEAVER = "leaver"


class File(StrEnum):
    """Which of the four files it was, by its header."""

    PEOPLE = "people"
    UNITS = "units"
    EVALUATORS = "evaluators"
    ROTATIONS = "rotations"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happens. ``key`` is the roster's own id of whom or what it happens to, ``about`` ours."""

    kind: Kind
    key: str
    name: str
    said: Mapping[str, str] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All of it. ``rows`` is the number of rows in the file."""

    file: File
    rows: int
    lines: tuple[Line, ...]
    dry_run: bool

    def counts(self) -> dict[Kind, int]:
        """Return how many lines there are of each kind that occurs, in the order of ``Kind``."""
        found = Counter(line.kind for line in self.lines)
        return {kind: found[kind] for kind in Kind if found[kind]}
