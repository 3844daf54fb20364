"""One sealed store per wave: a SQLite file of its own, or a PostgreSQL schema of its own in the ``sealed`` database.

Its tables are made from the models' own DDL, on SQLite WITHOUT ROWID (a rowid is an order of arrival), with
``synchronous=FULL`` and ``secure_delete``; the store is deleted whole after burning. Connections to it are made by
hand for one thread each, so that Django's ordinary requests never know of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from callroom.kit.apart import Access, make_file, make_folder
from callroom.kit.env import BadSetting
from callroom.kit.keyring import fsync_folder
from callroom.pulse.models import SealedAnswer, Window
from callroom.pulse.stores import locks
from callroom.pulse.stores.wave_keys import folder_name

PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;"
    "PRAGMA journal_size_limit=16777216;PRAGMA cache_size=-8000;"
)
ADMIN: Final = "sealed:admin"
UNDEFINED_TABLE: Final = "42P01"
"""PostgreSQL's code for a table that does not exist, in a schema that does not exist either."""
SCHEMA: Final = re.compile(r"wave_([a-z]+(?:_\d)?)_(\d{4})_(w\d\d)")


class StoreGone(Exception):
    """This wave has no sealed store (yet, or any more)."""


@dataclass(frozen=True, slots=True)
class SealedStore:
    """The answers of one wave and the window in which they are taken."""

    wave: str

    @property
    def alias(self) -> str:
        """Return the name under which this thread's connection is known to the ORM."""
        return f"sealed:{self.wave}"

    @property
    def file(self) -> Path:
        """Return the store's file (SQLite)."""
        return store_folder() / f"{folder_name(self.wave)}.sqlite3"

    @property
    def schema(self) -> str:
        """Return the store's schema (PostgreSQL)."""
        return "wave_" + re.sub(r"[/-]", "_", self.wave).lower()

    def create(self, window: Window) -> None:
        """
        Make tables and window in one transaction.

        What a crash left is taken up: the window gets its new groups, and stays shut if it was.

        :raises BadSetting: if PostgreSQL archives its log, in which deleted answers and their order would stay
        """
        if is_postgresql():
            _check_archive_mode()
            _administer(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"')
        else:
            make_folder(store_folder(), Access.WRITE)
            make_file(self.file, Access.WRITE)  # SQLite gives its log the mode of the file
        with self.connected() as connection, transaction.atomic(using=self.alias):
            made = set(connection.introspection.table_names())
            if Window._meta.db_table in made:
                window.save(using=self.alias, force_update=True, update_fields=["keys", "asked"])
                return
            for model in (SealedAnswer, Window):
                with connection.cursor() as cursor:
                    cursor.execute(_create_table(connection, model))
            window.save(using=self.alias, force_insert=True)
        if not is_postgresql():
            fsync_folder(store_folder())

    def exists(self) -> bool:
        """Is the store there?"""
        return self.wave in waves_with_store()

    @contextmanager
    def connected(self) -> Iterator[BaseDatabaseWrapper]:
        """Give a connection to this store for the block, and close it afterwards."""
        connection = self.connect()
        try:
            yield connection
        finally:
            self.disconnect()

    def connect(self) -> BaseDatabaseWrapper:
        """Return this thread's connection, made when it has none; the caller disconnects."""
        with suppress(LookupError, AttributeError):
            return _known(self.alias)
        make_folder(store_folder(), Access.WRITE)
        return _connection(self.alias, self._place())

    def disconnect(self) -> None:
        """Close this thread's connection, if it has one."""
        with suppress(LookupError, AttributeError):
            _known(self.alias).close()
            del connections[self.alias]

    def disconnect_if_deleted(self) -> None:
        """Close this thread's connection if the store's file is gone: an open one would keep its contents on disk."""
        if not is_postgresql() and not self.file.exists():
            self.disconnect()

    @contextmanager
    def writing(self) -> Iterator[Window]:
        """
        Hold the store's write lock and one transaction, and give the window as it is inside it.

        :raises StoreGone: if there is no such store
        :raises DatabaseError: if the database cannot say
        """
        if not is_postgresql() and not self.file.exists():
            self.disconnect()
            raise StoreGone
        # Writers of several processes queue here: SQLite's own waiting sleeps longer than a commit takes.
        with locks.exclusive(f"sealed-{folder_name(self.wave)}"):
            self.connect()
            with transaction.atomic(using=self.alias):
                try:
                    window = Window.objects.using(self.alias).select_for_update().get()
                except (DatabaseError, Window.DoesNotExist) as error:
                    _raise_if_trouble(error)
                    raise StoreGone from error
                yield window

    def shut(self) -> None:
        """Close the window for good, durably."""
        try:
            with self.writing() as window:
                window.is_open = False
                window.save(using=self.alias)
        finally:
            self.disconnect()

    def window(self) -> Window:
        """
        Return the window row.

        :raises StoreGone: if there is no such store
        :raises DatabaseError: if the database cannot say
        """
        if not self.exists():
            raise StoreGone
        with self.connected():
            try:
                return Window.objects.using(self.alias).get()
            except (DatabaseError, Window.DoesNotExist) as error:
                _raise_if_trouble(error)
                raise StoreGone from error

    def bodies(self) -> list[bytes]:
        """Return all answers in key order, as they came."""
        with self.connected():
            rows = SealedAnswer.objects.using(self.alias).order_by("message")
            return [bytes(body) for body in rows.values_list("body", flat=True)]

    def rows(self) -> list[tuple[bytes, int, bytes]]:
        """Return key, revision and body of all rows in key order, as they lie there."""
        with self.connected():
            rows = SealedAnswer.objects.using(self.alias).order_by("message")
            return [(bytes(key), revision, bytes(body)) for key, revision, body in rows.values_list()]

    def checkpoint(self) -> None:
        """Move what the write-ahead log holds into the file, and cut the log to nothing (SQLite)."""
        with self.connected() as connection:
            truncate_log(connection)

    def destroy(self) -> None:
        """Delete the store whole; does nothing when it is gone."""
        self.disconnect()
        if is_postgresql():
            _administer(f'DROP SCHEMA IF EXISTS "{self.schema}" CASCADE')
            return
        for ending in ("-wal", "-shm", ""):
            self.file.with_name(self.file.name + ending).unlink(missing_ok=True)
        if store_folder().exists():
            fsync_folder(store_folder())
        (Path(settings.DATA_DIR) / "locks" / f"sealed-{folder_name(self.wave)}").unlink(missing_ok=True)

    def _place(self) -> dict[str, Any]:
        if is_postgresql():
            return {"OPTIONS": {"options": f"-c search_path={self.schema} -c synchronous_commit=on"}}
        return {"NAME": self.file, "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 15, "init_command": PRAGMAS}}


def waves_with_store() -> frozenset[str]:
    """Return the ids of all waves that have a sealed store now."""
    if not is_postgresql():
        return frozenset(_wave_of_file(file) for file in store_folder().glob("*.sqlite3"))
    rows = _administer("SELECT nspname FROM pg_namespace")
    found = (name.groups() for (row,) in rows if (name := SCHEMA.fullmatch(row)))
    return frozenset(f"{series.replace('_', '-')}/{year}-{week.upper()}" for series, year, week in found)


def store_folder() -> Path:
    """Return the folder of the stores' files (SQLite)."""
    return Path(settings.DATA_DIR) / "sealed"


def is_postgresql() -> bool:
    """Do the sealed stores lie in PostgreSQL?"""
    return bool(connections["sealed"].vendor == "postgresql")


def truncate_log(connection: BaseDatabaseWrapper) -> None:
    """Checkpoint a SQLite write-ahead log with TRUNCATE; does nothing elsewhere or inside a transaction."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _raise_if_trouble(error: Exception) -> None:
    """Raise the error again unless it says that the store's table is not there: after trouble the store still is."""
    gone = "no such table" in str(error) or getattr(error.__cause__, "sqlstate", "") == UNDEFINED_TABLE
    if isinstance(error, DatabaseError) and not gone:
        raise error


def _wave_of_file(file: Path) -> str:
    series, _, week = file.stem.rpartition("_")
    return f"{series}/{week}"


def _create_table(connection: BaseDatabaseWrapper, model: type[SealedAnswer | Window]) -> str:
    editor = connection.SchemaEditorClass(connection, collect_sql=True)
    statement, _parameters = editor.table_sql(model)
    return statement if connection.vendor == "postgresql" else f"{statement} WITHOUT ROWID"


def _check_archive_mode() -> None:
    [(mode,)] = _administer("SHOW archive_mode")
    if mode != "off":
        raise BadSetting(
            f"The PostgreSQL cluster of the sealed answers has archive_mode={mode}; no round opens until it is off. "
            "CALLROOM_SEALED_URL may name a cluster of its own (see docs/reference/settings.md)"
        )


def _administer(statement: str) -> list[tuple[str, ...]]:
    """Run one statement on a connection of its own, outside any transaction, and return its rows."""
    connection = _connection(ADMIN, {})
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()
        del connections[ADMIN]


def _known(alias: str) -> BaseDatabaseWrapper:
    known: BaseDatabaseWrapper = getattr(connections._connections, alias)  # type: ignore[attr-defined]  # per thread
    return known


def _connection(alias: str, place: dict[str, Any]) -> BaseDatabaseWrapper:
    # Set for this thread only, and not in `connections.settings`, over which other threads loop.
    known = deepcopy(connections["sealed"].settings_dict)
    options = {**known.get("OPTIONS", {}), **place.get("OPTIONS", {})}
    known.update({"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True, **place, "OPTIONS": options})
    made: BaseDatabaseWrapper = load_backend(known["ENGINE"]).DatabaseWrapper(known, alias)
    connections[alias] = made
    return made
