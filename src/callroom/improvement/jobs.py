"""What the worker does for clocks, every ten minutes: start what is due, see who is asked today, write and send letters."""

from __future__ import annotations

from datetime import datetime

from callroom.improvement.actions import clocks, letters
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.watch import aggregates as watch


def tick(now: datetime) -> None:
    """Do everything that is due about clocks. Safe to repeat."""
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    results = clocks.latest_results(now=now)
    # Declines first: a unit's clock then says why it started.
    clocks.start_for_declines(institution=institution, declines=declines(institution, now), results=results, now=now)
    clocks.start_due(institution=institution, results=results, now=now)
    clocks.refresh_asked(institution=institution, now=now)
    letters.write_due(institution=institution, now=now)
    letters.send_waiting(institution=institution, now=now)


def declines(institution: Institution, now: datetime) -> tuple[clocks.Decline, ...]:
    """Return the confirmed declines that start clocks."""
    found = watch.confirmed_declines(institution, now=now)
    return tuple(clocks.Decline(decline.units, f"signal/{decline.signal}") for decline in found)
