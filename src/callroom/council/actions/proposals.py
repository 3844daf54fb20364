"""Proposing a change, signing it, and carrying it out with the signature that completes the number."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity.canonical import Encodable
from callroom.core.anonymity.council import Act, CouncilError, Statement, is_signed
from callroom.core.anonymity.spelling import from_base64
from callroom.core.disclosure.rules import Kind
from callroom.council import queries
from callroom.council.actions.members import end_former_members
from callroom.council.models import Approval, CouncilKey, Proposal
from callroom.kit import keyring
from callroom.kit.errands import errand
from callroom.people import policy
from callroom.people.models import Person
from callroom.pulse import rules
from callroom.pulse.actions import council as chain
from callroom.pulse.stores import locks
from callroom.pulse.stores.chain import Ledger, appending

EXPIRES: Final = timedelta(days=14)


class NoCouncil(Exception):
    """There is no council yet: nothing can be proposed to it."""


class NotPossible(Exception):
    """The change breaks a floor, or changes nothing. ``code``: what is wrong (``CouncilError``)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Over(Exception):
    """The proposal was carried out, has expired, or belongs to a council that does not act any more."""


class NotACouncilKey(Exception):
    """The person has no key on the council that acts."""


class AlreadySigned(Exception):
    """The person has signed this proposal."""


class BadSignature(Exception):
    """The signature is not that of the person's key under this proposal."""


@transaction.atomic
def propose(*, by: Person, change: Mapping[str, Encodable], now: datetime) -> int:
    """
    Put a change before the council, and return its number. Nothing changes until enough members have signed.

    :raises NotYours: unless the policy table lets this person
    :raises NoCouncil, NotPossible: see there; nothing is stored
    """
    policy.check_may(by, policy.Action.PROPOSE_RULE, now=now)
    institution = by.institution
    present = rules.council(institution, now=now)
    if present is None:
        raise NoCouncil
    try:
        kind = copy.deepcopy(rules.in_force(institution)).check(change)
        statement = Statement(
            institution=rules.fingerprint_of(institution),
            council=present.sha256,
            proposed_at=int(now.timestamp()),
            expires_at=int((now + EXPIRES).timestamp()),
            change=change,
        )
    except CouncilError as error:
        raise NotPossible(error.code) from error
    made, _new = Proposal.objects.get_or_create(
        statement_sha256=statement.sha256,
        defaults={
            "institution": institution,
            "kind": kind.value,
            "statement": statement.to_payload(),
            "proposed_by": by,
            "expires_at": now + EXPIRES,
        },
    )
    details: dict[str, str | int] = {"kind": kind.value}
    audit.record(by=str(by.pk), tag=Tag.PROPOSAL_MADE, about=statement.sha256, now=now, details=details)
    return made.pk


@errand(
    *(policy.NotYours, Over, NotACouncilKey, AlreadySigned, BadSignature, NotPossible), *(keyring.NotMounted, OSError)
)
def sign(*, by: Person, proposal: int, signature: str, now: datetime) -> bool:
    """
    Add a member's signature; with the one that completes the number the change is carried out. Return whether it was.

    :raises NotYours: unless the policy table lets this person, and for an unknown proposal
    :raises Over, NotACouncilKey, AlreadySigned, BadSignature: see there; nothing is changed
    :raises NotPossible: when something decided meanwhile leaves no room for this change; the signature is not kept
    :raises OSError: if a pause cannot burn the keys of open waves yet; the rest is done, the next tick tries again
    """
    policy.check_may(by, policy.Action.SIGN_AS_COUNCIL, now=now)
    with locks.exclusive(locks.WORK):
        with appending(by.institution, now=now) as end:
            found = Proposal.objects.filter(pk=proposal, institution=by.institution).first()
            if found is None:
                raise policy.NotYours
            act = _with_signature(found, by, signature, now)
            if act is None:
                return False
            _carry_out(end, found, act, by)
        chain.follow_up(institution=by.institution, by=by, now=now)
    return True


def _with_signature(found: Proposal, by: Person, signature: str, now: datetime) -> Act | None:
    """Keep the signature; return the act once enough members, who are members still, have signed."""
    statement, present = found.said(), rules.council(by.institution, now=now)
    if found.carried_out or now > found.expires_at or present is None or present.sha256 != statement.council:
        raise Over
    key = CouncilKey.objects.filter(person=by).first()
    if key is None or from_base64(key.public_key) not in present.council.keys:
        raise NotACouncilKey
    if found.approvals.filter(person=by).exists():
        raise AlreadySigned
    try:
        raw = from_base64(signature)
    except ValueError:
        raise BadSignature from None
    if not is_signed(from_base64(key.public_key), raw, statement.signed()):
        raise BadSignature
    Approval.objects.create(proposal=found, person=by, public_key=key.public_key, signature=signature)
    audit.record(by=str(by.pk), tag=Tag.PROPOSAL_SIGNED, about=found.statement_sha256, now=now)
    members = {person.pk for person in queries.holders(by.institution, now=now)}
    counted = found.approvals.filter(person__in=members)
    act = Act(statement, {from_base64(each.public_key): from_base64(each.signature) for each in counted})
    return act if len(act.signatures) >= present.council.required else None


def _carry_out(end: Ledger, found: Proposal, act: Act, by: Person) -> None:
    try:
        found.carried_out = chain.sign_act(end, act=act, by=by)
    except CouncilError as error:
        raise NotPossible(error.code) from error
    found.save(update_fields=["carried_out"])
    if found.kind == Kind.COUNCIL:
        end_former_members(found.institution, by=by, now=end.now)
