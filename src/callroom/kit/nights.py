"""The files of the nightly backup: one a day in the folder that ``CALLROOM_BACKUP_DIR`` names."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

FILES: Final = "callroom-????-??-??.age"


def file_of(folder: Path, day: date) -> Path:
    """Return the file of a day's backup, which need not be there."""
    return folder / f"callroom-{day:%Y-%m-%d}.age"


def newest(folder: Path) -> date | None:
    """
    Return the day of the newest backup that has something in it; nothing where none was made yet.

    :raises OSError: if this process may not look into the folder
    """
    try:
        names = [file.name for file in folder.iterdir() if file.match(FILES) and file.stat().st_size]
    except FileNotFoundError:
        return None
    return max((day for day in map(_day_in, names) if day), default=None)


def _day_in(name: str) -> date | None:
    try:
        return date.fromisoformat(name.removeprefix("callroom-").removesuffix(".age"))
    except ValueError:
        return None
