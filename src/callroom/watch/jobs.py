"""What the worker does after a release: look at it. Safe to repeat; costs next to nothing while nothing is new."""

from __future__ import annotations

from datetime import datetime

from callroom.people import queries as people
from callroom.watch import actions


def tick(now: datetime) -> None:
    """Look at what has been published since the last look."""
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    actions.look(institution=institution, now=now)
