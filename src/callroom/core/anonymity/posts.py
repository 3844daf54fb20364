"""
The body of ``POST /w/answers``: fixed fields, always 885 bytes (PROTOCOL, section 4).

    version 1 | SHA-256(wave id) 32 | group index 2 | prefix 32 | P-256 point 65 | RSA signature 384
    | revision 1 | sealed blob 304 | ECDSA-SHA256 r||s 64, over "callroom/answer/1" and all before it
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from callroom.core.anonymity import tokens
from callroom.core.anonymity.blind_rsa import PREFIX_LENGTH
from callroom.core.anonymity.sealing import LABEL, LARGEST_GROUP, LARGEST_REVISION, SEALED_LENGTH
from callroom.core.anonymity.tokens import POINT_LENGTH
from callroom.core.anonymity.tokens import SIGNATURE_LENGTH as TOKEN_SIGNATURE_LENGTH

VERSION: Final = 1
WAVE_HASH_LENGTH: Final = 32
SIGNATURE_LENGTH: Final = 64
UNSIGNED_LENGTH: Final = (
    1 + WAVE_HASH_LENGTH + 2 + PREFIX_LENGTH + POINT_LENGTH + TOKEN_SIGNATURE_LENGTH + 1 + SEALED_LENGTH
)
POST_LENGTH: Final = UNSIGNED_LENGTH + SIGNATURE_LENGTH

_SCALAR_LENGTH: Final = SIGNATURE_LENGTH // 2
_DETERMINISTIC: Final = ec.ECDSA(SHA256(), deterministic_signing=True)


class BadPost(ValueError):
    """A post is refused. ``code``: length, version, revision, wave, group, token, point, signature."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Post:
    """
    One answer as it travels: only its lengths, version and revision are checked; ``verify`` checks the rest.

    ``group``: 0 to 65,535; ``revision``: 1 to 255; all others are bytes of fixed length.
    """

    wave_sha256: bytes
    group: int
    prefix: bytes
    point: bytes
    token_signature: bytes
    revision: int
    sealed: bytes
    signature: bytes

    @property
    def message(self) -> bytes:
        """Return the token's message, 32 bytes: by it a later revision replaces an earlier one."""
        return tokens.token_message(self.point)

    def unsigned(self) -> bytes:
        """Return all fields but the last, 821 bytes."""
        return b"".join(
            (
                bytes([VERSION]),
                self.wave_sha256,
                self.group.to_bytes(2, "big"),
                self.prefix,
                self.point,
                self.token_signature,
                bytes([self.revision]),
                self.sealed,
            )
        )

    def to_bytes(self) -> bytes:
        """Return the body, 885 bytes."""
        return self.unsigned() + self.signature


def wave_hash(wave_id: str) -> bytes:
    """Return the 32 bytes that stand for a wave in a post."""
    return hashlib.sha256(wave_id.encode()).digest()


def point_of(public_key: ec.EllipticCurvePublicKey) -> bytes:
    """Return the SEC1 uncompressed point of a P-256 key, 65 bytes."""
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def pack(
    *,
    wave_id: str,
    group: int,
    prefix: bytes,
    one_time_key: ec.EllipticCurvePrivateKey,
    token_signature: bytes,
    revision: int,
    sealed: bytes,
) -> bytes:
    """
    Return the body of a post, signed with the one-time key (RFC 6979, so the same input gives the same bytes).

    :raises BadPost: if a part has the wrong length or range
    """
    if not 0 <= group <= LARGEST_GROUP:
        raise BadPost("group")
    if not 1 <= revision <= LARGEST_REVISION:
        raise BadPost("revision")
    post = Post(
        wave_hash(wave_id), group, prefix, point_of(one_time_key.public_key()), token_signature, revision, sealed, b""
    )
    unsigned = post.unsigned()
    if (len(prefix), len(token_signature), len(sealed)) != (PREFIX_LENGTH, TOKEN_SIGNATURE_LENGTH, SEALED_LENGTH):
        raise BadPost("length")
    r, s = decode_dss_signature(one_time_key.sign(LABEL + unsigned, _DETERMINISTIC))
    return unsigned + r.to_bytes(_SCALAR_LENGTH, "big") + s.to_bytes(_SCALAR_LENGTH, "big")


def parse(body: bytes) -> Post:
    """
    Return the fields of a body; ``to_bytes()`` gives exactly this body.

    :raises BadPost: with code length, version or revision
    """
    if len(body) != POST_LENGTH:
        raise BadPost("length")
    if body[0] != VERSION:
        raise BadPost("version")
    reader = _Reader(body, 1)
    post = Post(
        wave_sha256=reader.take(WAVE_HASH_LENGTH),
        group=int.from_bytes(reader.take(2), "big"),
        prefix=reader.take(PREFIX_LENGTH),
        point=reader.take(POINT_LENGTH),
        token_signature=reader.take(TOKEN_SIGNATURE_LENGTH),
        revision=reader.take(1)[0],
        sealed=reader.take(SEALED_LENGTH),
        signature=reader.take(SIGNATURE_LENGTH),
    )
    if post.revision == 0:
        raise BadPost("revision")
    return post


def verify(post: Post, wave_id: str, group_keys: Sequence[RSAPublicKey]) -> None:
    """
    Check that a post is an answer of this wave by somebody with a token of its group.

    :param group_keys: the key sheet's, in order of group index
    :raises BadPost: with code wave, group, token, point or signature
    """
    if post.wave_sha256 != wave_hash(wave_id):
        raise BadPost("wave")
    if post.group >= len(group_keys):
        raise BadPost("group")
    if not tokens.verify(group_keys[post.group], post.prefix, post.message, post.token_signature):
        raise BadPost("token")
    one_time_key = _one_time_key(post.point)
    r, s = (int.from_bytes(half, "big") for half in _halves(post.signature))
    try:
        one_time_key.verify(encode_dss_signature(r, s), LABEL + post.unsigned(), ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise BadPost("signature") from error


class _Reader:
    """Takes one field after the other."""

    def __init__(self, body: bytes, offset: int) -> None:
        self._body = body
        self._offset = offset

    def take(self, length: int) -> bytes:
        start, self._offset = self._offset, self._offset + length
        return self._body[start : self._offset]


def _one_time_key(point: bytes) -> ec.EllipticCurvePublicKey:
    # from_encoded_point would take compressed points, too; 65 bytes beginning with 4 are the only spelling.
    if len(point) != POINT_LENGTH or point[0] != 4:
        raise BadPost("point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise BadPost("point") from error


def _halves(signature: bytes) -> tuple[bytes, bytes]:
    return signature[:_SCALAR_LENGTH], signature[_SCALAR_LENGTH:]
