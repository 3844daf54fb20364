"""The issue register of one wave: one fixed slot per person, overwritten in place, fsynced before a signature leaves.

A preallocated file, so that no order of issuing exists anywhere on disk: every slot has its place before the first
token is fetched, and the file never grows by fetching. Its times of access and of modification are set to a constant. The
time of change in its inode cannot be set by anybody: it tells when the last token was fetched, of all of one wave's, until
the worker touches every register in its next minute (``touch``). After that it tells when the worker last ran.
A slot holds the SHA-256 of the blinded message that was signed last, never the message.

    header  64 bytes: magic 8 | SHA-256(wave id) 32 | slots 4 | flags 1 (1 opened, 2 shut) | zeros
    slot    64 bytes: person 16 | group 2 | fetched 1 (0 no, 1 once, 2 replaced) | flags 1 (1 asked, 2 newcomer,
            4 asks for a replacement, 8 one is approved)
            | zeros 12 | digest 32
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from callroom.kit.apart import Access, file_mode
from callroom.kit.keyring import fsync_folder
from callroom.kit.locks import locked_file, settle

MAGIC: Final = b"CALLREG1"
HEADER: Final = struct.Struct(">8s32sIB19x")
SLOT: Final = struct.Struct(">16sHBB12x32s")
OPENED: Final = 1
SHUT: Final = 2
ASKED: Final = 1
NEWCOMER: Final = 2
ASKS: Final = 4
APPROVED: Final = 8
SPARE_SLOTS: Final = 32
FREE: Final = UUID(int=0)


class Fetched(IntEnum):
    """What became of one person's right to a token."""

    NO = 0
    ONCE = 1
    REPLACED = 2


class NotInRegister(Exception):
    """This person is not asked in this wave."""


class AlreadyFetched(Exception):
    """This person has a token on another device, and it cannot be replaced any more."""


class NotReplaceable(Exception):
    """This person has no token that could be replaced now, has replaced one before, or did not ask."""


class RegisterShut(Exception):
    """The register issues nothing: the wave is over, or its keys are gone."""


@dataclass(frozen=True, slots=True)
class Slot:
    """
    One person's place.

    ``asked``: eligible at the opening (always true before); ``newcomer``: came after the key sheet was signed; ``asks``:
    for a replacement in the open wave, which somebody else has to approve.
    """

    person: UUID
    group: int
    fetched: Fetched
    asked: bool
    digest: bytes
    newcomer: bool = False
    asks: bool = False
    approved: bool = False

    def pack(self) -> bytes:
        """Return the slot's 64 bytes."""
        flags = ASKED * self.asked | NEWCOMER * self.newcomer | ASKS * self.asks | APPROVED * self.approved
        return SLOT.pack(self.person.bytes, self.group, self.fetched, flags, self.digest)

    @classmethod
    def unpack(cls, packed: bytes) -> Slot:
        """Return the slot in these 64 bytes."""
        person, group, fetched, flags, digest = SLOT.unpack(packed)
        asked, newcomer, asks, approved = (bool(flags & flag) for flag in (ASKED, NEWCOMER, ASKS, APPROVED))
        return cls(UUID(bytes=person), group, Fetched(fetched), asked, digest, newcomer, asks, approved)


