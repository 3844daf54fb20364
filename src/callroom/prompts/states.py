"""Which letter of a round it is, and what became of the link in a test letter."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """A letter of a round. Stored as text: never renamed, only added."""

    OPENING = "opening", _("when a round opens")
    FIRST = "first", _("first reminder")
    SECOND = "second", _("second reminder")


class Arrived(models.TextChoices):
    """How the link of a test letter arrived. Stored as text: never renamed, only added."""

    AS_SENT = "as-sent", _("as it was sent")
    LENGTHENED = "lengthened", _("with something added")
    REPLACED = "replaced", _("replaced by another address")


class Weekday(models.IntegerChoices):
    """Days of the week, Monday first."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")
