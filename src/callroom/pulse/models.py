"""What is stored about waves. Imported only inside ``pulse``.

``default`` holds what is or will be published, ``issuing`` who fetched a token (merged at closing, in key order),
``sealed`` the answers: a store of its own per wave, deleted whole after burning (``stores.sealed``).
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Final

from django.db import models
from django.db.models import F, Q

from callroom.core.anonymity.canonical import Encodable
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.timetable.waves import parse_wave_id
from callroom.kit.privacy import FieldPrivacy
from callroom.pulse.states import PayloadKind, WaveState

MESSAGE_LENGTH: Final = 32
"""Bytes of a token message: SHA-256 of a one-time public key."""


class ChainPayload(models.Model):
    """The bytes that a header commits to, exactly as served."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in PayloadKind])
    data = models.BinaryField()

    privacy = {
        "sha256": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "kind": FieldPrivacy.PUBLIC,
        "data": FieldPrivacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"


class ChainHeader(models.Model):
    """One signed header line, exactly as served."""

    seq = models.BigIntegerField(primary_key=True)
    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    line = models.BinaryField()

    privacy = {"seq": FieldPrivacy.PUBLIC, "institution": FieldPrivacy.PUBLIC, "line": FieldPrivacy.PUBLIC}

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"header {self.seq}"


class RotatedKey(models.Model):
    """A signing key that followed the institution's first: in force after the header that both keys signed."""

    public_key = models.CharField(primary_key=True, max_length=44, help_text="Ed25519, base64")
    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField(unique=True, help_text="number of its key-rotation header")

    privacy = {"public_key": FieldPrivacy.PUBLIC, "institution": FieldPrivacy.PUBLIC, "seq": FieldPrivacy.PUBLIC}

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"key from header {self.seq}"


class Plan(models.Model):
    """Who is counted with whom, and how often, from one week of an academic year on: settled at the year's change dates."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    academic_year = models.DateField(help_text="first day of the academic year")
    from_week = models.PositiveSmallIntegerField(default=0, help_text="weeks of the year that were over: 0, 12, 24, 36")
    made_on = models.DateField(help_text="the day whose roster it was made from")
    payload = models.JSONField(help_text="as in the wave sheets: academic_year, units, rates, leaves, changes")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "academic_year": FieldPrivacy.PUBLIC,
        "from_week": FieldPrivacy.PUBLIC,
        "made_on": FieldPrivacy.PUBLIC,
        "payload": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["academic_year", "from_week"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "academic_year", "from_week"], name="one_plan_per_change_date"
            )
        ]

    def __str__(self) -> str:
        return f"plan of {self.academic_year}, from week {self.from_week}"


class SkippedWeek(models.Model):
    """A week in which nobody is asked, planned before it begins."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    monday = models.DateField()
    reason_en = models.CharField(max_length=200)
    reason_es = models.CharField(max_length=200)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "monday": FieldPrivacy.PUBLIC,
        "reason_en": FieldPrivacy.PUBLIC,
        "reason_es": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["monday"]
        constraints = [models.UniqueConstraint(fields=["institution", "monday"], name="a_week_is_skipped_once")]

    def __str__(self) -> str:
        return f"skipped week of {self.monday}"


class Freeze(models.Model):
    """A time in which nobody is asked, after a death in the house or the like: two people begin it, one ends it."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    reason_en = models.CharField(max_length=200)
    reason_es = models.CharField(max_length=200)
    asked_by = models.UUIDField(help_text="the first of the two")
    begun_at = models.DateTimeField(null=True, blank=True, help_text="empty until the second has confirmed it")
    ended_at = models.DateTimeField(null=True, blank=True)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "reason_en": FieldPrivacy.PUBLIC,
        "reason_es": FieldPrivacy.PUBLIC,
        "asked_by": FieldPrivacy.AUDIT,
        "begun_at": FieldPrivacy.PUBLIC,
        "ended_at": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["institution"], condition=Q(ended_at=None), name="one_freeze_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"freeze {self.pk}"

    @property
    def reason(self) -> dict[str, str]:
        """Return the public words in both languages."""
        return {"en": self.reason_en, "es": self.reason_es}


def first_policy() -> dict[str, Encodable]:
    """Return what holds where no council has changed it."""
    return DEFAULT_POLICY.to_payload()


class Confirmed(models.Model):
    """
    A council member's signature under who was added: what ``core.anonymity.council.Confirmation`` says, and nothing dated.

    ``rules.confirmed`` believes no row without checking it.
    """

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(help_text="what was signed, to the letter: ids of people")
    public_key = models.CharField(max_length=44, help_text="Ed25519, base64")
    signature = models.CharField(max_length=88, help_text="Ed25519, base64")

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "text": FieldPrivacy.ROSTER,
        "public_key": FieldPrivacy.PUBLIC,
        "signature": FieldPrivacy.ROSTER,
    }

    def __str__(self) -> str:
        return f"confirmation {self.pk}"


class Wave(models.Model):
    """One asking of one questionnaire in one series."""

    id = models.CharField(primary_key=True, max_length=24, help_text="series/ISO week of opening: pulse-2/2026-W46")
    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    weeks = models.PositiveSmallIntegerField()
    rotating_item = models.CharField(
        max_length=40, blank=True, help_text="what is asked beside the core: an item, the quarterly scale, or nothing"
    )
    promises = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="hash of what is asked about kept promises, from the opening on",
    )
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in WaveState])
    demo = models.BooleanField(default=False)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    publishes_at = models.DateTimeField()
    policy = models.JSONField(default=first_policy, help_text="minimum and noise when its key sheet was signed")
    members_salt = models.BinaryField(max_length=32, help_text="under the hash of each group's member list")
    key_sheet = models.CharField(max_length=64)
    wave_sheet = models.CharField(max_length=64, blank=True, default="")
    release = models.CharField(max_length=64, blank=True, default="", help_text="from the moment of counting")
    burned_at = models.DateTimeField(null=True, blank=True)
    reason_en = models.CharField(max_length=200, blank=True, default="")
    reason_es = models.CharField(max_length=200, blank=True, default="")
    frozen = models.BooleanField(default=False, help_text="voided by a freeze: shown as not asked")
    void_asked_by = models.UUIDField(null=True, blank=True, help_text="the first of the two who void a wave")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "plan": FieldPrivacy.PUBLIC,
        "weeks": FieldPrivacy.PUBLIC,
        "rotating_item": FieldPrivacy.PUBLIC,
        "promises": FieldPrivacy.PUBLIC,
        "state": FieldPrivacy.PUBLIC,
        "demo": FieldPrivacy.PUBLIC,
        "opens_at": FieldPrivacy.PUBLIC,
        "closes_at": FieldPrivacy.PUBLIC,
        "publishes_at": FieldPrivacy.PUBLIC,
        "policy": FieldPrivacy.PUBLIC,
        "members_salt": FieldPrivacy.ROSTER,
        "key_sheet": FieldPrivacy.PUBLIC,
        "wave_sheet": FieldPrivacy.PUBLIC,
        "release": FieldPrivacy.PUBLIC,
        "burned_at": FieldPrivacy.PUBLIC,
        "reason_en": FieldPrivacy.PUBLIC,
        "reason_es": FieldPrivacy.PUBLIC,
        "frozen": FieldPrivacy.PUBLIC,
        "void_asked_by": FieldPrivacy.AUDIT,
    }

    class Meta:
        ordering = ["closes_at", "id"]
        indexes = [models.Index(fields=["state", "closes_at"], name="waves_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="wave_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(publishes_at__gt=F("closes_at")), name="wave_is_published_after_closing"
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def series(self) -> str:
        """Return the part of the id before the slash: ``pulse``, ``pulse-2`` or ``pulse-4``."""
        return self.id.partition("/")[0]

    @property
    def last_monday(self) -> date:
        """Return the Monday of the last week, by which a figure is dated, whatever the time zone is today."""
        return parse_wave_id(self.id)[1] + timedelta(weeks=self.weeks - 1)


class Issued(models.Model):
    """This person fetched a token for this wave. Written once, at closing, in key order: no time, no order of issuing."""

    store = "issuing"

    pk = models.CompositePrimaryKey("wave", "person")
    wave = models.CharField(max_length=24)
    person = models.UUIDField(default=uuid.uuid4)

    privacy = {"pk": FieldPrivacy.PERSONAL, "wave": FieldPrivacy.PUBLIC, "person": FieldPrivacy.PERSONAL}

    def __str__(self) -> str:
        return "issued"


class SealedAnswer(models.Model):
    """One answer as it came: everything the tally needs to verify it again, and nothing else."""

    store = "sealed"

    message = models.BinaryField(primary_key=True, max_length=MESSAGE_LENGTH)
    revision = models.PositiveSmallIntegerField()
    body = models.BinaryField()

    privacy = {
        "message": FieldPrivacy.ANONYMOUS,
        "revision": FieldPrivacy.ANONYMOUS,
        "body": FieldPrivacy.SEALED,
    }

    class Meta:
        managed = False  # made per wave by stores.sealed from this model's own DDL, WITHOUT ROWID on SQLite
        db_table = "sealed_answer"

    def __str__(self) -> str:
        return "sealed answer"


class Window(models.Model):
    """When a wave's store takes answers: read inside the transaction that writes them. Once shut, never open again."""

    store = "sealed"

    wave = models.CharField(primary_key=True, max_length=24)
    opens_at = models.BigIntegerField(help_text="epoch seconds")
    closes_at = models.BigIntegerField(help_text="epoch seconds")
    is_open = models.BooleanField()
    keys = models.JSONField(help_text="the groups' public keys as in the key sheet, base64 of SPKI DER, by index")
    asked = models.JSONField(help_text="indexes of the groups that are asked, from the wave sheet")

    privacy = {
        "wave": FieldPrivacy.PUBLIC,
        "opens_at": FieldPrivacy.PUBLIC,
        "closes_at": FieldPrivacy.PUBLIC,
        "is_open": FieldPrivacy.PUBLIC,
        "keys": FieldPrivacy.PUBLIC,
        "asked": FieldPrivacy.PUBLIC,
    }

    class Meta:
        managed = False
        db_table = "wave_window"

    def __str__(self) -> str:
        return f"window of {self.wave}"
