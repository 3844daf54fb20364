"""Who is on the council: appointed, with a key of their own, and named in the chain."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity.council import KEY_LABEL, Council, CouncilError, SetUp, is_key, is_signed
from callroom.core.anonymity.spelling import from_base64, to_base64
from callroom.council import queries
from callroom.council.models import CouncilKey, CouncilRequest
from callroom.kit.errands import errand
from callroom.people import actions as people
from callroom.people import policy
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse import rules
from callroom.pulse.actions import council as chain
from callroom.pulse.queries import reason_sha256 as sha256_of_reason
from callroom.pulse.stores import locks
from callroom.pulse.stores.chain import Ledger, appending

RUNNING: Final = frozenset({Role.LEADER, Role.EXECUTIVE, Role.COORDINATOR, Role.PRIVACY_OFFICER, Role.OPERATOR})
"""Who holds one of these is not on the council: its keys are there against them."""


class CannotServe(Exception):
    """Somebody is no resident today, or leads, coordinates or runs the machine. ``names``: of whom."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class KeyInUse(Exception):
    """This key acts on the council there is, or is somebody else's; or it cannot sign."""


class NotReady(Exception):
    """There are not two or three members with a key each, or there is a council already."""


class NotAskedFor(Exception):
    """Nobody has asked for another council."""


class ReasonChanged(Exception):
    """The reason is not the one that the second person read."""


@transaction.atomic
def appoint(*, by: Person, persons: Collection[Person], now: datetime) -> None:
    """
    Let these two or three residents be the members from now on; whoever else held the role does no longer.

    While there is a council, its members keep the role beside them: only it, or the institution's two people, end that.

    :raises NotYours: unless the policy table lets this person
    :raises CannotServe, NotReady: see there; nothing is changed
    """
    policy.check_may(by, policy.Action.APPOINT_COUNCIL, now=now)
    chosen = {person.pk: person for person in persons}
    if len(chosen) not in (2, 3) or len(chosen) != len(persons):
        raise NotReady
    unfit = sorted(person.name for person in chosen.values() if not may_serve(person, now=now))
    if unfit:
        raise CannotServe(unfit)
    acting = {member.person for member in queries.acting_members(by.institution, now=now)}
    root = by.institution.units.get(parent=None).pk
    holders = {person.pk: person for person in queries.holders(by.institution, now=now)}
    for key in sorted(holders.keys() - chosen.keys() - acting):
        people.end_role(by=by, person=holders[key], role=Role.KEY_HOLDER, now=now)
    for key in sorted(chosen.keys() - holders.keys()):
        day = by.institution.day(now)
        people.give_role(by=by, person=chosen[key], role=Role.KEY_HOLDER, unit=root, from_on=day, now=now)


def may_serve(person: Person, *, now: datetime) -> bool:
    """Return whether this person can be on the council: a resident, and nobody who evaluates, coordinates or operates."""
    roles = {standing.role for standing in policy.standings_of(person, person.institution.day(now))}
    return Role.RESIDENT in roles and not roles & RUNNING


@transaction.atomic
def keep_key(*, by: Person, public_key: str, proof: str, now: datetime) -> None:
    """
    Keep the key that a member made; until it acts, making another replaces it.

    :raises NotYours: unless the policy table lets this person
    :raises KeyInUse: see there; nothing is changed
    """
    policy.check_may(by, policy.Action.SIGN_AS_COUNCIL, now=now)
    try:
        key, signature = from_base64(public_key), from_base64(proof)
    except ValueError:
        raise KeyInUse from None
    if not is_key(key) or not is_signed(key, signature, KEY_LABEL + key):
        raise KeyInUse
    present = CouncilKey.objects.filter(person=by).first()
    acting = queries.keys_that_act(by.institution, now=now)
    others = CouncilKey.objects.filter(public_key=public_key).exclude(person=by)
    if others.exists() or (present is not None and from_base64(present.public_key) in acting):
        raise KeyInUse
    CouncilKey.objects.update_or_create(person=by, defaults={"institution": by.institution, "public_key": public_key})
    audit.record(by=str(by.pk), tag=Tag.COUNCIL_KEY_MADE, about=str(by.pk), now=now)


@errand(policy.NotYours, NotReady)
def found(*, by: Person, reason: Mapping[str, str], now: datetime) -> None:
    """
    Sign the first council into the chain: the members who hold the role, each with a key. It acts at once.

    :raises NotYours: unless the policy table lets this person
    :raises NotReady: see there; nothing is signed
    """
    policy.check_may(by, policy.Action.APPOINT_COUNCIL, now=now)
    if rules.council(by.institution, now=now) is not None:
        raise NotReady
    with locks.exclusive(locks.WORK), appending(by.institution, now=now) as end:
        _name(end, reason=reason, by=by)


@transaction.atomic
def ask_to_name(*, by: Person, reason: Mapping[str, str], now: datetime) -> None:
    """
    Be the first of the two who name another council without the one there is; nothing happens yet.

    :raises NotYours: unless the policy table lets this person
    :raises NotReady: while there is no council to replace
    """
    policy.check_may(by, policy.Action.REPLACE_COUNCIL, now=now)
    if rules.council(by.institution, now=now) is None:
        raise NotReady
    words = {"reason_en": reason["en"], "reason_es": reason["es"], "asked_by": by.pk}
    CouncilRequest.objects.update_or_create(institution=by.institution, done=False, defaults=words)
    audit.record(by=str(by.pk), tag=Tag.COUNCIL_ASKED, about=str(by.institution_id), now=now)


@errand(policy.NotYours, NotAskedFor, ReasonChanged, NotReady)
def name_another(*, by: Person, reason_sha256: str, now: datetime) -> None:
    """
    Be the second of the two: the members who hold the role act in four weeks, unless the present council decides otherwise.

    :raises NotYours: unless the policy table lets these two together
    :raises NotAskedFor, ReasonChanged, NotReady: see there; nothing is signed
    """
    policy.check_may(by, policy.Action.REPLACE_COUNCIL, now=now)
    asked = CouncilRequest.objects.filter(institution=by.institution, done=False).first()
    first = Person.objects.filter(pk=asked.asked_by).first() if asked else None
    if asked is None or first is None:
        raise NotAskedFor
    policy.check_may_jointly(first, by, policy.Action.REPLACE_COUNCIL, now=now)
    if sha256_of_reason(asked.reason) != reason_sha256:
        raise ReasonChanged
    with locks.exclusive(locks.WORK), appending(by.institution, now=now) as end:
        asked.done = True
        asked.save(update_fields=["done"])
        _name(end, reason=asked.reason, by=by)


def _name(end: Ledger, *, reason: Mapping[str, str], by: Person) -> None:
    try:
        made = SetUp(Council.of(queries.candidate_keys(end.institution, now=end.now)), reason)
        chain.name_council(end, made=made, by=by)
    except CouncilError as error:
        raise NotReady from error


def end_former_members(institution: Institution, *, by: Person | None, now: datetime) -> None:
    """End the role of whoever is on no council any more, after the council has decided who follows."""
    acting = queries.keys_that_act(institution, now=now)
    members = set(
        CouncilKey.objects.filter(public_key__in=[to_base64(key) for key in acting]).values_list("person", flat=True)
    )
    for person in queries.holders(institution, now=now):
        if person.pk not in members:
            people.end_role(by=by, person=person, role=Role.KEY_HOLDER, now=now)
