"""Where django-allauth asks this house: no sign-up, no instants, secrets encrypted, and everything in our words."""

from __future__ import annotations

import base64
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callroom.kit import clock
from callroom.kit.apart import Access
from callroom.kit.keyring import institution_secret
from callroom.people import actions, queries
from callroom.people.forms.factors import LAST_FACTOR
from callroom.people.models import Person

LOG = logging.getLogger(__name__)
SECOND_FACTORS_KEY = "second-factors.key"
TOO_MANY = _("Too many attempts. Wait five minutes and try again, or set a new password.")


class ClosedAdapter(DefaultAccountAdapter):
    """Public sign-up is closed; people come in by invitation."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This address and password do not belong together. Try again, or set a new password."
        ),
        "too_many_login_attempts": TOO_MANY,
        "enter_current_password": _("Type the password that you have now."),
        "incorrect_password": _("This is not the password that you have now."),
        "rate_limited": _("Too many attempts. Wait a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.mfa.stages.AuthenticateStage": "callroom.people.stages.SecondStep"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def login(self, request: HttpRequest, user: Person) -> None:
        super().login(request, user)
        # Who has just come in need not say at once again who they are, to set up a second factor for instance.
        record_authentication(request, user, method="just-came-in", reauthenticated=True)
        actions.signed_in(person=user, now=clock.now())  # noqa: TID251  (this is the view's side)

    def set_password(self, user: Person, password: str) -> None:
        actions.set_password(person=user, password=password, now=clock.now())  # noqa: TID251  (as above)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        # Who has left meets the same sentence as who was never here.
        person = super().authenticate(request, **credentials)
        return person if isinstance(person, Person) and person.is_active else None

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        # Only a passkey, or the identity provider, leads here: it fits nobody who is here.
        messages.error(
            request, gettext("This way in is not known here. Use another, or ask your hospital's coordinator.")
        )
        return redirect("account_login")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter about a password. The page looks the same when it does not go out: it says nobody who is here."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's errors are of this kind, too; their text may hold the address
            LOG.warning("a letter about a password was not sent: %s", type(error).__name__)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("people:me")

    def add_message(self, request: HttpRequest, level: int, *args: Any, message: Any = None, **kwargs: Any) -> None:
        """Pass errors on, which are in our words; allauth's own sentences about what went well are not."""
        if level == messages.ERROR and message:
            messages.error(request, message)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: whose they are called, how their secrets are kept, and that the last one stays where it is needed."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code or passkey does not fit. Try again, or use another way."),
        "cannot_delete_authenticator": LAST_FACTOR,
    }

    def get_totp_issuer(self) -> str:
        return f"Callroom {queries.current_institution().short_name}"

    def _get_site_name(self) -> str:
        return f"Callroom {queries.current_institution().short_name}"

    def generate_authenticator_name(self, user: Person, type: Any) -> str:  # noqa: A002  (allauth's name)
        return gettext("My passkey")

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        person: Person = context.request.user
        return queries.may_remove_factor(person, authenticator.pk, now=clock.now())  # noqa: TID251  (as above)


def _cipher() -> Fernet:
    # Whoever reads the database alone cannot make codes.
    return Fernet(base64.urlsafe_b64encode(institution_secret(SECOND_FACTORS_KEY, Access.READ)))
