"""A file that one process at a time works on, and whose look leaves no time behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked_file(file: Path, *, create: bool = True) -> Iterator[int]:
    """
    Open the file, hold its lock, and give its descriptor.

    :raises FileNotFoundError: if it is not there and may not be made
    """
    # O_NOATIME: a look at a file leaves no time behind, either.
    flags = os.O_RDWR | os.O_CLOEXEC | getattr(os, "O_NOATIME", 0) | (os.O_CREAT if create else 0)
    handle = os.open(file, flags, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
