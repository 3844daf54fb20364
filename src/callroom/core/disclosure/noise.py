"""
Noise that is exact, secret while it matters, and gone afterwards.

The noise on a sum is discrete Laplace, drawn with integers only: floating point would leave a pattern that betrays
the sum (Mironov, "On significance of the least significant bits for differential privacy", CCS 2012). The bits come
from a 32-byte seed that is burned with the wave's keys; until then a repeated closing gives the same bytes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from fractions import Fraction

Bits = Callable[[int], int]
"""A source of random bits: ``bits(k)`` is a whole number from 0 to 2^k - 1, each equally likely."""

SEED_LENGTH = 32
_DOMAIN = b"callroom/noise/1"
_BLOCK_BITS = 256


class BadSeed(ValueError):
    """The seed of the noise is not 32 bytes."""


class NoiseStream:
    """
    The random bits for one item of one leaf in one wave.

    Block number i is HMAC-SHA256(seed, "callroom/noise/1" || wave || leaf || item || i); each name is UTF-8 after its
    length in two bytes, i has eight bytes, all big-endian. Bits are taken from the top of each block, in order, and
    none is used twice. Streams of different items, leaves or waves are independent as far as HMAC is.
    """

    def __init__(self, seed: bytes, *, wave: str, leaf: str, item: str) -> None:
        """
        Start the stream at its first bit.

        :raises BadSeed: unless ``seed`` has 32 bytes
        """
        if len(seed) != SEED_LENGTH:
            raise BadSeed(f"the seed has {len(seed)} bytes, not {SEED_LENGTH}")
        self._seed = seed
        self._label = _DOMAIN + b"".join(_prefixed(name) for name in (wave, leaf, item))
        self._next_block = 0
        self._pool = 0
        self._pooled = 0

    def bits(self, count: int) -> int:
        """
        Return the next ``count`` bits as a whole number.

        :raises ValueError: if ``count`` is negative
        """
        if count < 0:
            raise ValueError("a stream cannot give back bits")
        while self._pooled < count:
            self._refill()
        self._pooled -= count
        drawn = self._pool >> self._pooled
        self._pool &= (1 << self._pooled) - 1
        return drawn

    def _refill(self) -> None:
        message = self._label + self._next_block.to_bytes(8, "big")
        block = hmac.new(self._seed, message, hashlib.sha256).digest()
        self._pool = (self._pool << _BLOCK_BITS) | int.from_bytes(block, "big")
        self._pooled += _BLOCK_BITS
        self._next_block += 1


def discrete_laplace(scale: Fraction, bits: Bits) -> int:
    """
    Return a draw from the discrete Laplace distribution: P(x) proportional to exp(-|x| / scale).

    Exact for every rational scale, by whole numbers alone: algorithm 2 of Canonne, Kamath and Steinke, "The discrete
    Gaussian for differential privacy" (NeurIPS 2020), with scale = t / s in lowest terms. The mean is 0, the variance
    2 q / (1 - q)^2 with q = exp(-1 / scale).

    :raises ValueError: unless ``scale`` is positive
    """
    if scale <= 0:
        raise ValueError("the scale of the noise must be positive")
    numerator, denominator = scale.numerator, scale.denominator
    while True:
        remainder = _below(numerator, bits)
        if not _bernoulli_exp(remainder, numerator, bits):
            continue
        quotient = 0
        while _bernoulli_exp(1, 1, bits):
            quotient += 1
        size = (remainder + numerator * quotient) // denominator
        negative = bits(1) == 1
        if negative and size == 0:  # else zero would have two spellings and twice its share
            continue
        return -size if negative else size


def _bernoulli_exp(numerator: int, denominator: int, bits: Bits) -> bool:
    """Return True with probability exp(-numerator / denominator), at most 1 in the exponent (algorithm 1, first case)."""
    draws = 1
    while _below(denominator * draws, bits) < numerator:
        draws += 1
    return draws % 2 == 1


def _below(limit: int, bits: Bits) -> int:
    """Return a whole number from 0 to ``limit`` - 1, each equally likely, by throwing away what lies beyond."""
    width = (limit - 1).bit_length()
    while True:
        drawn = bits(width)
        if drawn < limit:
            return drawn


def _prefixed(name: str) -> bytes:
    encoded = name.encode()
    return len(encoded).to_bytes(2, "big") + encoded
