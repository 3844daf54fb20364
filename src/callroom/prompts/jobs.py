"""What the worker does about letters: hand over what is due. Safe to repeat; cheap while nothing is."""

from __future__ import annotations

from datetime import datetime

from callroom.people import queries as people
from callroom.prompts import letters


def tick(now: datetime) -> None:
    """Hand over the letters that are due."""
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    letters.send_due(institution=institution, now=now)
