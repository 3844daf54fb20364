"""Who holds a token may answer once; who signed it cannot tell which one it was."""

import base64
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callroom.core.anonymity import blind_rsa, tokens
from callroom.core.anonymity.tokens import BlindError
from tests.core.anonymity import examples

VECTOR = {name: value for name, value in examples.read("tokens").items() if name != "public_key"}
BYTES = {name: bytes.fromhex(value) for name, value in VECTOR.items()}
KEY = examples.group_keys()[0]
PUBLIC = KEY.public_key()


def test_the_vectors_are_reproduced() -> None:
    chance = iter([BYTES["prefix"], BYTES["salt"], BYTES["factor"]])

    message = tokens.token_message(BYTES["point"])
    prepared = tokens.prepare(message, lambda _: next(chance))
    blinded, inverse = tokens.blind(PUBLIC, prepared, lambda _: next(chance))
    blind_signature = tokens.blind_sign(KEY, blinded)

    assert (message, prepared) == (BYTES["message"], BYTES["prepared"])
    assert (blinded, inverse) == (BYTES["blinded"], BYTES["inverse"])
    assert blind_signature == BYTES["blind_signature"]
    assert tokens.finalize(PUBLIC, prepared, blind_signature, inverse) == BYTES["signature"]
    assert tokens.verify(PUBLIC, BYTES["prefix"], message, BYTES["signature"])
    assert tokens.public_bytes(PUBLIC) == base64.b64decode(examples.read("tokens")["public_key"])


@settings(max_examples=10, deadline=None)
@given(st.binary(min_size=65, max_size=65))
def test_a_token_is_good_for_its_message_and_group_only(point: bytes) -> None:
    message = tokens.token_message(point)
    prepared = tokens.prepare(message, os.urandom)
    blinded, inverse = tokens.blind(PUBLIC, prepared, os.urandom)

    signature = tokens.finalize(PUBLIC, prepared, tokens.blind_sign(KEY, blinded), inverse)

    prefix = prepared[:32]
    assert tokens.verify(PUBLIC, prefix, message, signature)
    assert not tokens.verify(PUBLIC, prefix, tokens.token_message(point + b"x"), signature)
    assert not tokens.verify(PUBLIC, bytes(32), message, signature)
    assert not tokens.verify(examples.group_keys()[1].public_key(), prefix, message, signature)


def test_blinding_hides_the_message() -> None:
    first, second = (tokens.blind(PUBLIC, BYTES["prepared"], os.urandom) for _ in range(2))

    assert first[0] != second[0]
    assert BYTES["message"] not in first[0]


def test_the_same_request_gets_the_same_signature() -> None:
    assert tokens.blind_sign(KEY, BYTES["blinded"]) == tokens.blind_sign(KEY, BYTES["blinded"])


@pytest.mark.parametrize("length", [0, 383, 385])
def test_requests_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(BlindError):
        tokens.blind_sign(KEY, bytes([1] * length))


@pytest.mark.parametrize("offset", [0, 1])
def test_requests_out_of_range_are_refused(offset: int) -> None:
    n = PUBLIC.public_numbers().n

    for number in (0, n + offset):
        with pytest.raises(BlindError):
            tokens.blind_sign(KEY, number.to_bytes(384, "big"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_no_other_bytes_are_a_signature(data: bytes) -> None:
    assert not tokens.verify(PUBLIC, BYTES["prefix"], BYTES["message"], data)


def test_parts_of_another_length_never_verify() -> None:
    prefix, message, signature = (BYTES[name] for name in ("prefix", "message", "signature"))

    # The border between prefix and message is fixed: moving it must not make another token.
    assert not tokens.verify(PUBLIC, prefix + message[:1], message[1:], signature)
    assert not tokens.verify(PUBLIC, b"", prefix + message, signature)
    assert not tokens.verify(PUBLIC, prefix, message, signature + b"\0")


@pytest.mark.parametrize("size", [2048, 3080])
def test_keys_of_another_size_are_refused(size: int) -> None:
    other = rsa.generate_private_key(65537, size)

    with pytest.raises(BlindError):
        tokens.blind_sign(other, bytes([1] * (size // 8)))
    with pytest.raises(BlindError):
        tokens.load_public_key(tokens.public_bytes(other.public_key()))
    with pytest.raises(BlindError):
        tokens.blind(other.public_key(), BYTES["prepared"], os.urandom)
    assert not tokens.verify(other.public_key(), BYTES["prefix"], BYTES["message"], BYTES["signature"])


@pytest.mark.parametrize("name", examples.read("sheets")["other_keys"])
def test_only_one_kind_of_key_is_loaded(name: str) -> None:
    with pytest.raises(BlindError):
        tokens.load_public_key(base64.b64decode(examples.read("sheets")["other_keys"][name]))


def test_a_new_key_is_sound() -> None:
    assert tokens.is_sound(tokens.generate_key().public_key())
    with pytest.raises(BlindError):
        tokens.load_public_key(b"not a key")


def test_the_client_refuses_what_the_issuer_spoiled() -> None:
    spoiled = bytes([BYTES["blind_signature"][0] ^ 1]) + BYTES["blind_signature"][1:]

    for blind_signature, inverse in (
        (spoiled, BYTES["inverse"]),
        (BYTES["blind_signature"][:-1], BYTES["inverse"]),
        (BYTES["blind_signature"], BYTES["inverse"] + b"\0"),
    ):
        with pytest.raises(BlindError):
            tokens.finalize(PUBLIC, BYTES["prepared"], blind_signature, inverse)


def test_messages_of_another_length_are_refused() -> None:
    with pytest.raises(BlindError):
        tokens.prepare(b"short", os.urandom)
    with pytest.raises(BlindError):
        tokens.blind(PUBLIC, b"short", os.urandom)


def test_chance_out_of_range_is_drawn_again() -> None:
    n = PUBLIC.public_numbers().n
    chance = iter([BYTES["salt"], bytes(384), n.to_bytes(384, "big"), BYTES["factor"]])

    assert blind_rsa.blind(PUBLIC, BYTES["prepared"], lambda _: next(chance)) == (BYTES["blinded"], BYTES["inverse"])


def test_a_factor_of_the_modulus_is_not_used_to_blind() -> None:
    p = KEY.private_numbers().p
    chance = iter([BYTES["salt"], p.to_bytes(384, "big")])

    with pytest.raises(BlindError):
        blind_rsa.blind(PUBLIC, BYTES["prepared"], lambda _: next(chance))


def test_a_modulus_too_short_for_the_encoding_is_refused() -> None:
    small = rsa.generate_private_key(65537, 1024).public_key()

    blind_rsa.blind(small, b"message", os.urandom)
    with pytest.raises(BlindError):
        blind_rsa._emsa_pss_encode(b"message", 700, bytes(48))


def test_a_fault_while_signing_is_caught() -> None:
    numbers = KEY.private_numbers()
    spoiled = rsa.RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d, numbers.dmp1 ^ 2, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)

    with pytest.raises(BlindError, match="signing failure"):
        tokens.blind_sign(spoiled, BYTES["blinded"])
