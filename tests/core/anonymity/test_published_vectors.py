"""What others published about RFC 9474 and RFC 9180 comes out of our code, too."""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from callroom.core.anonymity import blind_rsa
from tests.core.anonymity import hpke_reference

VECTORS = Path(__file__).parents[2] / "vectors"


def published(name: str) -> dict[str, bytes]:
    values = json.loads((VECTORS / f"{name}.json").read_text())
    return {key: bytes.fromhex(value) for key, value in values.items() if key != "source"}


def test_blind_signatures_of_rfc_9474_appendix_a() -> None:
    vector = published("rfc9474")
    p, q = (int.from_bytes(vector[name], "big") for name in "pq")
    n, e = p * q, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), RSAPublicNumbers(e, n))
    private_key = numbers.private_key()
    public_key = private_key.public_key()
    factor = pow(int.from_bytes(vector["inv"], "big"), -1, n).to_bytes(512, "big")
    chance = iter([vector["msg_prefix"], vector["salt"], factor])

    prepared = blind_rsa.prepare(vector["msg"], lambda _: next(chance))
    blinded, inverse = blind_rsa.blind(public_key, prepared, lambda _: next(chance))
    blind_signature = blind_rsa.blind_sign(private_key, blinded, lambda length: bytes([1] * length))
    signature = blind_rsa.finalize(public_key, prepared, blind_signature, inverse)

    assert prepared == vector["msg_prefix"] + vector["msg"]
    assert blinded == vector["blinded_msg"]
    assert inverse == vector["inv"]
    assert blind_signature == vector["blind_sig"]
    assert signature == vector["sig"]
    assert blind_rsa.verify(public_key, prepared, signature)


def test_sealing_of_rfc_9180() -> None:
    vector = published("rfc9180")
    ephemeral = hpke_reference.derive_private_key(vector["ikmE"])

    sealed = hpke_reference.seal(vector["pkRm"], vector["pt"], vector["info"], ephemeral=ephemeral, aad=vector["aad"])

    assert ephemeral.private_bytes_raw() == vector["skEm"]
    assert hpke_reference.key_schedule(vector["shared_secret"], vector["info"]) == (vector["key"], vector["base_nonce"])
    assert X25519PrivateKey.from_private_bytes(vector["skRm"]).public_key().public_bytes_raw() == vector["pkRm"]
    assert sealed == vector["enc"] + vector["ct"]
