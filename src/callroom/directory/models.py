"""Lines and services: one row per language, since each language has its own words, hours and ways in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from callroom.directory.states import LineKind, Place, ServiceKind
from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Institution

DIALLED = RegexValidator(r"^\+?[0-9]{2,15}\Z", _("Only digits, after a plus sign if need be."))

CONTACT_PRIVACY: dict[str, FieldPrivacy] = {
    "id": FieldPrivacy.PUBLIC,
    "institution": FieldPrivacy.PUBLIC,
    "code": FieldPrivacy.PUBLIC,
    "language": FieldPrivacy.PUBLIC,
    "kind": FieldPrivacy.PUBLIC,
    "position": FieldPrivacy.PUBLIC,
    "name": FieldPrivacy.PUBLIC,
    "detail": FieldPrivacy.PUBLIC,
    "number": FieldPrivacy.PUBLIC,
    "call_to": FieldPrivacy.PUBLIC,
    "text_to": FieldPrivacy.PUBLIC,
    "text_word": FieldPrivacy.PUBLIC,
    "chat_address": FieldPrivacy.PUBLIC,
    "source": FieldPrivacy.PUBLIC,
    "reviewed_on": FieldPrivacy.PUBLIC,
    "review_due_on": FieldPrivacy.PUBLIC,
}


class Contact(models.Model):
    """A way to reach a person, in one language."""

    code = models.SlugField(max_length=60, help_text="the same for all languages of one line")
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    position = models.PositiveSmallIntegerField(default=1, help_text="1 stands first")
    name = models.CharField(max_length=80)
    detail = models.CharField(max_length=160, blank=True, help_text="cost, hours, what to press")
    number = models.CharField(max_length=40, blank=True, help_text="as people read it")
    call_to = models.CharField(max_length=16, blank=True, validators=[DIALLED])
    text_to = models.CharField(max_length=16, blank=True, validators=[DIALLED])
    text_word = models.CharField(max_length=20, blank=True, help_text="the word to send first, where one is asked for")
    chat_address = models.URLField(blank=True, validators=[URLValidator(schemes=["https"])])
    source = models.CharField(max_length=200, help_text="where the number was read")
    reviewed_on = models.DateField()
    review_due_on = models.DateField()

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["position", "code"]

    def __str__(self) -> str:
        return f"{self.code} ({self.language})"


class CrisisLine(Contact):
    """A national line. Each country's stand on every help page, the institution's own country first."""

    place = models.CharField(max_length=2, choices=Place.choices)
    kind = models.CharField(max_length=10, choices=LineKind.choices)

    privacy: ClassVar[dict[str, FieldPrivacy]] = {
        name: value for name, value in CONTACT_PRIVACY.items() if name != "institution"
    } | {"place": FieldPrivacy.PUBLIC}

    class Meta(Contact.Meta):
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["code", "language"], name="one_line_per_code_and_language"),
            models.CheckConstraint(condition=~Q(call_to=""), name="crisis_line_can_be_called"),
            models.CheckConstraint(
                condition=Q(review_due_on__gt=F("reviewed_on")), name="line_is_due_after_its_review"
            ),
        ]


class Service(Contact):
    """Help at the institution: its own line, a peer, counselling. Without ``call_to`` the number is only shown."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=12, choices=ServiceKind.choices)

    privacy: ClassVar[dict[str, FieldPrivacy]] = CONTACT_PRIVACY

    class Meta(Contact.Meta):
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["institution", "code", "language"], name="one_service_per_code_and_language"
            ),
            models.CheckConstraint(
                condition=Q(review_due_on__gt=F("reviewed_on")), name="service_is_due_after_its_review"
            ),
        ]
