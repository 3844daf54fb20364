"""A sealed answer opens with the wave's key and in its own place, and nowhere else."""

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical, sealing
from callroom.core.anonymity.sealing import Answers, DidNotWork, MalformedAnswer, SealError
from tests.core.anonymity import examples, hpke_reference

VECTORS = examples.read("sealing")
INFO = bytes.fromhex(VECTORS["info"])
KEY = examples.wave_key()
PUBLIC = KEY.public_key().public_bytes_raw()
steps = st.none() | st.integers(0, 4)


def padded(json: bytes) -> bytes:
    return (len(json).to_bytes(2, "big") + json).ljust(256, b"\0")


def info(**changed: Any) -> bytes:
    parts = {
        "institution_id": examples.INSTITUTION_ID,
        "wave_id": examples.WAVE,
        "group": 0,
        "message": bytes.fromhex(VECTORS["message"]),
        "revision": 1,
    }
    return sealing.answer_info(**{**parts, **changed})


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_vectors_are_reproduced(case: dict[str, Any]) -> None:
    answers = DidNotWork() if case["answers"] is None else case["answers"]
    plaintext = sealing.encode_answers(answers, examples.ITEMS)
    ephemeral = hpke_reference.derive_private_key(bytes.fromhex(VECTORS["ephemeral_ikm"]))

    assert info() == INFO
    assert plaintext == bytes.fromhex(case["plaintext"])
    assert hpke_reference.seal(PUBLIC, plaintext, INFO, ephemeral=ephemeral).hex() == case["sealed"]
    assert sealing.open_sealed(KEY, bytes.fromhex(case["sealed"]), INFO) == plaintext


@given(st.lists(steps, min_size=4, max_size=4))
def test_answers_arrive_as_they_were_given(values: list[int | None]) -> None:
    given_answers = dict(zip((item.id for item in examples.ITEMS), values, strict=True))

    sealed = sealing.seal(PUBLIC, sealing.encode_answers(given_answers, examples.ITEMS), INFO)
    opened = sealing.decode_answers(sealing.open_sealed(KEY, sealed, INFO), examples.ITEMS)

    assert len(sealed) == sealing.SEALED_LENGTH
    assert opened == Answers(worked=True, values=tuple(values))


def test_not_having_worked_is_an_answer_without_values() -> None:
    plaintext = sealing.encode_answers(DidNotWork(), examples.ITEMS)

    assert sealing.decode_answers(plaintext, examples.ITEMS) == Answers(worked=False, values=(None,) * 4)


