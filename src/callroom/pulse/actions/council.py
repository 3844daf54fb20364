"""The council's headers: a council that the institution names, and what a council decided, once enough have signed it."""

from __future__ import annotations

import copy
from datetime import datetime

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity import canonical, chain
from callroom.core.anonymity.chain import HeaderType
from callroom.core.anonymity.council import Act, Confirmation, SetUp
from callroom.people.models import Institution, Person
from callroom.pulse import rules
from callroom.pulse.actions import freezes
from callroom.pulse.models import Confirmed
from callroom.pulse.states import PayloadKind
from callroom.pulse.stores.chain import Ledger


def name_council(end: Ledger, *, made: SetUp, by: Person) -> str:
    """
    Sign which council there is, and return the payload's hash. It acts at once if it is the first, else after four weeks.

    :raises CouncilError: when this council acts already; nothing is signed
    """
    return _append(end, PayloadKind.COUNCIL, canonical.encode(made.to_payload()), by)


def sign_act(end: Ledger, *, act: Act, by: Person) -> str:
    """
    Sign what a council decided into the chain, and return the payload's hash.

    It reaches no wave whose key sheet is signed. ``follow_up`` is to be called when this is there for good.

    :raises CouncilError: unless enough of the council in force have signed it, in time; nothing is signed
    """
    return _append(end, PayloadKind.COUNCIL_ACT, canonical.encode(act.to_payload()), by)


def keep_confirmation(institution: Institution, *, said: Confirmation, public_key: str, signature: str) -> None:
    """Keep a member's signature, which the caller has checked, under people who were added."""
    Confirmed.objects.create(institution=institution, text=said.text(), public_key=public_key, signature=signature)


def follow_up(*, institution: Institution, by: Person, now: datetime) -> None:
    """
    End open waves if the check-in rests now: they are shown as not asked, with the council's words. Needs the work lock.

    :raises OSError: if keys cannot be burned yet; the waves are void, and the next tick tries again
    """
    reason = rules.in_force(institution).paused.get(rules.CHECK_IN)
    if reason is not None:
        freezes.void_open_waves(institution, reason=reason, by=by, now=now)


def _append(end: Ledger, kind: PayloadKind, data: bytes, by: Person) -> str:
    seq, at = end.next_place()
    trial = copy.deepcopy(rules.in_force(end.institution))
    trial.institution = rules.fingerprint_of(end.institution)  # the chain may begin with this header
    payload = canonical.decode(data)
    if not isinstance(payload, dict):
        raise TypeError("a payload is an object")
    trial.follow(HeaderType(kind.value), seq=seq, at=at, payload_sha256=chain.sha256_hex(data), payload=payload)
    sha256 = end.append(kind, payload)
    tag = Tag.COUNCIL_NAMED if kind is PayloadKind.COUNCIL else Tag.COUNCIL_DECIDED
    audit.record(by=str(by.pk), tag=tag, about=sha256, now=end.now)
    return sha256
