"""The institution's look: eight of our tokens, made from two colours so that everything stays readable, and a logo."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, UnidentifiedImageError

from callroom.kit.contrast import BLACK, GRAPHIC, TEXT, WHITE, Colour, contrast, mixed, nearest

DAY_GROUNDS: Final = (Colour("#eef1ec"), Colour("#fdfefb"))
NIGHT_GROUNDS: Final = (Colour("#0d1413"), Colour("#151d1b"))
"""``--ground`` and ``--sheet`` of kit/css/tokens.css, on which links and buttons lie."""
LAMP: Final = Colour("#f7c04a")
"""``--lamp``: the ring of focus in the bar."""
DARK_INK: Final = Colour("#06201c")

OF_THE_LOGO: Final = ".logo { block-size: 2rem; max-inline-size: 8rem; inline-size: auto; object-fit: contain }"
"""Here and not in our own sheet: only who has a look has a logo."""

LARGEST_LOGO: Final = 1024 * 1024
MOST_PIXELS: Final = 4000
SHOWN: Final = (480, 96)
FORMATS: Final = ("PNG", "JPEG", "WEBP")


class NotALogo(Exception):
    """The file is no picture that is taken here. ``drawing``: it is an SVG, which can hold a program."""

    def __init__(self, *, drawing: bool = False) -> None:
        super().__init__(drawing)
        self.drawing = drawing


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A colour that text could not be read in. ``instead`` is the nearest one that works."""

    part: str
    ratio: float
    least: float
    instead: Colour


def problems(bar: Colour, button: Colour) -> tuple[Unreadable, ...]:
    """Return what could not be read with these two colours."""
    found = []
    ring = contrast(LAMP, bar)
    if ring < GRAPHIC:
        found.append(Unreadable("bar", ring, GRAPHIC, nearest(bar, BLACK, (LAMP,), GRAPHIC)))
    link = min(contrast(button, ground) for ground in DAY_GROUNDS)
    if link < TEXT:
        found.append(Unreadable("button", link, TEXT, nearest(button, BLACK, DAY_GROUNDS, TEXT)))
    return tuple(found)


def tokens(bar: Colour, button: Colour) -> dict[str, str]:
    """Return the eight tokens that these colours give; at night the button's is lightened until it can be read."""
    night = nearest(button, WHITE, NIGHT_GROUNDS, 7.0)
    ink = _ink_on(bar)
    softer = mixed(ink, bar, 0.2)
    return {
        "--corridor": bar,
        "--on-corridor": ink,
        "--on-corridor-2": softer if contrast(softer, bar) >= TEXT else ink,
        "--beam": f"light-dark({mixed(bar, WHITE, 0.08)}, {mixed(bar, WHITE, 0.05)})",
        "--scrub": f"light-dark({button}, {night})",
        "--scrub-hover": f"light-dark({mixed(button, BLACK, 0.2)}, {mixed(night, WHITE, 0.3)})",
        "--on-scrub": f"light-dark({_ink_on(button)}, {_ink_on(night)})",
        "--scrub-tint": f"light-dark({mixed(button, DAY_GROUNDS[1], 0.88)}, {mixed(night, NIGHT_GROUNDS[1], 0.85)})",
    }


def sheet(bar: Colour, button: Colour) -> str:
    """Return the style sheet; it stands outside the layers, so it wins over ours."""
    said = "; ".join(f"{name}: {value}" for name, value in tokens(bar, button).items())
    return f":root {{ {said} }}\n{OF_THE_LOGO}\n"


def logo(content: bytes) -> bytes:
    """
    Return a picture written anew as PNG, small enough for the bar: nothing of the file itself is kept.

    :raises NotALogo: for anything but PNG, JPEG or WebP of a reasonable size
    """
    start = content[:512].lstrip().lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype")) or b"<svg" in start:
        raise NotALogo(drawing=True)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if max(picture.size) > MOST_PIXELS:
                raise NotALogo
            drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotALogo from error
    drawn.thumbnail(SHOWN)
    clean = Image.new("RGBA", drawn.size)
    clean.paste(drawn)
    written = io.BytesIO()
    clean.save(written, "PNG", optimize=True)
    return written.getvalue()


def _ink_on(ground: Colour) -> Colour:
    return max((WHITE, DARK_INK), key=lambda ink: contrast(ink, ground))
