"""A member of the council says that people who were added exist."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity.chain import sha256_hex
from callroom.core.anonymity.council import Confirmation, CouncilError, is_signed
from callroom.core.anonymity.spelling import from_base64
from callroom.council import newcomers, queries
from callroom.council.actions.proposals import BadSignature, NotACouncilKey
from callroom.people import policy
from callroom.people.models import Person
from callroom.pulse.actions import council as chain


class NobodyWaits(Exception):
    """The text is not about people who wait now, under the council that acts now."""


@transaction.atomic
def confirm(*, by: Person, text: str, signature: str, now: datetime) -> int:
    """
    Keep one member's signature under who was added, and return how many people that are. One signature is enough.

    :raises NotYours: unless the policy table lets this person
    :raises NobodyWaits, NotACouncilKey, BadSignature: see there; nothing is kept
    """
    policy.check_may(by, policy.Action.SIGN_AS_COUNCIL, now=now)
    institution = by.institution
    try:
        said = Confirmation.from_text(text)
    except CouncilError as error:
        raise NobodyWaits from error
    if said != newcomers.confirmation(institution, said.people, now=now):
        raise NobodyWaits
    if not queries.acts(by, now=now):
        raise NotACouncilKey
    public_key = queries.own_key(by)
    try:
        holds = is_signed(from_base64(public_key), from_base64(signature), said.signed())
    except ValueError:
        raise BadSignature from None
    if not holds:
        raise BadSignature
    chain.keep_confirmation(institution, said=said, public_key=public_key, signature=signature)
    about = sha256_hex(said.signed())
    audit.record(by=str(by.pk), tag=Tag.NEWCOMERS_CONFIRMED, about=about, now=now, details={"count": len(said.people)})
    return len(said.people)
