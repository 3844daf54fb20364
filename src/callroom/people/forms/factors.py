"""
Forms about second factors.

Each hands a ``SecondFactor`` on where allauth would hand on its own row, which writes the instant at which it was used.
"""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from callroom.people.forms.passwords import say
from callroom.people.models import SecondFactor

NOT_A_PASSKEY = _("This passkey does not fit here. Try again, or use another way.")
EITHER_CODE = _("Six digits from the app, or one of your recovery codes.")
LAST_FACTOR = _("Your role needs a second step. Add another one before you remove this.")
MOST_CHARACTERS = 20_000


def _unwatched(factor: Any) -> SecondFactor:
    unwatched: SecondFactor = SecondFactor.objects.select_related("user").get(pk=factor.pk)
    return unwatched


class _Code:
    """A code from the app, or a recovery code."""

    fields: dict[str, forms.Field]
    authenticator: Any

    def _dress(self) -> None:
        say(self.fields["code"], _("Code"), EITHER_CODE)
        self.fields["code"].widget.attrs.update({"inputmode": "numeric", "maxlength": "20"})

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        self.authenticator = _unwatched(self.authenticator)
        return code


class SecondCode(_Code, AuthenticateForm):
    """The second step of signing in, by a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dress()


class CodeAgain(_Code, ReauthenticateForm):
    """A code, before something about sign-in is changed, or because this session has given none yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dress()


class _Passkey:
    """What the browser answered for a passkey."""

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> SecondFactor:
        _must_be_plausible(self.cleaned_data["credential"])
        return _unwatched(super().clean_credential())  # type: ignore[misc]


class SecondPasskey(_Passkey, AuthenticateWebAuthnForm):
    """The second step of signing in, by a passkey."""


class PasskeyInstead(_Passkey, LoginWebAuthnForm):
    """Signing in by a passkey alone, which the device opens by finger, face or PIN."""


class PasskeyAgain(_Passkey, ReauthenticateWebAuthnForm):
    """A passkey, before something about sign-in is changed, or because this session has given none yet."""


class NewPasskey(AddWebAuthnForm):
    """A passkey to be added, with a name by which its owner tells it from others."""

    name = forms.CharField(
        label=_("A name for it"), help_text=_("So that you recognise it: my phone, ward computer."), max_length=60
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)  # every passkey here can sign in alone

    def clean(self) -> dict[str, Any]:
        if (credential := self.cleaned_data.get("credential")) is not None:
            _must_be_plausible(credential)
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class AuthenticatorApp(ActivateTOTPForm):
    """The first code from an authenticator app, which proves that it holds the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self.fields["code"], _("Code"), _("Six digits that the app shows now."))
        self.fields["code"].widget.attrs.update({"inputmode": "numeric", "maxlength": "6"})


def _must_be_plausible(credential: Any) -> None:
    # allauth reads this deeply; anything but a small object of objects is nobody's browser.
    if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
        raise forms.ValidationError(NOT_A_PASSKEY)
    if len(json.dumps(credential)) > MOST_CHARACTERS:
        raise forms.ValidationError(NOT_A_PASSKEY)
