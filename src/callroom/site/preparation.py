"""Before anything is served: a backup where tables will change, migrations, the queue, static files."""

from __future__ import annotations

from datetime import datetime, timedelta
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
    :raises OSError, BadRecipient: if the backup cannot be written; then nothing was changed
    """
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_to_strand_a_wave()
    file = _backup(now) if tables_will_change() else None
    migrate()
    _end_upgrade()
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
    """Write the backup of this upgrade; after an interruption there is one already, of the tables as they were before."""
    folder = settings.DATA_DIR / BACKUPS
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
    folder = settings.DATA_DIR / BACKUPS
    if not (folder / UNDER_WAY).exists():
        return
    (folder / UNDER_WAY).unlink()
    for old in sorted(folder.glob("before-upgrade-*.age"))[:-KEPT]:
        old.unlink()
