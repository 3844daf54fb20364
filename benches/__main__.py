"""``python -m benches [SECTION …]``: run every section in a process of its own and print one table."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ON_BOTH = ("answers", "closing", "hostile")
SECTIONS = (*ON_BOTH, "pages", "browser")
Row = dict[str, str]


def main() -> int:
    """Print the table; exit 1 if a section broke."""
    rows: list[Row] = []
    broken = 0
    for section in sys.argv[1:] or SECTIONS:
        for database in ("SQLite", "PostgreSQL") if section in ON_BOTH else ("SQLite",):
            found = _run(section, database)
            broken += found is None
            rows += found or []
    _print(rows)
    return 1 if broken else 0


def _run(section: str, database: str) -> list[Row] | None:
    """Return a section's rows; None if it broke."""
    if database == "PostgreSQL" and not list(Path("/usr/lib/postgresql").glob("*/bin")):
        print("No PostgreSQL on this machine: left out (apt-get install postgresql)", file=sys.stderr)
        return []
    folder = Path(tempfile.mkdtemp(prefix="callroom-bench-"))
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    environment = {
        **outside,
        "CALLROOM_DATA": str(folder),
        "CALLROOM_HTTP": "1",
        "CALLROOM_DEMO": "1",  # so that its clock can be moved to the wave
        "CALLROOM_ANNOUNCE_WEEKS": "0",  # no new keys are made beside a measurement
        "POSTGRES_FSYNC": "on",
    }
    command = [sys.executable, "-m", "benches.run", section, database]
    if database == "PostgreSQL":
        command = [str(ROOT / "tools" / "with-postgres.sh"), *command]
    try:
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=1800)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode:
        print(f"{section} on {database} broke", file=sys.stderr)
        return None
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _print(rows: list[Row]) -> None:
    columns = ("what", "measured", "aim", "baseline")
    widths = {column: max([len(column), *(len(row[column]) for row in rows)]) for column in columns}
    for row in [dict(zip(columns, columns, strict=True)), *rows]:
        print("  ".join(row[column].ljust(widths[column]) for column in columns).rstrip())


if __name__ == "__main__":
    raise SystemExit(main())
