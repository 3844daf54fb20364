"""Contrast as WCAG defines it, and the nearest colour that has enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.kit.contrast import BLACK, TEXT, WHITE, Colour, colour, contrast, mixed, nearest

colours = st.integers(0, 0xFFFFFF).map(lambda number: Colour(f"#{number:06x}"))


def test_the_standards_own_examples() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(Colour("#777777"), WHITE) == pytest.approx(4.48, abs=0.005)
    assert contrast(Colour("#767676"), WHITE) == pytest.approx(4.54, abs=0.005)


@given(colours, colours)
def test_the_order_of_two_colours_does_not_matter(one: Colour, other: Colour) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.0001


@given(colours)
def test_the_nearest_colour_can_be_read_on_white(wanted: Colour) -> None:
    found = nearest(wanted, BLACK, (WHITE,), TEXT)

    assert contrast(found, WHITE) >= TEXT
    if contrast(wanted, WHITE) >= TEXT:
        assert found == wanted


def test_a_mix_lies_between() -> None:
    assert mixed(BLACK, WHITE, 0) == BLACK
    assert mixed(BLACK, WHITE, 1) == WHITE
    assert mixed(BLACK, WHITE, 0.5) == "#808080"


@pytest.mark.parametrize("text", ["", "red", "#12", "#gggggg", "#0e4d47; }", "rgb(1,2,3)"])
def test_what_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        colour(text)


def test_capitals_and_spaces_are_no_mistake() -> None:
    assert colour(" #0E4D47 ") == "#0e4d47"
