"""Whose looks at results are kept: leaders owe an answer, so it is known that they looked. Residents' looks are not."""

from __future__ import annotations

from datetime import date
from typing import Final

from callroom.people import queries as people
from callroom.people.policy import Role
from callroom.people.requests import Request

LOOKS_ARE_KEPT: Final = frozenset({Role.CHIEF, Role.LEADER, Role.EXECUTIVE})


def looks_are_kept(request: Request, on: date) -> bool:
    """Does the reader lead anything on this day?"""
    return any(standing.role in LOOKS_ARE_KEPT for standing in people.roles_of(request.user, on))
