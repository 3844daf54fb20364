"""
One backup as bytes: a gzipped tar, encrypted with age (https://age-encryption.org/v1) for those who may open it.

Names in the tar: ``manifest.json``, ``default/<Label>.jsonl``, ``issuing/<Label>.jsonl``, ``keys/<file>``.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyrage

from callroom.kit.keyring import write_once

MAGIC: Final = b"age-encryption.org/v1"


class BadRecipient(Exception):
    """A recipient is not the public half of an age key (``age1…``)."""


class CannotOpen(Exception):
    """The file is no backup, or this key does not open it."""


@dataclass(frozen=True, slots=True)
class Lock:
    """For whom a backup is made: public keys of age, or a passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What opens a backup: the text of an age identity file, or a passphrase."""

    identities: str = ""
    passphrase: str = ""


def seal(files: Iterable[tuple[str, bytes]], lock: Lock) -> bytes:
    """
    Return the encrypted archive of named files.

    :raises BadRecipient: see there
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w:gz", compresslevel=6) as tar:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, io.BytesIO(content))
    if lock.passphrase:
        return bytes(pyrage.passphrase.encrypt(plain.getvalue(), lock.passphrase))
    try:
        recipients = [pyrage.x25519.Recipient.from_str(each) for each in lock.recipients]
    except pyrage.RecipientError as error:
        raise BadRecipient(str(error)) from None
    if not recipients:
        raise BadRecipient("none")
    return bytes(pyrage.encrypt(plain.getvalue(), recipients))


def unseal(sealed: bytes, key: Key) -> Mapping[str, bytes]:
    """
    Return the files of an archive by name.

    :raises CannotOpen: see there
    """
    if not sealed.startswith(MAGIC):
        raise CannotOpen("not an age file")
    try:
        plain = _decrypt(sealed, key)
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:gz") as tar:
            return {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry)) is not None}
    except (pyrage.DecryptError, pyrage.IdentityError, tarfile.TarError, EOFError, OSError) as error:
        raise CannotOpen(str(error)) from None


def write_private(file: Path, content: bytes) -> None:
    """
    Write a file that only its owner reads, whole or not at all.

    :raises OSError: if it cannot be written; what was there before stays
    """
    temporary = file.with_name(f".{file.name}.part")
    try:
        temporary.touch(mode=0o600)
        temporary.write_bytes(content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _decrypt(sealed: bytes, key: Key) -> bytes:
    if key.passphrase:
        return bytes(pyrage.passphrase.decrypt(sealed, key.passphrase))
    lines = (line.strip() for line in key.identities.splitlines())
    identities = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
    return bytes(pyrage.decrypt(sealed, identities))


def own_recipient(file: Path) -> str:
    """Return the public half of the age key in a file, drawn and stored there (0600) on first use."""
    if not file.exists():
        write_once(file, str(pyrage.x25519.Identity.generate()).encode())
    return str(pyrage.x25519.Identity.from_str(file.read_text().strip()).to_public())
