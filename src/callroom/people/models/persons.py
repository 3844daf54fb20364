"""A person: somebody the institution knows, who may sign in."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from callroom.kit.privacy import FieldPrivacy
from callroom.people.models.places import Institution


class People(BaseUserManager["Person"]):
    """Finds persons by e-mail address, however it is written."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=normal_email(username or ""))


def normal_email(address: str) -> str:
    """Return an e-mail address as it is stored: without surrounding spaces, in lower case."""
    return address.strip().lower()


class Person(AbstractBaseUser):
    """
    Somebody the institution knows. The key is random, so it says nothing about who came when.

    There is no ``last_login``: when somebody was here is kept nowhere finer than a day (audit).
    """

    last_login = None  # Django writes it at each sign-in where the field exists.

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="people")
    external_id = models.CharField(max_length=64, help_text="the roster's own key for this person")
    email = models.EmailField(unique=True, max_length=254)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES, default="en")
    is_active = models.BooleanField(default=True)
    left_on = models.DateField(null=True, blank=True, help_text="the last day of who has left")
    session_epoch = models.PositiveIntegerField(default=0, help_text="raising it ends all of the person's sessions")
    listed_on = models.DateField(
        null=True, default=None, editable=False, help_text="day on which a roster first named them; empty: always known"
    )

    objects = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "external_id": FieldPrivacy.ROSTER,
        "email": FieldPrivacy.ROSTER,
        "name": FieldPrivacy.ROSTER,
        "language": FieldPrivacy.ROSTER,
        "is_active": FieldPrivacy.ROSTER,
        "left_on": FieldPrivacy.ROSTER,
        "session_epoch": FieldPrivacy.SECRET,
        "listed_on": FieldPrivacy.ROSTER,
        "password": FieldPrivacy.SECRET,
    }

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "external_id"], name="one_person_per_external_id"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="email_is_in_lower_case"),
            models.CheckConstraint(condition=~Q(external_id=""), name="person_has_external_id"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = normal_email(self.email)

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        # Sessions are signed cookies: no row can be deleted to end one. The epoch is part of what they must match.
        said = f"{self.password}:{self.session_epoch}"
        return salted_hmac("callroom.people.session", said, secret=secret, algorithm="sha256").hexdigest()
