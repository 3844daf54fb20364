"""The institution's look: whatever two colours pass, all that is made from them can be read; a logo is a picture."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from callroom.kit.contrast import TEXT, Colour, contrast
from callroom.setup import theme

colours = st.integers(0, 0xFFFFFF).map(lambda number: Colour(f"#{number:06x}"))
PAIR = re.compile(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")


def pair(text: str) -> tuple[Colour, Colour]:
    match = PAIR.fullmatch(text)
    assert match
    return Colour(match[1]), Colour(match[2])


@given(colours, colours)
def test_whatever_passes_can_be_read_by_day_and_by_night(bar: Colour, button: Colour) -> None:
    assume(not theme.problems(bar, button))

    made = theme.tokens(bar, button)

    assert len(made) == 8
    assert contrast(Colour(made["--on-corridor"]), bar) >= TEXT
    assert contrast(Colour(made["--on-corridor-2"]), bar) >= TEXT
    for place, grounds in enumerate((theme.DAY_GROUNDS, theme.NIGHT_GROUNDS)):
        link, ink, hover = (pair(made[name])[place] for name in ("--scrub", "--on-scrub", "--scrub-hover"))
        assert contrast(link, ink) >= TEXT
        assert all(contrast(link, ground) >= TEXT for ground in grounds)
        assert all(contrast(hover, ground) >= TEXT for ground in grounds)


@given(colours, colours)
def test_a_refused_colour_comes_with_one_that_passes(bar: Colour, button: Colour) -> None:
    instead = {each.part: each.instead for each in theme.problems(bar, button)}

    assert theme.problems(instead.get("bar", bar), instead.get("button", button)) == ()


def picture(form: str = "PNG", size: tuple[int, int] = (800, 300), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (20, 90, 80)).save(out, form, **more)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_written_anew_and_small(form: str) -> None:
    with Image.open(io.BytesIO(theme.logo(picture(form)))) as made:
        assert made.format == "PNG"
        assert made.size[0] <= theme.SHOWN[0]
        assert made.size[1] <= theme.SHOWN[1]


def test_nothing_of_the_file_but_the_picture_is_kept() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", "Fernando Ruiz")
    content = picture(pnginfo=said) + b"<script>alert(1)</script>"

    made = theme.logo(content)

    assert b"Fernando" not in made
    assert b"script" not in made


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><svg/>',
        b'  <!DOCTYPE svg><svg onload="x()"/>',
    ],
)
def test_a_drawing_is_refused_as_one(content: bytes) -> None:
    with pytest.raises(theme.NotALogo) as refused:
        theme.logo(content)

    assert refused.value.drawing


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(40), b"%PDF-1.7", picture()[:60], picture("BMP")])
def test_another_file_is_no_logo(content: bytes) -> None:
    with pytest.raises(theme.NotALogo) as refused:
        theme.logo(content)

    assert not refused.value.drawing


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    with pytest.raises(theme.NotALogo):
        theme.logo(picture(size=(theme.MOST_PIXELS + 1, 10)))
