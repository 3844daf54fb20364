"""Colours by the arithmetic of WCAG 2.2: contrast between two, and the nearest one that has enough."""

from __future__ import annotations

import re
from typing import Final, NewType

Colour = NewType("Colour", str)
"""Six hex digits after a #, in lower case."""

_HEX: Final = re.compile(r"#[0-9a-f]{6}\Z")
TEXT: Final = 4.5
"""Least contrast of text: success criterion 1.4.3."""
GRAPHIC: Final = 3.0
"""Least contrast of what is not text, a focus ring for one: success criterion 1.4.11."""
WHITE: Final = Colour("#ffffff")
BLACK: Final = Colour("#000000")
STEPS: Final = 100


def colour(text: str) -> Colour:
    """
    Return a colour.

    :raises ValueError: unless it is written #rrggbb
    """
    found = text.strip().lower()
    if not _HEX.match(found):
        raise ValueError(f"{text!r} is not a colour like #0e4d47")
    return Colour(found)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21, in either order."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two: ``share`` 0 is the first, 1 the second."""
    parts = (round(a + (b - a) * share) for a, b in zip(_channels(one), _channels(other), strict=True))
    return Colour("#" + "".join(f"{part:02x}" for part in parts))


def nearest(wanted: Colour, towards: Colour, grounds: tuple[Colour, ...], least: float) -> Colour:
    """Return the colour nearest to ``wanted``, on the way to black or white, that has this contrast on all grounds."""
    for step in range(STEPS + 1):
        found = mixed(wanted, towards, step / STEPS)
        if all(contrast(found, ground) >= least for ground in grounds):
            return found
    return towards


def _channels(value: Colour) -> tuple[int, int, int]:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _luminance(value: Colour) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(value))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
