"""What was decided, and when the worker was last seen, as plain frozen rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models.functions import Length

from callroom.directory import queries as directory
from callroom.people.models import Institution, RoleGrant
from callroom.people.roster.problems import Code, Problem
from callroom.people.states import Role
from callroom.setup.models import Decision, Heartbeat, NightFile, StartCode, Theme
from callroom.setup.states import Topic


@dataclass(frozen=True, slots=True)
class Decided:
    """The latest decision of a topic. ``said`` are its fields."""

    topic: Topic
    on: date
    name: str
    said: Mapping[str, str]


def decisions(institution: Institution) -> dict[Topic, Decided]:
    """Return the latest decision of each topic that has one."""
    found: dict[Topic, Decided] = {}
    for row in Decision.objects.filter(institution=institution).order_by("decided_on", "id"):
        topic = Topic(row.topic)
        found[topic] = Decided(topic, row.decided_on, row.name, row.said)
    return found


def lines_to_try(institution: Institution) -> dict[str, str]:
    """Return the lines that stand first on the institution's help pages, and its own: code -> name, number, detail."""
    said = directory.help_in(institution.languages[0])
    return {line.code: f"{line.name}: {line.number}. {line.detail}" for line in (*said.first, *said.own)}


def worker_seen_at() -> datetime | None:
    """Return when the worker last did what is due every minute; nothing before its first minute."""
    return Heartbeat.objects.values_list("at", flat=True).first()


def door_is_open() -> bool:
    """Return whether the first start is still to be made: nobody is coordinator or operator, now or later."""
    grants = RoleGrant.objects.filter(role__in=[Role.COORDINATOR, Role.OPERATOR], person__is_active=True)
    return not grants.exists()


def visit_of_start() -> str:
    """Return what a browser is known by that entered the present code; nothing without a code."""
    return StartCode.objects.values_list("visit", flat=True).first() or ""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file of the night: when it was read, and why nothing of it was imported; no problems where it was."""

    file_name: str
    read_on: date
    problems: tuple[Problem, ...]


def night_files() -> tuple[ReadFile, ...]:
    """Return what became of the files that another system leaves for the night, the last time each was read."""
    return tuple(
        ReadFile(row.file_name, row.read_on, tuple(_problem(said) for said in row.problems))
        for row in NightFile.objects.order_by("kind")
    )


def _problem(said: Mapping[str, Any]) -> Problem:
    return Problem(Code(said["code"]), said["row"], said["column"], said["said"])


@dataclass(frozen=True, slots=True)
class ChosenLook:
    """The institution's look. ``version`` changes with it."""

    bar: str
    button: str
    has_logo: bool
    version: str


def chosen_look() -> ChosenLook | None:
    """Return the institution's look, if it has chosen one."""
    found = Theme.objects.annotate(size=Length("logo")).values_list("bar", "button", "size", "version").first()
    return ChosenLook(found[0], found[1], bool(found[2]), found[3]) if found else None


def logo_of(version: str) -> bytes | None:
    """Return the logo of this version of the look."""
    found = Theme.objects.filter(version=version).values_list("logo", flat=True).first()
    return bytes(found) if found else None
