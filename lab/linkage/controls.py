"""Stores that are built the usual way: the same attackers must break each of them, or they would prove nothing.

Each control is one fault that Callroom must not have. It is filled visit by visit, one commit each as on a quiet server;
then only its files are read.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from callroom.core.anonymity import linkage
from callroom.core.anonymity.linkage import Score, Trace
from callroom.site.attack import sqlite_files
from lab.linkage.visits import Visit, truth_of

ALMOST_ALL = 0.95
MOST = 0.5
"""An hour holds some visits of one group together: what was measured for hourly flags is 84 %."""

Traces = tuple[list[Trace[str]], list[Trace[bytes]]]


@dataclass(frozen=True, slots=True)
class Control:
    """
    One fault. ``least``: the share that the attacker must link.

    ``fill`` writes the store's files into a folder, ``traces`` reads them and nothing else.
    """

    name: str
    attacker: str
    least: float
    fill: Callable[[Path, Sequence[Visit], random.Random], None]
    traces: Callable[[Path], Traces]

    def attacked(self, folder: Path, visits: Sequence[Visit], chance: random.Random) -> Score:
        """Fill the store with these visits, attack it, and return what was linked."""
        folder.mkdir()
        self.fill(folder, visits, chance)
        people, answers = self.traces(folder)
        return linkage.score(linkage.join(people, answers, chance.shuffle), truth_of(list(visits)))


# --- a plain token table: a used flag and a response without a key between them, in one transaction (what surveys do) ---


def _fill_plain(folder: Path, visits: Sequence[Visit], chance: random.Random) -> None:
    with _database(folder / "survey") as database:
        database.execute("CREATE TABLE token (person TEXT PRIMARY KEY, grp INT, used INT)")
        database.execute("CREATE TABLE response (id BLOB PRIMARY KEY, grp INT, text TEXT) WITHOUT ROWID")
        _everybody(database, "token (person, grp, used) VALUES (?, ?, 0)", visits, chance)
        for visit in visits:
            with database:
                database.execute("UPDATE token SET used = 1 WHERE person = ?", (visit.person,))
                database.execute("INSERT INTO response VALUES (?, ?, 'fine')", (visit.message, visit.group))


def _traces_plain(folder: Path) -> Traces:
    return _by_commit(folder, "survey", "token"), _answers_by_commit(folder, "survey", "response")


# --- blind tokens issued and used in one visit, the flag written at once ---


def _fill_flags_at_once(folder: Path, visits: Sequence[Visit], chance: random.Random) -> None:
    with _database(folder / "issuing") as issuing, _database(folder / "sealed") as sealed:
        issuing.execute("CREATE TABLE flag (person TEXT PRIMARY KEY, grp INT, fetched INT) WITHOUT ROWID")
        _answers(sealed)
        _everybody(issuing, "flag (person, grp, fetched) VALUES (?, ?, 0)", visits, chance)
        for visit in visits:
            with issuing:
                issuing.execute("UPDATE flag SET fetched = 1 WHERE person = ?", (visit.person,))
            _answer(sealed, visit)


def _traces_flags(folder: Path) -> Traces:
    return _by_commit(folder, "issuing", "flag"), _answers_by_commit(folder, "sealed", "answer")


# --- the same, but flags are collected and written once an hour in a random order ---


def _fill_flags_hourly(folder: Path, visits: Sequence[Visit], chance: random.Random) -> None:
    with _database(folder / "issuing") as issuing, _database(folder / "sealed") as sealed:
        issuing.execute("CREATE TABLE flag (person TEXT PRIMARY KEY, grp INT, fetched INT) WITHOUT ROWID")
        _answers(sealed)
        _everybody(issuing, "flag (person, grp, fetched) VALUES (?, ?, 0)", visits, chance)
        for hour in sorted({visit.hour for visit in visits}):
            came = [visit for visit in visits if visit.hour == hour]
            for visit in came:
                _answer(sealed, visit)
            with issuing:
                issuing.executemany(
                    "UPDATE flag SET fetched = 1 WHERE person = ?",
                    chance.sample([(v.person,) for v in came], len(came)),
                )


# --- tables with rowids; the logs were cut, so the order of arrival is all there is ---


def _fill_rowids(folder: Path, visits: Sequence[Visit], _chance: random.Random) -> None:
    with _database(folder / "issuing") as issuing, _database(folder / "sealed") as sealed:
        issuing.execute("CREATE TABLE fetched (person TEXT PRIMARY KEY, grp INT)")
        sealed.execute("CREATE TABLE answer (message BLOB PRIMARY KEY, grp INT, sealed BLOB)")
        for visit in visits:
            with issuing:
                issuing.execute("INSERT INTO fetched VALUES (?, ?)", (visit.person, visit.group))
            _answer(sealed, visit)
        for database in (issuing, sealed):
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _traces_rowids(folder: Path) -> Traces:
    people = sqlite_files.in_order(folder / "issuing.sqlite3", "fetched", order="rowid")
    answers = sqlite_files.in_order(folder / "sealed.sqlite3", "answer", order="rowid")
    return (
        [Trace(group, person, (place,)) for place, (person, group) in enumerate(people)],
        [Trace(group, message, (place,)) for place, (message, group, _sealed) in enumerate(answers)],
    )


# --- tokens were fetched ahead of the wave, but a page that is opened on the way touches a session row ---


def _fill_sessions(folder: Path, visits: Sequence[Visit], chance: random.Random) -> None:
    with _database(folder / "default") as default, _database(folder / "sealed") as sealed:
        default.execute("CREATE TABLE session (person TEXT PRIMARY KEY, grp INT, seen_at INT) WITHOUT ROWID")
        _answers(sealed)
        _everybody(default, "session (person, grp, seen_at) VALUES (?, ?, 0)", visits, chance)
        for visit in visits:
            with default:
                default.execute("UPDATE session SET seen_at = ? WHERE person = ?", (visit.at, visit.person))
            _answer(sealed, visit)


def _traces_sessions(folder: Path) -> Traces:
    return _by_commit(folder, "default", "session"), _answers_by_commit(folder, "sealed", "answer")


# --- tokens were fetched ahead of the wave, but a sign-in is audited with its minute, and then comes the answer ---


def _fill_minutes(folder: Path, visits: Sequence[Visit], _chance: random.Random) -> None:
    with _database(folder / "default") as default, _database(folder / "sealed") as sealed:
        default.execute("CREATE TABLE audit (person TEXT PRIMARY KEY, grp INT, minute INT) WITHOUT ROWID")
        _answers(sealed)
        for visit in visits:
            with default:
                default.execute("INSERT INTO audit VALUES (?, ?, ?)", (visit.person, visit.group, visit.minute))
            _answer(sealed, visit)
        default.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the trail's own log is gone: its minutes are enough


def _traces_minutes(folder: Path) -> Traces:
    trail = sqlite_files.in_order(folder / "default.sqlite3", "audit")
    people = [Trace(group, person, (minute,)) for person, group, minute in trail]
    return people, _answers_by_commit(folder, "sealed", "answer")


CONTROLS = (
    Control("a plain token table beside the responses", "log replayed", ALMOST_ALL, _fill_plain, _traces_plain),
    Control("tokens used in the visit, flags at once", "log replayed", ALMOST_ALL, _fill_flags_at_once, _traces_flags),
    Control("tokens used in the visit, flags hourly", "log replayed", MOST, _fill_flags_hourly, _traces_flags),
    Control("tables with rowids, logs cut", "rowid", ALMOST_ALL, _fill_rowids, _traces_rowids),
    Control("a page touches a session row", "log replayed", ALMOST_ALL, _fill_sessions, _traces_sessions),
    Control("a sign-in audited with its minute", "minute and log", ALMOST_ALL, _fill_minutes, _traces_minutes),
)


@contextmanager
def _database(place: Path) -> Iterator[sqlite3.Connection]:
    """Open a database whose log is kept whole, and leave both as they are: what closing would merge stays in the log."""
    file = place.with_suffix(".sqlite3")
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA wal_autocheckpoint=0")
        yield database
        copied = {part: part.read_bytes() for part in (file, Path(f"{file}-wal")) if part.exists()}
    for part, content in copied.items():
        part.write_bytes(content)


def _everybody(database: sqlite3.Connection, into: str, visits: Sequence[Visit], chance: random.Random) -> None:
    people = [(visit.person, visit.group) for visit in visits]
    with database:
        database.executemany(f"INSERT INTO {into}", chance.sample(people, len(people)))


def _answers(database: sqlite3.Connection) -> None:
    database.execute("CREATE TABLE answer (message BLOB PRIMARY KEY, grp INT, sealed BLOB) WITHOUT ROWID")


def _answer(database: sqlite3.Connection, visit: Visit) -> None:
    with database:
        database.execute("INSERT INTO answer VALUES (?, ?, zeroblob(304))", (visit.message, visit.group))


def _replayed(folder: Path, name: str, table: str) -> Iterator[sqlite_files.Change]:
    file = folder / f"{name}.sqlite3"
    log = file.with_name(f"{file.name}-wal")
    content = log.read_bytes() if log.exists() else b""
    changes = sqlite_files.replay(file.read_bytes(), sqlite_files.frames_of(content))
    return (change for change in changes if change.table == table)


def _by_commit(folder: Path, name: str, table: str) -> list[Trace[str]]:
    """Return people by the last commit that changed their row."""
    last = {row[0]: (row[1], change.commit) for change in _replayed(folder, name, table) for row in [change.row]}
    return [Trace(group, person, (commit,)) for person, (group, commit) in last.items()]


def _answers_by_commit(folder: Path, name: str, table: str) -> list[Trace[bytes]]:
    return [Trace(change.row[1], change.row[0], (change.commit,)) for change in _replayed(folder, name, table)]
