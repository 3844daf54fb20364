"""Changing the key that signs the chain: announced by a header that the old and the new key sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity import chain as core
from callroom.kit import keyring
from callroom.people.models import Institution
from callroom.pulse.actions.closing import flush_default
from callroom.pulse.stores import chain, locks
from callroom.pulse.stores.wave_keys import overwrite_and_unlink


class NoChain(Exception):
    """Nothing was signed yet: there is no key to change."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """Fingerprints of the institution's first key, which people keep trusting, and of the one that signs from now on."""

    first: str
    in_force: str


def rotate(*, institution: Institution, now: datetime) -> Rotated:
    """
    Draw a new signing key, let both keys sign the change, and destroy the old one.

    The new key is on the disk before the header is; the old one is destroyed when the header is there for good. Killed
    in between and called again, it changes the key once more, and leaves no other behind.

    :raises NoChain, stores.chain.SigningKeyLost: see there; nothing was changed
    """
    institution.refresh_from_db(fields=["signing_public_key"])
    first = chain.first_key(institution)
    if first is None:
        raise NoChain
    new = Ed25519PrivateKey.generate()
    in_force = core.fingerprint(new.public_key())
    with locks.exclusive(locks.WORK):
        with chain.appending(institution, now=now) as ledger:
            keyring.write_once(chain.key_file(new.public_key()), new.private_bytes_raw())
            chain.rotate(ledger, new)
            audit.record(by=None, tag=Tag.KEY_ROTATED, about=in_force, now=now)
        flush_default()
        for file in chain.retired_files(institution):
            overwrite_and_unlink(file)
        keyring.fsync_folder(keyring.institution_folder())
    return Rotated(core.fingerprint(first), in_force)
