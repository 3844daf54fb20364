"""How a phase of the lab says what it found: tables, a summary, and the gates that did not hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report: a title, the columns' names, the rows as they are printed, sentences below them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def text(self) -> str:
        """Return the table as lines, each column as wide as its widest cell."""
        lines = [list(self.columns), *map(list, self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        printed = (
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )
        return "\n".join([self.title, "-" * len(self.title), *printed, *([""] if self.notes else []), *self.notes])


@dataclass(slots=True)
class Findings:
    """
    What a phase hands back.

    ``faults``: one sentence for each gate that did not hold; none means that all held. ``summary``: a few plain sentences.
    """

    tables: list[Table] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)

    def add(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], notes: Sequence[str] = ()) -> None:
        """Add a table."""
        self.tables.append(Table(title, columns, tuple(rows), notes))

    def gate(self, held: bool, otherwise: str) -> None:
        """Note a fault unless the gate held."""
        if not held:
            self.faults.append(otherwise)
