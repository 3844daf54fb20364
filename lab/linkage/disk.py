"""Every order in which people or answers stand on a disk, read from copies: the raw material of the attackers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from callroom.consent import register as agreements
from callroom.consent.states import Said
from callroom.pulse.stores.register import HEADER, SLOT, Fetched, Slot
from callroom.site.attack import postgres_files, sqlite_files
from callroom.site.attack.sqlite_files import Change, Frame

Thing = TypeVar("Thing")
Place = tuple[int, ...]
People = Mapping[UUID, Place]
Answers = Mapping[bytes, Place]
WRITTEN_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Disk:
    """What was read for one wave: orders by their names. A person or answer that an order does not show is not in it."""

    people: Mapping[str, People]
    answers: Mapping[str, Answers]


# --- the register: a copy of the keys' folder during the wave ---


def register_slots(file: Path) -> list[Slot]:
    """Return the slots of a copied register, as they lie in it."""
    content = file.read_bytes()[HEADER.size :]
    return [Slot.unpack(content[start : start + SLOT.size]) for start in range(0, len(content), SLOT.size)]


def agreement_slots(file: Path) -> list[agreements.Slot]:
    """Return the slots of a copied register of who said yes or no."""
    content, size = file.read_bytes()[agreements.HEADER.size :], agreements.SLOT.size
    return [agreements.Slot.unpack(content[start : start + size]) for start in range(0, len(content), size)]


def by_yes(slots: Iterable[agreements.Slot]) -> People:
    """Return who said yes since the last closing, by the place of the slot."""
    return {slot.person: (place,) for place, slot in enumerate(slots) if slot.said is Said.YES}


def by_slot(slots: Iterable[Slot]) -> People:
    """Return who fetched a token, by the place of the slot."""
    return {slot.person: (place,) for place, slot in enumerate(slots) if slot.fetched is not Fetched.NO}


def by_digest(slots: Iterable[Slot]) -> People:
    """Return who fetched a token, by the bytes that the slot holds."""
    return {slot.person: (int.from_bytes(slot.digest),) for slot in slots if slot.fetched is not Fetched.NO}


# --- SQLite ---


def by_rowid(file: Path, table: str, column: str, where: str = "TRUE") -> People:
    """Return people by the rowid of their row, or by the order of the table where it has none."""
    order = "rowid" if sqlite_files.has_rowid(file, table) else ""
    rows = sqlite_files.in_order(file, table, f'"{column}"', order, where)
    return {UUID(who): (place,) for place, (who,) in reversed(list(enumerate(rows)))}


def by_offset(file: Path, people: Iterable[UUID]) -> People:
    """Return people by where their id first stands in a file."""
    content = file.read_bytes()
    return {who: (at,) for who in people if (at := first_place(content, who)) is not None}


def first_place(content: bytes, who: UUID, *words: str) -> int | None:
    """Return where a person's id, in whatever spelling, or one of these words stands first."""
    spelled = (who.bytes, who.hex.encode(), str(who).encode(), *map(str.encode, words))
    return min((at for each in spelled if (at := content.find(each)) >= 0), default=None)


def answers_by_offset(file: Path, messages: Iterable[bytes]) -> Answers:
    """Return answers by where they lie in the store's file."""
    content = file.read_bytes()
    return {message: (content.find(message),) for message in messages}


def changes_naming(base: bytes, frames: list[Frame], first: int, last: int) -> dict[UUID, Change]:
    """Return, by person, the first change of those between two marks in the log that wrote a row which names them."""
    found: dict[UUID, Change] = {}
    begun, over = _commits(frames[:first]), _commits(frames[:last])
    for change in sqlite_files.replay(base, frames[:last]):
        if begun < change.commit <= over:
            for who in named_in(change):
                found.setdefault(who, change)
    return found


def changes_of_answers(base: bytes, frames: list[Frame], messages: Iterable[bytes]) -> dict[bytes, Change]:
    """Return, by answer, the change that wrote it. ``base``: their store's file while it was empty."""
    wanted: set[bytes] = set(messages)
    found: dict[bytes, Change] = {}
    for change in sqlite_files.replay(base, frames):
        for value in change.row:
            if isinstance(value, bytes) and value in wanted:
                found.setdefault(value, change)
    return found


def by_commit(changes: Mapping[Thing, Change]) -> dict[Thing, Place]:
    """Return things by the commit that wrote them."""
    return {thing: (change.commit,) for thing, change in changes.items()}


def by_instant(changes: Mapping[Thing, Change]) -> dict[Thing, Place]:
    """Return things by the instant at which a watcher saw the commit that wrote them."""
    return {thing: (change.seen_at,) for thing, change in changes.items()}


def named_in(change: Change) -> set[UUID]:
    """Return whose ids stand in a row."""
    texts = (value for value in change.row if isinstance(value, str))
    return {UUID(match) for text in texts for match in WRITTEN_ID.findall(text) if len(match) >= UUID_DIGITS}


UUID_DIGITS = 32


def _commits(frames: Iterable[Frame]) -> int:
    return sum(frame.commits for frame in frames)


# --- PostgreSQL ---


def by_place(rows: Iterable[postgres_files.Placed]) -> dict[object, Place]:
    """Return the first column's values by the row's place in its file."""
    return {_plain(row.values[0]): (row.page, row.place) for row in rows}


def by_transaction(rows: Iterable[postgres_files.Placed]) -> dict[object, Place]:
    """Return the first column's values by the transaction that wrote the row."""
    return {_plain(row.values[0]): (row.transaction,) for row in rows}


def by_commit_time(rows: Iterable[postgres_files.Placed], commits: Mapping[int, str]) -> dict[object, Place]:
    """Return the first column's values by the instant at which their transaction was committed."""
    return {
        _plain(row.values[0]): (int(re.sub(r"\D", "", commits[row.transaction])),)
        for row in rows
        if row.transaction in commits
    }


def _plain(value: object) -> object:
    if isinstance(value, str):
        return UUID(value)
    return bytes(value) if isinstance(value, memoryview) else value
