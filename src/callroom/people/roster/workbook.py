"""A spreadsheet's first sheet with anything in it, as rows of text: the same cells that its CSV file would hold."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from callroom.people.roster.problems import Code, Problem, Unreadable

ZIP: Final = b"PK\x03\x04"
OLD: Final = b"\xd0\xcf\x11\xe0"
"""How a spreadsheet file begins today, and how one of before 2007, or one with a password, does."""
LARGEST: Final = 96 * 1024 * 1024
"""Bytes that a file may grow to when it is unpacked: 60,000 rows are a tenth of it. A bomb is larger."""
MOST_PARTS: Final = 2000


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
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
    except (zipfile.BadZipFile, ValueError) as error:
        raise Unreadable(Problem(Code.BROKEN_WORKBOOK)) from error
    if len(sizes) > MOST_PARTS or sum(sizes) > LARGEST:
        raise Unreadable(Problem(Code.TOO_LARGE))


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
