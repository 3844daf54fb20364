"""What a PostgreSQL cluster tells whoever has its files: where rows lie, who wrote them in which order, and when.

``ctid`` is a row's place in its file, ``xmin`` the number of the transaction that wrote it; the write-ahead log says when
each transaction was committed, to the microsecond. All three are there without any column for them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

COMMIT: Final = re.compile(r"tx:\s+(\d+),.*?desc: COMMIT (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)")


@dataclass(frozen=True, slots=True)
class Placed:
    """One row: what it says, its page and place on it, its transaction."""

    values: tuple[Any, ...]
    page: int
    place: int
    transaction: int


def placed_rows(address: str, table: str, *columns: str, schema: str = "public") -> list[Placed]:
    """Return a table's rows as they lie in its file."""
    with psycopg.connect(address, autocommit=True) as link:
        statement = sql.SQL("SELECT ctid::text, xmin::text, {} FROM {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(schema, table)
        )
        rows = link.execute(statement).fetchall()
    found = []
    for ctid, transaction, *values in rows:
        page, place = ctid.strip("()").split(",")
        found.append(Placed(tuple(values), int(page), int(place), int(transaction)))
    return sorted(found, key=lambda row: (row.page, row.place))


def commits_of(log_folder: Path, tool: str = "pg_waldump") -> dict[int, str]:
    """Return when each transaction in these write-ahead logs was committed, by its number."""
    segments = sorted(file.name for file in log_folder.iterdir() if re.fullmatch(r"[0-9A-F]{24}", file.name))
    commits: dict[int, str] = {}
    for segment in segments:
        command = [tool, "--rmgr=Transaction", "--path", str(log_folder), segment]
        # It ends with an error at the place up to which the newest segment was written.
        printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)  # noqa: S603
        commits.update((int(number), at) for number, at in COMMIT.findall(printed.stdout))
    return commits


def waldump() -> str | None:
    """Return where this machine has ``pg_waldump``, if anywhere."""
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_waldump"))
    return str(beside[-1]) if beside else shutil.which("pg_waldump")
