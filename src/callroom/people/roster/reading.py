"""Bytes to rows: a spreadsheet, or UTF-8 with comma, semicolon or tab; below a header of known columns."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callroom.people.roster.problems import Code, Problem, Unreadable
from callroom.people.roster.workbook import cells_of, is_workbook

__all__ = [
    "Row",
    "Sheet",
    "Table",
    "Unreadable",
    "asks_why",
    "check_columns",
    "column_name",
    "read",
    "read_table",
    "sheet_of",
]

DELIMITERS: Final = (",", ";", "\t")
MOST_ROWS: Final = 60_000
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")

SPANISH_COLUMNS: Final[Mapping[str, str]] = {
    "id_externo": "external_id",
    "matricula": "external_id",
    "nombre": "name",
    "correo": "email",
    "e_mail": "email",
    "correo_electronico": "email",
    "unidad": "unit",
    "rol": "role",
    "desde": "from",
    "hasta": "to",
    "rol_desde": "role_from",
    "rol_hasta": "role_to",
    "idioma": "language",
    "programa": "home_unit",
    "ausencia_desde": "leave_from",
    "ausencia_hasta": "leave_to",
    "nombre_en": "name_en",
    "nombre_es": "name_es",
    "tipo": "kind",
    "superior": "parent",
    "evaluador": "evaluator",
}

# Leave is dates. A column that could say why somebody is away is refused by its name, whatever stands in it.
REASON_WORDS: Final = frozenset(
    [
        "reason",
        "reasons",
        "motivo",
        "motivos",
        "razon",
        "razones",
        "causa",
        "cause",
        "why",
        "porque",
        "diagnosis",
        "diagnostic",
        "diagnostico",
        "dx",
        "icd",
        "icd10",
        "cie",
        "cie10",
        "illness",
        "disease",
        "enfermedad",
        "padecimiento",
        "sick",
        "sickness",
        "medical",
        "medico",
        "medica",
        "health",
        "salud",
        "disability",
        "discapacidad",
        "incapacidad",
        "pregnancy",
        "pregnant",
        "embarazo",
        "maternity",
        "maternidad",
        "paternity",
        "paternidad",
        "note",
        "notes",
        "nota",
        "notas",
        "comment",
        "comments",
        "comentario",
        "comentarios",
        "remark",
        "remarks",
        "observacion",
        "observaciones",
        "justification",
        "justificacion",
        "justificante",
        "details",
        "detalle",
        "detalles",
        "leave_type",
        "tipo_ausencia",
        "tipo_de_ausencia",
        "tipo_licencia",
    ]
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row's cells by column, without surrounding spaces; absent columns read as empty."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's columns, by their own names, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it came: its header's own words, and its rows with their numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(content: bytes) -> Sheet:
    """
    Return the sheet in these bytes, its columns by their own names; otherwise as ``read_table``.

    :raises Unreadable: see ``read_table``
    """
    table = read_table(content)
    return sheet_of(table, [column_name(cell) for cell in table.header])


def read_table(content: bytes) -> Table:
    """
    Return the table in these bytes; empty rows are skipped, and still counted in the numbers of those after them.

    :raises Unreadable: a broken spreadsheet, not UTF-8 (naming byte and row), not CSV, no header, no rows, more cells
        than columns, more rows than any hospital has people
    """
    rows = list(_of_workbook(content) if is_workbook(content) else _of_text(content))
    if not rows:
        raise Unreadable(Problem(Code.NO_ROWS))
    if len(rows) > MOST_ROWS:
        raise Unreadable(Problem(Code.TOO_MANY_ROWS, said={"most": MOST_ROWS}))
    header = tuple(rows[0][1])
    while header and not header[-1]:
        header = header[:-1]
    wide = [Problem(Code.TOO_MANY_CELLS, row=number) for number, cells in rows[1:] if any(cells[len(header) :])]
    if wide:
        raise Unreadable(*wide)
    return Table(header, tuple((number, tuple(cells[: len(header)])) for number, cells in rows[1:]))


def sheet_of(table: Table, columns: Sequence[str]) -> Sheet:
    """Return the table with these names for its columns, in their order; a column without a name is left out."""
    rows = tuple(
        Row(number, {name: cell for name, cell in zip(columns, cells, strict=False) if name})
        for number, cells in table.rows
    )
    return Sheet(tuple(name for name in columns if name), rows)


def _of_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(cells_of(content), start=1):
        found = [unicodedata.normalize("NFC", cell) for cell in cells]
        if any(found):
            yield number, found


def _of_text(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    first, _, _ = text.lstrip("\r\n").partition("\n")
    return _numbered(text, max(DELIMITERS, key=first.count))


def check_columns(
    sheet: Sheet, *, required: Collection[str], optional: Collection[str], may_be_empty: bool = False
) -> None:
    """
    Check the header before any row is looked at.

    :raises Unreadable: for a reason column, unknown, missing and double columns, and a file without rows unless it may be
        empty
    """
    known = {*required, *optional}
    problems = [Problem(Code.REASON_COLUMN, row=1, column=name) for name in sheet.columns if asks_why(name)]
    problems += [
        Problem(Code.UNKNOWN_COLUMN, row=1, column=name, said={"known": ", ".join(sorted(known))})
        for name in sheet.columns
        if name not in known and not asks_why(name)
    ]
    problems += [Problem(Code.MISSING_COLUMN, row=1, column=name) for name in required if name not in sheet.columns]
    double = sorted({name for name in sheet.columns if sheet.columns.count(name) > 1})
    problems += [Problem(Code.DOUBLE_COLUMN, row=1, column=name) for name in double]
    if not problems and not sheet.rows and not may_be_empty:
        problems = [Problem(Code.NO_ROWS)]
    if problems:
        raise Unreadable(*problems)


def column_name(cell: str) -> str:
    """Return a column's own name: "External ID", "external-id" and "id externo" are all ``external_id``."""
    plain = "_".join(without_accents(cell).lower().replace("-", " ").replace("_", " ").split())
    return SPANISH_COLUMNS.get(plain, plain)


def asks_why(column: str) -> bool:
    """Return whether a column's name asks why somebody is away."""
    return column in REASON_WORDS or not REASON_WORDS.isdisjoint(column.split("_"))


def without_accents(text: str) -> str:
    """Return the text with its letters bare: "Médico" gives "Medico"."""
    return "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))


def _decoded(content: bytes) -> str:
    if content.startswith(UTF16_MARKS):
        raise Unreadable(Problem(Code.UTF16))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        said: dict[str, str | int] = {"byte": f"0x{error.object[error.start]:02X}", "position": error.start + 1}
        raise Unreadable(Problem(Code.NOT_UTF8, row=before.count(b"\n") + 1, said=said)) from error
    if "\0" in text:
        raise Unreadable(Problem(Code.NUL, row=text[: text.index("\0")].count("\n") + 1))
    return unicodedata.normalize("NFC", text)


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield number, stripped
    except csv.Error as error:
        raise Unreadable(Problem(Code.NOT_CSV, row=number + 1)) from error
