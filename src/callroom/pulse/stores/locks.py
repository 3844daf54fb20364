"""Locks between the processes of one host: a file each, held by ``flock`` and freed by the kernel when a process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

WORK: Final = "work"
"""Held by everything that changes waves: jobs, voiding, skipping."""
CHAIN: Final = "chain"
"""Held while a header is appended; always taken before the transaction begins."""


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Wait for the lock of this name, and hold it. Not re-entrant."""
    folder = Path(settings.DATA_DIR) / "locks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked_file(folder / name):
        yield


@contextmanager
def locked_file(file: Path, *, create: bool = True) -> Iterator[int]:
    """
    Open the file, hold its lock, and give its descriptor.

    :raises FileNotFoundError: if it is not there and may not be made
    """
    # O_NOATIME: a look at a register leaves no time behind, either.
    flags = os.O_RDWR | os.O_CLOEXEC | getattr(os, "O_NOATIME", 0) | (os.O_CREAT if create else 0)
    handle = os.open(file, flags, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
