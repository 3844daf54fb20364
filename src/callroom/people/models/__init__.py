"""Places, persons, what they are and since when, and how they come in."""

from __future__ import annotations

from callroom.people.models.doors import Invitation, Persona
from callroom.people.models.factors import ResetRequest, SecondFactor
from callroom.people.models.persons import Person
from callroom.people.models.places import Institution, Unit
from callroom.people.models.ties import EvaluatorAssignment, Leave, Membership, RoleGrant

__all__ = [
    "EvaluatorAssignment",
    "Institution",
    "Invitation",
    "Leave",
    "Membership",
    "Person",
    "Persona",
    "ResetRequest",
    "RoleGrant",
    "SecondFactor",
    "Unit",
]
