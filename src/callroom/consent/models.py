"""What is published, what is being written, and who said what: the last without any date, in a database of its own."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from callroom.consent.states import Law, Said
from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Institution


class Notice(models.Model):
    """
    One published version of the privacy notice. Nothing in the code changes or deletes one; the trail holds its hash.

    ``texts``: by language, then by part, as they were written, with places for what stands in the other fields.
    """

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(help_text="1, 2, 3 …")
    purpose = models.PositiveSmallIntegerField(help_text="grows when what the check-in is for changes")
    published_on = models.DateField()
    law = models.CharField(max_length=2, choices=Law.choices)
    name = models.CharField(max_length=200, help_text="of the institution, on that day")
    address = models.CharField(max_length=300)
    contact = models.CharField(max_length=300)
    reviewed_by = models.CharField(max_length=200, blank=True, help_text="the counsel who read it; empty: nobody yet")
    texts = models.JSONField()

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "number": FieldPrivacy.PUBLIC,
        "purpose": FieldPrivacy.PUBLIC,
        "published_on": FieldPrivacy.PUBLIC,
        "law": FieldPrivacy.PUBLIC,
        "name": FieldPrivacy.PUBLIC,
        "address": FieldPrivacy.PUBLIC,
        "contact": FieldPrivacy.PUBLIC,
        "reviewed_by": FieldPrivacy.PUBLIC,
        "texts": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_notice_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1, purpose__gte=1), name="notices_are_counted_from_one"),
        ]

    def __str__(self) -> str:
        return f"notice {self.number}"


class NoticeDraft(models.Model):
    """The next version while it is being written. One for the institution; gone once it is published."""

    institution = models.OneToOneField(Institution, on_delete=models.PROTECT, related_name="+")
    law = models.CharField(max_length=2, choices=Law.choices)
    address = models.CharField(max_length=300, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    texts = models.JSONField()

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "law": FieldPrivacy.ROSTER,
        "address": FieldPrivacy.ROSTER,
        "contact": FieldPrivacy.ROSTER,
        "texts": FieldPrivacy.ROSTER,
    }

    def __str__(self) -> str:
        return "notice in work"


class Agreement(models.Model):
    """
    What this person said last to the check-in, and to which purpose. Written only when a round closes, in key order.

    No date: who says yes may answer a minute later. Until then it lies in the register (``register``).
    """

    store = "issuing"

    person = models.UUIDField(primary_key=True, default=uuid.uuid4)
    purpose = models.PositiveSmallIntegerField()
    said = models.PositiveSmallIntegerField(choices=[(said.value, said.name) for said in Said])

    privacy = {
        "person": FieldPrivacy.PERSONAL,
        "purpose": FieldPrivacy.PERSONAL,
        "said": FieldPrivacy.PERSONAL,
    }

    def __str__(self) -> str:
        return "agreement"
