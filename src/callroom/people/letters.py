"""Letters about the way in: a link, never a figure and never anything that somebody answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from callroom.people.models import Person


def can_be_sent() -> bool:
    """Return whether mail is set up; until it is, links are made on the command line."""
    return bool(settings.MAIL_IS_SET_UP)


def send_invitations(invited: Iterable[tuple[Person, str]], *, to: Callable[[str], str]) -> int:
    """Send each person their link, in their language; return how many letters went out. ``to`` completes an address."""
    letters = [
        _letter(person, "invitation", {"link": to(reverse("people:invitation", args=[token]))})
        for person, token in invited
    ]
    return get_connection().send_messages(letters) or 0


def tell_reset_approved(person: Person) -> None:
    """Tell a person that somebody approved a new second factor for them: it may not have been they who asked."""
    if can_be_sent():
        _letter(person, "reset_approved", {}).send(fail_silently=True)


def _letter(person: Person, name: str, words: dict[str, str]) -> EmailMessage:
    with translation.override(person.language):
        said = {**words, "institution": person.institution.name}
        subject = render_to_string(f"people/letters/{name}_subject.txt", said).strip()
        body = render_to_string(f"people/letters/{name}.txt", said)
    return EmailMessage(subject=subject, body=body, to=[person.email])
