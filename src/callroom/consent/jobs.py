"""What the worker does about agreements: everybody has a slot before they say anything."""

from __future__ import annotations

from datetime import datetime

from callroom.consent import actions
from callroom.people import queries as people


def tick(now: datetime) -> None:
    """Enrol whoever came, and let the register's time of change say nothing but that this ran."""
    try:
        actions.enrol_everybody(people.current_institution(), now=now)
    except people.NoInstitution:
        return
