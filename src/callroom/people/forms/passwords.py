"""Forms about passwords."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from callroom.people.models import Person

ENOUGH = _("At least 12 characters. Three or four words that do not belong together are good.")
DIFFERENT = _("The two are not the same. Type the new password twice.")


class SignIn(LoginForm):
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self.fields["login"], _("E-mail address"))
        say(self.fields["password"], _("Password"))


class ForgottenPassword(ResetPasswordForm):
    """The address to which a link is sent, if it is anybody's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self.fields["email"], _("E-mail address"))


class NewPassword(ResetPasswordKeyForm):
    """A new password, after a link from a letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self.fields["password1"], _("New password"), ENOUGH)
        say(self.fields["password2"], _("New password, again"))


class ChangedPassword(ChangePasswordForm):
    """A new password in place of the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self.fields["oldpassword"], _("Present password"))
        say(self.fields["password1"], _("New password"), ENOUGH)
        say(self.fields["password2"], _("New password, again"))


class PasswordAgain(ReauthenticateForm):
    """The password once more, before something about sign-in is changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self.fields["password"], _("Password"))


class FirstPassword(forms.Form):
    """The first password of an invited person."""

    password = forms.CharField(
        label=_("New password"),
        help_text=ENOUGH,
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, again"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if self.cleaned_data.get("password", again) != again:
            raise forms.ValidationError(DIFFERENT)
        return again


def say(field: forms.Field, label: Any, help_text: Any = "") -> None:
    """Give a field of allauth's our words."""
    # A placeholder vanishes when one types; the label stays.
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
