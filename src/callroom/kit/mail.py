"""Letters: plain text, one link into this house, no figure and no name of anything that was answered."""

from __future__ import annotations

from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext

PERMANENT: Final = 500
"""From this number on, what a mail server says holds: RFC 5321, section 4.2.1."""


class NotSent(Exception):
    """The letter stays with whoever wrote it. The text says why, as the mail server or the machine put it."""


class NotReached(NotSent):
    """The mail server cannot be reached or does not answer: nobody's letter goes out now."""


class Refused(NotSent):
    """The mail server refuses this address for good; trying again would change nothing."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person, already in their language."""

    to: str
    subject: str
    text: str


def address_of(path: str) -> str:
    """
    Return the full address of a page, for a letter.

    The first of the origins whose forms are trusted is where people reach this installation; without one it is the
    machine itself.
    """
    origins: list[str] = settings.CSRF_TRUSTED_ORIGINS
    return f"{origins[0].rstrip('/') if origins else 'http://localhost:8000'}{path}"


def send(letter: Letter) -> None:
    """
    Hand a letter to the mail server, marked as written by a machine so that no absence note answers it.

    :raises NotSent: when mail is not set up, or the server refuses the letter for now
    :raises NotReached, Refused: see there; both are kinds of it
    """
    if not settings.MAIL_IS_SET_UP:
        raise NotSent(gettext("mail is not set up"))
    message = EmailMessage(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        for_good = all(code >= PERMANENT for code, _why in error.recipients.values())
        raise (Refused if for_good else NotSent)(str(error)) from error
    except OSError as error:  # smtplib's errors are of this kind, too
        raise NotReached(str(error)) from error
