"""What the worker does about the installation itself."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from callroom.people import queries as people
from callroom.setup import actions


def every_minute(now: datetime) -> None:
    """Say that the worker is alive."""
    actions.beat(now=now)


def every_hour(now: datetime) -> None:
    """Forget roster files that were taken a day ago and never applied; import what lies in the folder of the night."""
    actions.forget_drafts(now=now)
    if settings.ROSTER_DIR is None:
        return
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    actions.import_night(folder=settings.ROSTER_DIR, institution=institution, now=now)
