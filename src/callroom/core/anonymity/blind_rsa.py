"""
Blind RSA signatures, RSABSSA-SHA384-PSS-Randomized (RFC 9474), for any size of modulus.

SHA-384, MGF1 with SHA-384, a salt of 48 bytes, a prefix of 32 random bytes. ``tokens`` narrows this to what
Callroom uses. The client's half (prepare, blind, finalize) serves simulations and tests: residents' browsers have
their own.
"""

import hashlib
import math
from collections.abc import Callable
from typing import Final, TypeAlias

import gmpy2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA384

#: Gives that many random bytes.
Rng: TypeAlias = Callable[[int], bytes]

PREFIX_LENGTH: Final = 32
SALT_LENGTH: Final = 48
HASH_LENGTH: Final = 48

_PSS: Final = padding.PSS(mgf=padding.MGF1(SHA384()), salt_length=SALT_LENGTH)


class BlindError(ValueError):
    """An input has the wrong size or range, a signature is bad, or a fault was caught while signing."""


def modulus_length(key: RSAPublicKey | RSAPrivateKey) -> int:
    """Return ``modulus_len`` of the RFC: bytes in modulus, blinded message and signature."""
    return (key.key_size + 7) // 8


def prepare(message: bytes, rng: Rng) -> bytes:
    """Return ``message`` behind a random prefix of 32 bytes (section 4.1, PrepareRandomize)."""
    return rng(PREFIX_LENGTH) + message


def blind(public_key: RSAPublicKey, prepared: bytes, rng: Rng) -> tuple[bytes, bytes]:
    """
    Return the blinded message and the inverse that unblinds its signature (section 4.2).

    ``rng`` is asked for the salt first, then for the blinding factor.

    :raises BlindError: if a factor of the modulus was met by chance
    """
    n, e = _public_integers(public_key)
    length = modulus_length(public_key)
    encoded = int.from_bytes(_emsa_pss_encode(prepared, public_key.key_size - 1, rng(SALT_LENGTH)), "big")
    factor = _below(n, length, rng)
    if math.gcd(encoded, n) != 1 or math.gcd(factor, n) != 1:
        raise BlindError("not coprime to the modulus")
    blinded = encoded * int(gmpy2.powmod(factor, e, n)) % n
    return blinded.to_bytes(length, "big"), pow(factor, -1, n).to_bytes(length, "big")


def blind_sign(private_key: RSAPrivateKey, blinded: bytes, rng: Rng) -> bytes:
    """
    Return the signature under the blinding (section 4.3).

    Chinese remainders in constant time (``powmod_sec``), the base blinded by ``rng`` against timing, the result
    checked against faults (section 7.1); the result does not depend on ``rng``.

    :raises BlindError: if the blinded message is not ``modulus_len`` bytes in 1 to n - 1, or after a fault
    """
    n, e = _public_integers(private_key.public_key())
    length = modulus_length(private_key)
    message = int.from_bytes(blinded, "big")
    if len(blinded) != length or not 0 < message < n:
        raise BlindError("blinded message out of range")
    mask = _below(n, length, rng)
    masked = message * int(gmpy2.powmod(mask, e, n)) % n
    signature = _private_power(private_key.private_numbers(), masked) * int(gmpy2.invert(mask, n)) % n
    if gmpy2.powmod(signature, e, n) != message:
        raise BlindError("signing failure")
    return signature.to_bytes(length, "big")


def finalize(public_key: RSAPublicKey, prepared: bytes, blind_signature: bytes, inverse: bytes) -> bytes:
    """
    Return the unblinded signature of the prepared message (section 4.4).

    :raises BlindError: unless both have ``modulus_len`` bytes and the signature is good
    """
    n, _ = _public_integers(public_key)
    length = modulus_length(public_key)
    if len(blind_signature) != length or len(inverse) != length:
        raise BlindError("unexpected input size")
    signature = int.from_bytes(blind_signature, "big") * int.from_bytes(inverse, "big") % n
    unblinded = signature.to_bytes(length, "big")
    if not verify(public_key, prepared, unblinded):
        raise BlindError("invalid signature")
    return unblinded


def verify(public_key: RSAPublicKey, prepared: bytes, signature: bytes) -> bool:
    """Say whether this is a signature of the prepared message (section 4.5: plain RSASSA-PSS-VERIFY)."""
    if len(signature) != modulus_length(public_key):
        return False
    try:
        public_key.verify(signature, prepared, _PSS, SHA384())
    except InvalidSignature:
        return False
    return True


def _public_integers(public_key: RSAPublicKey) -> tuple[int, int]:
    numbers = public_key.public_numbers()
    return numbers.n, numbers.e


def _below(n: int, length: int, rng: Rng) -> int:
    """Return a number from 1 to n - 1, each as likely (random_integer_uniform of the RFC)."""
    while True:
        candidate = int.from_bytes(rng(length), "big")
        if 0 < candidate < n:
            return candidate


def _private_power(numbers: RSAPrivateNumbers, base: int) -> int:
    """RSASP1 with Chinese remainders (RFC 8017, section 5.2.1, 2b)."""
    p, q = numbers.p, numbers.q
    root_p = int(gmpy2.powmod_sec(base % p, numbers.dmp1, p))
    root_q = int(gmpy2.powmod_sec(base % q, numbers.dmq1, q))
    return root_q + q * (numbers.iqmp * (root_p - root_q) % p)


def _emsa_pss_encode(message: bytes, bits: int, salt: bytes) -> bytes:
    """EMSA-PSS-ENCODE (RFC 8017, section 9.1.1) with SHA-384."""
    length = (bits + 7) // 8
    if length < HASH_LENGTH + len(salt) + 2:
        raise BlindError("modulus too short")
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    block = bytes(length - len(salt) - HASH_LENGTH - 2) + b"\x01" + salt
    mask = _mgf1(digest, len(block))
    masked = bytearray(left ^ right for left, right in zip(block, mask, strict=True))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + digest + b"\xbc"


def _mgf1(seed: bytes, length: int) -> bytes:
    """MGF1 (RFC 8017, appendix B.2.1) with SHA-384."""
    blocks = range((length + HASH_LENGTH - 1) // HASH_LENGTH)
    return b"".join(hashlib.sha384(seed + counter.to_bytes(4, "big")).digest() for counter in blocks)[:length]
