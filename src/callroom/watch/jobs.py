"""What the worker does after a release: look at it, then write to leaders. Safe to repeat; cheap while nothing is new."""

from __future__ import annotations

from datetime import datetime

from callroom.people import queries as people
from callroom.watch import actions, letters


def tick(now: datetime) -> None:
    """Look at what has been published since the last look; send the weekly letters that are due."""
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    actions.look(institution=institution, now=now)
    letters.send_due(institution=institution, now=now)
