"""Every write: a request is made, withdrawn or answered; a copy is taken; the trail is read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.timetable import working_days
from callroom.people.models import Person
from callroom.people.policy import is_asked
from callroom.rights import queries
from callroom.rights.models import Request
from callroom.rights.permissions import check_may_answer
from callroom.rights.states import ANSWERS, RequestKind, RequestState

WORKING_DAYS: Final = 20
"""For an answer: Mexico's law on personal data held by private parties (LFPDPPP, DOF of 20 March 2025)."""
MOST_OPEN: Final = 5


class TooManyOpen(Exception):
    """This person has as many open requests as fit; one has to be answered or withdrawn first."""


class NotOpen(Exception):
    """The request was answered or withdrawn meanwhile. Nothing was changed."""


@transaction.atomic
def ask(*, person: Person, kind: RequestKind, words: str, now: datetime) -> Request:
    """
    Make a request in one's own name; its answer is due twenty working days later.

    :raises TooManyOpen: with five open ones
    """
    request = _make(person, kind, words, person.institution.day(now))
    _record(Tag.REQUEST_MADE, request, person, now, kind=kind.value)
    return request


@transaction.atomic
def take_in(*, by: Person, person: Person, kind: RequestKind, words: str, received_on: date, now: datetime) -> Request:
    """
    Enter at the desk a request that came on paper or by word of mouth; the days count from when it came.

    :raises NotYours: for who is not at the desk, for oneself, and for whom one evaluates
    :raises TooManyOpen: with five open ones
    :raises ValueError: if it came in the future
    """
    if received_on > by.institution.day(now):
        raise ValueError("a request cannot come tomorrow")
    check_may_answer(by, Request(institution=person.institution, person=person), now=now)
    request = _make(person, kind, words, received_on)
    _record(Tag.REQUEST_TAKEN_IN, request, by, now, kind=kind.value)
    return request


@transaction.atomic
def withdraw(*, person: Person, request_id: int, now: datetime) -> None:
    """
    Withdraw one's own open request.

    :raises Request.DoesNotExist: if it is not one's own
    :raises NotOpen: if it is not open any more
    """
    request = _locked(Request.objects.get(pk=request_id, person=person).pk)
    request.state, request.closed_on = RequestState.WITHDRAWN, person.institution.day(now)
    request.save(update_fields=["state", "closed_on"])
    _record(Tag.REQUEST_WITHDRAWN, request, person, now)


@transaction.atomic
def answer(*, by: Person, request_id: int, state: RequestState, words: str, now: datetime) -> None:
    """
    Answer a request, in words that its person will read.

    :raises Request.DoesNotExist: if there is none
    :raises NotYours: for who may not answer it
    :raises NotOpen: if somebody else answered it, or it was withdrawn
    :raises ValueError: without words, or for a state that is no answer
    """
    if state not in ANSWERS or not words.strip():
        raise ValueError("an answer says yes, partly or no, and why")
    request = Request.objects.get(pk=request_id)
    check_may_answer(by, request, now=now)
    request = _locked(request.pk)
    request.state, request.answer, request.answered_by = state, words, by
    request.closed_on, request.waits_to_tell = by.institution.day(now), True
    request.save(update_fields=["state", "answer", "answered_by", "closed_on", "waits_to_tell"])
    _record(Tag.REQUEST_ANSWERED, request, by, now, answer=state.value)


@transaction.atomic
def take_copy_of(person: Person, *, by: Person, now: datetime) -> dict[str, Any]:
    """
    Return everything that is stored about somebody else (``queries.own_copy``), and keep that it was taken.

    Whoever takes their own leaves no row: it would be dated, and beside an answer of the same visit a trace.
    """
    audit.record(by=str(by.pk), tag=Tag.COPY_TAKEN, about=str(person.pk), now=now)
    return queries.own_copy(person, now=now)


@transaction.atomic
def note_reading(*, by: Person, what: str, now: datetime) -> None:
    """Keep that somebody read the trail, once a day for each part of it; nothing of who is asked (decision 0005)."""
    today = by.institution.day(now)
    if not is_asked(by, today):
        audit.look(str(by.pk), f"trail/{what}", today)


def _make(person: Person, kind: RequestKind, words: str, received_on: date) -> Request:
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if Request.objects.filter(person=locked, state=RequestState.OPEN).count() >= MOST_OPEN:
        raise TooManyOpen
    return Request.objects.create(
        institution=person.institution,
        person=person,
        kind=kind,
        words=words,
        received_on=received_on,
        due_on=working_days.after(received_on, WORKING_DAYS),
    )


def _record(tag: Tag, request: Request, by: Person, now: datetime, **details: str) -> None:
    audit.record(by=str(by.pk), tag=tag, about=f"request {request.pk}", now=now, details=details)


def _locked(request: int) -> Request:
    found = Request.objects.select_for_update().get(pk=request)
    if found.state != RequestState.OPEN:
        raise NotOpen
    return found
