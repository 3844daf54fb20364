"""
Sealing an answer to the wave's key: HPKE, base mode (RFC 9180), always 256 bytes in and 304 bytes out.

DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, no AAD: everything the answer is bound to stands in ``info``.
The plaintext is the length of its JSON (2 bytes, the higher first), canonical JSON, and zeros up to 256 bytes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from callroom.core.anonymity import canonical

LABEL: Final = b"callroom/answer/1"
PLAINTEXT_LENGTH: Final = 256
SEALED_LENGTH: Final = 304
PUBLIC_KEY_LENGTH: Final = 32
INSTITUTION_ID_LENGTH: Final = 16
MESSAGE_LENGTH: Final = 32
LARGEST_GROUP: Final = 0xFFFF
#: One byte; the first answer has revision 1.
LARGEST_REVISION: Final = 255

_LENGTH_PREFIX: Final = 2
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealError(ValueError):
    """A part has the wrong length or range, or a blob does not open with this key and context."""


class MalformedAnswer(ValueError):
    """A plaintext is not what the browser writes for this wave's items."""


class ItemLike(Protocol):
    """What is needed of a wave sheet's item: its id and how many answers it has (0 is the first)."""

    @property
    def id(self) -> str: ...
    @property
    def values(self) -> int: ...


@dataclass(frozen=True, slots=True)
class DidNotWork:
    """In place of answers: "I did not work in the last 7 days"."""


@dataclass(frozen=True, slots=True)
class Answers:
    """
    One opened answer: per item of the wave sheet, in its order, the option (0 for the first) or None.

    Where ``worked`` is False, every value is None.
    """

    worked: bool
    values: tuple[int | None, ...]


Given: TypeAlias = Mapping[str, int | None] | DidNotWork


def answer_info(institution_id: bytes, wave_id: str, group: int, message: bytes, revision: int) -> bytes:
    """
    Return what the seal is bound to, 116 bytes (PROTOCOL, section 4).

    :param institution_id: the 16 bytes of its UUID
    :param group: index in the key sheet, 0 to 65,535
    :param message: the token's message, 32 bytes
    :param revision: 1 to 255
    :raises SealError: for any other length or range
    """
    if len(institution_id) != INSTITUTION_ID_LENGTH or len(message) != MESSAGE_LENGTH:
        raise SealError("the institution's id has 16 bytes, a token message 32")
    if not 0 <= group <= LARGEST_GROUP or not 1 <= revision <= LARGEST_REVISION:
        raise SealError("group or revision out of range")
    institution = hashlib.sha256(institution_id).digest()
    wave = hashlib.sha256(wave_id.encode()).digest()
    return LABEL + institution + wave + group.to_bytes(2, "big") + message + bytes([revision])


def encode_answers(answers: Given, items: Sequence[ItemLike]) -> bytes:
    """
    Return the plaintext of an answer, 256 bytes.

    :raises MalformedAnswer: for an item or an option that is not there
    """
    json = canonical.encode(_answer_value(answers, items))
    if len(json) > PLAINTEXT_LENGTH - _LENGTH_PREFIX:
        raise MalformedAnswer("too long for 256 bytes")
    return (len(json).to_bytes(_LENGTH_PREFIX, "big") + json).ljust(PLAINTEXT_LENGTH, b"\0")


def decode_answers(plaintext: bytes, items: Sequence[ItemLike]) -> Answers:
    """
    Return the answers in a plaintext; an option that an item does not have counts as unanswered.

    :raises MalformedAnswer: for anything else that ``encode_answers`` does not write
    """
    match _padded_json(plaintext):
        case {"w": int(worked), **others} if not others and _is(worked, 0):
            return Answers(worked=False, values=(None,) * len(items))
        case {"w": int(worked), "a": list(values), **others} if not others and _is(worked, 1):
            if len(values) != len(items):
                raise MalformedAnswer("other items than the wave sheet's")
            pairs = zip(values, items, strict=True)
            return Answers(worked=True, values=tuple(_option(value, item.values) for value, item in pairs))
    raise MalformedAnswer("other fields")


def seal(public_key: bytes, plaintext: bytes, info: bytes) -> bytes:
    """
    Return encapsulated key || ciphertext, 304 bytes, with an ephemeral key from OpenSSL (for simulations and tests).

    :param public_key: the wave's, 32 bytes
    :raises SealError: unless the plaintext has 256 bytes and the key is one
    """
    if len(plaintext) != PLAINTEXT_LENGTH or len(public_key) != PUBLIC_KEY_LENGTH:
        raise SealError("a plaintext has 256 bytes, a key 32")
    try:
        return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), info=info)
    except ValueError as error:
        raise SealError("not a usable key") from error


def open_sealed(private_key: X25519PrivateKey, blob: bytes, info: bytes) -> bytes:
    """
    Return the plaintext, 256 bytes.

    :raises SealError: if the blob was changed, sealed to another key or bound to something else
    """
    if len(blob) != SEALED_LENGTH:
        raise SealError("a sealed blob has 304 bytes")
    try:
        return _SUITE.decrypt(blob, private_key, info=info)
    except (InvalidTag, ValueError) as error:
        raise SealError("does not open") from error


def _answer_value(answers: Given, items: Sequence[ItemLike]) -> canonical.Encodable:
    if isinstance(answers, DidNotWork):
        return {"w": 0}
    if not answers.keys() <= {item.id for item in items}:
        raise MalformedAnswer("an item that is not in the wave sheet")
    values = [answers.get(item.id) for item in items]
    for value, item in zip(values, items, strict=True):
        if value is not None and not 0 <= value < item.values:
            raise MalformedAnswer(f"{item.id} has no option {value}")
    return {"a": values, "w": 1}


def _padded_json(plaintext: bytes) -> canonical.Json:
    length = int.from_bytes(plaintext[:_LENGTH_PREFIX], "big")
    end = _LENGTH_PREFIX + length
    if len(plaintext) != PLAINTEXT_LENGTH or end > PLAINTEXT_LENGTH or any(plaintext[end:]):
        raise MalformedAnswer("not a length, JSON and zeros in 256 bytes")
    try:
        return canonical.decode(plaintext[_LENGTH_PREFIX:end])
    except canonical.CanonicalError as error:
        raise MalformedAnswer("not canonical JSON") from error


def _option(value: canonical.Json, values: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedAnswer("an answer that is no number")
    return value if 0 <= value < values else None


def _is(value: int, wanted: int) -> bool:
    """Say whether a decoded number is this one (``true`` is no number)."""
    return value == wanted and not isinstance(value, bool)
