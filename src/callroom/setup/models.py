"""What was decided about this installation, and when the worker was last seen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Institution, Person
from callroom.people.roster.outcome import File
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


class RosterDraft(models.Model):
    """A roster file between its upload and its import: its owner's only, gone when it is applied or cancelled, or a day old."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    file_name = models.CharField(max_length=200)
    header = models.JSONField(default=list, help_text="the file's own words for its columns")
    columns = models.JSONField(default=list, help_text="what each column is here; empty: left out")
    rows = models.JSONField(default=list, help_text="number and cells of each row")

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "person": FieldPrivacy.ROSTER,
        "taken_at": FieldPrivacy.ROSTER,
        "file_name": FieldPrivacy.ROSTER,
        "header": FieldPrivacy.ROSTER,
        "columns": FieldPrivacy.ROSTER,
        "rows": FieldPrivacy.ROSTER,
    }

    def __str__(self) -> str:
        return f"roster file of {self.person_id}"


class NightFile(models.Model):
    """What became of one of the files that another system leaves for the night: the last time each was read."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(file.value, file.value) for file in File])
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, blank=True, help_text="empty: it could not be read")
    read_on = models.DateField()
    imported_on = models.DateField(null=True, help_text="the last day on which it was imported")
    changes = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text="why it was not imported: code, row, column, what was said")

    privacy = {
        "id": FieldPrivacy.ROSTER,
        "institution": FieldPrivacy.ROSTER,
        "kind": FieldPrivacy.ROSTER,
        "file_name": FieldPrivacy.ROSTER,
        "sha256": FieldPrivacy.ROSTER,
        "read_on": FieldPrivacy.ROSTER,
        "imported_on": FieldPrivacy.ROSTER,
        "changes": FieldPrivacy.ROSTER,
        "problems": FieldPrivacy.ROSTER,
    }

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "kind"], name="one_night_file_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.file_name} of {self.read_on}"


class ColumnMemory(models.Model):
    """What a column of the institution's own files is here; remembered from the last time somebody said so."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    header = models.CharField(max_length=200, help_text="the file's word, without accents and capitals")
    column = models.CharField(max_length=32, blank=True, help_text="our word; empty: left out")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "header": FieldPrivacy.PUBLIC,
        "column": FieldPrivacy.PUBLIC,
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "header"], name="one_memory_per_column"),
        ]

    def __str__(self) -> str:
        return f"{self.header} is {self.column}"


class Theme(models.Model):
    """The institution's two colours and its logo, written anew as PNG."""

    institution = models.OneToOneField(Institution, on_delete=models.PROTECT, related_name="+")
    bar = models.CharField(max_length=7, help_text="#rrggbb")
    button = models.CharField(max_length=7, help_text="#rrggbb")
    logo = models.BinaryField(default=bytes, blank=True)
    version = models.CharField(max_length=16, help_text="of colours and logo, for their addresses")

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "institution": FieldPrivacy.PUBLIC,
        "bar": FieldPrivacy.PUBLIC,
        "button": FieldPrivacy.PUBLIC,
        "logo": FieldPrivacy.PUBLIC,
        "version": FieldPrivacy.PUBLIC,
    }

    def __str__(self) -> str:
        return f"look of {self.institution_id}"


class StartCode(models.Model):
    """The code that opens the first start. One row, gone for good with the first coordinator."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    hashed = models.CharField(max_length=128)
    visit = models.CharField(max_length=32, help_text="what a browser that entered the code is known by")
    tries = models.PositiveSmallIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True, blank=True)

    privacy = {
        "id": FieldPrivacy.PUBLIC,
        "hashed": FieldPrivacy.SECRET,
        "visit": FieldPrivacy.SECRET,
        "tries": FieldPrivacy.PUBLIC,
        "blocked_until": FieldPrivacy.PUBLIC,
    }

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_start_code")]

    def __str__(self) -> str:
        return "start code"
