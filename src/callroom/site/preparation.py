"""Before anything is served: a backup where tables will change, migrations, the queue, static files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from callroom import __version__
from callroom.kit import apart
from callroom.kit.database import ALIASES
from callroom.pulse import upgrades
from callroom.setup import access
from callroom.site.backup import make

BACKUPS: Final = "backups"
PREPARED: Final = "prepared"
"""Says for which code this was done last: the web waits for its own, where the tally prepares."""
KEPT: Final = 3
"""Backups from before an upgrade that are kept; older ones are deleted once it is done."""
UNDER_WAY: Final = "upgrade-under-way"
"""Names the backup of an upgrade that has not ended: a start that fails again and again must not write over it."""
SAME_UPGRADE: Final = timedelta(days=1)
"""After that long somebody may have gone back to the version from before, and worked on in it."""


class WaveStillOpen(CommandError):
    """An open wave needs the version that opened it, until it has closed."""


def prepare(*, now: datetime) -> Path | None:
    """
    Migrate the three databases, make the queue's tables and collect the static files.

    Where tables with something in them will change, a backup is written first; return its file. Killed on the way and
    started again, it goes on from the same backup.

    :raises WaveStillOpen: if this version could not take or count the answers of an open wave; nothing was changed
    :raises CommandError: if keys belong to another user
    :raises OSError, BadRecipient: if the backup cannot be written; then nothing was changed
    """
    apart.make_folder(settings.DATA_DIR, apart.Access.WRITE)
    _settle_access()
    refuse_to_strand_a_wave()
    file = _backup(now) if tables_will_change() else None
    migrate()
    _end_upgrade()
    settings.HUEY.storage.initialize_schema()
    call_command("collectstatic", interactive=False, verbosity=0)
    connections.close_all()
    if settings.APART:
        access.settle_served()
        _say_prepared()
    return file


def is_prepared() -> bool:
    """Has the tally prepared what the code of this process needs: tables, static files, the application's secret?"""
    try:
        said = (apart.tally_folder() / PREPARED).read_text()
    except OSError:
        return False
    return said == _fingerprint() and os.access(settings.SECRET_FILE, os.R_OK)


def refuse_to_strand_a_wave() -> None:
    """:raises WaveStillOpen: if this version could not take or count the answers of an open wave"""
    if "pulse" not in {app for app, _name in MigrationExecutor(connections["default"]).loader.applied_migrations}:
        return
    stranded = upgrades.stranded_wave()
    if stranded:
        raise WaveStillOpen(
            f"The round {stranded.wave} is open until {stranded.closes_at:%Y-%m-%d %H:%M} UTC, and this version cannot "
            "take its answers. Nothing was changed. Start the version from before, let the round close, then upgrade."
        )


def migrate() -> None:
    """Bring the tables of the three databases to what this version knows."""
    for alias in ALIASES:
        call_command("migrate", database=alias, interactive=False, verbosity=0)


def tables_will_change() -> bool:
    """Are there tables with migrations that are not applied yet? Not so in a new, empty database."""
    executor = MigrationExecutor(connections["default"])
    applied = executor.loader.applied_migrations
    return bool(applied) and bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _backup(now: datetime) -> Path:
    """Write the backup of this upgrade; after an interruption there is one already, of the tables as they were before."""
    folder = apart.tally_folder() / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    under_way = folder / UNDER_WAY
    begun = _begun(under_way)
    if begun is not None and begun[0].exists() and timedelta(0) <= now - begun[1] < SAME_UPGRADE:
        return begun[0]
    file = folder / f"before-upgrade-{now:%Y%m%d-%H%M%S}.age"
    make.backup_before_upgrade(file, make.lock_from(settings.BACKUP_RECIPIENTS, ""), now=now)
    new = under_way.with_suffix(".new")
    new.write_text(f"{file.name} {now.isoformat()}")
    new.replace(under_way)
    return file


def _begun(under_way: Path) -> tuple[Path, datetime] | None:
    try:
        name, at = under_way.read_text().split()
        return under_way.with_name(name), datetime.fromisoformat(at)
    except (FileNotFoundError, ValueError):
        return None


def _end_upgrade() -> None:
    folder = apart.tally_folder() / BACKUPS
    if not (folder / UNDER_WAY).exists():
        return
    (folder / UNDER_WAY).unlink()
    for old in sorted(folder.glob("before-upgrade-*.age"))[:-KEPT]:
        old.unlink()


def _settle_access() -> None:
    try:
        access.settle()
    except access.NotOurs as error:
        raise CommandError(
            f"{error.file} belongs to another user than the one that runs the tally. Nothing was changed. Give the tally's "
            "user what lies in the folder of the keys (chown -R), then start again: docs/how-to/run-it.md"
        ) from None


def _say_prepared() -> None:
    file = apart.tally_folder() / PREPARED
    file.unlink(missing_ok=True)
    apart.make_file(file, apart.Access.READ, _fingerprint().encode())


def _fingerprint() -> str:
    """Return what tells this code's tables and static files from another's, the files by size and time of change."""
    tables = sorted(MigrationLoader(None).graph.leaf_nodes())
    return hashlib.sha256(repr((__version__, tables, sorted(_static_sources()))).encode()).hexdigest()


def _static_sources() -> Iterator[tuple[str, int, int]]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            known = os.stat(storage.path(name))
            yield name, known.st_size, known.st_mtime_ns
