"""The one thing that reading results writes: that a leader looked."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from callroom.audit import actions as audit
from callroom.people import queries as people
from callroom.people.policy import Role
from callroom.people.requests import Request

LOOKS_ARE_KEPT: Final = frozenset({Role.LEADER, Role.EXECUTIVE})
"""
Leaders owe an answer to what is published, so it is known that they looked. Of who is asked nothing is kept, chiefs among
them: the database's own log has an instant for the row, and it would stand there just before an answer of the same visit.
"""


def keep_look(request: Request, *, now: datetime) -> None:
    """Keep that a leader opened this page with results: once per person, page and day, without a time."""
    day = request.user.institution.day(now)
    roles = {standing.role for standing in people.roles_of(request.user, day)}
    if roles & LOOKS_ARE_KEPT and Role.RESIDENT not in roles:
        audit.look(str(request.user.pk), request.path, day)
