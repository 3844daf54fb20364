"""Letters: plain text, one link into this house, no figure and no name of anything that was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused
from typing import Final

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext

from callroom.kit.following import Followed, NotTaken

PERMANENT: Final = 500
"""From this number on, what a mail server says holds: RFC 5321, section 4.2.1."""

ABOUT_ONE_LETTER: Final = frozenset({400, 413, 422})
"""What a provider answers about one letter, and not about its key, its account or itself."""

GIVE_UP_AFTER: Final = 10
"""Letters that a server refuses for now before a turn ends: it wants fewer."""


class NotSent(Exception):
    """The letter stays with whoever wrote it. The text says why, as the mail server or the machine put it."""


class NotReached(NotSent):
    """There is no mail server, or it cannot be reached or does not answer: nobody's letter goes out now."""


class Refused(NotSent):
    """The mail server refuses this address for good; trying again would change nothing."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person, already in their language."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    A letter that waits for its turn.

    ``take`` notes that it goes now, and says no where somebody noted that already; ``give_back`` takes the note back.
    ``letter`` is written only once it is taken.
    """

    letter: Callable[[], Letter]
    take: Callable[[], bool]
    give_back: Callable[[], object]


def address_of(path: str) -> str:
    """
    Return the full address of a page, for a letter.

    The first of the origins whose forms are trusted is where people reach this installation; without one it is the
    machine itself.
    """
    origins: list[str] = settings.CSRF_TRUSTED_ORIGINS
    return f"{origins[0].rstrip('/') if origins else 'http://localhost:8000'}{path}"


def send(letter: Letter, *, connection: BaseEmailBackend | None = None) -> None:
    """
    Hand a letter to the mail server, marked as written by a machine so that no absence note answers it.

    ``connection``: an open one, for many letters in a row; without it each has its own.

    :raises NotSent: when the server refuses the letter for now
    :raises NotReached: also when mail is not set up; this and Refused are kinds of NotSent
    :raises Refused: see there
    """
    if not settings.MAIL_IS_SET_UP:
        raise NotReached(gettext("mail is not set up"))
    message = EmailMessage(
        subject=letter.subject,
        body=letter.text,
        to=[letter.to],
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        connection=connection,
    )
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        for_good = all(code >= PERMANENT for code, _why in error.recipients.values())
        raise (Refused if for_good else NotSent)(str(error)) from error
    except Followed as error:
        raise NotReached(gettext("the provider would have been asked to follow who opens it")) from error
    except AnymailError as error:
        raise _of_a_provider(error) from error
    except OSError as error:  # smtplib's errors are of this kind, too
        raise NotReached(str(error)) from error


def _of_a_provider(error: AnymailError) -> NotSent:
    """
    Return what a provider's answer means: nobody's letter goes out, or only this one does not.

    Its own words only where they name nobody; never what was sent.
    """
    if isinstance(error, (AnymailRecipientsRefused, AnymailInvalidAddress)):
        return Refused(gettext("the provider refuses this address"))
    if isinstance(error, NotTaken) or error.status_code in ABOUT_ONE_LETTER:
        return NotSent(gettext("the provider does not take this letter"))
    if error.status_code is not None:
        return NotReached(gettext("the provider answers %(code)s") % {"code": error.status_code})
    return NotReached(str(error.__cause__ or error))


def hand_over(waiting: Iterable[Waiting], *, most: int | None = None) -> int:
    """
    Hand over what waits, at most so many; return how many letters went out.

    Each is noted before it goes: after a crash in between it is lost rather than sent twice. What the server does not take
    now is given back and waits; an address that does not exist stays noted, and holds nobody else up.
    """
    sent = refused = 0
    for entry in waiting:
        if sent == most:
            break
        if not entry.take():
            continue
        try:
            send(entry.letter())
        except Refused:
            continue
        except NotSent as error:
            entry.give_back()
            refused += 1
            if isinstance(error, NotReached) or refused == GIVE_UP_AFTER:
                break
        else:
            sent += 1
    return sent
