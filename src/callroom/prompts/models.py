"""When letters go out, on which days they wait, how a test letter's link arrived, and whose letter was handed over."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import F, Q

from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Institution, Person
from callroom.prompts.states import Arrived, Kind, Weekday


class PromptTimes(models.Model):
    """
    When an institution's letters go out. Without a row none goes out.

    Reminders are at most two, in the last week of a round. ``arrived``: how the link of the latest test letter came, "" before one.
    """

    institution = models.OneToOneField(Institution, on_delete=models.PROTECT, related_name="+")
    opening_at = models.TimeField(default=time(7, 30))
    first_day = models.PositiveSmallIntegerField(null=True, blank=True, choices=Weekday.choices)
    first_at = models.TimeField(null=True, blank=True)
    second_day = models.PositiveSmallIntegerField(null=True, blank=True, choices=Weekday.choices)
    second_at = models.TimeField(null=True, blank=True)
    arrived = models.CharField(max_length=12, blank=True, choices=Arrived.choices)
    arrived_by = models.CharField(max_length=120, blank=True, help_text="the gateway or host that changed the link")
    arrived_on = models.DateField(null=True, blank=True)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "opening_at": FieldPrivacy.PUBLIC,
        "first_day": FieldPrivacy.PUBLIC,
        "first_at": FieldPrivacy.PUBLIC,
        "second_day": FieldPrivacy.PUBLIC,
        "second_at": FieldPrivacy.PUBLIC,
        "arrived": FieldPrivacy.PUBLIC,
        "arrived_by": FieldPrivacy.PUBLIC,
        "arrived_on": FieldPrivacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day=None, first_at=None) | Q(first_day__isnull=False, first_at__isnull=False),
                name="first_reminder_has_day_and_time",
            ),
            models.CheckConstraint(
                condition=Q(second_day=None, second_at=None)
                | Q(second_at__isnull=False, second_day__gt=F("first_day")),
                name="second_reminder_comes_after_the_first",
            ),
        ]

    def __str__(self) -> str:
        return "times of letters"


class HandedOver(models.Model):
    """
    This person's letter of this week went to the mail server: noted before it goes, so that none goes twice.

    It says when the worker wrote to everybody, and nothing about what anybody did. Kept until the week is over.
    """

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    monday = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind.choices)

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.PUBLIC,
        "person": FieldPrivacy.ROSTER,
        "monday": FieldPrivacy.ROSTER,
        "kind": FieldPrivacy.ROSTER,
    }

    class Meta:
        ordering = ["monday", "person"]
        constraints = [models.UniqueConstraint(fields=["person", "monday", "kind"], name="one_letter_of_a_kind_a_week")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.monday}"


class HolidayPlace(models.Model):
    """Whose public holidays hold here, where somebody chose it. Without a row: those of the time zone's country."""

    institution = models.OneToOneField(Institution, on_delete=models.PROTECT, related_name="+")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166; empty: only the institution's own days")
    region = models.CharField(max_length=8, blank=True, help_text="a state or community, by the library's code")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "country": FieldPrivacy.PUBLIC,
        "region": FieldPrivacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(region="") | ~Q(country=""), name="region_of_holidays_has_a_country")
        ]

    def __str__(self) -> str:
        return f"holidays of {self.country}-{self.region}"


class OwnDay(models.Model):
    """A day on which this institution rests and the law does not say so: the day of its saint."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    every_year = models.BooleanField(default=False)
    name_en = models.CharField(max_length=80)
    name_es = models.CharField(max_length=80)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "day": FieldPrivacy.PUBLIC,
        "every_year": FieldPrivacy.PUBLIC,
        "name_en": FieldPrivacy.PUBLIC,
        "name_es": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["institution", "day"], name="own_day_stands_once")]

    def __str__(self) -> str:
        return f"own day of {self.day}"
