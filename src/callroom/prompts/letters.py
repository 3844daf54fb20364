"""The letter itself: the same words and the same link for everybody of a language, and the outbox it goes through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from callroom.kit import mail
from callroom.people.models import Institution, Person
from callroom.prompts import queries
from callroom.prompts.models import HandedOver
from callroom.prompts.states import Kind
from callroom.pulse import asking

LETTERS_A_MINUTE: Final = 150
"""So many go out in one turn of the worker: it has other things to do on time."""
KEPT: Final = timedelta(weeks=1)


def address(language: str) -> str:
    """Return the link: the same for everybody who reads this language."""
    return mail.address_of(f"/w/{language}/")


def letter_for(person: Person, kind: Kind, *, scale: bool = False) -> mail.Letter:
    """
    Return a letter. It differs between two people by the language only, and names nobody.

    ``scale``: a round of these days carries the quarterly scale; then every letter says so, whatever its reader's round asks.
    """
    with translation.override(person.language):
        reminds = kind is not Kind.OPENING
        subject = gettext("Reminder: the check-in is open") if reminds else gettext("The check-in is open")
        return mail.Letter(to=person.email, subject=subject, text=text_in(person.language, scale=scale))


def text_in(language: str, *, scale: bool = False) -> str:
    """Return the words of every letter in this language."""
    with translation.override(language):
        said = gettext(
            "How was your week? The check-in is open: a few questions, about 30 seconds, without your name.\n\n"
            "%(address)s\n\n"
            "Everybody who is asked gets this same letter with this same link, whether or not they have answered or want "
            "to: nobody knows who has. It is voluntary."
        ) % {"address": address(language)}
        return f"{said}\n\n{_scale_words()}" if scale else said


def for_messenger(language: str, *, scale: bool = False) -> str:
    """Return a text to paste into the residents' own messenger."""
    with translation.override(language):
        said = gettext(
            "The check-in is open: a few questions, about 30 seconds, without your name. %(address)s It is the same link "
            "for everybody."
        ) % {"address": address(language)}
        return f"{said} {_scale_words()}" if scale else said


def _scale_words() -> str:
    return gettext(
        "The quarterly burnout scale is due: rounds that carry it have seven more questions, asked in English, and take about two minutes. "
        "Your own result is shown on your phone only."
    )


def send_due(*, institution: Institution, now: datetime) -> int:
    """
    Hand over the letters that are due; return how many.

    While the mail server is down they wait, and go out when it is back, each kind once. One that a crash lost is followed
    by the next kind.
    """
    monday = queries.monday_of(institution, now)
    HandedOver.objects.filter(monday__lt=monday - KEPT).delete()
    return mail.hand_over(_waiting(institution, monday, now), most=LETTERS_A_MINUTE)


def _waiting(institution: Institution, monday: date, now: datetime) -> Iterator[mail.Waiting]:
    scale = asking.scale_is_asked(institution, now=now)
    for due in queries.due(institution, now=now):
        for person in due.people:
            noted = HandedOver.objects.filter(person=person, monday=monday, kind=due.kind)
            yield mail.Waiting(
                letter=partial(letter_for, person, due.kind, scale=scale),
                take=partial(_taken, institution, person, monday, due.kind),
                give_back=noted.delete,
            )


@transaction.atomic
def _taken(institution: Institution, person: Person, monday: date, kind: Kind) -> bool:
    _handed, made = HandedOver.objects.get_or_create(
        person=person, monday=monday, kind=kind, defaults={"institution": institution}
    )
    return made
