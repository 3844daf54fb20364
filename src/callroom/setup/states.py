"""What an installation is checked for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    """One line of the check. Stored as text with decisions: a topic is never renamed, only added."""

    DATABASE = "database", _("Databases")
    WORKER = "worker", _("Worker")
    DISK = "disk", _("Disk")
    CLOCK = "clock", _("Clock")
    CHAIN = "chain", _("Rounds and chain")
    APART = "apart", _("Web and tally")
    HTTPS = "https", _("Address and encryption")
    POLICY = "policy", _("What a page may load")
    DEPLOY = "deploy", _("Settings")
    PEOPLE = "people", _("Units and people")
    ROSTER = "roster", _("Roster of the night")
    NOTICE = "notice", _("Privacy notice")
    SCHEDULE = "schedule", _("First round")
    COMMITMENTS = "commitments", _("First promises of leaders")
    COUNCIL = "council", _("Residents' council")
    LINES = "lines", _("Crisis lines")
    KEYS = "keys", _("Keys of the rounds")
    MAIL = "mail", _("Mail")
    REQUESTS = "requests", _("Requests about own data")
    RETENTION = "retention", _("What is over is deleted")
    PROMPTS = "prompts", _("Letters to residents")
    BACKUPS = "backups", _("Backups")


class MadeBy(models.TextChoices):
    """Who makes the backups. Stored as text with the decision about them."""

    CALLROOM = "callroom", _("Callroom, every night, into the folder that its settings name")
    OTHERS = "others", _("something else, which Callroom cannot see")
