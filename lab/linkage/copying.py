"""
``python -m lab.linkage.copying FROM TO [NAME …]``: a backup program that copies a folder while it is being worked on.

NAMEs are left out where they stand right below the folder. It is a process of its own because one that opens and
closes a SQLite file in use loses its locks on it (see ``callroom.kit.database.bytes_of``).
"""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path


def main(folder: Path, place: Path, not_copied: frozenset[str]) -> None:
    """Copy what is there: a file may be gone before its turn comes."""
    place.mkdir(parents=True, exist_ok=True)
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        inside = file.relative_to(folder)
        if inside.parts[0] not in not_copied:
            (place / inside).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                shutil.copyfile(file, place / inside)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), frozenset(sys.argv[3:]))
