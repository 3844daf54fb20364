"""Who came when: the timetable of a simulated week, for stores that are built the usual way."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

DAYS = 5
AWAKE = (6, 23)
SHARE = 0.7
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's visit. ``person``: 32 hex digits; ``message``: what the answer is stored under; ``at``: seconds."""

    group: int
    person: str
    message: bytes
    at: int

    @property
    def hour(self) -> int:
        """Return the hour of the week."""
        return self.at // HOUR

    @property
    def minute(self) -> int:
        """Return the minute of the week."""
        return self.at // 60


def a_week(chance: random.Random, *, groups: int, people: int) -> list[Visit]:
    """Return the visits of a week in the order in which they happened; seven of ten answer."""
    visits = [
        Visit(group, uuid.UUID(int=chance.getrandbits(128)).hex, chance.randbytes(32), _some_time(chance))
        for group in range(groups)
        for _person in range(round(people * SHARE))
    ]
    return sorted(visits, key=lambda visit: visit.at)


def truth_of(visits: list[Visit]) -> dict[tuple[int, str], bytes]:
    """Return which answer is whose."""
    return {(visit.group, visit.person): visit.message for visit in visits}


def _some_time(chance: random.Random) -> int:
    first, last = AWAKE
    return chance.randrange(DAYS) * 24 * HOUR + chance.randrange(first * HOUR, last * HOUR)
