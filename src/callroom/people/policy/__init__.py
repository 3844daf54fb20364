"""Who may do what: the one source of every check, every visible list and docs/reference/permissions.md."""

from __future__ import annotations

from callroom.people.policy.checks import (
    NotYours,
    check_may,
    check_may_help,
    check_may_jointly,
    evaluates,
    may,
    may_help,
    visible_people,
    visible_units,
)
from callroom.people.policy.reference import reference_table
from callroom.people.policy.routes import permission, permission_of
from callroom.people.policy.second_factor import has_given_second_factor, is_due, needs_second_factor
from callroom.people.policy.standing import Standing, is_asked, standings_of
from callroom.people.policy.table import ACTIONS_OF_ROLES, POLICY, TWO_PEOPLE, WITH_SECOND_FACTOR, Action, Scope
from callroom.people.states import Role

__all__ = [
    "ACTIONS_OF_ROLES",
    "POLICY",
    "TWO_PEOPLE",
    "WITH_SECOND_FACTOR",
    "Action",
    "NotYours",
    "Role",
    "Scope",
    "Standing",
    "check_may",
    "check_may_help",
    "check_may_jointly",
    "evaluates",
    "has_given_second_factor",
    "is_asked",
    "is_due",
    "may",
    "may_help",
    "needs_second_factor",
    "permission",
    "permission_of",
    "reference_table",
    "standings_of",
    "visible_people",
    "visible_units",
]
