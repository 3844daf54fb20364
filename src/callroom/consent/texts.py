"""The templates that come with Callroom, the places in a notice that are filled in, and how its text is laid out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.utils import translation

from callroom.consent.states import Law, Part
from callroom.kit.wording import day_and_year

WORDINGS: Final = Path(__file__).parent / "wordings"
LANGUAGES: Final = ("es", "en")
"""In which the templates are written."""
PLACES: Final = ("{institution}", "{address}", "{contact}", "{date}")

Texts = dict[str, dict[str, str]]
"""By language, then by part."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a notice: ``heading``, ``text`` or ``list`` (then each line is a point)."""

    kind: str
    lines: tuple[str, ...]


def template(law: Law) -> Texts:
    """Return the texts that come with Callroom for institutions under this law."""
    return {language: _parts(WORDINGS / f"{law.value}.{language}.txt") for language in LANGUAGES}


def filled(text: str, *, name: str, address: str, contact: str, on: date, language: str) -> str:
    """Return a text with its places filled in; other braces stay as they are."""
    with translation.override(language):
        said = day_and_year(on)
    for place, value in zip(PLACES, (name, address, contact, said), strict=True):
        text = text.replace(place, value)
    return text


def blocks(text: str) -> tuple[Block, ...]:
    """Lay a text out: an empty line ends a paragraph, ``## `` begins a heading, ``- `` a point."""
    return tuple(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    for piece in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in piece.split("\n") if line.strip()]
        if lines and lines[0].startswith("## "):
            yield Block("heading", (lines.pop(0).removeprefix("## ").strip(),))
        if lines and all(line.startswith("- ") for line in lines):
            yield Block("list", tuple(line.removeprefix("- ").strip() for line in lines))
        elif lines:
            yield Block("text", (" ".join(lines),))


def _parts(file: Path) -> dict[str, str]:
    pieces = re.split(r"^\[(\w+)\]\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: Mapping[str, str] = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return {part.value: found[part.value].strip() for part in Part}
