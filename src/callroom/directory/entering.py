"""The institution's services from a table: one row per service and language."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from callroom.core.instruments.tables import Table
from callroom.directory.actions import OwnService
from callroom.directory.states import ServiceKind

COLUMNS: Final = tuple(field.name for field in fields(OwnService))
OPTIONAL: Final = frozenset({"number", "call_to", "text_to", "text_word", "chat_address"})


@dataclass
class MissingColumn(Exception):
    """The table lacks a column that every service needs."""

    column: str


@dataclass
class WrongCell(Exception):
    """A kind that does not exist, or a position that is no number."""

    row: int
    column: str
    value: str


def services_in(table: Table) -> tuple[OwnService, ...]:
    """
    Return the services that this table holds; columns of other names are not read.

    :raises MissingColumn: when a column is not there
    :raises WrongCell: when a kind or a position cannot be understood
    """
    for column in COLUMNS:
        if column not in OPTIONAL and column not in table.header:
            raise MissingColumn(column)
    return tuple(
        _service(number, dict(zip(table.header, row, strict=True)))
        for number, row in zip(table.numbers, table.rows, strict=True)
    )


def _service(row: int, cells: dict[str, str]) -> OwnService:
    words = {column: cells.get(column, "").strip() for column in COLUMNS}
    kind, position = words.pop("kind"), words.pop("position")
    if kind not in ServiceKind.values:
        raise WrongCell(row, "kind", kind)
    if not (position.isascii() and position.isdigit()):
        raise WrongCell(row, "position", position)
    return OwnService(kind=ServiceKind(kind), position=int(position[:4]), **words)
