"""If everybody else in a group told each other what they answered: how well could they guess the one who did not?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from callroom.core.disclosure.policy import DEFAULT_POLICY
from lab.reconstruction.gain import Mechanism, chances

WEEKS_TRIED: Final = 52
SURE: Final = 0.95
TRIALS: Final = 4000


@dataclass(frozen=True, slots=True)
class AllButOne:
    """
    What seven of eight who collude know about the eighth, whose answers are all equally likely to them beforehand.

    ``surest``: the largest chance that any one answer can get after one wave; ``guessed``: how often their best guess
    is right; ``by_chance``: how often it would be right without the release; ``waves``: after how many waves their
    guess about somebody who always answers the same is right 19 times of 20, None: not within a year.
    """

    options: int
    surest: float
    guessed: float
    by_chance: float
    waves: int | None


def all_but_one(options: int, *, noise_percent: int = DEFAULT_POLICY.noise_scale_percent, seed: int = 1) -> AllButOne:
    """Return the figures of one grid, for the smallest group and the colluders' answers that betray most."""
    count = DEFAULT_POLICY.minimum
    mechanism = Mechanism(count, count, noise_percent, options - 1)
    table = chances(mechanism)
    surest = guessed = 0.0
    betraying = 0
    for others in range((options - 1) * (count - 1) + 1):
        chance = table[others : others + options] / options
        seen = chance.sum(axis=0) > 1e-9
        surest = max(surest, float((chance[:, seen].max(axis=0) / chance[:, seen].sum(axis=0)).max()))
        right = float(chance.max(axis=0).sum())
        if right > guessed:
            guessed, betraying = right, others
    return AllButOne(options, surest, guessed, 1 / options, _waves(table[betraying : betraying + options], seed))


def _waves(chance: np.ndarray, seed: int) -> int | None:
    """Return after how many waves an unchanging answer is guessed right 19 times of 20."""
    rng = np.random.default_rng(seed)
    options = len(chance)
    logs = np.log(np.maximum(chance, 1e-300))
    cumulative = np.cumsum(chance / chance.sum(axis=1, keepdims=True), axis=1)
    truth = rng.integers(options, size=TRIALS)
    belief = np.zeros((TRIALS, options))
    for wave in range(1, WEEKS_TRIED + 1):
        means = (rng.random(TRIALS)[:, None] > cumulative[truth]).sum(axis=1).clip(max=chance.shape[1] - 1)
        belief += logs[:, means].T
        if (belief.argmax(axis=1) == truth).mean() >= SURE:
            return wave
    return None
