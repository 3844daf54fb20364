"""The institution and its tree of units."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from callroom.kit.privacy import FieldPrivacy
from callroom.people.states import UnitKind

UNIT_ID = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Lower-case letters and digits, with single hyphens between them.")
)


class Institution(models.Model):
    """A hospital with its medical school: one chain, one calendar, one time zone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=40)
    time_zone = models.CharField(max_length=64, help_text="IANA name: America/Monterrey")
    languages = models.JSONField(default=list, help_text="codes, the first is the institution's own")
    academic_year_month = models.PositiveSmallIntegerField(default=7, help_text="1 to 12")
    academic_year_day = models.PositiveSmallIntegerField(default=1, help_text="1 to 28")
    signing_public_key = models.CharField(
        max_length=44, blank=True, help_text="Ed25519, base64; empty before the chain begins"
    )

    first_round_on = models.DateField(
        null=True, blank=True, help_text="the Monday before which no round begins; empty before somebody chose it"
    )

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "name": FieldPrivacy.PUBLIC,
        "short_name": FieldPrivacy.PUBLIC,
        "time_zone": FieldPrivacy.PUBLIC,
        "languages": FieldPrivacy.PUBLIC,
        "academic_year_month": FieldPrivacy.PUBLIC,
        "academic_year_day": FieldPrivacy.PUBLIC,
        "signing_public_key": FieldPrivacy.PUBLIC,
        "first_round_on": FieldPrivacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(academic_year_month__range=(1, 12), academic_year_day__range=(1, 28)),
                name="academic_year_starts_on_a_day_of_every_year",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The institution's time zone."""
        return ZoneInfo(self.time_zone)

    def day(self, now: datetime) -> date:
        """Return the calendar day of this instant in the institution's time zone."""
        return now.astimezone(self.zone).date()

    def midnight(self, now: datetime) -> datetime:
        """Return the instant at which this instant's calendar day began in the institution's time zone."""
        return datetime.combine(self.day(now), time.min, tzinfo=self.zone)

    def academic_year_of(self, day: date) -> date:
        """Return the first day of the academic year that ``day`` lies in."""
        start = date(day.year, self.academic_year_month, self.academic_year_day)
        return start if day >= start else start.replace(year=day.year - 1)


class Unit(models.Model):
    """A node of the tree: institution, department, programme, site or community."""

    id = models.CharField(primary_key=True, max_length=64, validators=[UNIT_ID])
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="units")
    name_en = models.CharField(max_length=120)
    name_es = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=UnitKind.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "name_en": FieldPrivacy.PUBLIC,
        "name_es": FieldPrivacy.PUBLIC,
        "kind": FieldPrivacy.PUBLIC,
        "parent": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_is_known"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="unit_is_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(kind=UnitKind.INSTITUTION, parent__isnull=True)
                | (~Q(kind=UnitKind.INSTITUTION) & Q(parent__isnull=False)),
                name="only_the_institution_has_no_parent",
            ),
            models.UniqueConstraint(
                fields=["institution"], condition=Q(parent__isnull=True), name="one_root_per_institution"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The unit's name in the language that is active."""
        return self.name_es if (get_language() or "").startswith("es") else self.name_en
