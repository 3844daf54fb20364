"""What a copied SQLite database tells: its rows, where they lie, and its write-ahead log replayed commit by commit."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LOG_HEADER: Final = struct.Struct(">IIIIIIII")
FRAME_HEADER: Final = struct.Struct(">IIIIII")
MAGICS: Final = frozenset({0x377F0682, 0x377F0683})

Row = tuple[Any, ...]
Rows = Mapping[str, frozenset[Row]]


@dataclass(frozen=True, slots=True)
class Frame:
    """
    One page as a commit left it. ``generation``, ``number``: its place in the log; ``commits``: the last of its commit.

    ``seen_at``: when somebody who watched the log saw it, in milliseconds; 0 when it was read later.
    """

    generation: int
    number: int
    page: int
    commits: bool
    content: bytes
    seen_at: int = 0


def frames_of(log: bytes) -> Iterator[Frame]:
    """Yield the frames of a write-ahead log, also those that an earlier round of it left behind."""
    if len(log) < LOG_HEADER.size:
        return
    magic, _version, size, *_rest = LOG_HEADER.unpack_from(log)
    if magic not in MAGICS:
        return
    at, number = LOG_HEADER.size, 0
    while at + FRAME_HEADER.size + size <= len(log):
        page, pages_after, generation, *_rest = FRAME_HEADER.unpack_from(log, at)
        content = log[at + FRAME_HEADER.size : at + FRAME_HEADER.size + size]
        yield Frame(generation, number, page, bool(pages_after), content)
        at, number = at + FRAME_HEADER.size + size, number + 1


@dataclass(frozen=True, slots=True)
class Change:
    """A row that a commit added or changed. ``commit``: which one, in order; ``seen_at``: as in ``Frame``."""

    commit: int
    table: str
    row: Row
    seen_at: int = 0


def replay(base: bytes, frames: Iterable[Frame]) -> Iterator[Change]:
    """
    Yield what each commit of a log changed, in order.

    :param base: the database file as it was before the log, or at any time: what is older than the log is not a change
    """
    with tempfile.TemporaryDirectory(prefix="callroom-replay-") as folder:
        file = Path(folder) / "replayed.sqlite3"
        file.write_bytes(base)
        before = rows_of(file) if base else {}
        commit = 0
        with file.open("r+b") as out:
            for frame in sorted(frames, key=lambda frame: (frame.generation, frame.number)):
                out.seek((frame.page - 1) * len(frame.content))
                out.write(frame.content)
                if not frame.commits:
                    continue
                out.flush()
                commit += 1
                try:
                    now = rows_of(file)
                except sqlite3.DatabaseError:  # a torn copy: the next commit may be readable again
                    continue
                for table, rows in now.items():
                    yield from (
                        Change(commit, table, row, frame.seen_at) for row in rows - before.get(table, frozenset())
                    )
                before = now


def rows_of(file: Path) -> dict[str, frozenset[Row]]:
    """Return every row of every table of a database file, without its log."""
    with reading(file) as database:
        return {table: frozenset(database.execute(f'SELECT * FROM "{table}"')) for table in tables_of(database)}  # noqa: S608


def in_order(file: Path, table: str, columns: str = "*", order: str = "", where: str = "TRUE") -> list[Row]:
    """Return a table's rows as they lie in it, or ordered by ``order``: ``rowid`` shows the order of arrival."""
    with reading(file) as database:
        by = f" ORDER BY {order}" if order else ""
        return database.execute(f'SELECT {columns} FROM "{table}" WHERE {where}{by}').fetchall()  # noqa: S608


def has_rowid(file: Path, table: str) -> bool:
    """Does this table keep the order of arrival in a rowid?"""
    with reading(file) as database:
        try:
            database.execute(f'SELECT rowid FROM "{table}" LIMIT 1')  # noqa: S608
        except sqlite3.OperationalError:
            return False
        return True


def tables_of(database: sqlite3.Connection) -> list[str]:
    """Return the names of a database's own tables."""
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [name for (name,) in found.fetchall()]


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database file alone, changing nothing: what its log holds is left out."""
    with closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as database:
        yield database


@contextmanager
def merged(file: Path) -> Iterator[Path]:
    """Give a copy of a database into which its log was merged, as SQLite itself would on opening it."""
    with tempfile.TemporaryDirectory(prefix="callroom-merged-") as folder:
        copied = Path(folder) / file.name
        for ending in ("", "-wal"):
            part = file.with_name(file.name + ending)
            if part.exists():
                shutil.copyfile(part, copied.with_name(copied.name + ending))
        with closing(sqlite3.connect(copied)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode=DELETE")
        yield copied
