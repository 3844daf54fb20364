"""What a file would do, as rows of the database to add, to change and to remove."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from django.db.models import Model

from callroom.people.models import Institution, Leave, Membership, Person, RoleGrant
from callroom.people.roster.outcome import Kind, Line
from callroom.people.roster.problems import Problem

M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class Edits(Generic[M]):
    """Rows of one table to add, to change and to remove."""

    new: list[M] = field(default_factory=list)
    changed: list[M] = field(default_factory=list)
    gone: list[M] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """Everything one people file would do. ``language`` is for whom the file names none."""

    institution: Institution
    today: date
    language: str
    people: Edits[Person] = field(default_factory=Edits)
    homes: Edits[Membership] = field(default_factory=Edits)
    grants: Edits[RoleGrant] = field(default_factory=Edits)
    leaves: Edits[Leave] = field(default_factory=Edits)
    leavers: list[Person] = field(default_factory=list)
    moved_addresses: list[Person] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def say(self, kind: Kind, person: Person, **said: str) -> None:
        """Note what happens to a person."""
        self.lines.append(Line(kind, person.external_id, person.name, said, str(person.pk)))
