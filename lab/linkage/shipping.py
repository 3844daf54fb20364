"""A backup program that ships the write-ahead logs of SQLite databases while they are written, page by page."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from callroom.site.attack.sqlite_files import FRAME_HEADER, LOG_HEADER, MAGICS, Frame

EVERY_SECONDS = 0.01
BIG_ENDIAN = 0x377F0683


@dataclass(slots=True)
class _Log:
    """How far one log was read: which time it is begun anew, its salt, the next frame, the running checksum."""

    frames: list[Frame] = field(default_factory=list)
    begun: int = 0
    generation: int = -1
    number: int = 0
    sums: tuple[int, int] = (0, 0)

    def read_on(self, file: Path) -> None:
        """Take every whole frame that was written since the last look; one that is half written waits."""
        try:
            with file.open("rb", buffering=0) as log:
                header = log.read(LOG_HEADER.size) or b""
                if len(header) < LOG_HEADER.size:
                    return
                magic, _version, size, _checkpoint, generation, _salt, *sums = LOG_HEADER.unpack(header)
                if magic not in MAGICS:
                    return
                if generation != self.generation:
                    self.generation, self.number, self.sums = generation, 0, (sums[0], sums[1])
                    self.begun += 1
                length = FRAME_HEADER.size + size
                log.seek(LOG_HEADER.size + self.number * length)
                new = log.read()
        except FileNotFoundError:
            return
        for start in range(0, len(new) - length + 1, length):
            if not self._take(new[start : start + length], ">" if magic == BIG_ENDIAN else "<"):
                return

    def _take(self, written: bytes, order: str) -> bool:
        page, pages_after, generation, _salt, *sums = FRAME_HEADER.unpack_from(written)
        content = written[FRAME_HEADER.size :]
        if generation != self.generation:
            return False
        counted = _checksum(written[:8] + content, self.sums, order)
        if counted != tuple(sums):
            return False
        self.frames.append(
            Frame(self.begun, self.number, page, bool(pages_after), content, time.time_ns() // 1_000_000)
        )
        self.number, self.sums = self.number + 1, counted
        return True


class Shipper:
    """Keeps every frame of every log that it sees, by the database's file name."""

    def __init__(self, databases: Callable[[], Iterable[Path]]) -> None:
        self._databases = databases
        self._logs: dict[str, _Log] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()

    def frames(self, name: str) -> list[Frame]:
        """Return the frames of one database in the order in which they were written."""
        self.look()
        with self._lock:
            return list(self._logs[name].frames) if name in self._logs else []

    def look(self) -> None:
        """Look at all logs once."""
        with self._lock:
            for file in self._databases():
                self._logs.setdefault(file.name, _Log()).read_on(file.with_name(f"{file.name}-wal"))

    def run(self) -> None:
        """Look again and again until it is over."""
        while not self._over.wait(EVERY_SECONDS):
            self.look()

    def stop(self) -> None:
        """Take no more looks."""
        self._over.set()


@contextmanager
def shipping(databases: Callable[[], Iterable[Path]]) -> Iterator[Shipper]:
    """Ship the logs of these databases for the block."""
    shipper = Shipper(databases)
    thread = threading.Thread(target=shipper.run, daemon=True)
    thread.start()
    try:
        yield shipper
    finally:
        shipper.stop()
        thread.join(10)


def _checksum(content: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
