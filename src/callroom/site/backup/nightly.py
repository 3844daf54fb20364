"""The backup of each night: one file a day in a folder that something else carries away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from callroom.kit import nights
from callroom.people import queries as people
from callroom.site.backup.archive import Lock
from callroom.site.backup.make import backup

KEPT: Final = 14
"""Nights. A restore from an older one would bring back people who left."""


def back_up_today(now: datetime) -> Path | None:
    """
    Write today's backup when there is a folder and a recipient for it and it is not there yet; return its file.

    :raises OSError, BadRecipient: if it cannot be written; the next hour tries again
    """
    if settings.BACKUP_DIR is None or not settings.BACKUP_RECIPIENTS:
        return None
    try:
        today = people.current_institution().day(now)
    except people.NoInstitution:
        return None
    folder: Path = settings.BACKUP_DIR
    file = nights.file_of(folder, today)
    if file.exists():
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    backup(file, Lock(recipients=tuple(settings.BACKUP_RECIPIENTS)), now=now)
    for old in sorted(folder.glob(nights.FILES))[:-KEPT]:
        old.unlink()
    return file
