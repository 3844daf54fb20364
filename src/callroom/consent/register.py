"""
What people said since the last round closed: one fixed slot per person, overwritten in place.

A row in a database would keep the instant of its commit, and who says yes may answer in the same visit: the row would
point at the answer (decisions 0005, 0009). So it lies as the issue register does: a preallocated file on the volume of the
rounds' keys, which no backup and no snapshot holds, with constant times, whose slots stand there before anybody says
anything. When a round closes it is emptied into ``Agreement``, all at once and in key order.

    header  16 bytes: magic 8 | slots 4 | zeros
    slot    32 bytes: person 16 | said 1 | zeros 1 | purpose 2 | zeros 12
"""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from callroom.consent.states import REGISTER, Said
from callroom.kit import keyring
from callroom.kit.apart import Access
from callroom.kit.locks import locked_file, settle

MAGIC: Final = b"CALLAGR1"
HEADER: Final = struct.Struct(">8sI4x")
SLOT: Final = struct.Struct(">16sBxH12x")
SPARE_SLOTS: Final = 64
FREE: Final = UUID(int=0)


class Damaged(OSError):
    """The file is not what it was: a disk that lost something. Nothing is concluded from it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One person's place."""

    person: UUID
    said: Said = Said.NOTHING
    purpose: int = 0

    def pack(self) -> bytes:
        """Return the slot's 32 bytes."""
        return SLOT.pack(self.person.bytes, self.said, self.purpose)

    @classmethod
    def unpack(cls, packed: bytes) -> Slot:
        """Return the slot in these 32 bytes."""
        person, said, purpose = SLOT.unpack(packed)
        return cls(UUID(bytes=person), Said(said), purpose)


EMPTY: Final = Slot(FREE)


def file() -> Path:
    """Return where the register lies; it may not exist."""
    return keyring.waves_folder() / REGISTER


def enrol(people: Collection[UUID]) -> None:
    """
    Give everybody who has none a slot, all at once and at random places; whoever has one keeps it.

    :raises keyring.NotMounted: while the volume is not there
    :raises OSError: if the disk has no room
    """
    keyring.require_waves_folder()
    if not file().exists():
        _create(sorted(people))
        return
    with _open() as (handle, body):
        slots = _slots(body)
        known = {slot.person for slot in slots}
        newcomers = sorted(person for person in people if person not in known)
        if not newcomers:
            return
        free = [place for place, slot in enumerate(slots) if slot.person == FREE]
        if len(free) < len(newcomers):
            total = len(slots) + len(newcomers) + SPARE_SLOTS
            free += range(len(slots), total)
            os.posix_fallocate(handle, 0, HEADER.size + total * SLOT.size)
            os.pwrite(handle, HEADER.pack(MAGIC, total), 0)
        for person in newcomers:
            _write(handle, free.pop(secrets.randbelow(len(free))), Slot(person))
        settle(handle)


def note(person: UUID, said: Said, purpose: int) -> None:
    """
    Overwrite what this person said; it is durable when this returns.

    :raises keyring.NotMounted: while the volume is not there
    :raises KeyError: unless the person has a slot
    """
    keyring.require_waves_folder()
    with _open() as (handle, body):
        _write(handle, _place_of(body, person), Slot(person, said, purpose))
        settle(handle)


def of(person: UUID) -> Slot | None:
    """Return what this person said since the last round closed; None for nothing, or where there is no register."""
    try:
        with _open() as (_handle, body):
            found = _slot(body, _place_of(body, person))
    except (FileNotFoundError, KeyError):
        return None
    return None if found.said is Said.NOTHING else found


def empty_into(keep: Callable[[Sequence[Slot]], None], *, here: Set[UUID]) -> None:
    """
    Hand over what was said, in key order, then forget it; slots of people who are not ``here`` any more are freed.

    After a crash in between it is handed over again. Does nothing where there is no register.
    """
    with suppress(FileNotFoundError), _open() as (handle, body):
        slots = _slots(body)
        keep(sorted((slot for slot in slots if slot.said is not Said.NOTHING), key=lambda slot: slot.person))
        for place, slot in enumerate(slots):
            _write(handle, place, replace(EMPTY, person=slot.person if slot.person in here else FREE))
        settle(handle)


def is_damaged() -> bool:
    """Return whether the register is there and is not what it was."""
    try:
        with _open():
            return False
    except FileNotFoundError:
        return False
    except OSError:
        return True


def touch() -> None:
    """Let the inode's time of change be now: it would tell when somebody said something last."""
    with suppress(FileNotFoundError):
        os.utime(file(), ns=(0, 0))


def _create(people: Sequence[UUID]) -> None:
    slots = [*(Slot(person) for person in people), *[EMPTY] * SPARE_SLOTS]
    content = HEADER.pack(MAGIC, len(slots)) + b"".join(slot.pack() for slot in slots)
    keyring.write_once(file(), content, Access.WRITE)
    touch()


@contextmanager
def _open() -> Iterator[tuple[int, bytes]]:
    with locked_file(file(), create=False) as handle:
        content = os.pread(handle, os.fstat(handle).st_size, 0)
        if len(content) < HEADER.size:
            raise Damaged(REGISTER)
        magic, count = HEADER.unpack_from(content)
        body = content[HEADER.size : HEADER.size + count * SLOT.size]
        if magic != MAGIC or len(body) != count * SLOT.size:
            raise Damaged(REGISTER)
        yield handle, body


def _slot(body: bytes, place: int) -> Slot:
    return Slot.unpack(body[place * SLOT.size : (place + 1) * SLOT.size])


def _slots(body: bytes) -> list[Slot]:
    return [_slot(body, place) for place in range(len(body) // SLOT.size)]


def _place_of(body: bytes, person: UUID) -> int:
    start = -1 if person == FREE else body.find(person.bytes)
    while start >= 0:
        if start % SLOT.size == 0:
            return start // SLOT.size
        start = body.find(person.bytes, start + 1)
    raise KeyError(person)


def _write(handle: int, place: int, slot: Slot) -> None:
    os.pwrite(handle, slot.pack(), HEADER.size + place * SLOT.size)
