"""Second factors, as allauth keeps them, without the instant of their last use; and asking for new ones."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models import F, Q

from callroom.kit.privacy import FieldPrivacy
from callroom.people.models.persons import Person
from callroom.people.models.places import Institution


class SecondFactor(Authenticator):
    """
    A passkey, an authenticator app or a sheet of recovery codes of a person.

    ``last_used_at`` stays empty for ever: when somebody was here is kept nowhere finer than a day (audit), and
    ``created_at`` is the beginning of a day.
    """

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "user": FieldPrivacy.ROSTER,
        "type": FieldPrivacy.PERSONAL,
        "data": FieldPrivacy.SECRET,
        "created_at": FieldPrivacy.PERSONAL,
        "last_used_at": FieldPrivacy.PERSONAL,
    }

    class Meta:
        proxy = True

    def record_usage(self) -> None:
        """Keep nothing: allauth would write the instant."""


class ResetRequest(models.Model):
    """
    A person who gave the right password and has none of their second factors any more asks to set up new ones.

    The three words are shown to that person only, who says them to a second person; stored is their keyed digest.
    """

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="reset_request")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    words_mac = models.CharField(max_length=64)
    wrong = models.PositiveSmallIntegerField(default=0, help_text="how often other words were typed")
    asked_on = models.DateField()
    approved_by = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")

    privacy = {
        "person": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "words_mac": FieldPrivacy.SECRET,
        "wrong": FieldPrivacy.ROSTER,
        "asked_on": FieldPrivacy.ROSTER,
        "approved_by": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["person"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("person")),
                name="nobody_approves_their_own_reset",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} asks for new second factors"
