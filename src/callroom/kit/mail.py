"""Letters: plain text, one link into this house, no figure and no name of anything that was answered."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext


class NotSent(Exception):
    """The letter stays with whoever wrote it. The text says why, as the mail server or the machine put it."""


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

    :raises NotSent: when mail is not set up, or the server cannot be reached or refuses it
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
    except OSError as error:  # smtplib's errors are of this kind, too
        raise NotSent(str(error)) from error
