"""The chain holds, or says where it breaks and why."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import chain
from callroom.core.anonymity.chain import ChainError, HeaderType
from callroom.core.anonymity.spelling import to_base64
from tests.core.anonymity import examples

VECTORS = examples.read("chain")
LINES = [line.encode() for line in VECTORS["lines"]]
ROTATIONS = {chain.sha256_hex(VECTORS["rotation"].encode()): VECTORS["rotation"].encode()}
PUBLIC_KEY = examples.institution_key().public_key()


def grown(key: Ed25519PrivateKey, length: int) -> list[bytes]:
    lines: list[bytes] = []
    for seq in range(length):
        previous = chain.head_of(lines[-1]) if lines else chain.NO_PREVIOUS
        header = chain.sign_header(
            key, seq=seq, kind=HeaderType.BURN, at=seq, payload_sha256=f"{seq:064x}", previous=previous
        )
        lines.append(header.line())
    return lines


def test_the_vectors_are_reproduced() -> None:
    headers = chain.verify_links(LINES, PUBLIC_KEY, rotations=ROTATIONS)

    assert [header.line() for header in headers] == LINES
    assert [header.signed().decode() for header in headers] == VECTORS["signed"]
    assert [chain.head_of(line) for line in LINES] == VECTORS["hashes"]
    assert {header.type for header in headers} == set(HeaderType)
    assert headers[2].payload_sha256 == examples.wave_sheet().sha256
    again = chain.sign_header(
        examples.institution_key(),
        seq=0,
        kind=HeaderType.KEY_SHEET,
        at=examples.OPENS_AT,
        payload_sha256=examples.key_sheet().sha256,
        previous=chain.NO_PREVIOUS,
    )
    assert again.line() == LINES[0]


def test_keys_are_as_published() -> None:
    keys = examples.read("keys")

    loaded = chain.load_public_key(base64.b64decode(keys["institution_public"]))

    assert loaded == PUBLIC_KEY
    assert chain.fingerprint(loaded) == keys["institution_fingerprint"]
    with pytest.raises(ChainError):
        chain.load_public_key(b"short")


@pytest.mark.parametrize("broken", VECTORS["broken"], ids=lambda broken: broken["name"])
def test_a_broken_chain_says_where_and_why(broken: dict[str, Any]) -> None:
    rotations = {} if broken.get("without_rotation") else ROTATIONS

    with pytest.raises(ChainError) as caught:
        chain.verify_links([line.encode() for line in broken["lines"]], PUBLIC_KEY, rotations=rotations)

    assert (caught.value.code, caught.value.seq) == (broken["code"], broken["seq"])


def test_the_chain_passes_through_a_known_head() -> None:
    lines = grown(examples.institution_key(), 5)

    for line in lines:
        chain.verify_links(lines, PUBLIC_KEY, chain.head_of(line))

    for head in (chain.NO_PREVIOUS, "ab" * 32):
        with pytest.raises(ChainError) as caught:
            chain.verify_links(lines, PUBLIC_KEY, head)
        assert caught.value.code == "head"


def test_verifying_goes_on_after_a_stored_header() -> None:
    lines = grown(examples.institution_key(), 6)
    after = (2, chain.head_of(lines[2]))

    headers = chain.verify_links(lines[3:], PUBLIC_KEY, after[1], after=after)

    assert [header.seq for header in headers] == [3, 4, 5]
    with pytest.raises(ChainError) as caught:
        chain.verify_links(lines[3:], PUBLIC_KEY, after=(2, "ab" * 32))
    assert (caught.value.code, caught.value.seq) == ("previous", 3)
    with pytest.raises(ChainError):
        chain.verify_links(lines[3:], PUBLIC_KEY)


@given(st.integers(0, 5), st.data())
def test_a_single_changed_bit_is_found(which: int, data: st.DataObject) -> None:
    lines = grown(examples.institution_key(), 6)
    changed = bytearray(lines[which])
    place = data.draw(st.integers(0, len(changed) - 1))
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    lines[which] = bytes(changed)

    with pytest.raises(ChainError) as caught:
        chain.verify_links(lines, PUBLIC_KEY)

    assert caught.value.seq == which


@given(st.binary(max_size=300))
def test_any_bytes_are_a_header_or_refused(data: bytes) -> None:
    with pytest.raises(ChainError):
        chain.parse_line(data)


def test_a_rotation_needs_the_new_keys_signature() -> None:
    old, new = examples.institution_key(), examples.next_institution_key()
    payload = chain.rotation_payload(new, old.public_key())

    assert chain.rotated_key(payload, old.public_key()) == new.public_key()

    for wrong in (payload.replace(b"proof", b"prove"), b"{}", b"[]", b"\xff"):
        with pytest.raises(ChainError):
            chain.rotated_key(wrong, old.public_key())
    with pytest.raises(ChainError):
        chain.rotated_key(payload, new.public_key())


def test_a_forged_rotation_payload_is_refused() -> None:
    forged = dict.fromkeys(ROTATIONS, b"{}")

    with pytest.raises(ChainError) as caught:
        chain.verify_links(LINES, PUBLIC_KEY, rotations=forged)

    assert (caught.value.code, caught.value.seq) == ("rotation", 3)


def test_a_rotation_nobody_can_read_is_refused() -> None:
    header = chain.sign_header(
        examples.institution_key(),
        seq=0,
        kind=HeaderType.KEY_ROTATION,
        at=1,
        payload_sha256=chain.sha256_hex(b"{}"),
        previous=chain.NO_PREVIOUS,
    )

    with pytest.raises(ChainError) as caught:
        chain.verify_links([header.line()], PUBLIC_KEY, rotations={header.payload_sha256: b"{}"})

    assert (caught.value.code, caught.value.seq) == ("rotation", 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"previous":"0', b'"previous":"A'),
        (b'"payload_sha256":"', b'"payload_sha256":"0'),
        (b'=="', b'="'),
        (b'"signature":"', b'"signature":"AAAA'),
    ],
)
def test_malformed_fields_are_refused(old: bytes, new: bytes) -> None:
    assert old in LINES[0]

    with pytest.raises(ChainError) as caught:
        chain.parse_line(LINES[0].replace(old, new, 1))

    assert caught.value.code == "header"


def test_a_signature_with_stray_bits_is_refused() -> None:
    signature = to_base64(chain.parse_line(LINES[0]).signature)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = signature[:-3] + alphabet[alphabet.index(signature[-3]) + 1] + "=="

    with pytest.raises(ChainError) as caught:
        chain.parse_line(LINES[0].replace(signature.encode(), stray.encode()))

    assert caught.value.code == "header"
