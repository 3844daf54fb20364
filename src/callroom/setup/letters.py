"""The test letter of mail: a number to type back, and nothing else."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _


class NotSent(Exception):
    """The letter could not be handed over; the text says why, as the mail server or the machine put it."""


def send_test_letter(*, to: str, code: str) -> None:
    """
    Send the number.

    :raises NotSent: when mail is not set up, or the server cannot be reached or refuses the letter
    """
    if not settings.MAIL_IS_SET_UP:
        raise NotSent(_("mail is not set up"))
    text = _("This letter tests the mail of Callroom. Type this number into the page that is waiting for it: %(code)s")
    letter = EmailMessage(
        subject=_("Does this letter arrive?"),
        body=text % {"code": code},
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        letter.send()
    except OSError as error:  # smtplib's errors are of this kind, too
        raise NotSent(str(error)) from error


def sealed(code: str) -> str:
    """Return what may be kept about the number where its reader could look."""
    return salted_hmac("callroom.setup.letter", code, algorithm="sha256").hexdigest()


def is_code(typed: str, kept: str) -> bool:
    """Return whether this is the number of the letter."""
    return bool(kept) and constant_time_compare(sealed("".join(typed.split())), kept)
