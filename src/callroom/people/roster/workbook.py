"""A spreadsheet's first sheet with anything in it, as rows of text: the same cells that its CSV file would hold."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, datetime
from typing import IO, Any, Final

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from callroom.people.roster.problems import Code, Problem, Unreadable

ZIP: Final = b"PK\x03\x04"
OLD: Final = b"\xd0\xcf\x11\xe0"
"""How a spreadsheet file begins today, and how one of before 2007, or one with a password, does."""
LARGEST: Final = 96 * 1024 * 1024
"""Bytes that a file may grow to when it is unpacked: 60,000 rows are a tenth of it. A bomb is larger."""
MOST_PARTS: Final = 2000
MOST_CELLS: Final = 4_000_000
"""From the first cell to the last: 60,000 rows of 66 columns."""
OPEN_DOCUMENT: Final = "content.xml"
REFERENCE: Final = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^>]{0,200}?\br=["']([A-Za-z]{0,4})([0-9]{1,9})["']""")
"""A cell or a row of a sheet, with its place."""
PIECE: Final = 1024 * 1024
OVERLAP: Final = 512


def is_workbook(content: bytes) -> bool:
    """Return whether these bytes begin as a spreadsheet file does."""
    return content.startswith((ZIP, OLD))


def cells_of(content: bytes) -> list[list[str]]:
    """
    Return the rows of the first sheet that is not empty.

    :raises Unreadable: for a file that is none, is damaged, has a password or grows too large
    """
    if content.startswith(OLD):
        raise Unreadable(Problem(Code.OLD_WORKBOOK))
    _check_size(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            found = [[_text(cell) for cell in row] for row in rows]
            if any(cell for row in found for cell in row):
                return found
    except PasswordError as error:
        raise Unreadable(Problem(Code.OLD_WORKBOOK)) from error
    except (CalamineError, ValueError, OverflowError) as error:
        raise Unreadable(Problem(Code.BROKEN_WORKBOOK)) from error
    raise Unreadable(Problem(Code.NO_ROWS))


def _check_size(content: bytes) -> None:
    """
    Unpack the file once, piece by piece, and refuse it before the reader of spreadsheets is given it.

    That reader makes a place for each cell from the first to the last that has anything in it: one cell in the far corner
    would take all memory. It also believes the sizes that a file gives of its parts; here a part that is longer does not
    fit its checksum.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            found = parts.infolist()
            if len(found) > MOST_PARTS or sum(part.file_size for part in found) > LARGEST:
                raise Unreadable(Problem(Code.TOO_LARGE))
            if any(part.filename.endswith(".bin") for part in found if "worksheets/" in part.filename):
                raise Unreadable(Problem(Code.BROKEN_WORKBOOK))  # binary sheets: nothing here could measure them
            areas = [_area_of(parts, part) for part in found]
    except (zipfile.BadZipFile, etree.LxmlError, ValueError, RuntimeError, EOFError, zlib.error) as error:
        raise Unreadable(Problem(Code.BROKEN_WORKBOOK)) from error
    if max(areas, default=0) > MOST_CELLS:
        raise Unreadable(Problem(Code.TOO_LARGE))


def _area_of(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Return how many cells lie between the first and the last of a part; the whole part is read."""
    with parts.open(part) as stream:
        return _area_of_tables(stream) if part.filename == OPEN_DOCUMENT else _area_of_references(stream)


def _area_of_references(stream: IO[bytes]) -> int:
    """Return rows times columns up to the last reference like ``XFD1048576``, or row number."""
    rows = columns = 0
    before = b""
    while piece := stream.read(PIECE):
        before = before[-OVERLAP:] + piece
        for letters, row in REFERENCE.findall(before):
            rows = max(rows, int(row))
            columns = max(columns, _column(letters))
    return rows * max(columns, 1)


def _area_of_tables(stream: IO[bytes]) -> int:
    """Return the same of an OpenDocument sheet, in which cells and rows say how often they are repeated."""
    row = column = last_row = last_column = 0
    for event, element in etree.iterparse(stream, ("start", "end"), resolve_entities=False, no_network=True):
        name = str(element.tag).rpartition("}")[2]
        if event == "start" and name == "table":
            row = 0
        elif event == "start" and name == "table-row":
            column = 0
        elif event == "end" and name == "table-cell":
            column += _repeated(element, "number-columns-repeated")
            if len(element) or any(str(key).rpartition("}")[2] == "value-type" for key in element.attrib):
                last_column = max(last_column, column)
                last_row = max(last_row, row + 1)
        elif event == "end" and name == "table-row":
            repeated = _repeated(element, "number-rows-repeated")
            if last_row == row + 1:
                last_row = row + repeated
            row += repeated
            element.clear()
    return last_row * last_column


def _repeated(element: Any, name: str) -> int:
    return next((int(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(cell: object) -> str:
    """Return a cell as CSV would hold it: days as 2026-07-01, whole numbers without a point."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if (cell.hour, cell.minute, cell.second) == (0, 0, 0):
            return cell.date().isoformat()
        case date() | datetime():
            return cell.isoformat()
        case _:
            return str(cell).strip()
