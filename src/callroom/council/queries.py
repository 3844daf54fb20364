"""Every read about the council, as plain rows: who is on it, what holds, what waits, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from callroom.core.anonymity.canonical import Encodable
from callroom.core.anonymity.council import key_id
from callroom.core.anonymity.spelling import from_base64, to_base64
from callroom.core.disclosure.policy import Policy
from callroom.core.disclosure.rules import WORDS, Kind, Seated
from callroom.council import newcomers
from callroom.council.models import CouncilKey, CouncilRequest, Proposal
from callroom.people.models import Institution, Person, RoleGrant
from callroom.people.states import Role
from callroom.pulse import rules
from callroom.pulse.queries import reason_sha256

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who holds the role. ``has_key``: made a key; ``acts``: that key is on the council in force."""

    person: UUID
    name: str
    has_key: bool
    acts: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A council that the institution named beside the one there is, and from when on it acts."""

    keys: tuple[str, ...]
    from_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """
    Words that the council decided. ``acts``: they hold; before that, ``acts_from`` is the opening of the wave from which
    they will, None where that wave is not announced yet.
    """

    kind: Kind
    words: Words
    acts: bool
    acts_from: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of what was decided. ``keys``: who signed, by key; never by name."""

    at: datetime
    kind: Kind
    change: Mapping[str, Encodable]
    keys: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Open:
    """A proposal that can still be signed. ``signed``: how many have; ``by_reader``: the reader is one of them."""

    id: int
    kind: Kind
    change: Mapping[str, Encodable]
    text: str
    expires_at: datetime
    signed: int
    by_reader: bool


@dataclass(frozen=True, slots=True)
class Request:
    """The institution's two people ask for another council. ``by_reader``: the reader was the first of them."""

    reason: Words
    by_reader: bool

    @property
    def reason_sha256(self) -> str:
        """Return what ties a confirmation to the reason that was read."""
        return reason_sha256(self.reason)


@dataclass(frozen=True, slots=True)
class Council:
    """
    What everybody reads about the council.

    ``keys`` and ``required``: of the council in force, empty before there is one. ``policy``: for the next wave that is
    announced. ``unconfirmed``: how many who were added wait for a member to say that they exist. ``mine``: whether the reader
    holds one of the keys.
    """

    members: tuple[Member, ...]
    keys: tuple[str, ...]
    required: int
    waiting: Waiting | None
    policy: Policy
    paused: Mapping[str, Words]
    words: tuple[Said, ...]
    decisions: tuple[Decision, ...]
    open: tuple[Open, ...]
    request: Request | None
    unconfirmed: int
    mine: bool


def holders(institution: Institution, *, now: datetime) -> tuple[Person, ...]:
    """Return the active people who hold the role of a council's key-holder today, by name."""
    grants = RoleGrant.objects.on(institution.day(now)).filter(institution=institution, role=Role.KEY_HOLDER)
    people = Person.objects.filter(pk__in=grants.values("person"), is_active=True)
    return tuple(people.order_by("name", "pk"))


def keys_that_act(institution: Institution, *, now: datetime) -> frozenset[bytes]:
    """Return the keys of the council in force."""
    seated = rules.council(institution, now=now)
    return frozenset(seated.council.keys) if seated else frozenset()


def members(institution: Institution, *, now: datetime) -> tuple[Member, ...]:
    """Return who holds the role, by name."""
    people = holders(institution, now=now)
    acting = keys_that_act(institution, now=now)
    keys = dict(CouncilKey.objects.filter(person__in=people).values_list("person", "public_key"))
    return tuple(
        Member(
            person=person.pk,
            name=person.name,
            has_key=person.pk in keys,
            acts=person.pk in keys and from_base64(keys[person.pk]) in acting,
        )
        for person in people
    )


def acting_members(institution: Institution, *, now: datetime) -> tuple[Member, ...]:
    """Return the members whose keys are on the council in force."""
    return tuple(member for member in members(institution, now=now) if member.acts)


def candidate_keys(institution: Institution, *, now: datetime, of: frozenset[UUID] | None = None) -> list[bytes]:
    """Return the keys of everybody who holds the role, or of these among them."""
    people = [person.pk for person in holders(institution, now=now) if of is None or person.pk in of]
    keys = CouncilKey.objects.filter(person__in=people).values_list("public_key", flat=True)
    return sorted(from_base64(key) for key in keys)


def own_key(person: Person) -> str:
    """Return the public key that this person has made, in base64; empty without one."""
    return CouncilKey.objects.filter(person=person).values_list("public_key", flat=True).first() or ""


def acts(person: Person, *, now: datetime) -> bool:
    """Return whether this person holds a key of the council in force."""
    key = own_key(person)
    return bool(key) and from_base64(key) in keys_that_act(person.institution, now=now)


