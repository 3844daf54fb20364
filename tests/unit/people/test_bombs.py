"""Files that are small and unpack to more than a machine has: refused before anything makes room for them."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest

from callroom.history import reading as history
from callroom.people.roster import reading, workbook
from callroom.people.roster.problems import Code, Unreadable

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MOST_SECONDS = 20
MOST_MEMORY = 200 * 1024 * 1024


def cell(reference: str, row: int, text: str = "x") -> str:
    return f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def book(sheet: str, **more: bytes) -> bytes:
    """Return a spreadsheet of one sheet with these rows, and other parts beside it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        parts.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" Type="{RELATIONS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        parts.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>',
        )
        parts.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" Type="{RELATIONS}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        parts.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
        )
        for name, content in more.items():
            parts.writestr(name, content)
    return packed.getvalue()


def lying(content: bytes, name: bytes, size: int) -> bytes:
    """Return a file that says of one part that it is shorter than it is."""
    at = content.rindex(name) - 46  # its entry in the central directory
    assert content[at : at + 4] == b"PK\x01\x02"
    return content[: at + 24] + struct.pack("<I", size) + content[at + 28 :]


def open_document(rows: str) -> bytes:
    packed = io.BytesIO()
    table, office = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("table", "office"))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr(
            "META-INF/manifest.xml",
            '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"></m:manifest>',
        )
        parts.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}" xmlns:table="{table}" xmlns:text="urn:t"><office:body>'
            f'<office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )
    return packed.getvalue()


def od_cell(columns: int) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>x</text:p>'
        "</table:table-cell>"
    )


ZEROS = bytes(200 * 1024 * 1024)
BOMBS = {
    "a cell in the far corner": (lambda: book(cell("A1", 1) + cell("XFD1048576", 1_048_576)), Code.TOO_LARGE),
    "one cell far away": (lambda: book(cell("XFD1048576", 1_048_576)), Code.TOO_LARGE),
    "a wide sheet": (lambda: book(cell("A1", 1) + cell("ZZ60000", 60_000)), Code.TOO_LARGE),
    "a row without cells": (lambda: book(cell("A1", 1) + '<row r="9999999"/>'), Code.TOO_LARGE),
    "quotes of the other kind": (lambda: book(cell("A1", 1) + "<row r='1'><c r='XFD9999'/></row>"), Code.TOO_LARGE),
    "a part of 200 MB": (lambda: book(cell("A1", 1), **{"xl/sharedStrings.xml": ZEROS}), Code.TOO_LARGE),
    "a part that says it is short": (
        lambda: lying(book(cell("A1", 1), **{"xl/sharedStrings.xml": ZEROS}), b"xl/sharedStrings.xml", 1000),
        Code.BROKEN_WORKBOOK,
    ),
    "two thousand and one parts": (
        lambda: book(cell("A1", 1), **{f"{number}.xml": b"" for number in range(2001)}),
        Code.TOO_LARGE,
    ),
    "a sheet in binary": (
        lambda: book(cell("A1", 1), **{"xl/worksheets/sheet2.bin": b"\0" * 16}),
        Code.BROKEN_WORKBOOK,
    ),
    "a repeated cell": (
        lambda: open_document(
            f'<table:table-row table:number-rows-repeated="1000000">{od_cell(16_384)}</table:table-row>'
        ),
        Code.TOO_LARGE,
    ),
    "a cell below a million empty rows": (
        lambda: open_document(
            f'<table:table-row table:number-rows-repeated="1000000"/><table:table-row>{od_cell(100)}</table:table-row>'
        ),
        Code.TOO_LARGE,
    ),
    "a million laughs": (lambda: _laughing(), Code.BROKEN_WORKBOOK),
}


def _laughing() -> bytes:
    entities = '<!ENTITY a "haha">' + "".join(
        f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 20}">' for level in range(8)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", f"<!DOCTYPE x [{entities}]><x>&i;</x>")
    return packed.getvalue()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon_and_in_little_memory(name: str) -> None:
    make, code = BOMBS[name]
    content = make()
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(Unreadable) as refused:
        workbook.cells_of(content)
    seconds, (_now, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(content) < 1024 * 1024, "it is small"
    (problem,) = refused.value.problems
    assert problem.code is code
    assert seconds < MOST_SECONDS
    assert peak < MOST_MEMORY


def test_an_ordinary_sheet_is_read_and_so_is_one_that_ends_in_empty_rows() -> None:
    assert workbook.cells_of(book(cell("A1", 1) + cell("B2", 2))) == [["x", ""], ["", "x"]]
    assert workbook.cells_of(
        open_document(
            f'<table:table-row>{od_cell(2)}<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
            '<table:table-row table:number-rows-repeated="1048575">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        )
    )[0][:2] == ["x", "x"]


@pytest.mark.parametrize("read", [reading.read_table, history.header_of], ids=["roster", "history"])
def test_every_door_for_spreadsheets_goes_through_this_check(read: object) -> None:
    bomb = BOMBS["a cell in the far corner"][0]()
    with pytest.raises((Unreadable, history.Unreadable)):
        read(bomb)  # type: ignore[operator]


def test_a_file_that_is_no_archive_at_all_is_broken() -> None:
    for content in (b"PK\x03\x04", b"PK\x03\x04" + zlib.compress(b"x" * 100), b"\xd0\xcf\x11\xe0rest"):
        with pytest.raises(Unreadable):
            workbook.cells_of(content)
