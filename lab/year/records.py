"""What the lab writes down while the year passes: receipts, cases, and what became of them. Nothing of it is read from the server."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a resident answers with."""

    APP = "phone, home-screen app"
    TAB = "phone, browser tab"
    PRIVATE = "private window"
    WARD = "ward computer of two"


class Reason(StrEnum):
    """Why there was no ticket, although the round asked this person."""

    NEW_PHONE = "a new phone"
    CLEARED = "the browser's data were cleared"
    EVICTED = "storage dropped after seven days"
    PRIVATE_CLOSED = "the private window was closed"
    OTHER_PERSON = "the other one used the computer"
    OVER = "came after the round had closed"


class Way(StrEnum):
    """How somebody without a ticket came to answer, or to the next round."""

    STANDS = "had answered; that answer counts"
    MOVED = "moved the ticket before the opening"
    APPROVED = "second ticket approved, answered"
    NEXT = "had the ticket of a later round"
    VOID = "the round was announced void"
    LEFT = "left the hospital"
    AWAY = "on leave, to the end of the year"


class Nothing(StrEnum):
    """Why a visit found no round that asks this person."""

    AWAY = "on leave when the round opened"
    NEWCOMER = "came after the opening"
    MOVED = "moved to another programme"
    VOID = "the round was void"
    HOLIDAY = "a week without rounds"
    NOT_YET = "a new phone, before the opening"
    BETWEEN = "no round of their programme was open"
    NO_ROUND = "none of these"


@dataclass(slots=True)
class Receipt:
    """An answer that was acknowledged. ``steps``: what was answered to each core item; empty for "I did not work"."""

    wave: str
    message: bytes
    person: str
    group: int
    revision: int
    steps: Mapping[str, int | None]


@dataclass(slots=True)
class Case:
    """Somebody who wanted to answer and found no ticket."""

    person: str
    wave: str
    kind: Kind
    reason: Reason
    way: Way | None = None


@dataclass(slots=True)
class Records:
    """
    Everything that is known by the end. ``issued``: who was given a ticket, by wave; ``replaced``: second tickets by wave and
    group; ``between``: on which days somebody of a programme came while no round of it was open.
    """

    receipts: dict[tuple[str, bytes], Receipt] = field(default_factory=dict)
    answered: set[tuple[str, str]] = field(default_factory=set)
    cases: dict[tuple[str, str], Case] = field(default_factory=dict)
    issued: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    replaced: Counter[tuple[str, int]] = field(default_factory=Counter)
    found_nothing: Counter[tuple[Kind, Nothing]] = field(default_factory=Counter)
    between: set[tuple[str, date]] = field(default_factory=set)
    visits: Counter[Kind] = field(default_factory=Counter)
    answers: Counter[Kind] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    diary: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What was seen to be wrong on the way."""

    def has_answered(self, person: str, wave: str) -> bool:
        """Was an answer of this person to this wave acknowledged?"""
        return (person, wave) in self.answered

    def acknowledged(self, receipt: Receipt) -> None:
        """Keep a receipt: the newest of its ticket."""
        self.receipts[receipt.wave, receipt.message] = receipt
        self.answered.add((receipt.person, receipt.wave))

    def of(self, wave: str) -> list[Receipt]:
        """Return the receipts of a wave."""
        return [each for each in self.receipts.values() if each.wave == wave]

    def note(self, case: Case) -> Case:
        """Keep a case, once for each person and wave."""
        return self.cases.setdefault((case.person, case.wave), case)

    def found(self, person: str, way: Way, *, only: str = "") -> None:
        """Note the way back of a person's open cases, or of the one about a wave."""
        for case in self.cases.values():
            if case.person == person and case.way is None and only in ("", case.wave):
                case.way = way
