"""What the worker does each hour: letters about requests. Safe to repeat."""

from __future__ import annotations

from datetime import datetime

from callroom.people import queries as people
from callroom.rights import letters


def every_hour(now: datetime) -> None:
    """Send the letters that are due."""
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    letters.send_due(institution=institution, now=now)
