"""What the worker does about people, once an hour: repeating it changes nothing."""

from __future__ import annotations

from datetime import datetime

from callroom.audit import jobs as audit_jobs
from callroom.people import actions, queries


def tidy(now: datetime) -> None:
    """Off-board whoever's last membership and role are over, forget leave and askings that are over, seal past days' looks."""
    try:
        institution = queries.current_institution()
    except queries.NoInstitution:
        return
    actions.forget_past_leave(institution=institution, today=institution.day(now))
    actions.forget_old_resets(today=institution.day(now))
    for person in queries.people_with_nothing_left(institution, institution.day(now)):
        actions.offboard(by=None, person=person, now=now)
    audit_jobs.seal_past_days(now, institution.zone)
