"""
Pages that the worker drew once something was published, as files in the data folder, so that no reader waits for one.

A page holds what anybody in the institution may read, and nothing about a reader. What is missing here is drawn when it is
asked for; what is here can be thrown away at any time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Hashable, Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

import callroom
from callroom.kit.apart import Access, make_folder, tally_folder

FOLDER: Final = "pages"
COMPLETE: Final = "complete"
"""An empty file that stands there once every page of an edition does."""


def get(edition: Hashable, unit: str) -> tuple[str, str] | None:
    """Return title and content of a unit's page; None where it was not drawn beforehand."""
    try:
        kept = json.loads(_file(edition, unit).read_bytes())
        return str(kept["title"]), str(kept["content"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def put(edition: Hashable, unit: str, *, title: str, content: str) -> None:
    """Keep a unit's page; whoever reads it meanwhile finds the whole page or none."""
    file = _file(edition, unit)
    make_folder(file.parent, Access.READ)
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps({"title": title, "content": content}, ensure_ascii=False), encoding="utf-8")
    beside.replace(file)


def holds(edition: Hashable, unit: str) -> bool:
    """Is a unit's page there?"""
    return _file(edition, unit).exists()


def finish(editions: Iterable[Hashable]) -> None:
    """Say that these editions are whole, and throw all others away."""
    current = {_folder(edition) for edition in editions}
    for folder in current:
        make_folder(folder, Access.READ)
        (folder / COMPLETE).touch()
    for old in (tally_folder() / FOLDER).iterdir():
        if old not in current:
            shutil.rmtree(old, ignore_errors=True)


def is_finished(editions: Iterable[Hashable]) -> bool:
    """Are all pages of these editions there?"""
    return all((_folder(edition) / COMPLETE).exists() for edition in editions)


def empty() -> None:
    """Throw all pages away: after a backup was restored the same names may stand for other pages."""
    with suppress(FileNotFoundError):
        shutil.rmtree(tally_folder() / FOLDER)


def _folder(edition: Hashable) -> Path:
    name = sha256(repr((callroom.__version__, _build(), edition)).encode()).hexdigest()
    return tally_folder() / FOLDER / name


@cache
def _build() -> int:
    """Return when the newest of the programs, templates and translations was written: another build draws its own pages."""
    files = Path(callroom.__file__).parent.rglob("*")
    return max(file.stat().st_mtime_ns for file in files if file.suffix in {".py", ".html", ".mo"})


def _file(edition: Hashable, unit: str) -> Path:
    return _folder(edition) / f"unit-{quote(unit, safe='')}.json"
