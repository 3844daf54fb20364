"""Who may read and answer a request: the desk, but nobody their own, and nobody who evaluates the person."""

from __future__ import annotations

from datetime import datetime

from callroom.people.models import Person
from callroom.people.policy import Action, NotYours, evaluates, may
from callroom.rights.models import Request


def may_answer(reader: Person, request: Request, *, now: datetime) -> bool:
    """Return whether this reader may see and answer this request."""
    return (
        may(reader, Action.ANSWER_REQUESTS, now=now)
        and reader.institution_id == request.institution_id
        and reader.pk != request.person_id
        and not evaluates(reader, request.person, now=now)
    )


def check_may_answer(reader: Person, request: Request, *, now: datetime) -> None:
    """:raises NotYours: unless ``may_answer`` says yes to the same question"""
    if not may_answer(reader, request, now=now):
        raise NotYours
