"""Locks between the processes of one host: a file each, held by ``flock`` and freed by the kernel when a process dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from callroom.kit.apart import Access, make_folder
from callroom.kit.locks import locked_file

WORK: Final = "work"
"""Held by everything that changes waves: jobs, voiding, skipping."""
CHAIN: Final = "chain"
"""Held while a header is appended; always taken before the transaction begins."""


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Wait for the lock of this name, and hold it. Not re-entrant."""
    folder = Path(settings.DATA_DIR) / "locks"
    make_folder(folder, Access.WRITE)
    with locked_file(folder / name):
        yield
