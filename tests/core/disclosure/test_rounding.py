"""Rounding is exact and treats both ends alike."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.disclosure.rounding import nearest, nearest_root


@given(st.fractions(0, 100))
def test_a_scale_read_backwards_rounds_alike(value):
    assert nearest(100 - value) == 100 - nearest(value)


@given(st.fractions(0, 10_000))
def test_the_nearest_root(square):
    root = nearest_root(square)

    assert (root - Fraction(1, 2)) ** 2 <= square or root == 0
    assert square < (root + Fraction(1, 2)) ** 2


def test_a_root_that_ends_in_one_half_goes_up():
    assert nearest_root(Fraction(25, 4)) == 3


def test_there_is_no_root_of_less_than_nothing():
    with pytest.raises(ValueError, match="nonnegative"):
        nearest_root(Fraction(-1))
