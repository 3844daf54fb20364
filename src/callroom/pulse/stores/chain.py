"""Appending to the institution's chain: one header after another, signed, each in its caller's transaction.

The signing key lies in ``keys/institution`` and is drawn when the chain begins. The first one is what people trust and
never drawn a second time; keys that follow are each announced by a ``key-rotation`` that the old and the new one sign.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import transaction

from callroom.core.anonymity import canonical, chain
from callroom.core.anonymity.canonical import Encodable
from callroom.kit import apart, keyring
from callroom.people import actions as people
from callroom.people.models import Institution
from callroom.pulse.models import ChainHeader, ChainPayload, RotatedKey
from callroom.pulse.states import PayloadKind
from callroom.pulse.stores import locks

SIGNING_KEY: Final = "signing.key"
ROTATED_KEYS: Final = "signing-*.key"


class SigningKeyLost(Exception):
    """The chain has headers, but the key that signed them is not in ``keys/institution``: nothing can be signed."""


class OnlyTheTallySigns(Exception):
    """The web's process has no key: what appends to the chain is an errand (``kit.errands``)."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The open end of the chain, inside one transaction."""

    institution: Institution
    key: Ed25519PrivateKey
    now: datetime

    def append(self, kind: PayloadKind, payload: Mapping[str, Encodable], *, at: datetime | None = None) -> str:
        """
        Store the payload, append a signed header for it, and return the payload's SHA-256 in hex.

        ``at``: the instant in the header, if not this one; never before the last header's.
        """
        sha256 = self.keep(kind, payload)
        self.announce(kind, sha256, at=at)
        return sha256

    def announce(self, kind: PayloadKind, sha256: str, *, at: datetime | None = None) -> None:
        """Append a signed header for a payload that is kept already."""
        last = ChainHeader.objects.order_by("-seq").first()
        seq, instant = self.next_place(at=at)
        header = chain.sign_header(
            self.key,
            seq=seq,
            kind=chain.HeaderType(kind.value),
            at=instant,
            payload_sha256=sha256,
            previous=chain.head_of(bytes(last.line)) if last else chain.NO_PREVIOUS,
        )
        ChainHeader.objects.create(seq=header.seq, institution=self.institution, line=header.line())

    def next_place(self, *, at: datetime | None = None) -> tuple[int, int]:
        """Return number and instant (epoch seconds) of the header that follows: never before the last one's."""
        last = ChainHeader.objects.order_by("-seq").first()
        if last is None:
            return 0, int((at or self.now).timestamp())
        return last.seq + 1, max(chain.parse_line(bytes(last.line)).at, int((at or self.now).timestamp()))

    def keep(self, kind: PayloadKind, payload: Mapping[str, Encodable]) -> str:
        """Store the payload's canonical bytes without a header (a release before its moment), and return the SHA-256."""
        data = canonical.encode(payload)
        sha256 = chain.sha256_hex(data)
        ChainPayload.objects.get_or_create(
            sha256=sha256, defaults={"institution": self.institution, "kind": kind.value, "data": data}
        )
        return sha256


@contextmanager
def appending(institution: Institution, *, now: datetime) -> Iterator[Ledger]:
    """
    Hold the chain's lock and one transaction in ``default``; everything in the block is written, or nothing.

    :raises SigningKeyLost: see there
    :raises OnlyTheTallySigns: in the web's process, where it is apart
    """
    if apart.is_web():
        raise OnlyTheTallySigns
    with locks.exclusive(locks.CHAIN), transaction.atomic():
        yield Ledger(institution, _signing_key(institution), now)


def first_key(institution: Institution) -> Ed25519PublicKey | None:
    """Return the key that verifies the chain from its beginning; none before it begins."""
    if not institution.signing_public_key:
        return None
    return _public(institution.signing_public_key)


def key_in_force(institution: Institution) -> Ed25519PublicKey | None:
    """Return the key that signs now: the first one, or the one that followed last; none before the chain begins."""
    written = written_key_in_force(institution)
    return _public(written) if written else None


def written_key_in_force(institution: Institution) -> str:
    """Return the same in base64; empty before the chain begins."""
    last = RotatedKey.objects.filter(institution=institution).last()
    return last.public_key if last else institution.signing_public_key


def rotate(ledger: Ledger, new: Ed25519PrivateKey) -> str:
    """
    Append the ``key-rotation`` after which the new key signs; its file must be durable. Return its public key in base64.

    The ledger's key signs the header, the new one the payload. Nothing else can be appended in the same transaction.
    """
    payload = chain.rotation_payload(new, ledger.key.public_key())
    ledger.append(PayloadKind.KEY_ROTATION, cast("Mapping[str, Encodable]", canonical.decode(payload)))
    last = ChainHeader.objects.latest("seq")
    written = _written(new.public_key())
    RotatedKey.objects.create(public_key=written, institution=ledger.institution, seq=last.seq)
    return written


def is_ours(header: chain.Header) -> bool:
    """Return whether a key that lies in ``keys/institution`` signed this header. For the tally: the web can read none."""
    folder = keyring.institution_folder()
    for file in (folder / SIGNING_KEY, *sorted(folder.glob(ROTATED_KEYS))):
        if file.exists():
            key = Ed25519PrivateKey.from_private_bytes(file.read_bytes())
            with suppress(InvalidSignature):
                key.public_key().verify(header.signature, header.signed())
                return True
    return False


def key_file(public_key: Ed25519PublicKey) -> Path:
    """Return where the private key of a rotated key lies."""
    return keyring.institution_folder() / f"signing-{chain.fingerprint(public_key)[:16]}.key"


def retired_files(institution: Institution) -> list[Path]:
    """Return the files of signing keys that are not in force: their keys must not sign again."""
    present = _file_in_force(institution)
    folder = keyring.institution_folder()
    return [
        file for file in sorted([folder / SIGNING_KEY, *folder.glob(ROTATED_KEYS)]) if file != present and file.exists()
    ]


def _file_in_force(institution: Institution) -> Path:
    last = RotatedKey.objects.filter(institution=institution).last()
    return key_file(_public(last.public_key)) if last else keyring.institution_folder() / SIGNING_KEY


def _signing_key(institution: Institution) -> Ed25519PrivateKey:
    # Read again: another process may have begun the chain since this row was loaded.
    institution.refresh_from_db(fields=["signing_public_key"])
    file = _file_in_force(institution)
    if institution.signing_public_key and not file.exists():
        raise SigningKeyLost
    key = Ed25519PrivateKey.from_private_bytes(keyring.institution_secret(file.name))
    if not institution.signing_public_key:
        people.keep_signing_key(institution=institution, public_key=_written(key.public_key()))
    if written_key_in_force(institution) != _written(key.public_key()):
        raise SigningKeyLost
    return key


def _public(written: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(written))


def _written(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes_raw()).decode()
