"""The program in the browser: which files it is, and the fingerprint of their bytes as they are served.

Built from ``browser/`` with every version fixed, the same sources give the same bytes on every machine: whoever builds
them compares. ``sha256sum *.js | sha256sum`` in the folder of the files prints the same fingerprint.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders

FOLDER: Final = "pulse/js"
FILES: Final = ("checkin.js", "council.js", "device.js", "sw.js", "words-en.js", "words-es.js")
"""In the order in which a shell lists them."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """``fingerprint``: SHA-256 over the lines of ``files``: hash, two spaces, name, as ``sha256sum`` prints them."""

    fingerprint: str
    files: tuple[tuple[str, str], ...]


def fingerprint_of(contents: dict[str, bytes]) -> Bundle:
    """Return the fingerprint of these files."""
    files = tuple((name, hashlib.sha256(contents[name]).hexdigest()) for name in sorted(contents))
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in files)
    return Bundle(hashlib.sha256(lines.encode()).hexdigest(), files)


@lru_cache(maxsize=1)
def served() -> Bundle:
    """Return the fingerprint of the files as this process serves them; they do not change while it runs."""
    return fingerprint_of({name: served_bytes(name) for name in FILES})


def served_bytes(name: str) -> bytes:
    """Return the bytes of one file as the server gives it out."""
    path = f"{FOLDER}/{name}"
    collected = Path(settings.STATIC_ROOT) / path
    if collected.is_file():
        return collected.read_bytes()
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(path)
    return Path(found).read_bytes()
