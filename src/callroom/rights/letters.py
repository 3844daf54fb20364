"""Letters: to the desk that something waits there, to the person that the answer is there. A link, never a word of either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from callroom.prompts import holidays
from callroom.rights.models import DeskLetter, Request
from callroom.rights.permissions import may_answer
from callroom.rights.states import Nudge, RequestState

SOON: Final = 5
"""Working days before the last one from which the desk is reminded."""


def send_due(*, institution: Institution, now: datetime) -> int:
    """
    Send what is due to the desk and to who was answered; return how many letters went out.

    One letter to each reader, however many requests it is about. When mail is down nothing stays noted, and it is tried again.
    """
    return mail.hand_over((*_to_the_desk(institution, now), *_to_the_answered(institution)))


def _to_the_desk(institution: Institution, now: datetime) -> Iterator[mail.Waiting]:
    today = institution.day(now)
    open_ones = Request.objects.filter(institution=institution, state=RequestState.OPEN)
    waiting = list(open_ones.select_related("person", "institution"))
    # That one has come can wait while all rest; the days in which the law wants an answer run on, so the others cannot.
    rests = bool(waiting) and holidays.rests_on(institution, today)
    told = [request for request in waiting if not (rests and _nudge(request, today) is Nudge.ARRIVED)]
    for reader in _readers(institution, today) if told else ():
        mine = [request for request in told if may_answer(reader, request, now=now)]
        noted: list[int] = []
        yield mail.Waiting(
            letter=partial(_desk_letter, reader),
            take=partial(_note, noted, reader, mine, today),
            give_back=partial(_forget, noted),
        )


def _to_the_answered(institution: Institution) -> Iterator[mail.Waiting]:
    answered = Request.objects.filter(institution=institution, waits_to_tell=True, person__is_active=True)
    for request in answered.select_related("person").order_by("id"):
        yield mail.Waiting(
            letter=partial(_answer_letter, request.person),
            take=partial(_mark, request, waits=False),
            give_back=partial(_mark, request, waits=True),
        )


@transaction.atomic
def _note(noted: list[int], reader: Person, requests: Iterable[Request], today: date) -> bool:
    """Note what this reader is told now, and in ``noted`` what they were not told before; return whether there is any."""
    for request in requests:
        letter, new = DeskLetter.objects.get_or_create(
            request=request,
            reader=reader,
            nudge=_nudge(request, today),
            defaults={"institution_id": request.institution_id},
        )
        if new:
            noted.append(letter.pk)
    return bool(noted)


def _forget(noted: list[int]) -> None:
    DeskLetter.objects.filter(pk__in=noted).delete()


def _mark(request: Request, *, waits: bool) -> bool:
    return bool(Request.objects.filter(pk=request.pk, waits_to_tell=not waits).update(waits_to_tell=waits))


def _nudge(request: Request, today: date) -> Nudge:
    if request.due_on < today:
        return Nudge.LATE
    return Nudge.SOON if working_days.after(today, SOON) >= request.due_on else Nudge.ARRIVED


def _readers(institution: Institution, today: date) -> list[Person]:
    grants = RoleGrant.objects.on(today).filter(role__in=POLICY[Action.ANSWER_REQUESTS], person__is_active=True)
    found = Person.objects.filter(pk__in=grants.values("person"), institution=institution).order_by("external_id")
    return [person for person in found if not people.on_leave(person.pk, today)]


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
