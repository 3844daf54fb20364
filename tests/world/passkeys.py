"""A passkey in software: what a phone would answer, and what a thief's could. No browser needed."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def plain(value: bytes) -> str:
    """Return bytes as WebAuthn's JSON writes them."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def back(value: str) -> bytes:
    """Return the bytes that ``plain`` wrote."""
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Passkey:
    """A key pair for one address; ``verifies`` says whether the device asked for finger, face or PIN."""

    origin: str = "https://localhost"
    relying_party: str = "localhost"
    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"passkey-of-the-tests"
    user_handle: bytes = b""

    def made(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what ``navigator.credentials.create`` answers to these options."""
        asked = options["publicKey"]
        self.user_handle = back(asked["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._head(ATTESTED) + attested
        return self._answer(
            "webauthn.create",
            asked["challenge"],
            attestationObject=plain(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
        )

    def given(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what ``navigator.credentials.get`` answers to these options."""
        answer = self._answer("webauthn.get", options["publicKey"]["challenge"])
        data = self._head(0)
        client = back(answer["response"]["clientDataJSON"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer["response"] |= {
            "authenticatorData": plain(data),
            "signature": plain(signature),
            "userHandle": plain(self.user_handle),
        }
        return answer

    def _head(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.relying_party.encode()).digest() + bytes([flags]) + bytes(4)

    def _answer(self, kind: str, challenge: str, **response: str) -> dict[str, Any]:
        client = json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False})
        return {
            "id": plain(self.id),
            "rawId": plain(self.id),
            "type": "public-key",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {"clientDataJSON": plain(client.encode()), **response},
        }
