"""Opening a downloaded chain: a ZIP file that holds what an export holds, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import BadZipFile, ZipFile

BELONGS: Final = re.compile(r"institution\.json|headers\.jsonl|payloads/[0-9a-f]{64}\.json")
FOLDER: Final = "payloads/"
"""An entry of its own in what was packed anew; it holds no bytes."""
MOST_BYTES: Final = 512 * 1024 * 1024
"""Unpacked; a chain of six years is a fiftieth of it."""


class NotAnArchive(ValueError):
    """The file is no ZIP file, is damaged, holds something else than an export, or unpacks to too much."""


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """
    Yield a folder with what an export holds: ``path`` itself, or the contents of a ZIP file, gone afterwards.

    :raises NotAnArchive: see there; nothing outside a temporary folder is ever written
    """
    if path.is_dir() or not path.exists():
        yield path
        return
    with TemporaryDirectory() as folder:
        _unpack(path, Path(folder))
        yield Path(folder)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with ZipFile(path) as archived:
            entries = [entry for entry in archived.infolist() if entry.filename != FOLDER]
            strangers = [entry.filename for entry in entries if not BELONGS.fullmatch(entry.filename)]
            if strangers:
                raise NotAnArchive(strangers[0])
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise NotAnArchive(path.name)
            for entry in entries:
                target = folder / entry.filename
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(archived.read(entry))
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise NotAnArchive(path.name) from error
