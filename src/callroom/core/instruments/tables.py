"""
A comma-separated file as text in, text out.

UTF-8, with or without a byte-order mark; comma, semicolon or tab between the cells, as the header has it. Row 1 is the
header, as a spreadsheet numbers rows. Nothing is guessed: a file that is not a table is refused with the place.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
DELIMITERS: Final = (",", ";", "\t")
LONGEST_CELL: Final = 1_000_000


class NotATable(Exception):
    """The file cannot be read as rows and columns."""


class EmptyFile(NotATable):
    """There is nothing in the file, or a header without rows."""


@dataclass
class WrongEncoding(NotATable):
    """Not UTF-8; ``row`` is the line of the first byte that is not."""

    row: int


@dataclass
class BrokenRow(NotATable):
    """A row that has more or fewer cells than the header, or an open quotation mark."""

    row: int
    cells: int
    expected: int


@dataclass(frozen=True, slots=True)
class Table:
    """A file's cells as they stand, each row's number in the file, and how the file was written."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    delimiter: str
    marked: bool

    def column(self, name: str) -> int:
        """Return the place of a column; :raises ValueError: when there is none."""
        return self.header.index(name)


def read_table(content: bytes) -> Table:
    """
    Return the table in these bytes; empty lines are skipped.

    :raises EmptyFile: without a header or without rows
    :raises WrongEncoding: when it is not UTF-8 (or carries null bytes, as UTF-16 does)
    :raises BrokenRow: when a row does not have the header's number of cells
    """
    text = _decoded(content.removeprefix(BYTE_ORDER_MARK))
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    lines = _lines(text, delimiter)
    if len(lines) < 2:
        raise EmptyFile
    header = tuple(name.strip() for name in lines[0][1])
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise BrokenRow(row=number, cells=len(cells), expected=len(header))
    return Table(
        header=header,
        rows=tuple(tuple(cells) for _, cells in lines[1:]),
        numbers=tuple(number for number, _ in lines[1:]),
        delimiter=delimiter,
        marked=content.startswith(BYTE_ORDER_MARK),
    )


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise WrongEncoding(row=content.count(b"\n", 0, wrong.start) + 1) from None
    if "\0" in text:
        raise WrongEncoding(row=text.count("\n", 0, text.index("\0")) + 1)
    return text


def _lines(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty with their numbers."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for cells in reader:
            number += 1
            if cells:
                lines.append((number, cells))
    except csv.Error:
        raise BrokenRow(row=number + 1, cells=0, expected=len(lines[0][1]) if lines else 0) from None
    return lines


def written(table: Table, added: Sequence[str], cells: Iterable[Sequence[str]]) -> bytes:
    """Return the file's bytes: the table's columns as they were, then ``added`` with each row's ``cells``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.delimiter, lineterminator="\n")
    writer.writerow([*table.header, *added])
    writer.writerows([*row, *more] for row, more in zip(table.rows, cells, strict=True))
    return (BYTE_ORDER_MARK if table.marked else b"") + text.getvalue().encode("utf-8")
