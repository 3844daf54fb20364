"""Letters: to the desk that something waits there, to the person that the answer is there. A link, never a word of either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from callroom.core.timetable import working_days
from callroom.kit import mail
from callroom.people import queries as people
from callroom.people.models import Institution, Person, RoleGrant
from callroom.people.policy import POLICY, Action
from callroom.rights.models import DeskLetter, Request
from callroom.rights.permissions import may_answer
from callroom.rights.states import Nudge, RequestState

SOON: Final = 5
"""Working days before the last one from which the desk is reminded."""
GIVE_UP_AFTER: Final = 3
"""Letters that are refused before this round of sending ends: the server is down rather than an address wrong."""


def send_due(*, institution: Institution, now: datetime) -> int:
    """
    Send what is due to the desk and to who was answered; return how many letters went out.

    One letter to each reader, however many requests it is about. What a letter is about is noted before it leaves: after a
    crash in between it is lost rather than sent twice. When mail is down nothing stays noted and it is tried again.
    """
    sent = failed = 0
    for hand_over in (*_to_the_desk(institution, now), *_to_the_answered(institution)):
        try:
            sent += hand_over()
        except mail.NotSent:
            failed += 1
            if failed == GIVE_UP_AFTER:
                break
    return sent


HandOver = Callable[[], bool]
"""Sends one letter if it is due still; says whether it did."""


def _to_the_desk(institution: Institution, now: datetime) -> Iterator[HandOver]:
    today = institution.day(now)
    waiting = list(
        Request.objects.filter(institution=institution, state=RequestState.OPEN).select_related("person", "institution")
    )
    for reader in _readers(institution, today) if waiting else ():
        mine = [request for request in waiting if may_answer(reader, request, now=now)]
        yield partial(_tell_reader, reader, mine, today)


def _tell_reader(reader: Person, requests: list[Request], today: date) -> bool:
    noted = _note(reader, requests, today)
    if not noted:
        return False
    try:
        mail.send(_desk_letter(reader))
    except mail.NotSent:
        DeskLetter.objects.filter(pk__in=noted).delete()
        raise
    return True


@transaction.atomic
def _note(reader: Person, requests: Iterable[Request], today: date) -> list[int]:
    """Note what this reader is told now; return what they were not told before."""
    noted = []
    for request in requests:
        letter, new = DeskLetter.objects.get_or_create(
            request=request,
            reader=reader,
            nudge=_nudge(request, today),
            defaults={"institution_id": request.institution_id},
        )
        if new:
            noted.append(letter.pk)
    return noted


def _nudge(request: Request, today: date) -> Nudge:
    if request.due_on < today:
        return Nudge.LATE
    return Nudge.SOON if working_days.after(today, SOON) >= request.due_on else Nudge.ARRIVED


def _readers(institution: Institution, today: date) -> list[Person]:
    grants = RoleGrant.objects.on(today).filter(role__in=POLICY[Action.ANSWER_REQUESTS], person__is_active=True)
    found = Person.objects.filter(pk__in=grants.values("person"), institution=institution).order_by("external_id")
    return [person for person in found if not people.on_leave(person.pk, today)]


def _to_the_answered(institution: Institution) -> Iterator[HandOver]:
    answered = Request.objects.filter(institution=institution, waits_to_tell=True, person__is_active=True)
    for request in answered.select_related("person").order_by("id"):
        yield partial(_tell_person, request)


def _tell_person(request: Request) -> bool:
    waits = Request.objects.filter(pk=request.pk)
    if not waits.filter(waits_to_tell=True).update(waits_to_tell=False):
        return False
    try:
        mail.send(_answer_letter(request.person))
    except mail.NotSent:
        waits.update(waits_to_tell=True)
        raise
    return True


def _desk_letter(reader: Person) -> mail.Letter:
    with translation.override(reader.language):
        text = gettext(
            "Somebody has asked about their own data and waits for an answer from your desk.\n\n"
            "Who, what, and until when, is on the page:\n%(address)s\n\n"
            "This letter names nobody, on purpose."
        )
        return mail.Letter(
            to=reader.email,
            subject=gettext("A request waits at your desk"),
            text=text % {"address": mail.address_of(reverse("rights:desk"))},
        )


def _answer_letter(person: Person) -> mail.Letter:
    with translation.override(person.language):
        text = gettext("There is an answer to your request about your own data. It is on this page:\n%(address)s")
        return mail.Letter(
            to=person.email,
            subject=gettext("Your request was answered"),
            text=text % {"address": mail.address_of(reverse("rights:mine"))},
        )
