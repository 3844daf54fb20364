"""
Tokens: one person of a group may answer once, and nobody learns which person (PROTOCOL, section 3).

A token is a blind signature (``blind_rsa``, RSA-3072) of the SHA-256 of a one-time P-256 key made in the browser.
What is signed and verified is prefix (32 bytes) || message (32 bytes).
"""

import hashlib
import os
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from callroom.core.anonymity import blind_rsa
from callroom.core.anonymity.blind_rsa import PREFIX_LENGTH, BlindError, Rng

KEY_BITS: Final = 3072
SIGNATURE_LENGTH: Final = KEY_BITS // 8
EXPONENT: Final = 65537
MESSAGE_LENGTH: Final = 32
POINT_LENGTH: Final = 65
PREPARED_LENGTH: Final = PREFIX_LENGTH + MESSAGE_LENGTH

__all__ = [
    "BlindError",
    "Rng",
    "blind",
    "blind_sign",
    "finalize",
    "generate_key",
    "is_sound",
    "load_public_key",
    "prepare",
    "public_bytes",
    "token_message",
    "verify",
]


def generate_key() -> rsa.RSAPrivateKey:
    """Return a new signing key for one group and wave: 3,072 bits, e = 65537; chance comes from OpenSSL."""
    return rsa.generate_private_key(public_exponent=EXPONENT, key_size=KEY_BITS)


def is_sound(public_key: rsa.RSAPublicKey) -> bool:
    """Say whether a key has exactly 3,072 bits and the exponent 65537."""
    return public_key.key_size == KEY_BITS and public_key.public_numbers().e == EXPONENT


def public_bytes(public_key: rsa.RSAPublicKey) -> bytes:
    """Return the key as it stands in a key sheet: SubjectPublicKeyInfo, DER."""
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def load_public_key(spki: bytes) -> rsa.RSAPublicKey:
    """
    Return a group's key from its key sheet.

    :raises BlindError: unless it is an RSA key of exactly 3,072 bits with e = 65537
    """
    try:
        public_key = load_der_public_key(spki)
    except ValueError as error:
        raise BlindError("not a public key") from error
    if not isinstance(public_key, rsa.RSAPublicKey) or not is_sound(public_key):
        raise BlindError("not an RSA key of 3,072 bits with e = 65537")
    return public_key


def token_message(point: bytes) -> bytes:
    """Return what a token is about: the SHA-256 of the one-time key's SEC1 uncompressed point (65 bytes)."""
    return hashlib.sha256(point).digest()


def blind_sign(private_key: rsa.RSAPrivateKey, blinded: bytes, rng: Rng = os.urandom) -> bytes:
    """
    Return the issuer's blind signature, 384 bytes; ``rng`` only hides timing and does not shape it.

    :raises BlindError: if key or blinded message have the wrong size or range, or after a fault
    """
    if not is_sound(private_key.public_key()):
        raise BlindError("not an RSA key of 3,072 bits with e = 65537")
    return blind_rsa.blind_sign(private_key, blinded, rng)


def verify(public_key: rsa.RSAPublicKey, prefix: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether this is a token of the group: 32, 32 and 384 bytes, and a good signature."""
    if len(prefix) != PREFIX_LENGTH or len(message) != MESSAGE_LENGTH or not is_sound(public_key):
        return False
    return blind_rsa.verify(public_key, prefix + message, signature)


def prepare(message: bytes, rng: Rng) -> bytes:
    """
    Return prefix || message, 64 bytes (the client's first step).

    :raises BlindError: unless the message has 32 bytes
    """
    if len(message) != MESSAGE_LENGTH:
        raise BlindError("a token message has 32 bytes")
    return blind_rsa.prepare(message, rng)


def blind(public_key: rsa.RSAPublicKey, prepared: bytes, rng: Rng) -> tuple[bytes, bytes]:
    """
    Return (blinded message, inverse), 384 bytes each (the client's second step).

    :raises BlindError: for a wrong key or length
    """
    if len(prepared) != PREPARED_LENGTH or not is_sound(public_key):
        raise BlindError("a prepared token has 64 bytes, its key 3,072 bits")
    return blind_rsa.blind(public_key, prepared, rng)


def finalize(public_key: rsa.RSAPublicKey, prepared: bytes, blind_signature: bytes, inverse: bytes) -> bytes:
    """
    Return the token's signature, 384 bytes (the client's last step).

    :raises BlindError: unless it is good
    """
    return blind_rsa.finalize(public_key, prepared, blind_signature, inverse)
