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

MARKER: Final = "callroom-keys-of-waves"


class NotMounted(OSError):
    """The folder of the waves' keys is not the one that was made: its volume is not there. Keys are not lost by this."""


def institution_folder() -> Path:
    """Return ``keys/institution``, made with mode 0700 when missing."""
    return _made("institution")


def waves_folder() -> Path:
    """Return where ``keys/waves`` is when its volume is there; it is never made by looking."""
    folder: Path = settings.KEYS_DIR / "waves"
    return folder


def make_waves_folder() -> None:
    """Make ``keys/waves`` with mode 0700, and the file that tells it from an empty mount point; both durable."""
    folder = _made("waves")
    fsync_folder(folder.parent)
    if not (folder / MARKER).exists():
        write_once(folder / MARKER, b"")


def require_waves_folder() -> None:
    """
    Return if the volume with the waves' keys is there.

    :raises NotMounted: see there
    """
    if not (waves_folder() / MARKER).exists():
        raise NotMounted("the volume with the keys of waves is not there")


def institution_secret(name: str, length: int = 32) -> bytes:
    """Return the secret bytes kept under ``keys/institution/<name>``, drawn and stored (0600, fsync) on first use."""
    file = institution_folder() / name
    if not file.exists():
        write_once(file, secrets.token_bytes(length))
    return file.read_bytes()


def write_once(file: Path, content: bytes) -> None:
    """Write a new file that only its owner reads, fsync it and its folder. If another process was first, theirs stays."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(temporary, file)
        except FileExistsError:
            return
    finally:
        temporary.unlink(missing_ok=True)
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
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
