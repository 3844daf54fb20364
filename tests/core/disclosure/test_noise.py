"""The noise: exact, repeatable, and of the distribution it claims."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.disclosure.noise import BadSeed, NoiseStream, discrete_laplace
from tests.core.disclosure.strategies import SEED

VECTOR = [26, 391, -246, -40, 101, -214, -50, 126, 203, -25, 48, 16]


def stream(item: str = "workload", *, seed: bytes = SEED) -> NoiseStream:
    return NoiseStream(seed, wave="pulse/2026-W47", leaf="em", item=item)


def test_the_first_block_is_the_hmac_of_the_names():
    names = b"".join(len(name).to_bytes(2, "big") + name for name in (b"pulse/2026-W47", b"em", b"workload"))
    block = hmac.new(SEED, b"callroom/noise/1" + names + bytes(8), hashlib.sha256).digest()

    assert stream().bits(256) == int.from_bytes(block, "big")


@given(st.lists(st.integers(0, 300), max_size=12))
def test_bits_are_the_same_however_they_are_asked_for(counts):
    source = stream()
    whole = stream().bits(sum(counts))

    pieces = 0
    for count in counts:
        pieces = (pieces << count) | source.bits(count)

    assert pieces == whole


def test_names_cannot_run_into_each_other():
    one = NoiseStream(SEED, wave="w", leaf="ab", item="c")
    other = NoiseStream(SEED, wave="w", leaf="a", item="bc")

    assert one.bits(256) != other.bits(256)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_has_32_bytes(length):
    with pytest.raises(BadSeed):
        stream(seed=bytes(length))


def test_a_stream_gives_no_bits_back():
    with pytest.raises(ValueError, match="give back"):
        stream().bits(-1)


@pytest.mark.parametrize("scale", [Fraction(0), Fraction(-1)])
def test_the_scale_is_positive(scale):
    with pytest.raises(ValueError, match="positive"):
        discrete_laplace(scale, stream().bits)


def test_draws_are_kept():
    """A vector: another implementation must give the same numbers, and so must this one next year."""
    source = stream()

    assert [discrete_laplace(Fraction(112), source.bits) for _ in range(12)] == VECTOR


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(3, 2), Fraction(5), Fraction(28, 3)])
def test_draws_follow_the_discrete_laplace_distribution(scale):
    """Chi-square at 1 in 10,000 over all values with an expected count of 20 or more; seeds are fixed."""
    draws = 20_000
    source = stream(f"scale {scale}")
    seen = Counter(discrete_laplace(scale, source.bits) for _ in range(draws))

    ratio = math.exp(-1 / scale)
    share = {value: (1 - ratio) / (1 + ratio) * ratio ** abs(value) for value in range(-200, 201)}
    cells = [value for value in share if draws * share[value] >= 20]
    rest = 1 - sum(share[value] for value in cells)
    tail = draws - sum(seen[value] for value in cells)
    square = sum((seen[value] - draws * share[value]) ** 2 / (draws * share[value]) for value in cells)
    square += (tail - draws * rest) ** 2 / (draws * rest)

    freedom = len(cells)
    limit = freedom * (1 - 2 / (9 * freedom) + 3.72 * math.sqrt(2 / (9 * freedom))) ** 3  # Wilson-Hilferty
    assert square < limit


def test_the_noise_on_five_options_has_the_spread_it_should():
    """Scale 112 hundredths of a step: sd = 112 x sqrt(2) = 158.4, within 3 %; mean within 4 standard errors of 0."""
    source = stream("spread")
    draws = [discrete_laplace(Fraction(112), source.bits) for _ in range(20_000)]

    mean = sum(draws) / len(draws)
    spread = math.sqrt(sum((draw - mean) ** 2 for draw in draws) / len(draws))

    assert abs(mean) < 4 * 158.4 / math.sqrt(len(draws))
    assert spread == pytest.approx(158.4, rel=0.03)
