"""What the worker does each hour: letters about requests, and once a night what is over is deleted. Safe to repeat."""

from __future__ import annotations

from datetime import datetime

from callroom.people import queries as people
from callroom.rights import forgetting, letters


def every_hour(now: datetime) -> None:
    """Send the letters that are due; in the small hours, delete what is over."""
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    letters.send_due(institution=institution, now=now)
    forgetting.forget_what_is_over(institution, now=now)
