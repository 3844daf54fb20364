"""What is kept about signals: what the engine said each week, each decline's life, and how far this has been done.

All of it is worked out from published releases, and anybody in the institution may read it, at the same moment.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import models
from django.db.models import F, Q

from callroom.core.signals.estimates import State
from callroom.kit.privacy import FieldPrivacy
from callroom.watch.states import OPEN, Ending, Stage

LEAF_LENGTH: Final = 400


class LeafEstimate(models.Model):
    """What the engine said about a leaf in one week, from the figures up to that week. In points, 0 to 10."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    leaf = models.CharField(max_length=LEAF_LENGTH)
    week = models.DateField(help_text="Monday of the wave's last week")
    level = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    probability = models.FloatField()
    start = models.DateField(null=True)
    start_low = models.DateField(null=True)
    start_high = models.DateField(null=True)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in State])
    alarm = models.BooleanField()
    confirmed = models.BooleanField()
    reasons = models.JSONField(help_text="own change, common shocks, season, turnover, figures")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "leaf": FieldPrivacy.PUBLIC,
        "week": FieldPrivacy.PUBLIC,
        "level": FieldPrivacy.PUBLIC,
        "low": FieldPrivacy.PUBLIC,
        "high": FieldPrivacy.PUBLIC,
        "probability": FieldPrivacy.PUBLIC,
        "start": FieldPrivacy.PUBLIC,
        "start_low": FieldPrivacy.PUBLIC,
        "start_high": FieldPrivacy.PUBLIC,
        "state": FieldPrivacy.PUBLIC,
        "alarm": FieldPrivacy.PUBLIC,
        "confirmed": FieldPrivacy.PUBLIC,
        "reasons": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["leaf", "week"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "leaf", "week"], name="one_estimate_per_leaf_and_week")
        ]

    def __str__(self) -> str:
        return f"{self.leaf}, {self.week}: {self.state}"


class Signal(models.Model):
    """One decline of one leaf, from the alarm to its end."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    leaf = models.CharField(max_length=LEAF_LENGTH)
    units = models.JSONField(help_text="ids of the units counted together when it was raised")
    stage = models.CharField(max_length=12, choices=[(stage.value, stage.value) for stage in Stage])
    raised_week = models.DateField(help_text="the week whose figure raised the alarm")
    start = models.DateField(help_text="likeliest first week of the decline")
    start_low = models.DateField()
    start_high = models.DateField()
    confirmed_week = models.DateField(null=True, blank=True)
    recovering_week = models.DateField(null=True, blank=True)
    closed_week = models.DateField(null=True, blank=True)
    closed_why = models.CharField(
        max_length=12, blank=True, default="", choices=[(why.value, why.value) for why in Ending]
    )
    fell = models.JSONField(
        default=dict, help_text="by item: change since the likely start, with its interval, in points"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.UUIDField(null=True, blank=True, help_text="shown to everybody, with their name")
    answered_at = models.DateTimeField(null=True, blank=True)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "leaf": FieldPrivacy.PUBLIC,
        "units": FieldPrivacy.PUBLIC,
        "stage": FieldPrivacy.PUBLIC,
        "raised_week": FieldPrivacy.PUBLIC,
        "start": FieldPrivacy.PUBLIC,
        "start_low": FieldPrivacy.PUBLIC,
        "start_high": FieldPrivacy.PUBLIC,
        "confirmed_week": FieldPrivacy.PUBLIC,
        "recovering_week": FieldPrivacy.PUBLIC,
        "closed_week": FieldPrivacy.PUBLIC,
        "closed_why": FieldPrivacy.PUBLIC,
        "fell": FieldPrivacy.PUBLIC,
        "acknowledged_at": FieldPrivacy.PUBLIC,
        "acknowledged_by": FieldPrivacy.ROSTER,
        "answered_at": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["raised_week", "leaf"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "leaf", "raised_week"],
                condition=~Q(stage=Stage.WITHDRAWN.value),
                name="a_leaf_raises_one_signal_a_week",
            ),
            models.UniqueConstraint(
                fields=["institution", "leaf"],
                condition=Q(stage__in=sorted(stage.value for stage in OPEN)),
                name="one_open_signal_per_leaf",
            ),
            models.CheckConstraint(
                condition=Q(start_low__lte=F("start")) & Q(start_high__gte=F("start")), name="start_lies_in_its_range"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="whoever_acknowledges_is_named",
            ),
        ]

    def __str__(self) -> str:
        return f"signal {self.pk}: {self.leaf}, {self.raised_week}, {self.stage}"

    @property
    def falling(self) -> Stage:
        """Return its stage while the ratings fall: what people have done about it decides."""
        if self.answered_at:
            return Stage.ANSWERED
        return Stage.ACKNOWLEDGED if self.acknowledged_at else Stage.RAISED


class Digest(models.Model):
    """This leader was written to in this week: noted before the letter goes out, so that none is sent twice."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    monday = models.DateField()

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.PUBLIC,
        "person": FieldPrivacy.ROSTER,
        "monday": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["monday", "person"]
        constraints = [models.UniqueConstraint(fields=["person", "monday"], name="one_digest_a_week")]

    def __str__(self) -> str:
        return f"digest of {self.monday}"


class Watched(models.Model):
    """How far releases have been looked at; ``revision`` grows with every change that a reader could see."""

    institution = models.OneToOneField(
        "people.Institution", on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    edition = models.CharField(max_length=64, help_text="of the published results when they were last looked at")
    figures = models.CharField(max_length=64, help_text="SHA-256 of the figures and the method that gave the estimates")
    latest_week = models.DateField(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=0)

    privacy = {
        "institution": FieldPrivacy.PUBLIC,
        "edition": FieldPrivacy.PUBLIC,
        "figures": FieldPrivacy.PUBLIC,
        "latest_week": FieldPrivacy.PUBLIC,
        "revision": FieldPrivacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"watched until {self.latest_week or date.min}"
