"""Forms of sign-in, in our words; allauth's own do the work."""

from __future__ import annotations

from callroom.people.forms.access import NOBODY, NOT_YET, OTHER_WORDS, Invite, ResetWords
from callroom.people.forms.factors import (
    LAST_FACTOR,
    AuthenticatorApp,
    CodeAgain,
    NewPasskey,
    PasskeyAgain,
    PasskeyInstead,
    SecondCode,
    SecondPasskey,
)
from callroom.people.forms.passwords import (
    ChangedPassword,
    FirstPassword,
    ForgottenPassword,
    NewPassword,
    PasswordAgain,
    SignIn,
)

__all__ = [
    "LAST_FACTOR",
    "NOBODY",
    "NOT_YET",
    "OTHER_WORDS",
    "AuthenticatorApp",
    "ChangedPassword",
    "CodeAgain",
    "FirstPassword",
    "ForgottenPassword",
    "Invite",
    "NewPasskey",
    "NewPassword",
    "PasskeyAgain",
    "PasskeyInstead",
    "PasswordAgain",
    "ResetWords",
    "SecondCode",
    "SecondPasskey",
    "SignIn",
]
