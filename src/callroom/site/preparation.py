"""Before anything is served: a backup where tables will change, migrations, the queue, static files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from callroom.kit.database import ALIASES
from callroom.pulse import upgrades
from callroom.site.backup import make

BACKUPS: Final = "backups"
KEPT: Final = 3
"""Backups from before an upgrade that are kept; older ones are deleted."""


class WaveStillOpen(CommandError):
    """An open wave needs the version that opened it, until it has closed."""


def prepare(*, now: datetime) -> Path | None:
    """
    Migrate the three databases, make the queue's tables and collect the static files.

    Where tables with something in them will change, a backup is written first; return its file.

    :raises WaveStillOpen: if this version could not take or count the answers of an open wave; nothing was changed
    :raises OSError, BadRecipient: if the backup cannot be written; then nothing was changed
    """
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_to_strand_a_wave()
    file = _backup(now) if tables_will_change() else None
    migrate()
    settings.HUEY.storage.initialize_schema()
    call_command("collectstatic", interactive=False, verbosity=0)
    connections.close_all()
    return file


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
    folder = settings.DATA_DIR / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"before-upgrade-{now:%Y%m%d-%H%M%S}.age"
    make.backup_before_upgrade(file, make.lock_from(settings.BACKUP_RECIPIENTS, ""), now=now)
    for old in sorted(folder.glob("before-upgrade-*.age"))[:-KEPT]:
        old.unlink()
    return file