EMPTY: Final = Slot(FREE, 0, Fetched.NO, asked=False, digest=bytes(32))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many fetched a token, and how many replaced it, by group."""

    issued: Mapping[int, int]
    replaced: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Register:
    """The register file of one wave; every method takes the file's lock, which holds across processes."""

    file: Path
    wave: str

    def create(self, members: Mapping[UUID, int]) -> None:
        """
        Preallocate the file with a slot for everybody and spare ones; does nothing when it is already there.

        :param members: person -> index of the group in the key sheet
        :raises OSError: if the disk has no room
        """
        if self.file.exists():
            return
        slots = [Slot(person, members[person], Fetched.NO, asked=True, digest=bytes(32)) for person in sorted(members)]
        slots += [EMPTY] * SPARE_SLOTS
        content = self._header(len(slots), 0) + b"".join(slot.pack() for slot in slots)
        unfinished = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(handle, file_mode(Access.WRITE))
            os.posix_fallocate(handle, 0, len(content))
            os.pwrite(handle, content, 0)
            settle(handle)
        finally:
            os.close(handle)
        unfinished.rename(self.file)
        fsync_folder(self.file.parent)

    def enrol(self, members: Mapping[UUID, int]) -> None:
        """Give newcomers of existing groups a spare slot each, at random, all at once; nobody's group changes."""
        with self._open() as (handle, flags, content):
            slots = _slots(content)
            known = {slot.person for slot in slots}
            newcomers = sorted(person for person in members if person not in known)
            if flags or not newcomers:
                return
            free = [place for place, slot in enumerate(slots) if slot.person == FREE]
            if len(free) < len(newcomers):
                free += range(len(slots), len(slots) + len(newcomers) + SPARE_SLOTS)
                self._grow(handle, free[-1] + 1)
            for person in newcomers:
                place = free.pop(secrets.randbelow(len(free)))
                slot = Slot(person, members[person], Fetched.NO, asked=True, digest=bytes(32), newcomer=True)
                self._write(handle, place, slot)
            settle(handle)

    def mark_opened(self, asked: Set[UUID]) -> None:
        """Fix who is asked, at the opening; from now on nobody is added, and nothing is replaced without approval."""
        with self._open() as (handle, flags, content):
            slots = _slots(content)
            for place, slot in enumerate(slots):
                if slot.person != FREE:
                    self._write(handle, place, replace(slot, asked=slot.person in asked))
            os.pwrite(handle, self._header(len(slots), flags | OPENED), 0)
            settle(handle)

    def touch(self) -> None:
        """Let the inode's time of change be now; does nothing when the file is gone."""
        with suppress(FileNotFoundError):
            os.utime(self.file, ns=(0, 0))

    def shut(self) -> None:
        """Issue nothing any more, whatever the clock says; what was counted once stays as it was."""
        with self._open() as (handle, flags, content):
            os.pwrite(handle, self._header(len(_slots(content)), flags | SHUT), 0)
            settle(handle)

    def issue(self, person: UUID, blinded: bytes, *, may_replace: bool) -> int:
        """
        Note durably that this person's token is signed over this blinded message, and return the person's group.

        :raises NotInRegister: unless the person is asked in this wave
        :raises AlreadyFetched: if another blinded message was signed before and may not be replaced (any more)
        :raises RegisterShut: once the wave is over
        """
        digest = hashlib.sha256(blinded).digest()
        with self._open() as (handle, flags, content):
            if flags & SHUT:
                raise RegisterShut
            place, slot = _find(content, person)
            after = _after_fetching(slot, digest, opened=bool(flags & OPENED), may_replace=may_replace)
            # Written even when nothing changes: a retry must not be told from a first fetch by its time.
            self._write(handle, place, after)
            settle(handle)
            return slot.group

    def ask_for_replacement(self, person: UUID) -> None:
        """
        Note that a person asks for another token in the open wave; asking again changes nothing.

        :raises NotInRegister: if the person is not asked in this wave
        :raises NotReplaceable: unless it is open, and they fetched one token and no other
        :raises RegisterShut: once the wave is over
        """
        self._note(person, asks=True)

    def approve_replacement(self, person: UUID) -> None:
        """
        Note that a person who asked may fetch another token.

        :raises NotInRegister, NotReplaceable, RegisterShut: as above, and for who did not ask
        """
        self._note(person, asks=False)

    def replacement_of(self, person: UUID) -> str:
        """Return how far a person is with a replacement in the open wave: empty, "asked" or "approved"."""
        slot = next((slot for slot in self.slots() if slot.person == person), EMPTY)
        if slot.fetched is not Fetched.ONCE:
            return ""
        return "approved" if slot.approved else "asked" if slot.asks else ""

    def asking(self) -> list[UUID]:
        """Return who asks for a replacement that nobody has approved yet, in key order."""
        waiting = (slot for slot in self.slots() if slot.asks and slot.fetched is Fetched.ONCE)
        return sorted(slot.person for slot in waiting)

    def _note(self, person: UUID, *, asks: bool) -> None:
        with self._open() as (handle, flags, content):
            if flags & SHUT:
                raise RegisterShut
            place, slot = _find(content, person)
            if not flags & OPENED or slot.fetched is not Fetched.ONCE or not (asks or slot.asks or slot.approved):
                raise NotReplaceable
            after = replace(slot, asks=not slot.approved) if asks else replace(slot, asks=False, approved=True)
            self._write(handle, place, after)
            settle(handle)

    def group_of(self, person: UUID) -> int:
        """
        Return the group this person may fetch a token for.

        :raises NotInRegister: if there is none
        :raises RegisterShut: once the wave is over
        """
        with self._open() as (_handle, flags, content):
            if flags & SHUT:
                raise RegisterShut
            _place, slot = _find(content, person)
            if flags & OPENED and not slot.asked and slot.fetched is Fetched.NO:
                raise NotInRegister
            return slot.group

    def counts(self) -> Counts:
        """Return what the release says about issuing; fixed once the register is shut."""
        issued: dict[int, int] = {}
        replaced: dict[int, int] = {}
        for slot in self.slots():
            issued[slot.group] = issued.get(slot.group, 0) + (slot.fetched is not Fetched.NO)
            replaced[slot.group] = replaced.get(slot.group, 0) + (slot.fetched is Fetched.REPLACED)
        return Counts(issued, replaced)

    def fetchers(self) -> list[UUID]:
        """Return who fetched a token, in key order."""
        return sorted(slot.person for slot in self.slots() if slot.fetched is not Fetched.NO)

    def slots(self) -> list[Slot]:
        """Return everybody's slot."""
        with self._open() as (_handle, _flags, content):
            return [slot for slot in _slots(content) if slot.person != FREE]

    @contextmanager
    def _open(self) -> Iterator[tuple[int, int, bytes]]:
        with ExitStack() as stack:
            try:
                handle = stack.enter_context(locked_file(self.file, create=False))
            except FileNotFoundError:
                raise RegisterShut from None
            content = os.pread(handle, os.fstat(handle).st_size, 0)
            if len(content) < HEADER.size:
                raise RegisterShut
            magic, wave, count, flags = HEADER.unpack_from(content)
            if magic != MAGIC or wave != _digest(self.wave) or len(content) < HEADER.size + count * SLOT.size:
                raise RegisterShut
            yield handle, flags, content[HEADER.size : HEADER.size + count * SLOT.size]

    def _header(self, slots: int, flags: int) -> bytes:
        return HEADER.pack(MAGIC, _digest(self.wave), slots, flags)

    def _grow(self, handle: int, slots: int) -> None:
        os.posix_fallocate(handle, 0, HEADER.size + slots * SLOT.size)
        os.pwrite(handle, self._header(slots, 0), 0)

    @staticmethod
    def _write(handle: int, place: int, slot: Slot) -> None:
        os.pwrite(handle, slot.pack(), HEADER.size + place * SLOT.size)


def _slots(content: bytes) -> list[Slot]:
    return [Slot.unpack(content[start : start + SLOT.size]) for start in range(0, len(content), SLOT.size)]


def _find(content: bytes, person: UUID) -> tuple[int, Slot]:
    start = -1 if person == FREE else content.find(person.bytes)
    while start >= 0:
        if start % SLOT.size == 0:
            return start // SLOT.size, Slot.unpack(content[start : start + SLOT.size])
        start = content.find(person.bytes, start + 1)
    raise NotInRegister


def _after_fetching(slot: Slot, digest: bytes, *, opened: bool, may_replace: bool) -> Slot:
    match slot.fetched:
        case Fetched.NO:
            if opened and not slot.asked:
                raise NotInRegister
            return replace(slot, fetched=Fetched.ONCE, digest=digest)
        case _ if slot.digest == digest:
            return slot
        case Fetched.ONCE if may_replace and (slot.approved or not opened):
            return replace(slot, fetched=Fetched.REPLACED, digest=digest, asks=False, approved=False)
        case _:
            raise AlreadyFetched


def _digest(wave: str) -> bytes:
    return hashlib.sha256(wave.encode()).digest()
