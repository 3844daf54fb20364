"""
HPKE sealing with a known ephemeral key, step by step from RFC 9180: only for making and checking vectors.

Base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. The product uses ``cryptography``'s own HPKE.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEM_ID = (0x0020).to_bytes(2, "big")
KDF_ID = (0x0001).to_bytes(2, "big")
AEAD_ID = (0x0002).to_bytes(2, "big")
KEM_SUITE = b"KEM" + KEM_ID
HPKE_SUITE = b"HPKE" + KEM_ID + KDF_ID + AEAD_ID


def derive_private_key(ikm: bytes) -> X25519PrivateKey:
    """DeriveKeyPair (section 7.1.3)."""
    prk = _labeled_extract(KEM_SUITE, b"", b"dkp_prk", ikm)
    return X25519PrivateKey.from_private_bytes(_labeled_expand(KEM_SUITE, prk, b"sk", b"", 32))


def seal(public_key: bytes, plaintext: bytes, info: bytes, *, ephemeral: X25519PrivateKey, aad: bytes = b"") -> bytes:
    """SealBase (section 6.1): encapsulated key || ciphertext."""
    key, nonce = key_schedule(_encapsulate(public_key, ephemeral), info)
    return _raw(ephemeral) + AESGCM(key).encrypt(nonce, plaintext, aad)


def key_schedule(shared_secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """KeySchedule in base mode (section 5.1): key and base nonce."""
    psk_id_hash = _labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
    info_hash = _labeled_extract(HPKE_SUITE, b"", b"info_hash", info)
    context = b"\0" + psk_id_hash + info_hash
    secret = _labeled_extract(HPKE_SUITE, shared_secret, b"secret", b"")
    key = _labeled_expand(HPKE_SUITE, secret, b"key", context, 32)
    return key, _labeled_expand(HPKE_SUITE, secret, b"base_nonce", context, 12)


def _encapsulate(public_key: bytes, ephemeral: X25519PrivateKey) -> bytes:
    """Encap (section 4.1): the shared secret."""
    dh = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    prk = _labeled_extract(KEM_SUITE, b"", b"eae_prk", dh)
    return _labeled_expand(KEM_SUITE, prk, b"shared_secret", _raw(ephemeral) + public_key, 32)


def _raw(private_key: X25519PrivateKey) -> bytes:
    return private_key.public_key().public_bytes_raw()


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def _labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    output, block = b"", b""
    for counter in range(1, -(-length // hashlib.sha256().digest_size) + 1):
        block = hmac.digest(prk, block + labeled + bytes([counter]), "sha256")
        output += block
    return output[:length]
