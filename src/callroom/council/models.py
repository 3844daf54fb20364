"""Keys of members, proposals with their approvals, and the institution's own request for another council."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from callroom.core.anonymity.council import Statement
from callroom.core.disclosure.rules import Kind
from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Institution, Person

KEY_LENGTH = 44
"""Characters of 32 bytes in base64."""


class CouncilKey(models.Model):
    """The public key that a member made of twelve words; the words are on their paper and nowhere else."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=KEY_LENGTH, unique=True, help_text="Ed25519, base64")

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "public_key": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["public_key"]

    def __str__(self) -> str:
        return f"council key {self.public_key[:8]}"


class Proposal(models.Model):
    """A change that waits for signatures. ``carried_out``: the hash of what stands in the chain, once enough have signed."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    statement = models.JSONField(help_text="what is signed, as it will stand in the chain")
    statement_sha256 = models.CharField(max_length=64, unique=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    carried_out = models.CharField(max_length=64, blank=True, default="")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "kind": FieldPrivacy.PUBLIC,
        "statement": FieldPrivacy.PUBLIC,
        "statement_sha256": FieldPrivacy.PUBLIC,
        "proposed_by": FieldPrivacy.AUDIT,
        "expires_at": FieldPrivacy.PUBLIC,
        "carried_out": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.statement_sha256[:12]}"

    def said(self) -> Statement:
        """Return the statement."""
        return Statement.from_payload(self.statement)


class Approval(models.Model):
    """One member's signature under a proposal: once per person, and once per key."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="approvals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=KEY_LENGTH)
    signature = models.CharField(max_length=88, help_text="Ed25519, base64")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "proposal": FieldPrivacy.PUBLIC,
        "person": FieldPrivacy.AUDIT,
        "public_key": FieldPrivacy.PUBLIC,
        "signature": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["public_key"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="a_member_signs_once"),
            models.UniqueConstraint(fields=["proposal", "public_key"], name="a_key_signs_once"),
        ]

    def __str__(self) -> str:
        return f"signature of {self.public_key[:8]}"


class CouncilRequest(models.Model):
    """The institution asks for another council without the one there is: two people, and four weeks until it acts."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    reason_en = models.CharField(max_length=200)
    reason_es = models.CharField(max_length=200)
    asked_by = models.UUIDField(help_text="the first of the two")
    done = models.BooleanField(default=False)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "reason_en": FieldPrivacy.PUBLIC,
        "reason_es": FieldPrivacy.PUBLIC,
        "asked_by": FieldPrivacy.AUDIT,
        "done": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution"], condition=Q(done=False), name="one_council_request_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"council request {self.pk}"

    @property
    def reason(self) -> dict[str, str]:
        """Return the public words in both languages."""
        return {"en": self.reason_en, "es": self.reason_es}
