"""The key folder of one wave under ``keys/waves``: RSA keys of its groups, the HPKE key, the noise seed, the register.

Everything in it is needed until the wave is counted and must be gone afterwards: ``burn`` overwrites, unlinks and
fsyncs. The folder is outside databases and backups.

Where web and tally are apart the web's user reads the groups' keys and writes the register, since it issues tokens; what
opens answers, and the noise, is the tally's alone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from callroom.core.anonymity import tokens
from callroom.kit import keyring
from callroom.kit.apart import Access, make_folder

SEED_LENGTH: Final = 32
REGISTER_FILE: Final = "register"
GROUP_FILES: Final = "group-*.key"
HPKE_FILE: Final = "hpke.key"
SEED_FILE: Final = "noise.seed"
SHEET_FILE: Final = "wave-sheet"


class KeysLost(Exception):
    """A key that must be there is not: the wave cannot be counted."""


def prepare(*, first: bool) -> None:
    """
    Make sure that new keys come to lie on the volume for them.

    ``first``: no wave was ever announced, so the folder may be made now.

    :raises keyring.NotMounted: if the volume is not there
    """
    if first:
        keyring.make_waves_folder()
    keyring.require_waves_folder()


def folder_name(wave: str) -> str:
    """Return the wave id as a file name: ``pulse-2_2026-W46``."""
    return wave.replace("/", "_")


@dataclass(frozen=True, slots=True)
class WaveKeys:
    """The private keys of one wave."""

    wave: str

    @property
    def folder(self) -> Path:
        """Return the wave's folder; it may not exist."""
        return keyring.waves_folder() / folder_name(self.wave)

    @property
    def register_file(self) -> Path:
        """Return where the issue register lies."""
        return self.folder / REGISTER_FILE

    def exist(self) -> bool:
        """Is anything of this wave's secrets still on disk?"""
        return self.folder.exists()

    def make_folder(self) -> None:
        """Make the folder, durably."""
        make_folder(self.folder, Access.READ)
        keyring.fsync_folder(self.folder.parent)

    def make_group_key(self, index: int) -> rsa.RSAPublicKey:
        """Return the public key of a group; its private key is drawn and stored when missing."""
        file = self._group_file(index)
        if not file.exists():
            keyring.write_once(file, _private_bytes(tokens.generate_key()), Access.READ)
        return self.group_key(index).public_key()

    def group_key(self, index: int) -> rsa.RSAPrivateKey:
        """
        Return a group's signing key.

        :raises KeysLost: if it is not there
        """
        # Written by ourselves: checking its primes again would cost 0.1 s a request.
        key = load_der_private_key(self._read(self._group_file(index)), None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise KeysLost(f"group {index} of {self.wave}")
        return key

    def make_hpke_key(self) -> bytes:
        """Return the 32 bytes of the public key that answers are sealed to; its private key is drawn when missing."""
        file = self.folder / HPKE_FILE
        if not file.exists():
            keyring.write_once(file, x25519.X25519PrivateKey.generate().private_bytes_raw())
        return self.hpke_key().public_key().public_bytes_raw()

    def hpke_key(self) -> x25519.X25519PrivateKey:
        """
        Return the key that opens answers.

        :raises KeysLost: if it is not there
        """
        return x25519.X25519PrivateKey.from_private_bytes(self._read(self.folder / HPKE_FILE))

    def pin_sheet(self, sha256: str) -> None:
        """Note durably which wave sheet is signed, where nobody but the tally can write: the database is the web's, too."""
        file = self.folder / SHEET_FILE
        file.unlink(missing_ok=True)  # of an opening that a crash took back
        keyring.write_once(file, _pin_of(sha256), Access.READ)

    def is_pinned(self, sha256: str) -> bool | None:
        """Return whether this is the wave sheet that was signed; None where nothing beside the keys says which was."""
        try:
            return (self.folder / SHEET_FILE).read_bytes() == _pin_of(sha256)
        except FileNotFoundError:
            return None

    def make_seed(self) -> bytes:
        """Return the noise seed, drawn and made durable on the first call; the same bytes ever after."""
        file = self.folder / SEED_FILE
        if not file.exists():
            keyring.write_once(file, secrets.token_bytes(SEED_LENGTH))
        return self._read(file)

    def can_issue(self, groups: int) -> bool:
        """
        Are the register and the keys of this many groups there?

        :raises keyring.NotMounted: if nobody can say
        """
        keyring.require_waves_folder()
        return self.register_file.exists() and all(self._group_file(index).exists() for index in range(groups))

    def can_count(self) -> bool:
        """
        Are the two things there that counting needs: the HPKE key and the register?

        :raises keyring.NotMounted: if nobody can say
        """
        keyring.require_waves_folder()
        return (self.folder / HPKE_FILE).exists() and self.register_file.exists()

    def burn(self) -> None:
        """
        Overwrite and unlink every file of the folder, then the folder; does nothing when it is gone.

        :raises OSError: if the disk refuses, or its volume is not there; calling again goes on where it stopped
        """
        keyring.require_waves_folder()
        if not self.folder.exists():
            return
        for file in sorted(self.folder.iterdir(), key=_register_last):
            overwrite_and_unlink(file)
        keyring.fsync_folder(self.folder)
        self.folder.rmdir()
        keyring.fsync_folder(self.folder.parent)

    def _group_file(self, index: int) -> Path:
        return self.folder / GROUP_FILES.replace("*", f"{index:03}")

    def _read(self, file: Path) -> bytes:
        try:
            return file.read_bytes()
        except FileNotFoundError:
            raise KeysLost(f"{file.name} of {self.wave}") from None


def overwrite_and_unlink(file: Path) -> None:
    """Write zeros over a file in place, make that durable, and remove it. (Deletion on flash is not erasure.)"""
    handle = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.pwrite(handle, bytes(os.fstat(handle).st_size), 0)
        os.fsync(handle)
    finally:
        os.close(handle)
    file.unlink()


def public_bytes(key: rsa.RSAPublicKey) -> bytes:
    """Return a group's public key as it stands in the key sheet: DER of SubjectPublicKeyInfo."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _pin_of(sha256: str) -> bytes:
    # Not the hash itself, which is public: nothing that lies in this folder stands in a backup.
    return hashlib.sha256(b"callroom/wave-sheet/1" + sha256.encode()).digest()


def _private_bytes(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _register_last(file: Path) -> tuple[bool, str]:
    # The register goes last: as long as it is there, a burn that was interrupted is seen as unfinished.
    return file.name == REGISTER_FILE, file.name
