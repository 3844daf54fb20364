"""A file that one process at a time works on, and whose look leaves no time behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from callroom.kit.apart import Access, file_mode, make_file


@contextmanager
def locked_file(file: Path, *, create: bool = True) -> Iterator[int]:
    """
    Open the file, hold its lock, and give its descriptor.

    :raises FileNotFoundError: if it is not there and may not be made
    """
    if create and not file.exists():
        make_file(file, Access.WRITE)
    handle = _opened(file, os.O_CREAT if create else 0)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def settle(handle: int) -> None:
    """
    Make what was written durable, and let the file's times be no times.

    Only its owner can do that. What the web's user wrote keeps its time until the tally's next minute: no more than the
    inode's time of change tells so long, which nobody can set.
    """
    with suppress(PermissionError):
        os.utime(handle, ns=(0, 0))
    os.fsync(handle)


def _opened(file: Path, create: int) -> int:
    # O_CREAT as well: somebody may have removed the file since it was looked for.
    flags, mode = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | create, file_mode(Access.WRITE)
    try:
        # O_NOATIME: a look at a file leaves no time behind, either. The kernel lets only the file's owner ask for it.
        return os.open(file, flags | getattr(os, "O_NOATIME", 0), mode)
    except PermissionError:
        return os.open(file, flags, mode)
