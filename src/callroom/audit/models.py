"""Two tables without foreign keys: chained rows of actions, and looks without a time."""

from __future__ import annotations

from django.db import models

from callroom.kit.privacy import FieldPrivacy


class AuditRow(models.Model):
    """
    One action. ``mac`` is HMAC-SHA256 over canonical JSON of everything else and the previous row's ``mac``.

    Rows are only ever added: triggers in the database refuse changing and deleting.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(help_text="UTC, whole seconds")
    by = models.CharField(max_length=36, blank=True, help_text="a person's id; empty: the machine or its operator")
    tag = models.CharField(max_length=32, help_text="states.Tag")
    about = models.CharField(max_length=200)
    details = models.JSONField(default=dict, help_text="words and whole numbers")
    previous = models.CharField(max_length=64)
    mac = models.CharField(max_length=64, unique=True)

    privacy = {
        "seq": FieldPrivacy.AUDIT,
        "at": FieldPrivacy.AUDIT,
        "by": FieldPrivacy.AUDIT,
        "tag": FieldPrivacy.AUDIT,
        "about": FieldPrivacy.AUDIT,
        "details": FieldPrivacy.AUDIT,
        "previous": FieldPrivacy.AUDIT,
        "mac": FieldPrivacy.AUDIT,
    }

    class Meta:
        ordering = ["seq"]
        constraints = [models.CheckConstraint(condition=models.Q(seq__gte=0), name="audit_row_counts_from_zero")]

    def __str__(self) -> str:
        return f"{self.seq} {self.tag} {self.about}"


class AuditHead(models.Model):
    """The one row that writers lock, so that two of them never take the same place in the chain."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    next_seq = models.BigIntegerField(default=0)
    mac = models.CharField(max_length=64)
    sealed_until = models.DateField(null=True, help_text="the latest day whose looks are sealed")

    privacy = {
        "id": FieldPrivacy.AUDIT,
        "next_seq": FieldPrivacy.AUDIT,
        "mac": FieldPrivacy.AUDIT,
        "sealed_until": FieldPrivacy.AUDIT,
    }

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_has_one_head")]

    def __str__(self) -> str:
        return f"{self.next_seq} rows"


class Look(models.Model):
    """
    A person opened a page on a day: once, without a time, in an order that says nothing.

    The key is a keyed digest of the other three, so it is unique, looks random and betrays a changed row. On SQLite
    the table has no rowid (the migration makes it so): a rowid is an order of arrival.
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    person = models.CharField(max_length=36)
    page = models.CharField(max_length=120)
    day = models.DateField()

    privacy = {
        "digest": FieldPrivacy.AUDIT,
        "person": FieldPrivacy.AUDIT,
        "page": FieldPrivacy.AUDIT,
        "day": FieldPrivacy.AUDIT,
    }

    class Meta:
        ordering = ["day", "digest"]
        constraints = [models.UniqueConstraint(fields=["person", "page", "day"], name="one_look_a_day")]

    def __str__(self) -> str:
        return f"{self.page} on {self.day}"
