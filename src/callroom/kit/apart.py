"""
Web and tally as two users of one group (``CALLROOM_APART``): who may do what with a file, and how files are made so.

The tally's user owns every folder and makes what must be secret; the web's user gets in through the group. Without the
setting one user runs both, and files are that user's alone.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Final

from django.conf import settings

WEB: Final = "web"
TALLY: Final = "tally"
UMASK: Final = 0o007
"""Of both processes where they are apart: what nobody thought of is the group's, and nobody's else. Secrets say their mode."""


class Access(Enum):
    """What the other user may do with a file. The values: mode of a file, and of a folder."""

    NONE = (0o600, 0o700)
    READ = (0o640, 0o750)
    WRITE = (0o660, 0o770)


def is_web() -> bool:
    """Is this a process of the web's user, which has no key that signs or opens?"""
    return bool(settings.APART and settings.PART == WEB)


def file_mode(access: Access) -> int:
    """Return the mode of a file; with one user it is always that user's alone."""
    return access.value[0] if settings.APART else Access.NONE.value[0]


def folder_mode(access: Access) -> int:
    """Return the mode of a folder; with one user it is always that user's alone."""
    return access.value[1] if settings.APART else Access.NONE.value[1]


def make_folder(folder: Path, access: Access) -> None:
    """Make a folder and what is missing above it with this access; one that is there stays as it is."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        # Somebody else may be making it, too. The mode is not left to the umask of whoever calls.
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)
            each.chmod(folder_mode(access))


def make_file(file: Path, access: Access, content: bytes = b"", *, durable: bool = False) -> bool:
    """
    Make a file that is there whole and with its mode or not at all; return whether it is new: one that is there stays.

    ``durable``: it is on the disk when this returns; its entry in the folder is the caller's to settle.
    """
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fchmod(handle, file_mode(access))
            if durable:
                os.fsync(handle)
        os.link(temporary, file)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def set_access(path: Path, access: Access) -> None:
    """
    Let a file or folder that this user owns have this access; never through a link that somebody else has put there.

    :raises PermissionError: if it is somebody else's
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        present = os.fstat(handle).st_mode
        wanted = folder_mode(access) if stat.S_ISDIR(present) else file_mode(access)
        if stat.S_IMODE(present) != wanted:
            os.fchmod(handle, wanted)
    finally:
        os.close(handle)


def tally_folder() -> Path:
    """Return where the tally puts what the web only reads: static files, drawn pages, backups of before an upgrade."""
    folder: Path = settings.TALLY_DIR or settings.DATA_DIR
    return folder