@dataclass(frozen=True, slots=True)
class About:
    """
    What is stored about one person: the public half of their key, what they proposed and signed, by its hash, and whether
    a member confirmed that they exist.
    """

    public_key: str
    proposed: tuple[str, ...]
    signed: tuple[str, ...]
    confirmed: bool


def about(person: Person) -> About:
    """Return what is stored about a person here."""
    proposed = Proposal.objects.filter(proposed_by=person).values_list("statement_sha256", flat=True)
    signed = Proposal.objects.filter(approvals__person=person).values_list("statement_sha256", flat=True)
    confirmed = str(person.pk) in rules.confirmed(person.institution)
    return About(own_key(person), tuple(proposed), tuple(signed), confirmed)


def council(institution: Institution, *, reader: Person, now: datetime) -> Council:
    """Return the council, the rules and what was decided."""
    read, at = rules.in_force(institution), int(now.timestamp())
    seated, named = read.council_at(at), read.named_at(at)
    request = CouncilRequest.objects.filter(institution=institution, done=False).first()
    return Council(
        members=members(institution, now=now),
        keys=_ids(seated),
        required=seated.council.required if seated else 0,
        waiting=Waiting(_ids(named), _instant(named.from_at)) if named else None,
        policy=read.policy,
        paused=dict(read.paused),
        words=words(institution, now=now),
        decisions=tuple(
            Decision(
                at=_instant(each.at),
                kind=each.kind,
                change=each.change,
                keys=tuple(key_id(key) for key in each.signers),
                sha256=each.payload_sha256,
            )
            for each in reversed(read.decided)
        ),
        open=proposals(institution, reader=reader, now=now),
        request=Request(request.reason, request.asked_by == reader.pk) if request else None,
        unconfirmed=len(newcomers.waiting(institution, now=now)),
        mine=acts(reader, now=now),
    )


def words(institution: Institution, *, now: datetime) -> tuple[Said, ...]:
    """Return what the council says of retention and purpose, each kind once, where it has said anything."""
    read, found = rules.in_force(institution), []
    for kind in sorted(WORDS):
        if kind in read.words:
            seq, said = read.words[kind]
            acts_from = rules.acts_from(institution, seq)
            found.append(Said(kind, said, acts_from is not None and acts_from <= now, acts_from))
    return tuple(found)


def words_in_force(institution: Institution, *, now: datetime) -> dict[Kind, Words]:
    """Return the words on retention and purpose that hold now: an earlier decision's while a later one waits."""
    read, found = rules.in_force(institution), {}
    for decided in read.decided:
        if decided.kind in WORDS:
            acts_from = rules.acts_from(institution, decided.seq)
            if acts_from is not None and acts_from <= now:
                found[decided.kind] = _words(decided.change["words"])
    return found


def proposals(institution: Institution, *, reader: Person, now: datetime) -> tuple[Open, ...]:
    """Return the proposals that can still be signed, the newest first."""
    seated = rules.council(institution, now=now)
    rows = Proposal.objects.filter(institution=institution, carried_out="", expires_at__gte=now)
    return tuple(_open(row, reader) for row in rows if seated is not None and row.said().council == seated.sha256)


def proposal(institution: Institution, number: int, *, reader: Person, now: datetime) -> Open | None:
    """Return one of these."""
    return next((each for each in proposals(institution, reader=reader, now=now) if each.id == number), None)


def waits_for(person: Person, *, now: datetime) -> bool:
    """Return whether a proposal, or somebody who was added, waits for this member's signature."""
    if not acts(person, now=now):
        return False
    if newcomers.waiting(person.institution, now=now):
        return True
    return any(not each.by_reader for each in proposals(person.institution, reader=person, now=now))


def is_ready(institution: Institution, *, now: datetime) -> bool:
    """Return whether two or three people hold the role, each with a key: then a council can be named."""
    found = members(institution, now=now)
    return len(found) in (2, 3) and all(member.has_key for member in found)


def _open(row: Proposal, reader: Person) -> Open:
    statement, signers = row.said(), set(row.approvals.values_list("person", flat=True))
    return Open(
        id=row.pk,
        kind=Kind(row.kind),
        change=statement.change,
        text=statement.text(),
        expires_at=row.expires_at,
        signed=len(signers),
        by_reader=reader.pk in signers,
    )


def _words(value: Encodable) -> Words:
    return {str(language): str(text) for language, text in value.items()} if isinstance(value, Mapping) else {}


def _ids(seated: Seated | None) -> tuple[str, ...]:
    return tuple(key_id(key) for key in seated.council.keys) if seated else ()


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def key_ids(keys: list[str]) -> tuple[str, ...]:
    """Return what pages call these keys (base64)."""
    return tuple(key_id(from_base64(key)) for key in keys)


def spelled(keys: list[bytes]) -> list[str]:
    """Return keys as they stand in a change."""
    return [to_base64(key) for key in keys]
