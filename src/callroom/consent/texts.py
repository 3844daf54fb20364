"""The templates that come with Callroom, the places in a notice that are filled in, and how its text is laid out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from django.utils import translation

from callroom.consent.states import Law, Part
from callroom.kit.wording import day_and_year

WORDINGS: Final = Path(__file__).parent / "wordings"
LANGUAGES: Final = ("es", "en")
"""In which the templates are written."""
PLACES: Final = ("{institution}", "{address}", "{contact}", "{date}")

SCALE_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile(r"\bburn-?\s?out\b", re.IGNORECASE),
    "es": re.compile(r"\b(desgaste|burn-?\s?out)\b", re.IGNORECASE),
}
"""By which a notice is known to speak of the quarterly burnout scale."""
_WHERE_IT_IS_ON: Final[Mapping[str, re.Pattern[str]]] = {
    "en": re.compile(r"Where the quarterly burnout scale is on,[^.]*\."),
    "es": re.compile(r"Donde está activada la escala trimestral de desgaste,[^.]*\."),
}
"""The sentence of our templates: true with the scale on and off."""

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


class Speaks(StrEnum):
    """Whether a notice speaks of the quarterly burnout scale."""

    NO = "no"
    IF_IT_IS_ON = "if it is on"
    """By our templates' sentence alone, which holds either way."""
    YES = "yes"


def speaks_of_scale(parts: Mapping[str, str], language: str) -> Speaks:
    """Return whether these texts of one language speak of the scale."""
    text = " ".join(" ".join(parts.values()).split())
    if not SCALE_WORDS[language].search(text):
        return Speaks.NO
    return Speaks.YES if SCALE_WORDS[language].search(_WHERE_IT_IS_ON[language].sub("", text)) else Speaks.IF_IT_IS_ON


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
