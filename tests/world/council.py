"""A residents' council of the tests: Inés, Marta and Noé, each with twelve words, and what they sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callroom.core.anonymity import council as core
from callroom.core.anonymity.spelling import to_base64
from callroom.council import actions, newcomers
from callroom.council.models import Proposal
from callroom.people.models import Institution, Person
from tests.world.people import person_in

CHOSEN = {"en": "The assembly chose these three.", "es": "La asamblea eligió a estas tres personas."}
WHY = {"en": "The assembly asks for it.", "es": "La asamblea lo pide."}
PAUSE: Mapping[str, Any] = {"kind": "pause", "module": "check-in"}


def key_of(person: Person) -> Ed25519PrivateKey:
    """Return the key that this person's twelve words stand for."""
    return core.key_from_entropy(person.external_id.encode().ljust(16, b"-")[:16])


def make_key(person: Person, *, now: datetime) -> None:
    """Let a person make their key, as the browser does."""
    key = key_of(person)
    public_key = key.public_key().public_bytes_raw()
    proof = key.sign(core.KEY_LABEL + public_key)
    actions.keep_key(by=person, public_key=to_base64(public_key), proof=to_base64(proof), now=now)


def signature_of(person: Person, proposal: int) -> str:
    """Return a person's signature under a proposal, as the browser makes it."""
    said = Proposal.objects.get(pk=proposal).said()
    return to_base64(key_of(person).sign(said.signed()))


def sign(person: Person, proposal: int, *, now: datetime) -> bool:
    """Let a member sign; return whether that carried the change out."""
    return actions.sign(by=person, proposal=proposal, signature=signature_of(person, proposal), now=now)


def propose(by: Person, change: Mapping[str, Any], *, now: datetime) -> int:
    """Let somebody propose a change, with a reason."""
    return actions.propose(by=by, change={"reason": WHY, **change}, now=now)


@pytest.fixture
def marta(hospital: Institution) -> Person:
    """Return Marta, a resident of Dermatology."""
    return person_in(hospital, "Marta Vega", home="dermatology")


@pytest.fixture
def noe(hospital: Institution) -> Person:
    """Return Noé, a resident of Urology."""
    return person_in(hospital, "Noe Paz", home="urology")


def confirm(member: Person, persons: Iterable[Person], *, now: datetime) -> int:
    """Let a member sign that these people exist; return how many they are."""
    said = newcomers.confirmation(member.institution, [str(person.pk) for person in persons], now=now)
    assert said is not None, "none of them waits"
    signature = to_base64(key_of(member).sign(said.signed()))
    return actions.confirm(by=member, text=said.text(), signature=signature, now=now)
