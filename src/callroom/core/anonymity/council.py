"""
The residents' council in the chain: its keys, and what enough of them have signed. No name stands here.

A *council* is two or three Ed25519 keys and how many of them must sign. A *statement* is what they sign: one change, for
one institution, under one council, until one instant. An *act* is a statement with its signatures. Whoever writes the
chain alone, the institution included, cannot make an act: the signatures are over bytes that name all of the above.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from callroom.core.anonymity import canonical
from callroom.core.anonymity.canonical import Encodable, Json
from callroom.core.anonymity.chain import SIGNATURE_LENGTH, sha256_hex
from callroom.core.anonymity.fields import Fields, SheetError
from callroom.core.anonymity.spelling import from_base64, is_hash, to_base64

LABEL: Final = b"callroom/council/1"
KEY_LABEL: Final = b"callroom/council-key/1"
WORDS_LABEL: Final = b"callroom/council-words/1"
ENTROPY_LENGTH: Final = 16
"""Bytes that twelve words of a BIP-39 list stand for."""
KEY_LENGTH: Final = 32
LEAST_MEMBERS: Final = 2
MOST_MEMBERS: Final = 3
LEAST_REQUIRED: Final = 2
LONGEST_LIFE: Final = 31 * 24 * 3600
"""Seconds between a statement's proposal and the instant after which it cannot be carried out any more."""
LONGEST_REASON: Final = 200
LANGUAGES: Final = ("en", "es")


class CouncilError(ValueError):
    """
    A council, a statement or its signatures do not hold.

    ``code``: fields; members; stranger (a key that is not of the council), twice, signature, too few; expired;
    institution, council; and of what is decided: again, change, policy, waiting, order.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def must_hold(holds: object, code: str, why: str) -> None:
    """:raises CouncilError: unless it holds"""
    if not holds:
        raise CouncilError(code, why)


@contextmanager
def reading() -> Iterator[None]:
    """Let what is no proper field in this block be a ``CouncilError``."""
    try:
        yield
    except SheetError as error:
        raise CouncilError("fields", str(error)) from error


@dataclass(frozen=True, slots=True)
class Council:
    """Two or three public keys of 32 bytes in rising order, and how many must sign: at least two."""

    keys: tuple[bytes, ...]
    required: int = LEAST_REQUIRED

    def __post_init__(self) -> None:
        count = len(self.keys)
        must_hold(LEAST_MEMBERS <= count <= MOST_MEMBERS, "members", f"{count} members, not two or three")
        must_hold(LEAST_REQUIRED <= self.required <= count, "members", f"{self.required} of {count} must sign")
        must_hold(all(is_key(key) for key in self.keys), "members", "something else than Ed25519 keys")
        must_hold(list(self.keys) == sorted(set(self.keys)), "members", "keys out of order, or one twice")

    @classmethod
    def of(cls, keys: Sequence[bytes]) -> Self:
        """Return the council of these keys, in whatever order they come; two of them must sign."""
        return cls(tuple(sorted(keys)))

    @classmethod
    def from_fields(cls, fields: Fields) -> Self:
        """:raises CouncilError, SheetError: unless ``keys`` and ``required`` make a council"""
        return cls(tuple(_bytes(key) for key in fields.texts("keys")), fields.number("required"))

    def to_payload(self) -> dict[str, Encodable]:
        """Return keys and number, as they stand in the chain."""
        return {"keys": [to_base64(key) for key in self.keys], "required": self.required}


@dataclass(frozen=True, slots=True)
class SetUp:
    """The payload of a ``council`` header: a council that the institution names, and why, in public words."""

    council: Council
    reason: Mapping[str, str]

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises CouncilError: if it is none"""
        with reading():
            fields = Fields(value, "keys", "required", "reason")
            return cls(Council.from_fields(fields), words_of(fields.value("reason"), LONGEST_REASON))

    def to_payload(self) -> dict[str, Encodable]:
        """Return the payload."""
        return {**self.council.to_payload(), "reason": dict(self.reason)}


