"""An ordinary survey, for comparison: who has answered in one table, what was answered in another, and no key between them.

This is what is usually sold as anonymous: no name, no date and no number beside an answer, the rows under random keys.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final

from callroom.core.anonymity.linkage import Trace
from callroom.site.attack import sqlite_files

FILE: Final = "survey.sqlite3"


class OrdinarySurvey:
    """A survey in a SQLite file, open for the block."""

    def __init__(self, folder: Path, people: Iterable[tuple[str, int]]) -> None:
        self.file = folder / FILE
        self._database = sqlite3.connect(self.file)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("CREATE TABLE invited (person TEXT PRIMARY KEY, grp INT, answered INT) WITHOUT ROWID")
        self._database.execute("CREATE TABLE response (id BLOB PRIMARY KEY, grp INT) WITHOUT ROWID")
        with self._database:
            self._database.executemany("INSERT INTO invited VALUES (?, ?, 0)", people)
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.empty = self.file.read_bytes()

    def __enter__(self) -> OrdinarySurvey:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._database.close()

    def answer(self, person: str, group: int) -> bytes:
        """Tick the person off and keep a response under a random key, as such surveys do; return the key."""
        key = secrets.token_bytes(32)
        with self._database:
            self._database.execute("UPDATE invited SET answered = 1 WHERE person = ?", (person,))
            self._database.execute("INSERT INTO response VALUES (?, ?)", (key, group))
        return key

    def traces(self) -> tuple[list[Trace[str]], list[Trace[bytes]]]:
        """Read people and responses from copies of the file and its log, in the order of their commits."""
        log = self.file.with_name(f"{FILE}-wal").read_bytes()
        people: list[Trace[str]] = []
        answers: list[Trace[bytes]] = []
        for change in sqlite_files.replay(self.empty, sqlite_files.frames_of(log)):
            if change.table == "invited":
                people.append(Trace(change.row[1], change.row[0], (change.commit,)))
            else:
                answers.append(Trace(change.row[1], change.row[0], (change.commit,)))
        return people, answers
