"""Three things to do for each driver of how work is lived: small, known to help, possible within a month or so.

The six drivers of burnout (workload, control, work and life, community, efficiency, values), and support and voice, which
the check-in asks about each week. The ideas are common practice in residency programmes, in our own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language

from callroom.improvement.advice.ideas import Driver
from callroom.improvement.advice.people import PEOPLE
from callroom.improvement.advice.work import WORK

DRIVERS: Final[tuple[Driver, ...]] = (*WORK, *PEOPLE)
ASKED_EVERY_WEEK: Final = frozenset({"workload", "support", "voice"})


@dataclass(frozen=True, slots=True)
class IdeaWords:
    """An idea in one language."""

    key: str
    what: str
    begin: str


@dataclass(frozen=True, slots=True)
class DriverWords:
    """A driver in one language."""

    key: str
    name: str
    asks: str
    ideas: tuple[IdeaWords, ...]


def in_words() -> tuple[DriverWords, ...]:
    """Return all drivers with their ideas in the language that is active."""
    place = _place()
    return tuple(
        DriverWords(
            driver.key,
            driver.name[place],
            driver.asks[place],
            tuple(IdeaWords(idea.key, idea.what[place], idea.begin[place]) for idea in driver.ideas),
        )
        for driver in DRIVERS
    )


def starters() -> tuple[IdeaWords, ...]:
    """Return an idea for each thing that is asked about every week: one press away from an answer."""
    return tuple(driver.ideas[0] for driver in in_words() if driver.key in ASKED_EVERY_WEEK)


def text_of(key: str) -> str:
    """Return what one would promise, in the active language; empty for an unknown idea."""
    found = (idea for driver in DRIVERS for idea in driver.ideas if idea.key == key)
    return next((idea.what[_place()] for idea in found), "")


def _place() -> int:
    return 1 if (get_language() or "").startswith("es") else 0