@dataclass(frozen=True, slots=True)
class Statement:
    """
    What a council signs.

    ``institution``: fingerprint of its first key; ``council``: the hash of the payload that made the council; both
    instants in epoch seconds; ``change``: what is decided, an object with its ``kind``.
    """

    institution: str
    council: str
    proposed_at: int
    expires_at: int
    change: Mapping[str, Encodable]

    def __post_init__(self) -> None:
        must_hold(is_hash(self.institution) and is_hash(self.council), "fields", "not named by their hashes")
        life = self.expires_at - self.proposed_at
        must_hold(0 < life <= LONGEST_LIFE, "expired", "a statement lives up to a month")

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises CouncilError: if it is none"""
        with reading():
            fields = Fields(value, "institution", "council", "proposed_at", "expires_at", "change")
            numbers = fields.number("proposed_at"), fields.number("expires_at")
            return cls(fields.text("institution"), fields.text("council"), *numbers, fields.members("change"))

    def to_payload(self) -> dict[str, Encodable]:
        """Return the statement as it stands in the chain."""
        return {
            "institution": self.institution,
            "council": self.council,
            "proposed_at": self.proposed_at,
            "expires_at": self.expires_at,
            "change": self.change,
        }

    def text(self) -> str:
        """Return the canonical text that a member reads and signs."""
        return canonical.encode(self.to_payload()).decode()

    def signed(self) -> bytes:
        """Return the bytes under each signature."""
        return LABEL + self.text().encode()

    @property
    def sha256(self) -> str:
        """Return what names the statement: it is carried out once."""
        return sha256_hex(self.signed())


@dataclass(frozen=True, slots=True)
class Act:
    """The payload of a ``council-act`` header: a statement and its signatures, by key, in rising order of keys."""

    statement: Statement
    signatures: Mapping[bytes, bytes]

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises CouncilError: if it is none"""
        with reading():
            fields = Fields(value, "statement", "signatures")
            pairs = [_signature(each) for each in fields.entries("signatures")]
        keys = [key for key, _ in pairs]
        must_hold(len(set(keys)) == len(keys), "twice", "one key signs twice")
        must_hold(keys == sorted(keys), "fields", "signatures out of order")
        return cls(Statement.from_payload(fields.value("statement")), dict(pairs))

    def to_payload(self) -> dict[str, Encodable]:
        """Return the payload."""
        signatures = [
            {"key": to_base64(key), "signature": to_base64(self.signatures[key])} for key in sorted(self.signatures)
        ]
        return {"statement": self.statement.to_payload(), "signatures": signatures}

    def check(self, council: Council, *, at: int) -> None:
        """
        Check that enough different members have signed, each over this statement, and that it is not too late.

        :raises CouncilError: with code stranger, signature, too few or expired
        """
        for key, signature in self.signatures.items():
            must_hold(key in council.keys, "stranger", "signed by a key that is not of this council")
            must_hold(is_signed(key, signature, self.statement.signed()), "signature", "a signature does not hold")
        found = len(self.signatures)
        must_hold(found >= council.required, "too few", f"{found} of {council.required} signatures")
        in_time = self.statement.proposed_at <= at <= self.statement.expires_at
        must_hold(in_time, "expired", "carried out before it was proposed, or after it expired")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """
    What one member signs about people who were added: they exist, and belong where the roster has them.

    ``institution``, ``council``: as in a statement. ``people``: their ids in rising order, each once, at least one. It is
    kept beside the roster and not in the chain, which names nobody.
    """

    institution: str
    council: str
    people: tuple[str, ...]

    def __post_init__(self) -> None:
        must_hold(is_hash(self.institution) and is_hash(self.council), "fields", "not named by their hashes")
        must_hold(self.people and list(self.people) == sorted(set(self.people)), "fields", "nobody, or out of order")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """:raises CouncilError: if it is none, to the letter"""
        try:
            value = canonical.decode(text.encode())
        except (canonical.CanonicalError, UnicodeEncodeError) as error:
            raise CouncilError("fields", str(error)) from error
        with reading():
            fields = Fields(value, "confirmed", "council", "institution")
            return cls(fields.text("institution"), fields.text("council"), tuple(fields.texts("confirmed")))

    def text(self) -> str:
        """Return the canonical text that the member reads and signs. No statement of a council reads like it."""
        return canonical.encode(
            {"confirmed": list(self.people), "council": self.council, "institution": self.institution}
        ).decode()

    def signed(self) -> bytes:
        """Return the bytes under the signature."""
        return LABEL + self.text().encode()


def key_from_entropy(entropy: bytes) -> Ed25519PrivateKey:
    """
    Return the key that twelve words stand for: its seed is SHA-256(label || the words' 16 bytes).

    Only browsers do this with a member's words; the server never sees them.
    """
    if len(entropy) != ENTROPY_LENGTH:
        raise ValueError("twelve words stand for 16 bytes")
    return Ed25519PrivateKey.from_private_bytes(sha256(WORDS_LABEL + entropy).digest())


def is_signed(key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether this key made this signature over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def is_key(key: bytes) -> bool:
    """Say whether these can be a member's public key."""
    return len(key) == KEY_LENGTH


def key_id(key: bytes) -> str:
    """Return what pages call a key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256_hex(key)[:16]


def words_of(value: Json, longest: int) -> dict[str, str]:
    """
    Return public words in both languages.

    :raises CouncilError: when one is missing, empty or too long
    """
    with reading():
        fields = Fields(value, *LANGUAGES)
        words = {language: fields.text(language) for language in LANGUAGES}
    must_hold(all(text.strip() and len(text) <= longest for text in words.values()), "fields", "no words, or too many")
    return words


def _signature(value: Json) -> tuple[bytes, bytes]:
    fields = Fields(value, "key", "signature")
    key, signature = _bytes(fields.text("key")), _bytes(fields.text("signature"))
    must_hold(is_key(key) and len(signature) == SIGNATURE_LENGTH, "fields", "no key of 32 bytes, or no signature of 64")
    return key, signature


def _bytes(text: str) -> bytes:
    try:
        return from_base64(text)
    except ValueError as error:
        raise CouncilError("fields", "not base64") from error


def change_of(fields: Mapping[str, Encodable]) -> Json:
    """Return a change as decoding would give it, so that it is read like one that was signed."""
    return canonical.decode(canonical.encode(cast("Encodable", fields)))
