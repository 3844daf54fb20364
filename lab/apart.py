"""
Parts of a phase that run in a process of their own, with their own data folder: its settings are read once, at the import.

``python -m lab.apart MODULE ARGUMENT …`` makes Django ready, then calls the module's ``main``. What that tells, it prints
as lines of JSON: rows, tables and faults.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]


def has_postgresql() -> bool:
    """Return whether this machine has a PostgreSQL to start."""
    return bool(list(Path("/usr/lib/postgresql").glob("*/bin")))


@contextmanager
def a_folder() -> Iterator[Path]:
    """Give a folder for the block, with everything in it gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="callroom-lab-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of an institution whose data lie in this folder, and whose clock can be moved."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    return {
        **outside,
        "CALLROOM_DATA": str(folder / "data"),
        "CALLROOM_HTTP": "1",
        "CALLROOM_DEMO": "1",  # so that its clock can be moved from wave to wave
        "CALLROOM_ANNOUNCE_WEEKS": "1",
        "TMPDIR": str(temporary),
    }


def told_by(
    module: str, *arguments: str, surroundings: Mapping[str, str], longest: int, store: str = "SQLite"
) -> tuple[int, list[dict[str, Any]]]:
    """Run a module's ``main`` apart; return its exit code and what it told."""
    command = [sys.executable, "-m", "lab.apart", module, *arguments]
    if store == "PostgreSQL":
        command = [str(ROOT / "tools" / "with-postgres.sh"), *command]
    done = subprocess.run(
        command, env=dict(surroundings), cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=longest, check=False
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def tell(**what: Any) -> None:
    """Tell the phase something: ``row=[…]``, ``fault="…"``."""
    print(json.dumps(what), flush=True)


def tell_fault(sentence: str) -> None:
    """Tell of a gate that did not hold."""
    tell(fault=sentence)


def tell_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Tell a whole table."""
    tell(table={"title": title, "columns": list(columns), "rows": [list(row) for row in rows]})


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
    django.setup()
    _program, module, *given = sys.argv
    import_module(module).main(*given)
