"""What was decided about this installation, and when the worker was last seen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Institution, Person
from callroom.setup.states import Topic


class Decision(models.Model):
    """Something that a person confirmed in writing about the installation; the latest of a topic counts."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=16, choices=Topic.choices)
    decided_on = models.DateField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, help_text="as the person wrote it under the statement")
    said = models.JSONField(default=dict, help_text="what was confirmed, by field")

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "topic": FieldPrivacy.ROSTER,
        "decided_on": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "name": FieldPrivacy.ROSTER,
        "said": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["-decided_on", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="decision_has_a_name_under_it")]

    def __str__(self) -> str:
        return f"{self.topic} on {self.decided_on}"


class Heartbeat(models.Model):
    """When the worker last did what is due every minute. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    privacy = {"id": FieldPrivacy.PUBLIC, "at": FieldPrivacy.PUBLIC}

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_heartbeat")]

    def __str__(self) -> str:
        return f"worker at {self.at}"
