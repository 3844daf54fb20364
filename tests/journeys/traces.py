"""Looks for bytes on a disk in every form in which a program could have left them."""

from __future__ import annotations

import base64
import re
import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

SMALL = 64 * 1024
"""Up to this size a file is tried as a raw deflate stream from every offset; streams with a header are found anywhere."""
LARGEST_STREAM = 8 * 1024 * 1024
ZLIB = re.compile(rb"[\x08\x18\x28\x38\x48\x58\x68\x78]")
GZIP = b"\x1f\x8b\x08"
STEP = 64
ENOUGH = 16
"""Bytes: a stream that gives fewer is noise."""
KEY_LENGTH = 32


def forms(needle: bytes) -> tuple[bytes, ...]:
    """Return the bytes as they are, in hex and in base64 (both alphabets, at each of the three alignments)."""
    written = {needle, needle.hex().encode(), needle.hex().upper().encode()}
    for before in range(3):
        text = base64.b64encode(bytes(before) + needle)
        inner = text[-(-8 * before // 6) : 8 * (before + len(needle)) // 6]
        written |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return tuple(sorted(written))


def files_in(*places: Path) -> Iterator[Path]:
    """Yield every file in these folders, and these files."""
    for place in places:
        yield from (file for file in sorted([place, *place.rglob("*")]) if file.is_file())


def hits(needles: Mapping[str, Iterable[bytes]], files: Iterable[Path], *, inside_streams: bool = True) -> list[str]:
    """Return "file: which needle" for each needle that stands in a file, or in a compressed stream in it."""
    written = {name: tuple(each) for name, each in needles.items()}
    found = []
    for file in files:
        for where, content in _contents(file, inside_streams=inside_streams):
            found += [
                f"{file}{where}: {name}" for name, each in written.items() if any(form in content for form in each)
            ]
    return found


def _contents(file: Path, *, inside_streams: bool) -> Iterator[tuple[str, bytes]]:
    try:
        content = file.read_bytes()
    except FileNotFoundError:  # SQLite's shared memory goes with the last connection, between the list and this look
        return
    yield "", content
    if inside_streams:
        for start, window_bits in _stream_starts(content):
            inflated = _inflated(content, start, window_bits)
            if len(inflated) >= ENOUGH:
                yield f" (stream at {start})", inflated


def _stream_starts(content: bytes) -> Iterator[tuple[int, int]]:
    yield from ((match.start(), 31) for match in re.finditer(re.escape(GZIP), content))
    for match in ZLIB.finditer(content):
        start = match.start()
        if int.from_bytes(content[start : start + 2], "big") % 31 == 0:
            yield start, 15
    if len(content) <= SMALL:
        yield from ((start, -15) for start in range(len(content)))


def _inflated(content: bytes, start: int, window_bits: int) -> bytes:
    """Return what a stream at this place holds, as far as it can be read."""
    whole = b""
    stream = zlib.decompressobj(window_bits)
    # In steps: a stream that breaks off still gives what came before.
    for at in range(start, len(content), STEP):
        try:
            whole += stream.decompress(content[at : at + STEP], LARGEST_STREAM - len(whole))
        except zlib.error:
            break
        if stream.eof or len(whole) >= LARGEST_STREAM:
            break
    return whole


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a database with its write-ahead log: SQLite changes both by opening them."""
    with TemporaryDirectory() as place:
        for part in file.parent.glob(f"{file.name}*"):
            with suppress(FileNotFoundError):
                shutil.copy(part, place)
        with closing(sqlite3.connect(Path(place) / file.name)) as database:
            yield database


def candidates_in(file: Path) -> Iterator[bytes]:
    """Yield what could be a key: every 32 bytes of a small file, every value of that length in a database."""
    content = file.read_bytes()
    if content.startswith(b"SQLite format 3\0"):
        yield from _in_database(file)
    elif len(content) <= 4096:
        yield from (content[start : start + KEY_LENGTH] for start in range(len(content) - KEY_LENGTH + 1))
    for digits in re.findall(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", content):
        yield bytes.fromhex(digits.decode())
    for text in re.findall(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=", content):
        yield base64.b64decode(text)


def _in_database(file: Path) -> Iterator[bytes]:
    with reading(file) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"'):
                yield from (value for value in row if isinstance(value, bytes) and len(value) == KEY_LENGTH)
