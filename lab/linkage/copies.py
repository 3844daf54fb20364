"""Copies of a whole installation, taken while it works: what somebody has who reads the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections

from callroom.kit.database import ALIASES
from callroom.pulse.stores.sealed import is_postgresql, store_folder

NOT_COPIED = ("static", "requests")
"""What everybody is served, and what the load of a bench leaves."""


@dataclass(frozen=True, slots=True)
class Copies:
    """One copy of everything. ``data``: the data folder with the keys; ``dumps``: of the databases (PostgreSQL)."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    @property
    def dumps(self) -> Path:
        return self.folder / "dumps"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    def database(self, name: str) -> Path:
        return self.data / name

    def files(self) -> list[Path]:
        """Return every copied file."""
        return files_below(self.folder)

    def without_keys_of_waves(self) -> list[Path]:
        """Return every copied file but the waves' keys, as a backup that follows the rules has them."""
        waves = self.keys / "waves"
        return [file for file in files_below(self.folder) if waves not in file.parents]


def copy_everything(folder: Path, *, cluster: bool = False) -> Copies:
    """Copy data folder, keys, temporary files and logs; on PostgreSQL dumps, and with ``cluster`` every file of it."""
    made = Copies(folder)
    folder.mkdir(parents=True)
    copy_folder(Path(settings.DATA_DIR), made.data)
    copy_folder(Path(os.environ["TMPDIR"]), made.temporary)
    if is_postgresql():
        made.dumps.mkdir()
        for alias in ALIASES:
            _dump(alias, made.dumps / f"{alias}.sql")
        if cluster:
            with connections["default"].cursor() as cursor:
                cursor.execute("CHECKPOINT")
            copy_folder(cluster_folder(), made.cluster)
    return made


def databases() -> Iterator[Path]:
    """Yield the SQLite databases that are there now."""
    data = Path(settings.DATA_DIR)
    yield from (data / name for name in ("callroom.sqlite3", "issuing.sqlite3"))
    yield from store_folder().glob("*.sqlite3")


def address_of(alias: str) -> str:
    """Return where a PostgreSQL database answers, for libpq."""
    known = connections[alias].settings_dict
    fields = {"dbname": known["NAME"], "user": known["USER"], "host": known["HOST"], "port": known["PORT"]}
    return psycopg.conninfo.make_conninfo(**{name: value for name, value in fields.items() if value})


def cluster_folder() -> Path:
    """Return the folder of the PostgreSQL cluster."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return Path(cursor.fetchone()[0])


def keep_the_whole_log() -> None:
    """Let PostgreSQL keep every segment of its log, as an archive for point-in-time recovery does."""
    with psycopg.connect(address_of("default"), autocommit=True) as link:
        link.execute("ALTER SYSTEM SET wal_keep_size = '16GB'")
        link.execute("SELECT pg_reload_conf()")


def files_below(folder: Path) -> list[Path]:
    """Return every file in a folder."""
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _dump(alias: str, file: Path) -> None:
    with file.open("wb") as out:
        subprocess.run([_tool("pg_dump"), "--dbname", address_of(alias)], stdout=out, check=True)


def _tool(name: str) -> str:
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(beside[-1]) if beside else name


def copy_folder(folder: Path, place: Path) -> None:
    """Copy what is there while it is being worked on, as a backup program would: as another process."""
    subprocess.run([sys.executable, "-m", "lab.linkage.copying", folder, place, *NOT_COPIED], check=True)
