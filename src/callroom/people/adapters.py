"""Where django-allauth asks this house: no sign-up, and a trail of sign-ins without times."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from callroom.kit import clock
from callroom.people import actions
from callroom.people.models import Person


class ClosedAdapter(DefaultAccountAdapter):
    """Public sign-up is closed; people come in by invitation."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This address and password do not belong together. Try again, or set a new password."
        ),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again, or set a new password."),
        "enter_current_password": _("Type the password that you have now."),
        "incorrect_password": _("This is not the password that you have now."),
        "rate_limited": _("Too many attempts. Wait a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        super().login(request, user)
        actions.signed_in(person=user, now=clock.now())  # noqa: TID251  (this is the view's side)

    def set_password(self, user: Person, password: str) -> None:
        actions.set_password(person=user, password=password, now=clock.now())  # noqa: TID251  (as above)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        # Who has left meets the same sentence as who was never here.
        person = super().authenticate(request, **credentials)
        return person if isinstance(person, Person) and person.is_active else None

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("people:me")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing beside the page: allauth's own sentences are not in our words."""
