"""
What one's own answer adds to what a release says about one.

A release is meant to say how the group is, and whoever knows the group guesses each of its members better. That is no
leak: it would happen had the member not answered. What is measured here is what the member's own answer adds: for any
two answers a and b,

    log P(a | release) - log P(b | release), minus the same in a world where the member's answer was redrawn from the
    leaf's own distribution before it was counted.

The attacker is granted that distribution. Then the second term is its log-odds, and the difference is the log of how
much likelier the release is under a than under b. Noise of scale s on a sum bounds it by range / s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.disclosure.policy import DEFAULT_POLICY, Policy
from callroom.core.disclosure.release import SCALE_TENTHS, LeafFigures, LeafRelease, Shown
from lab.reconstruction.house import RANGE, LeafWave
from lab.reconstruction.reading import own_low

Table = NDArray[np.float64]
CERTAIN: Final = 99.0
"""Stands for a log-odds without limit: one of the two answers is impossible."""

LIMIT: Final = 3.6
"""The most that one's own answer may add: range / scale is 3.571 for the policy's noise (see the decision record)."""

_TINY: Final = 1e-9
"""Outputs less likely than this under every answer are not looked at: float arithmetic says nothing about them."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What stands between a sum and a published mean: the policy, and how many answers it divides by."""

    count: int
    n_low: int
    noise_percent: int = DEFAULT_POLICY.noise_scale_percent
    scale_range: int = RANGE
    clamp: bool = True

    @classmethod
    def of(cls, policy: Policy, count: int, n_low: int) -> Mechanism:
        """Return the mechanism that a policy makes for ``count`` answers shown in a band from ``n_low``."""
        return cls(count, n_low, policy.noise_scale_percent)


@lru_cache(maxsize=512)
def chances(mechanism: Mechanism) -> Table:
    """Return the chance of each published mean in tenths (columns, 0 to 100) for each sum of answers (rows)."""
    scale_range, count = mechanism.scale_range, mechanism.count
    scale = mechanism.noise_percent * scale_range
    reach = 30 * scale + 1
    noise = np.arange(-reach, reach + 1)
    ratio = exp(-1 / scale)
    weight = ratio ** np.abs(noise) * (1 - ratio) / (1 + ratio)
    edge = SCALE_TENTHS / mechanism.n_low
    rows = []
    for total in range(scale_range * count + 1):
        kept = min(max(total, scale_range), scale_range * (count - 1)) if mechanism.clamp else total
        # Both numbers are whole and small: the quotient is exact where it ends in one half, so rint goes to even.
        means = np.rint(np.clip((100 * kept + noise) / (scale_range * count), edge, SCALE_TENTHS - edge))
        rows.append(np.bincount(means.astype(int), weights=weight, minlength=SCALE_TENTHS + 1))
    return np.array(rows)


def sums_of(distribution: Sequence[float], people: int) -> Table:
    """Return the chance of each sum of ``people`` independent answers."""
    one = np.array(distribution, dtype=float)
    total = np.ones(1)
    for _ in range(people):
        total = np.convolve(total, one)
    return total


def likelihoods(mechanism: Mechanism, distribution: Sequence[float], told: Sequence[int] = ()) -> Table:
    """
    Return the chance of each published mean (columns) for each answer of one member (rows).

    ``told``: answers of colluders, who are among those counted; the others answer independently as ``distribution``
    says.
    """
    return _by_answer(chances(mechanism), mechanism, distribution, told)


def gain_of(
    means: Sequence[int], mechanism: Mechanism, distribution: Sequence[float], told: Sequence[int] = ()
) -> float:
    """Return the log-odds that one's own answer added, given means (in tenths) published of the same answers."""
    table = np.prod([chances(mechanism)[:, mean] for mean in means], axis=0)
    chance = _by_answer(table, mechanism, distribution, told)
    return CERTAIN if chance.min() <= 0 else float(np.log(chance.max() / chance.min()))


def gains(mechanism: Mechanism, distribution: Sequence[float], told: Sequence[int] = ()) -> Table:
    """Return, for each published mean, the largest log-odds that one's own answer can add; 0 where it cannot occur."""
    chance = likelihoods(mechanism, distribution, told)
    most, least = chance.max(axis=0), chance.min(axis=0)
    seen = most > _TINY
    result = np.zeros(chance.shape[1])
    with np.errstate(divide="ignore"):
        result[seen] = np.minimum(np.log(most[seen]) - np.log(least[seen]), CERTAIN)
    return result


def added(
    shown: Iterable[tuple[LeafWave, Sequence[LeafRelease]]], policy: Policy = DEFAULT_POLICY
) -> Iterator[tuple[float, float]]:
    """
    Yield, for each item of each leaf's wave, what one's own answer added: without colluders, and with the worst two.

    ``shown``: each wave with its release, or with all releases of the same answers. The attacker knows how the leaf
    answered all year. The worst two colluders are the two who answered lowest, or the two who answered highest.
    """
    pairs = list(shown)
    answered: dict[tuple[str, str], list[int]] = defaultdict(list)
    for wave, _releases in pairs:
        for item in wave.items:
            answered[wave.asked.leaf, item].extend(wave.values(item).values())
    for wave, releases in pairs:
        for item in wave.items:
            means = [mean for release in releases if (mean := _mean(release, item)) is not None]
            if means:
                values = sorted(wave.values(item).values())
                mechanism = Mechanism.of(policy, len(values), own_low(wave, item, policy))
                usual = shares(answered[wave.asked.leaf, item])
                alone, low, high = (gain_of(means, mechanism, usual, told) for told in ((), values[:2], values[-2:]))
                yield alone, max(low, high)


def _mean(release: LeafRelease, item: str) -> int | None:
    figure = release.outcome.items[item] if isinstance(release.outcome, LeafFigures) else None
    return figure.mean_tenths if isinstance(figure, Shown) else None


def theory(noise_percent: int = DEFAULT_POLICY.noise_scale_percent) -> float:
    """Return the most that one's own answer can ever add: range / scale, whatever the others answered."""
    return 100 / noise_percent


def shares(values: Iterable[int], scale_range: int = RANGE) -> tuple[float, ...]:
    """Return how often each answer was given; one more of each, so that nothing is called impossible."""
    counts = np.bincount(list(values), minlength=scale_range + 1) + 1.0
    return tuple(float(count) for count in counts / counts.sum())


def _by_answer(by_sum: Table, mechanism: Mechanism, distribution: Sequence[float], told: Sequence[int]) -> Table:
    """Return the chances for each answer of one member (rows), from those for each sum of all answers (rows)."""
    others = sums_of(distribution, mechanism.count - 1 - len(told))
    own = sum(told)
    return np.array(
        [others @ by_sum[own + answer : own + answer + len(others)] for answer in range(mechanism.scale_range + 1)]
    )
