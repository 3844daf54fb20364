"""A council of two or three keys, and statements that only enough of them can make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical, council
from callroom.core.anonymity.council import Act, Council, CouncilError, SetUp, Statement
from tests.core.anonymity import examples

VECTORS = examples.read("council")
NOW = examples.OPENS_AT
REASON = examples.COUNCIL_REASON


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def signed_by(statement: Statement, *keys: Ed25519PrivateKey) -> Act:
    return Act(statement, {public(key): key.sign(statement.signed()) for key in keys})


def code_of(act: Act, at: int = NOW) -> str:
    with pytest.raises(CouncilError) as caught:
        act.check(examples.council_set_up().council, at=at)
    return caught.value.code


def test_the_words_of_the_vectors_stand_for_their_key_and_signature() -> None:
    key = council.key_from_entropy(bytes.fromhex(VECTORS["entropy"]))
    statement = Statement.from_payload(canonical.decode(VECTORS["text"].encode()))

    assert council.to_base64(public(key)) == VECTORS["public_key"]
    assert council.is_signed(public(key), council.from_base64(VECTORS["signature"]), statement.signed())


def test_two_of_three_are_enough() -> None:
    act = examples.council_act()

    act.check(examples.council_set_up().council, at=NOW)
    assert Act.from_payload(canonical.decode(canonical.encode(act.to_payload()))) == act


def test_one_alone_is_too_few_and_so_is_one_twice() -> None:
    statement, (first, *_) = examples.council_act().statement, examples.council_keys()
    twice = signed_by(statement, first).to_payload()
    twice["signatures"] = [*twice["signatures"], *twice["signatures"]]  # type: ignore[misc]

    assert code_of(signed_by(statement, first)) == "too few"
    with pytest.raises(CouncilError) as caught:
        Act.from_payload(canonical.decode(canonical.encode(twice)))
    assert caught.value.code == "twice"


def test_a_stranger_does_not_count_and_spoils_the_act() -> None:
    statement, (first, second, _) = examples.council_act().statement, examples.council_keys()
    stranger = Ed25519PrivateKey.from_private_bytes(bytes([9] * 32))

    assert code_of(signed_by(statement, first, stranger)) == "stranger"
    assert code_of(signed_by(statement, first, second, stranger)) == "stranger"


def test_a_signature_is_for_one_statement_only() -> None:
    act = examples.council_act()
    for other in (
        replace(act.statement, change={"kind": "resume", "module": "check-in", "reason": REASON}),
        replace(act.statement, institution="0" * 64),
        replace(act.statement, council="0" * 64),
        replace(act.statement, expires_at=act.statement.expires_at + 1),
    ):
        assert code_of(Act(other, act.signatures)) == "signature"


def test_it_cannot_be_carried_out_too_early_or_too_late() -> None:
    act = examples.council_act()

    assert code_of(act, at=act.statement.proposed_at - 1) == "expired"
    assert code_of(act, at=act.statement.expires_at + 1) == "expired"
    act.check(examples.council_set_up().council, at=act.statement.expires_at)


@pytest.mark.parametrize("life", [0, -1, council.LONGEST_LIFE + 1])
def test_a_statement_lives_up_to_a_month(life: int) -> None:
    with pytest.raises(CouncilError):
        replace(examples.council_act().statement, expires_at=NOW + life)


KEYS = [public(key) for key in examples.council_keys()]


@pytest.mark.parametrize(
    ("keys", "required"),
    [
        (KEYS[:1], 1),
        (sorted([*KEYS, b"\x01" * 32]), 2),
        (sorted(KEYS), 1),
        (sorted(KEYS), 4),
        (sorted(KEYS, reverse=True), 2),
        (sorted([KEYS[0], KEYS[0]]), 2),
        (sorted([KEYS[0], b"short"]), 2),
    ],
)
def test_no_other_council_can_exist(keys: list[bytes], required: int) -> None:
    with pytest.raises(CouncilError):
        Council(tuple(keys), required)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, each in inner for path in _paths(each, (*at, key)))]


ACT = canonical.decode(canonical.encode(examples.council_act().to_payload()))
SET_UP = canonical.decode(canonical.encode(examples.council_set_up().to_payload()))
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**53 - 1), st.text(max_size=8), st.just([]), st.just({}), st.just([{}])
)


@given(data=st.data())
def test_anything_else_in_its_place_is_refused_with_our_own_error(data: st.DataObject) -> None:
    """Of every part of an act or of a council: replaced by something, dropped, or with something beside it."""
    whole, reads = data.draw(st.sampled_from([(ACT, Act.from_payload), (SET_UP, SetUp.from_payload)]))
    path = data.draw(st.sampled_from([path for path in _paths(whole) if path]))
    copied: Any = canonical.decode(canonical.encode(whole))
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    junk = data.draw(JUNK)
    if place[path[-1]] == junk:
        return
    place[path[-1]] = junk
    try:
        read = reads(copied)
        if isinstance(read, Act):
            read.check(examples.council_set_up().council, at=NOW)
    except CouncilError:
        return
    # What is still accepted are other words of the reason of a council; nothing that anybody has signed.
    assert whole is SET_UP
    assert path[0] in {"reason", "required"}
