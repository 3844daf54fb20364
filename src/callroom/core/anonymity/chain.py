"""
The institution's chain: one append-only line of signed headers, each naming the SHA-256 of the line before it.

A header's *line* is its canonical JSON with the signature (base64); the Ed25519 signature (RFC 8032) is over the
canonical JSON without it. Payloads are fetched on demand and tied in by their SHA-256. The chain proves what was
published, in which order and unchanged; it does not prove that what was published is true.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from callroom.core.anonymity import canonical
from callroom.core.anonymity.spelling import from_base64, is_hash, to_base64

NO_PREVIOUS: Final = "0" * 64
SIGNATURE_LENGTH: Final = 64
ROTATION_LABEL: Final = b"callroom/key-rotation/1"


class HeaderType(StrEnum):
    """What a header announces (PROTOCOL, section 1)."""

    KEY_SHEET = "key-sheet"
    WAVE_SHEET = "wave-sheet"
    CLOSING = "closing"
    BURN = "burn"
    RELEASE = "release"
    VOID = "void"
    SUPERSEDE = "supersede"
    KEY_ROTATION = "key-rotation"
    COUNCIL = "council"
    COUNCIL_ACT = "council-act"


class ChainError(ValueError):
    """
    The chain does not hold.

    ``code``: header, seq, previous, signature, rotation, head. ``seq``: the number at which it breaks, None where
    the chain as a whole is meant.
    """

    def __init__(self, code: str, seq: int | None, why: str) -> None:
        super().__init__(why if seq is None else f"header {seq}: {why}")
        self.code = code
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Header:
    """One signed header. ``at``: epoch seconds; hashes: 64 lower-case hexadecimal digits; ``signature``: 64 bytes."""

    seq: int
    type: HeaderType
    at: int
    payload_sha256: str
    previous: str
    signature: bytes

    def signed(self) -> bytes:
        """Return the bytes under the signature."""
        return canonical.encode(self._unsigned())

    def line(self) -> bytes:
        """Return the header as it is stored and served, without a line break."""
        signature = to_base64(self.signature)
        return canonical.encode({**self._unsigned(), "signature": signature})

    def _unsigned(self) -> dict[str, canonical.Encodable]:
        return {
            "seq": self.seq,
            "type": self.type.value,
            "at": self.at,
            "payload_sha256": self.payload_sha256,
            "previous": self.previous,
        }


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of payload or line as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def head_of(line: bytes) -> str:
    """Return what the next header names as ``previous``: the SHA-256 of this line."""
    return sha256_hex(line)


def load_public_key(raw: bytes) -> Ed25519PublicKey:
    """
    Return the institution's key from its 32 bytes (RFC 8032, section 5.1.5).

    :raises ChainError: for any other length
    """
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise ChainError("signature", None, "the institution's key is not 32 bytes") from error


def fingerprint(public_key: Ed25519PublicKey) -> str:
    """Return what the QR on the ward shows for the key: the SHA-256 of its 32 bytes."""
    return sha256_hex(public_key.public_bytes_raw())


def sign_header(
    private_key: Ed25519PrivateKey,
    *,
    seq: int,
    kind: HeaderType,
    at: int,
    payload_sha256: str,
    previous: str,
) -> Header:
    """Return the next header, signed. ``at``: epoch seconds; ``previous``: ``head_of`` the line before, or NO_PREVIOUS."""
    unsigned = Header(seq, kind, at, payload_sha256, previous, b"")
    return Header(seq, kind, at, payload_sha256, previous, private_key.sign(unsigned.signed()))


def parse_line(line: bytes) -> Header:
    """
    Return the header in these bytes; its ``line()`` is exactly these bytes. The signature is not checked here.

    :raises ChainError: with code "header"
    """
    try:
        header = _read(canonical.decode(line))
    except (TypeError, ValueError, KeyError) as error:
        raise ChainError("header", None, "not a header in canonical form") from error
    return header


def verify_links(
    lines: Iterable[bytes],
    public_key: Ed25519PublicKey,
    head: str | None = None,
    *,
    after: tuple[int, str] | None = None,
    rotations: Mapping[str, bytes] | None = None,
) -> tuple[Header, ...]:
    """
    Check that these lines follow one another, each signed with the key in force, and return the headers.

    ``head``: a SHA-256 the chain must pass through; without it the end was not checked. ``after``: number and hash
    of the header before the first line, where the lines do not start at 0. ``rotations``: payloads of key rotations
    by SHA-256; needed to go past one.

    :raises ChainError: saying at which header, and why
    """
    headers: list[Header] = []
    seq, previous = after if after else (-1, NO_PREVIOUS)
    passed = {previous}
    for line in lines:
        seq += 1
        header = _next(line, seq, previous, public_key)
        if header.type is HeaderType.KEY_ROTATION:
            public_key = _follow_rotation(header, public_key, rotations or {})
        headers.append(header)
        previous = head_of(line)
        passed.add(previous)
    if head is not None and head not in passed - {NO_PREVIOUS}:
        raise ChainError("head", None, f"the chain does not pass through {head}")
    return tuple(headers)


def rotation_payload(new_key: Ed25519PrivateKey, old_key: Ed25519PublicKey) -> bytes:
    """Return the payload of a ``key-rotation``: the new key, which signs the change; the old one signs the header."""
    new_public = new_key.public_key().public_bytes_raw()
    proof = new_key.sign(ROTATION_LABEL + old_key.public_bytes_raw() + new_public)
    return canonical.encode({"public_key": to_base64(new_public), "proof": to_base64(proof)})


def rotated_key(payload: bytes, old_key: Ed25519PublicKey) -> Ed25519PublicKey:
    """
    Return the key that follows.

    :raises ChainError: with code "rotation", unless the new key signed the change
    """
    try:
        public_bytes, proof = _rotation(canonical.decode(payload))
        new_key = load_public_key(public_bytes)
        new_key.verify(proof, ROTATION_LABEL + old_key.public_bytes_raw() + public_bytes)
    except (ValueError, InvalidSignature) as error:
        raise ChainError("rotation", None, "the new key did not sign the change") from error
    return new_key


def _next(line: bytes, seq: int, previous: str, public_key: Ed25519PublicKey) -> Header:
    try:
        header = parse_line(line)
    except ChainError as error:
        raise ChainError("header", seq, "not a header in canonical form") from error
    if header.seq != seq:
        raise ChainError("seq", seq, f"numbered {header.seq}")
    if header.previous != previous:
        raise ChainError("previous", seq, "does not follow the header before it")
    try:
        public_key.verify(header.signature, header.signed())
    except InvalidSignature as error:
        raise ChainError("signature", seq, "not signed by the institution") from error
    return header


def _follow_rotation(header: Header, old_key: Ed25519PublicKey, rotations: Mapping[str, bytes]) -> Ed25519PublicKey:
    payload = rotations.get(header.payload_sha256)
    if payload is None or sha256_hex(payload) != header.payload_sha256:
        raise ChainError("rotation", header.seq, "the payload of the key rotation is missing")
    try:
        return rotated_key(payload, old_key)
    except ChainError as error:
        raise ChainError("rotation", header.seq, "the new key did not sign the change") from error


def _rotation(value: canonical.Json) -> tuple[bytes, bytes]:
    match value:
        case {"public_key": str(public_key), "proof": str(proof), **others} if not others:
            return from_base64(public_key), from_base64(proof)
    raise ValueError("not a key rotation")


def _read(value: canonical.Json) -> Header:
    match value:
        case {
            "seq": int(seq),
            "type": str(kind),
            "at": int(at),
            "payload_sha256": str(payload_sha256),
            "previous": str(previous),
            "signature": str(signature),
            **others,
        } if not others and not isinstance(seq, bool) and not isinstance(at, bool):
            header = Header(seq, HeaderType(kind), at, payload_sha256, previous, from_base64(signature))
        case _:
            raise ValueError("other fields")
    if min(seq, at) < 0 or len(header.signature) != SIGNATURE_LENGTH:
        raise ValueError("a number or a signature out of range")
    if not (is_hash(payload_sha256) and is_hash(previous)):
        raise ValueError("not a SHA-256")
    return header
