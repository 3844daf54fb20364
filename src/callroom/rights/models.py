"""Requests about one's own data, and which letters about them have gone out."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from callroom.kit.privacy import FieldPrivacy
from callroom.rights.states import Nudge, RequestKind, RequestState

MOST_WORDS: Final = 2000
"""Characters of a request, and of its answer."""


class Request(models.Model):
    """
    One person asks about what is stored about them. Days, never times.

    Written because that person did something on purpose (decision 0005); ``waits_to_tell`` until their letter has left.
    """

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=RequestKind)
    words = models.TextField(max_length=MOST_WORDS, blank=True)
    received_on = models.DateField()
    due_on = models.DateField(help_text="the last day for an answer")
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.OPEN)
    closed_on = models.DateField(null=True)
    answer = models.TextField(max_length=MOST_WORDS, blank=True)
    answered_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", null=True)
    waits_to_tell = models.BooleanField(default=False, help_text="answered, and the letter has not left yet")

    privacy = {
        "id": FieldPrivacy.PERSONAL,
        "institution": FieldPrivacy.PUBLIC,
        "person": FieldPrivacy.PERSONAL,
        "kind": FieldPrivacy.PERSONAL,
        "words": FieldPrivacy.PERSONAL,
        "received_on": FieldPrivacy.PERSONAL,
        "due_on": FieldPrivacy.PERSONAL,
        "state": FieldPrivacy.PERSONAL,
        "closed_on": FieldPrivacy.PERSONAL,
        "answer": FieldPrivacy.PERSONAL,
        "answered_by": FieldPrivacy.PERSONAL,
        "waits_to_tell": FieldPrivacy.PERSONAL,
    }

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, closed_on=None) | ~Q(state=RequestState.OPEN) & ~Q(closed_on=None),
                name="request_closed_with_a_day",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("received_on")), name="request_due_after_it_came"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class DeskLetter(models.Model):
    """A letter to somebody at the desk about a request: noted before it leaves, so that none goes out twice."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="letters")
    reader = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    nudge = models.CharField(max_length=8, choices=Nudge)

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.PUBLIC,
        "request": FieldPrivacy.PERSONAL,
        "reader": FieldPrivacy.ROSTER,
        "nudge": FieldPrivacy.PERSONAL,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "reader", "nudge"], name="one_letter_a_reader_and_reason")
        ]

    def __str__(self) -> str:
        return str(self.nudge)


class Sweep(models.Model):
    """How far the nightly look for what is over has come. One row; it names nobody."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    looked_on = models.DateField(help_text="the last day on which the worker looked")
    waits_until = models.DateField(null=True, help_text="before this day nothing is deleted")
    done_on = models.DateField(null=True, help_text="the last day on which everything that was over was deleted")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "looked_on": FieldPrivacy.PUBLIC,
        "waits_until": FieldPrivacy.PUBLIC,
        "done_on": FieldPrivacy.PUBLIC,
    }

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sweep_is_one_row")]

    def __str__(self) -> str:
        return f"looked on {self.looked_on}"
