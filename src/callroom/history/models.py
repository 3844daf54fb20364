"""What is kept of earlier surveys: figures that passed the disclosure rules, and where they came from. Never rows."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from callroom.history.states import Precision, Shape
from callroom.kit.privacy import FieldPrivacy


class ImportedSurvey(models.Model):
    """One import of one questionnaire."""

    institution = models.ForeignKey("people.Institution", on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=60, help_text="id in the registry, or a name of the institution's own")
    name = models.CharField(max_length=120, help_text="as it is shown")
    lowest = models.DecimalField(max_digits=8, decimal_places=2)
    highest = models.DecimalField(max_digits=8, decimal_places=2)
    higher_is_worse = models.BooleanField()
    shape = models.CharField(max_length=12, choices=[(shape.value, shape.value) for shape in Shape])
    file_sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.UUIDField(null=True, blank=True)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "instrument": FieldPrivacy.PUBLIC,
        "name": FieldPrivacy.PUBLIC,
        "lowest": FieldPrivacy.PUBLIC,
        "highest": FieldPrivacy.PUBLIC,
        "higher_is_worse": FieldPrivacy.PUBLIC,
        "shape": FieldPrivacy.PUBLIC,
        "file_sha256": FieldPrivacy.PUBLIC,
        "imported_at": FieldPrivacy.PUBLIC,
        "imported_by": FieldPrivacy.AUDIT,
    }

    class Meta:
        ordering = ["imported_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(highest__gt=F("lowest")), name="a_scale_has_a_length")]

    def __str__(self) -> str:
        return f"{self.name}, imported {self.imported_at:%Y-%m-%d}"


class HistoricFigure(models.Model):
    """One unit in one period of an imported survey; without numbers where too few answered."""

    survey = models.ForeignKey(ImportedSurvey, on_delete=models.CASCADE, related_name="figures")
    instrument = models.CharField(max_length=60, help_text="the survey's, so that a group is imported once")
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    period = models.DateField(help_text="its first day")
    precision = models.CharField(max_length=5, choices=[(known.value, known.value) for known in Precision])
    n_low = models.PositiveSmallIntegerField(null=True, blank=True)
    n_high = models.PositiveSmallIntegerField(null=True, blank=True)
    mean_tenths = models.PositiveSmallIntegerField(null=True, blank=True, help_text="of the scale, 0 to 100")
    low_tenths = models.PositiveSmallIntegerField(null=True, blank=True)
    high_tenths = models.PositiveSmallIntegerField(null=True, blank=True)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "survey": FieldPrivacy.PUBLIC,
        "instrument": FieldPrivacy.PUBLIC,
        "unit": FieldPrivacy.PUBLIC,
        "period": FieldPrivacy.PUBLIC,
        "precision": FieldPrivacy.PUBLIC,
        "n_low": FieldPrivacy.PUBLIC,
        "n_high": FieldPrivacy.PUBLIC,
        "mean_tenths": FieldPrivacy.PUBLIC,
        "low_tenths": FieldPrivacy.PUBLIC,
        "high_tenths": FieldPrivacy.PUBLIC,
    }

    class Meta:
        ordering = ["instrument", "unit", "period"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "unit", "period"], name="a_group_is_imported_once"),
            models.CheckConstraint(
                condition=Q(mean_tenths=None, n_low=None, low_tenths=None, high_tenths=None)
                | Q(n_low__gte=8, low_tenths__lte=F("mean_tenths"), high_tenths__gte=F("mean_tenths")),
                name="an_imported_number_has_eight_people_and_a_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}, {self.period}"