@pytest.mark.parametrize(
    "changed",
    [
        {"institution_id": bytes(16)},
        {"wave_id": "pulse/2026-W48"},
        {"group": 1},
        {"message": bytes(32)},
        {"revision": 2},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_an_answer_does_not_open_in_another_place(changed: dict[str, Any]) -> None:
    sealed = sealing.seal(PUBLIC, bytes(256), info())

    assert sealing.open_sealed(KEY, sealed, info()) == bytes(256)
    with pytest.raises(SealError):
        sealing.open_sealed(KEY, sealed, info(**changed))


@given(st.integers(0, 304 * 8 - 1))
def test_a_single_changed_bit_does_not_open(bit: int) -> None:
    sealed = bytearray.fromhex(VECTORS["cases"][0]["sealed"])
    # X25519 ignores the highest bit of a point (RFC 7748, section 5), but HPKE binds all of it.
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealError):
        sealing.open_sealed(KEY, bytes(sealed), INFO)


@given(st.binary(max_size=400) | st.binary(min_size=304, max_size=304))
def test_no_other_bytes_open(blob: bytes) -> None:
    with pytest.raises(SealError):
        sealing.open_sealed(KEY, blob, INFO)


def test_all_zero_bytes_do_not_open() -> None:
    with pytest.raises(SealError):
        sealing.open_sealed(KEY, bytes(304), INFO)


@given(st.integers(-9, 9), st.integers(-(2**53) + 1, 2**53 - 1))
def test_an_option_that_is_not_there_counts_as_unanswered(near: int, far: int) -> None:
    plaintext = padded(canonical.encode({"a": [near, far, None, 4], "w": 1}))

    values = sealing.decode_answers(plaintext, examples.ITEMS).values

    assert values == tuple(value if value is not None and 0 <= value <= 4 else None for value in (near, far, None, 4))


@pytest.mark.parametrize(
    "json",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        b'{"w":2}',
        b'{"w":true}',
        b'{"w":false}',
        b'{"w":1}',
        b'{"a":[1,2,3,4]}',
        b'{"a":[1,2,3,4],"w":0}',
        b'{"a":[1,2,3],"w":1}',
        b'{"a":[1,2,3,4,0],"w":1}',
        b'{"a":[1,2,3,"4"],"w":1}',
        b'{"a":[1,2,3,true],"w":1}',
        b'{"a":[1,2,3,[4]],"w":1}',
        b'{"a":[1,2,3,4.0],"w":1}',
        b'{"a": [1,2,3,4],"w":1}',
        b'{"w":1,"a":[1,2,3,4]}',
        b'{"a":[1,2,3,4],"b":0,"w":1}',
        b'{"a":4,"w":1}',
    ],
)
def test_anything_else_is_malformed(json: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        sealing.decode_answers(padded(json), examples.ITEMS)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        padded(b'{"w":0}')[:-1],
        padded(b'{"w":0}') + b"\0",
        padded(b'{"w":0}')[:-1] + b"\1",
        b"\xff\xff" + bytes(254),
        (255).to_bytes(2, "big") + b'{"w":0}'.ljust(254),
    ],
    ids=["empty", "short", "long", "padding", "length beyond the end", "length one beyond"],
)
def test_other_padding_is_malformed(plaintext: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        sealing.decode_answers(plaintext, examples.ITEMS)


@given(st.binary(max_size=254))
def test_any_plaintext_is_read_or_malformed(json: bytes) -> None:
    try:
        opened = sealing.decode_answers(padded(json), examples.ITEMS)
    except MalformedAnswer:
        return
    assert len(opened.values) == 4


@pytest.mark.parametrize("answers", [{"workload": 5}, {"workload": -1}, {"sleep": 1}])
def test_answers_that_are_not_there_are_not_encoded(answers: dict[str, int | None]) -> None:
    with pytest.raises(MalformedAnswer):
        sealing.encode_answers(answers, examples.ITEMS)


def test_sixteen_items_fit_and_a_hundred_do_not() -> None:
    item = examples.ITEMS[0]
    many = [type(item)(f"item-{number}", 11) for number in range(100)]

    assert len(sealing.encode_answers({one.id: 10 for one in many[:16]}, many[:16])) == 256
    with pytest.raises(MalformedAnswer):
        sealing.encode_answers({one.id: 10 for one in many}, many)


@pytest.mark.parametrize(
    "changed",
    [
        {"institution_id": b"short"},
        {"message": bytes(31)},
        {"group": -1},
        {"group": 65536},
        {"revision": 0},
        {"revision": 256},
    ],
    ids=str,
)
def test_a_context_out_of_range_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(SealError):
        info(**changed)


@pytest.mark.parametrize(
    ("key", "plaintext"), [(PUBLIC, bytes(255)), (PUBLIC[:-1], bytes(256)), (bytes(32), bytes(256))]
)
def test_what_cannot_be_sealed_is_refused(key: bytes, plaintext: bytes) -> None:
    with pytest.raises(SealError):
        sealing.seal(key, plaintext, INFO)


def test_two_seals_of_the_same_answer_look_different() -> None:
    plaintext = os.urandom(256)

    assert sealing.seal(PUBLIC, plaintext, INFO) != sealing.seal(PUBLIC, plaintext, INFO)
