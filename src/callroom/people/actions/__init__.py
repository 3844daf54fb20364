"""Every write about places, persons, roles and doors."""

from __future__ import annotations

from callroom.people.actions.doors import (
    InvitationOver,
    add_persona,
    end_sessions,
    invite,
    invite_all,
    person_of_persona,
    set_first_password,
    set_language,
    set_password,
    signed_in,
    valid_invitation,
)
from callroom.people.actions.persons import (
    AlreadyHome,
    add_person,
    assign_evaluator,
    forget_past_leave,
    give_role,
    go_on_leave,
    join,
    offboard,
    transfer,
)
from callroom.people.actions.places import (
    AlreadyFounded,
    BadInstitution,
    BadPlace,
    found_institution,
    keep_signing_key,
    place_unit,
)
from callroom.people.actions.roster import RosterRefused, import_roster

__all__ = [
    "AlreadyFounded",
    "AlreadyHome",
    "BadInstitution",
    "BadPlace",
    "InvitationOver",
    "RosterRefused",
    "add_person",
    "add_persona",
    "assign_evaluator",
    "end_sessions",
    "forget_past_leave",
    "found_institution",
    "give_role",
    "go_on_leave",
    "import_roster",
    "invite",
    "invite_all",
    "join",
    "keep_signing_key",
    "offboard",
    "person_of_persona",
    "place_unit",
    "set_first_password",
    "set_language",
    "set_password",
    "signed_in",
    "transfer",
    "valid_invitation",
]
