"""How people come in: an invitation that works once, and the demo's personas."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language

from callroom.kit.privacy import FieldPrivacy
from callroom.people.models.persons import Person
from callroom.people.models.places import Institution


class Invitation(models.Model):
    """A link with which a person sets their first password. Only the token's SHA-256 is kept."""

    token_sha256 = models.CharField(primary_key=True, max_length=64)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    expires_at = models.DateTimeField()
    used = models.BooleanField(default=False)

    privacy = {
        "token_sha256": FieldPrivacy.SECRET,
        "institution": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "expires_at": FieldPrivacy.ROSTER,
        "used": FieldPrivacy.ROSTER,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(used=False), name="one_unused_invitation_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.person_id}"


class Persona(models.Model):
    """A door of the demo: whose eyes a visitor may borrow. Rows exist only in the demo."""

    slug = models.SlugField(primary_key=True, max_length=20)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="persona")
    position = models.PositiveSmallIntegerField(default=0)
    part_en = models.CharField(max_length=120, help_text="Resident, Emergency Medicine")
    part_es = models.CharField(max_length=120)
    sees_en = models.CharField(max_length=200, help_text="Sees her check-in, promises and own sessions.")
    sees_es = models.CharField(max_length=200)
    never_en = models.CharField(max_length=200, help_text="Never sees a colleague's answers.")
    never_es = models.CharField(max_length=200)

    privacy = {
        "slug": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "person": FieldPrivacy.PUBLIC,
        "position": FieldPrivacy.PUBLIC,
        "part_en": FieldPrivacy.PUBLIC,
        "part_es": FieldPrivacy.PUBLIC,
        "sees_en": FieldPrivacy.PUBLIC,
        "sees_es": FieldPrivacy.PUBLIC,
        "never_en": FieldPrivacy.PUBLIC,
        "never_es": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug

    def in_words(self, part: str) -> str:
        """Return ``part``, ``sees`` or ``never`` in the language that is active."""
        language = "es" if (get_language() or "").startswith("es") else "en"
        return str(getattr(self, f"{part}_{language}"))
