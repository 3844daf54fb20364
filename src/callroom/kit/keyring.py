"""
The two key folders: ``keys/institution`` (in the encrypted backup) and ``keys/waves`` (never in any backup).

``keys/waves`` belongs on an encrypted volume of its own, which may not be unlocked yet after a restart. A file in it says
that this is the volume and not the empty place for it: without that file nothing may be concluded about keys.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from django.conf import settings

from callroom.kit.apart import Access, make_file, make_folder

MARKER: Final = "callroom-keys-of-waves"


class NotMounted(OSError):
    """The folder of the waves' keys is not the one that was made: its volume is not there. Keys are not lost by this."""


def institution_folder() -> Path:
    """Return ``keys/institution``, made when missing: its owner's alone, or for the web's user to look into."""
    return _made("institution")


def waves_folder() -> Path:
    """Return where ``keys/waves`` is when its volume is there; it is never made by looking."""
    folder: Path = settings.KEYS_DIR / "waves"
    return folder


def make_waves_folder() -> None:
    """Make ``keys/waves`` and the file that tells it from an empty mount point; both durable."""
    folder = _made("waves")
    fsync_folder(folder.parent)
    if not (folder / MARKER).exists():
        write_once(folder / MARKER, b"", Access.READ)


def require_waves_folder() -> None:
    """
    Return if the volume with the waves' keys is there.

    :raises NotMounted: see there
    """
    if not (waves_folder() / MARKER).exists():
        raise NotMounted("the volume with the keys of waves is not there")


def institution_secret(name: str, access: Access = Access.NONE, *, length: int = 32) -> bytes:
    """Return the secret bytes kept under ``keys/institution/<name>``, drawn and stored (fsync) on first use."""
    file = institution_folder() / name
    if not file.exists():
        write_once(file, secrets.token_bytes(length), access)
    return file.read_bytes()


def write_once(file: Path, content: bytes, access: Access = Access.NONE) -> None:
    """
    Write a new file, fsync it and its folder. If another process was first, theirs stays.

    ``access``: of the web's user where it is not the owner; nobody else ever has any.
    """
    if make_file(file, access, content, durable=True):
        fsync_folder(file.parent)


def fsync_folder(folder: Path) -> None:
    """Make the folder's entries durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _made(name: str) -> Path:
    folder: Path = settings.KEYS_DIR / name
    make_folder(folder, Access.READ)
    return folder
