"""Rounds that ended by themselves: the closing voided them, and nobody wished it. Somebody has to look into each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callroom.audit import queries as audit
from callroom.audit.states import Tag
from callroom.pulse.states import EndedAlone

LOOKED_FOR: Final = timedelta(days=365)
MOST_VOIDS: Final = 500
"""More rounds than a year has."""


@dataclass(frozen=True, slots=True)
class EndedWave:
    """A round that the closing voided. ``row``: of the trail that says so."""

    wave: str
    row: int
    why: EndedAlone


def ended_alone(*, now: datetime) -> tuple[EndedWave, ...]:
    """Return the rounds of the last year that ended by themselves, in order."""
    voided = audit.rows_below(None, tag=Tag.WAVE_VOIDED, since=now - LOOKED_FOR, limit=MOST_VOIDS)
    reasons = [(row, row.details.get("why")) for row in reversed(voided)]
    return tuple(EndedWave(row.about, row.seq, EndedAlone(why)) for row, why in reasons if why in list(EndedAlone))
