"""The policy table: action by role by scope. What is not here is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callroom.people.states import Role


class Action(StrEnum):
    """Something a person can want to do. The value is its name in the docs."""

    SEE_HOME = "see the home page"
    SEE_OWN_RECORD = "see what is stored about oneself"
    READ_PRIVACY = "read what can be known about oneself"
    SEE_RESULTS = "see releases, signals and promises of every unit"
    READ_CHAIN = "read sheets and headers of the chain"
    FETCH_TOKEN = "fetch the right to answer a check-in"  # noqa: S105
    AGREE = "say yes or no to the check-in"
    PUBLISH_NOTICE = "write and publish the privacy notice"
    APPROVE_REPLACEMENT = "approve a second token for somebody in an open wave"
    SEE_ROSTER = "see the roster and roles"
    IMPORT_ROSTER = "import the roster, roles, evaluators and rotations"
    MANAGE_PEOPLE = "invite people and end their sessions"
    APPROVE_RESET = "approve that somebody sets up their second factor anew"
    VOID_WAVE = "void a wave before it closes"
    FREEZE = "ask nobody for a while, after a death in the house"
    SEE_COUNCIL = "see the residents' council, the rules and what it has decided"
    APPOINT_COUNCIL = "appoint the residents' council and name the first one"
    REPLACE_COUNCIL = "name another council without the one there is"
    PROPOSE_RULE = "propose to the council a pause or a change of minimum, noise, retention, purpose or members"
    SIGN_AS_COUNCIL = "sign a proposal as a member of the council"
    SET_PROMPTS = "set when residents are written to"
    PASS_ON = "see the link, the ward's page and the calendar of rounds"  # noqa: S105
    SKIP_WEEK = "skip a week before it opens"
    IMPORT_HISTORY = "import earlier surveys and take them back"
    ACKNOWLEDGE_SIGNAL = "acknowledge a signal"
    ANSWER_CLOCK = "answer a promise clock"
    KEEP_PROMISE = "say what became of a promise"
    REMIND_LEADERS = "remind leaders of a promise clock"
    WAIVE_COMMITMENT = "let a unit be asked before its first commitment"
    READ_AUDIT = "read the audit trail"
    ANSWER_REQUESTS = "answer what people ask about their own data"
    SEE_CHECK = "see whether the installation is ready"
    SET_UP = "set the installation up and confirm what must be true of it"
    MOVE_DEMO = "move the demo to the next week"
    TRY_TO_FIND = "try to find somebody's answer on a copy of the disk (demo and test installations)"
    SEE_WHO_ANSWERED = "see who answered or who asked for help"
    SEE_WHO_AGREED = "see who said yes or no to the check-in"
    CLOSE_EARLY = "close a wave early, or open it again"


class Scope(StrEnum):
    """How far a permission reaches."""

    OWN = "own"
    UNIT = "own unit"
    INSTITUTION = "all"


def _each(roles: Iterable[Role], scope: Scope) -> dict[Role, Scope]:
    return dict.fromkeys(sorted(roles), scope)


_MEMBERS = frozenset(Role) - {Role.ANYONE, Role.OPERATOR}

POLICY: Final[Mapping[Action, Mapping[Role, Scope]]] = {
    Action.SEE_HOME: {Role.ANYONE: Scope.OWN},
    Action.SEE_OWN_RECORD: {Role.ANYONE: Scope.OWN},
    Action.READ_PRIVACY: {Role.ANYONE: Scope.OWN},
    # What is published is published to everyone in the institution; a leader's role adds no figure.
    Action.SEE_RESULTS: _each(_MEMBERS, Scope.INSTITUTION),
    Action.READ_CHAIN: _each(_MEMBERS | {Role.OPERATOR}, Scope.INSTITUTION),
    Action.FETCH_TOKEN: {Role.RESIDENT: Scope.OWN},
    Action.AGREE: {Role.RESIDENT: Scope.OWN},
    Action.PUBLISH_NOTICE: _each({Role.COORDINATOR, Role.PRIVACY_OFFICER}, Scope.INSTITUTION),
    # Never one's own; whoever approves learns that a token was fetched and lost, never whether it was used.
    Action.APPROVE_REPLACEMENT: {Role.COORDINATOR: Scope.INSTITUTION},
    Action.SEE_ROSTER: {
        Role.RESIDENT: Scope.OWN,
        Role.LEADER: Scope.UNIT,
        Role.DEPUTY: Scope.UNIT,
        Role.EXECUTIVE: Scope.INSTITUTION,
        Role.COORDINATOR: Scope.INSTITUTION,
        Role.OPERATOR: Scope.INSTITUTION,
    },
    Action.IMPORT_ROSTER: _each({Role.COORDINATOR, Role.OPERATOR}, Scope.INSTITUTION),
    Action.MANAGE_PEOPLE: _each({Role.COORDINATOR, Role.OPERATOR}, Scope.INSTITUTION),
    # Never one's own; an executive too, so that a hospital's only coordinator has a way back.
    Action.APPROVE_RESET: _each({Role.COORDINATOR, Role.OPERATOR, Role.EXECUTIVE}, Scope.INSTITUTION),
    # Never one person alone: TWO_PEOPLE says who with whom.
    Action.VOID_WAVE: _each({Role.COORDINATOR, Role.KEY_HOLDER, Role.EXECUTIVE}, Scope.INSTITUTION),
    Action.FREEZE: _each({Role.COORDINATOR, Role.KEY_HOLDER, Role.EXECUTIVE}, Scope.INSTITUTION),
    Action.SEE_COUNCIL: _each(_MEMBERS | {Role.OPERATOR}, Scope.INSTITUTION),
    Action.APPOINT_COUNCIL: _each({Role.COORDINATOR, Role.OPERATOR}, Scope.INSTITUTION),
    # Two people, and four weeks in which the council there is can overrule it.
    Action.REPLACE_COUNCIL: _each({Role.COORDINATOR, Role.EXECUTIVE}, Scope.INSTITUTION),
    # Proposing changes nothing; signing takes a key that stands in the chain, and more than one.
    Action.PROPOSE_RULE: _each({Role.COORDINATOR, Role.KEY_HOLDER}, Scope.INSTITUTION),
    Action.SIGN_AS_COUNCIL: {Role.KEY_HOLDER: Scope.INSTITUTION},
    Action.SET_PROMPTS: {Role.COORDINATOR: Scope.INSTITUTION},
    Action.PASS_ON: _each(_MEMBERS, Scope.INSTITUTION),
    Action.SKIP_WEEK: {Role.COORDINATOR: Scope.INSTITUTION},
    Action.IMPORT_HISTORY: {Role.COORDINATOR: Scope.INSTITUTION},
    Action.ACKNOWLEDGE_SIGNAL: _each({Role.LEADER, Role.DEPUTY}, Scope.UNIT),
    Action.ANSWER_CLOCK: {
        Role.LEADER: Scope.UNIT,
        Role.DEPUTY: Scope.UNIT,
        Role.EXECUTIVE: Scope.INSTITUTION,
    },
    # A chief resident owns promises of their unit together with its leader: says what became of them, and answers no
    # clock alone.
    Action.KEEP_PROMISE: {
        Role.CHIEF: Scope.OWN,
        Role.LEADER: Scope.UNIT,
        Role.DEPUTY: Scope.UNIT,
        Role.EXECUTIVE: Scope.INSTITUTION,
    },
    Action.REMIND_LEADERS: {Role.COORDINATOR: Scope.INSTITUTION},
    Action.WAIVE_COMMITMENT: {Role.COORDINATOR: Scope.INSTITUTION},
    Action.READ_AUDIT: _each({Role.KEY_HOLDER, Role.PRIVACY_OFFICER, Role.OPERATOR}, Scope.INSTITUTION),
    # Never one's own, and never of whom one evaluates.
    Action.ANSWER_REQUESTS: _each({Role.COORDINATOR, Role.PRIVACY_OFFICER}, Scope.INSTITUTION),
    Action.SEE_CHECK: _each({Role.COORDINATOR, Role.OPERATOR}, Scope.INSTITUTION),
    Action.SET_UP: _each({Role.COORDINATOR, Role.OPERATOR}, Scope.INSTITUTION),
    Action.MOVE_DEMO: {Role.ANYONE: Scope.OWN},
    Action.TRY_TO_FIND: {Role.ANYONE: Scope.OWN},
    Action.SEE_WHO_ANSWERED: {},
    # One's own is shown to oneself, by AGREE; to nobody else, and it is counted nowhere.
    Action.SEE_WHO_AGREED: {},
    Action.CLOSE_EARLY: {},
}


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """Who must act together: one of ``first`` and one of ``second``; while nobody is ``second``, one of ``until_then``."""

    first: Role
    second: Role
    until_then: frozenset[Role]


_COORDINATOR_AND_COUNCIL: Final = TwoPeople(
    first=Role.COORDINATOR, second=Role.KEY_HOLDER, until_then=frozenset({Role.COORDINATOR, Role.EXECUTIVE})
)

TWO_PEOPLE: Final[Mapping[Action, TwoPeople]] = {
    Action.VOID_WAVE: _COORDINATOR_AND_COUNCIL,
    # Resuming takes one of them.
    Action.FREEZE: _COORDINATOR_AND_COUNCIL,
    Action.REPLACE_COUNCIL: TwoPeople(
        first=Role.COORDINATOR, second=Role.EXECUTIVE, until_then=frozenset({Role.COORDINATOR, Role.EXECUTIVE})
    ),
}
"""Actions that one person can never do alone."""

ACTIONS_OF_ROLES: Final[Mapping[Role, frozenset[Action]]] = {
    role: frozenset(action for action, scopes in POLICY.items() if role in scopes) for role in Role
}
"""The same table read by role: what each role may do at all."""


def _sees_more_than_their_own(role: Role) -> bool:
    beyond = (scopes for scopes in POLICY.values() if scopes.get(role, Scope.OWN) is not Scope.OWN)
    return any(scopes[role] is not scopes.get(Role.RESIDENT) for scopes in beyond)


WITH_SECOND_FACTOR: Final[frozenset[Role]] = frozenset(role for role in Role if _sees_more_than_their_own(role))
"""Roles that need a second factor: the table gives them something about others that it does not give every resident."""
