"""A post is accepted for its wave, group, token and signer, and refused for the reason that is wrong."""

import dataclasses
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import posts
from callroom.core.anonymity.posts import BadPost, Post
from tests.core.anonymity import examples

BODY = bytes.fromhex(examples.read("posts")["body"])
TOKEN = {name: bytes.fromhex(value) for name, value in examples.read("tokens").items() if name != "public_key"}
SEALED = bytes.fromhex(examples.read("sealing")["cases"][0]["sealed"])
GROUP_KEYS = [key.public_key() for key in examples.group_keys()]
PARTS: dict[str, Any] = {
    "wave_id": examples.WAVE,
    "group": 0,
    "prefix": TOKEN["prefix"],
    "one_time_key": examples.one_time_key(),
    "token_signature": TOKEN["signature"],
    "revision": 1,
    "sealed": SEALED,
}


def refusal(body: bytes | Post, wave: str = examples.WAVE) -> str | None:
    try:
        post = posts.parse(body) if isinstance(body, bytes) else body
        posts.verify(post, wave, GROUP_KEYS)
    except BadPost as error:
        return error.code
    return None


def test_the_vectors_are_reproduced() -> None:
    assert posts.pack(**PARTS) == BODY
    assert len(BODY) == posts.POST_LENGTH == examples.read("posts")["length"] == 885
    assert refusal(BODY) is None


def test_parsing_gives_the_fields() -> None:
    post = posts.parse(BODY)

    assert post.to_bytes() == BODY
    assert post.wave_sha256 == posts.wave_hash(examples.WAVE)
    assert (post.group, post.revision) == (0, 1)
    assert post.message == TOKEN["message"]
    assert post.sealed == SEALED


@given(st.integers(0, 885 * 8 - 1))
def test_a_single_changed_bit_is_refused(bit: int) -> None:
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8

    assert refusal(bytes(changed)) is not None


@given(st.binary(max_size=1000) | st.binary(min_size=884, max_size=884).map(lambda rest: b"\1" + rest))
def test_any_other_bytes_are_refused(body: bytes) -> None:
    assert refusal(body) is not None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"wave_sha256": bytes(32)}, "wave"),
        ({"group": 1}, "token"),
        ({"group": 2}, "group"),
        ({"prefix": bytes(32)}, "token"),
        ({"token_signature": bytes(384)}, "token"),
        ({"revision": 2}, "signature"),
        ({"sealed": bytes(304)}, "signature"),
        ({"signature": bytes(64)}, "signature"),
        ({"signature": b"\xff" * 64}, "signature"),
    ],
    ids=str,
)
def test_each_field_is_refused_for_its_own_reason(changed: dict[str, Any], code: str) -> None:
    assert refusal(dataclasses.replace(posts.parse(BODY), **changed)) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "length"),
        (BODY + b"\0", "length"),
        (b"\2" + BODY[1:], "version"),
        (BODY[:516] + b"\0" + BODY[517:], "revision"),
    ],
    ids=["empty", "long", "version", "revision"],
)
def test_unreadable_bodies_are_refused(body: bytes, code: str) -> None:
    assert refusal(body) == code


@pytest.mark.parametrize(
    "point",
    [bytes(65), b"\4" + bytes(64), b"\2" + bytes(range(32)) + bytes(32), b"\4" * 65],
    ids=["zeros", "not on the curve", "compressed", "noise"],
)
def test_a_point_off_the_curve_is_refused_even_with_a_token(point: bytes) -> None:
    key = examples.group_keys()[0]
    prepared = TOKEN["prefix"] + posts.tokens.token_message(point)
    signature = key.sign(prepared, posts.tokens.blind_rsa._PSS, posts.tokens.blind_rsa.SHA384())
    post = dataclasses.replace(posts.parse(BODY), point=point, token_signature=signature)

    assert refusal(post) == "point"


def test_somebody_elses_token_does_not_help() -> None:
    thief = ec.generate_private_key(ec.SECP256R1())
    stolen = posts.pack(**{**PARTS, "one_time_key": thief})

    assert refusal(stolen) == "token"


def test_an_answer_of_another_wave_is_refused() -> None:
    assert refusal(BODY, "pulse/2026-W48") == "wave"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"group": 65536}, "group"),
        ({"revision": 0}, "revision"),
        ({"revision": 256}, "revision"),
        ({"sealed": b""}, "length"),
        ({"prefix": b""}, "length"),
        ({"token_signature": b""}, "length"),
    ],
    ids=str,
)
def test_what_cannot_be_packed_is_refused(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(BadPost) as caught:
        posts.pack(**{**PARTS, **changed})

    assert caught.value.code == code
