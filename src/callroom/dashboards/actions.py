"""The one thing that reading results writes: that a leader looked."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from callroom.audit import actions as audit
from callroom.people import queries as people
from callroom.people.policy import Role
from callroom.people.requests import Request

LOOKS_ARE_KEPT: Final = frozenset({Role.CHIEF, Role.LEADER, Role.EXECUTIVE})
"""Leaders owe an answer to what is published, so it is known that they looked. Residents' looks are not kept."""


def keep_look(request: Request, *, now: datetime) -> None:
    """Keep that a leader opened this page with results: once per person, page and day, without a time."""
    day = request.user.institution.day(now)
    if any(standing.role in LOOKS_ARE_KEPT for standing in people.roles_of(request.user, day)):
        audit.look(str(request.user.pk), request.path, day)
