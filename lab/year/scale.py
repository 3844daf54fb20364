"""How large the institution is, which weeks the year has, and what happens in which of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

PASSES_ON: Final = "passes on"
SILENT: Final = "silent"


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme and how many residents it begins with. ``led``: how its own leader takes clocks; empty, it has none."""

    unit: str
    department: str
    residents: int
    led: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """
    A year. Weeks are counted from 0; an event's number is the week in which it happens.

    ``ahead``: weeks for which rounds are announced; ``skipped``: holidays; ``backup``, ``restore``: Wednesday of one week,
    Thursday of a later one.
    """

    first: date
    weeks: int
    programmes: tuple[Programme, ...]
    ahead: int
    new_phones: int
    skipped: Collection[int]
    crash_while_answering: Collection[int]
    crash_while_closing: Collection[int]
    crash_while_opening: Collection[int]
    upgrade_in_an_open_round: int
    upgrade_between_rounds: Collection[int]
    backup: int
    restore: int
    plans: int
    """Of how many academic years a plan is made: one more than there are starts."""

    @property
    def residents(self) -> int:
        """How many residents there are at the beginning."""
        return sum(programme.residents for programme in self.programmes)


ACADEMIC_YEAR: Final = "03-01"
ZONE: Final = "America/Mexico_City"

LONG: Final = Scale(
    # Two weeks of one academic year, all 52 of the next, and the first two of the one after it.
    first=date(2026, 2, 16),
    weeks=56,
    programmes=(
        Programme("internal-medicine", "medicine", 22, PASSES_ON),
        Programme("geriatrics", "medicine", 7),
        Programme("nephrology", "medicine", 7),
        Programme("anesthesia", "surgery", 16, SILENT),
    ),
    ahead=4,
    new_phones=10,
    skipped=(6, 44, 45),  # Holy week, and two weeks around Christmas and New Year
    crash_while_answering=(9,),
    crash_while_closing=(21,),  # three rounds close on this Sunday
    crash_while_opening=(33,),
    upgrade_in_an_open_round=14,
    upgrade_between_rounds=(36,),
    backup=25,
    restore=27,
    plans=3,
)
SHORT: Final = Scale(
    # One week of one academic year, and five of the next.
    first=date(2026, 2, 23),
    weeks=6,
    programmes=(
        Programme("internal-medicine", "medicine", 22, PASSES_ON),
        Programme("anesthesia", "surgery", 16, SILENT),
    ),
    ahead=2,
    new_phones=4,
    skipped=(3,),
    crash_while_answering=(),
    crash_while_closing=(1,),
    crash_while_opening=(),
    upgrade_in_an_open_round=2,
    upgrade_between_rounds=(),
    backup=3,
    restore=4,
    plans=2,
)
SIZES: Final = {"long": LONG, "short": SHORT}
