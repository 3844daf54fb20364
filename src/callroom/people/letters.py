"""Letters about the way in: a link, never a figure and never anything that somebody answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from callroom.kit import mail
from callroom.people.models import Person


def can_be_sent() -> bool:
    """Return whether mail is set up; until it is, links are made on the command line."""
    return bool(settings.MAIL_IS_SET_UP)


@dataclass(slots=True)
class Invited:
    """What became of invitations: whose letter went out, whose address the server refused, and who waits for it."""

    sent: int = 0
    refused: list[Person] = field(default_factory=list)
    waiting: list[Person] = field(default_factory=list)


def send_invitations(
    invited: Sequence[tuple[Person, str]],
    *,
    to: Callable[[str], str],
    keep: Callable[[Person, str], object],
    leads: Callable[[Person], bool],
) -> Invited:
    """
    Send each person their link, in their language. ``to`` completes an address.

    ``keep`` is called for each link that went out: until then an older link of the same person works on. An address that
    is refused holds nobody else up. Whoever ``leads`` reads in one paragraph more what is expected of them.
    When the server cannot be reached, the rest waits and nothing of it is kept.
    """
    outcome = Invited(waiting=[person for person, _token in invited])
    try:
        with get_connection() as connection:
            for person, token in invited:
                link = to(reverse("people:invitation", args=[token]))
                try:
                    mail.send(
                        _letter(person, "invitation", {"link": link, "leads": leads(person)}), connection=connection
                    )
                except mail.Refused:
                    outcome.refused.append(person)
                else:
                    keep(person, token)
                    outcome.sent += 1
                outcome.waiting.remove(person)
    except (mail.NotSent, OSError):  # smtplib's own errors are of the second kind
        return outcome
    return outcome


def tell_reset_approved(person: Person) -> None:
    """Tell a person that somebody approved a new second factor for them: it may not have been they who asked."""
    if can_be_sent():
        with suppress(mail.NotSent):
            mail.send(_letter(person, "reset_approved", {}))


def _letter(person: Person, name: str, words: dict[str, object]) -> mail.Letter:
    with translation.override(person.language):
        said = {**words, "institution": person.institution.name}
        subject = render_to_string(f"people/letters/{name}_subject.txt", said).strip()
        body = render_to_string(f"people/letters/{name}.txt", said)
    return mail.Letter(to=person.email, subject=subject, text=body)
