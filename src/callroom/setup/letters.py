"""The test letter of mail: a number to type back, and nothing else."""

from __future__ import annotations

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from callroom.kit import mail


def send_test_letter(*, to: str, code: str) -> None:
    """
    Send the number.

    :raises mail.NotSent: when mail is not set up, or the server cannot be reached or refuses the letter
    """
    text = _("This letter tests the mail of Callroom. Type this number into the page that is waiting for it: %(code)s")
    mail.send(mail.Letter(to=to, subject=_("Does this letter arrive?"), text=text % {"code": code}))


def sealed(code: str) -> str:
    """Return what may be kept about the number where its reader could look."""
    return salted_hmac("callroom.setup.letter", code, algorithm="sha256").hexdigest()


def is_code(typed: str, kept: str) -> bool:
    """Return whether this is the number of the letter."""
    return bool(kept) and constant_time_compare(sealed("".join(typed.split())), kept)
