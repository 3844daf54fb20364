"""
Variances learnt across leaves: three factors on what the model takes for granted, moved week by week.

Each is a running comparison of what standardised surprises do with what they would do if the model were right: their
size (noise), whether they follow one another within a leaf (wander), whether a department's go together (shared).
Three hundred leaf-weeks of nothing out of the ordinary are believed beforehand, so a small institution keeps the defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np

from callroom.core.signals import model
from callroom.core.signals.blocks import Glance, Lesson
from callroom.core.signals.model import Numbers

BELIEVED: Final = 300.0
BELIEVED_OF_DEPARTMENTS: Final = 20.0
LEAST, MOST = 0.35, 4.0
MEMORY: Final = 0.85
"""Share of a leaf's past surprises that is kept in the trail with which the next one is compared."""
EXPECTED_SQUARE: Final = model.clipped_square()
NOISE_STEP, SLOW_STEP = 1.5, 6.0
LONGEST_OF_DEPARTMENTS: Final = 200.0
FAR: Final = 20.0
"""A department's excess counts at most this many times what was expected: one bad week does not make a law."""
LONGEST: Final = 12_000.0
"""Leaf-weeks after which old ones fade, so that the factors can follow."""


@dataclass
class Factors:
    """``noise``, ``slow`` and ``shared`` multiply variances; the others count what is behind them."""

    noise: float = 1.0
    slow: float = 1.0
    shared: float = 1.0
    seen: float = 0.0
    seen_of_departments: float = 0.0

    def learn(self, glance: Glance, lesson: Lesson, trail: Numbers, trust: Numbers) -> None:
        """Move the factors by one week; ``trail`` is each leaf's fading mean of surprises, updated in place."""
        usable = glance.seen & (trust > 0.5)
        surprise = np.clip(np.where(usable, lesson.surprise, 0.0), -model.CLIP, model.CLIP)
        count = float(usable.sum())
        if count:
            step = 1 / (BELIEVED + min(self.seen, LONGEST) + count)
            square = float((surprise**2).sum()) - EXPECTED_SQUARE * count
            follows = float((surprise * np.where(usable, trail, 0.0)).sum())
            self.noise = _bounded(self.noise * exp(NOISE_STEP * step * square))
            self.slow = _bounded(self.slow * exp(SLOW_STEP * step * follows))
            self.seen += count
        self._learn_of_departments(glance, lesson)
        trail[...] = np.where(glance.seen, MEMORY * trail + (1 - MEMORY) * surprise, trail)

    def _learn_of_departments(self, glance: Glance, lesson: Lesson) -> None:
        """Take a scoring step: what leaves of a department share beyond what was expected of their sum."""
        several = glance.seen.sum(1) > 1
        variance = model.DEPARTMENT_VARIANCE * self.shared
        told = variance * lesson.together_variance[several]
        excess = variance * (lesson.together[several] ** 2 - lesson.together_variance[several])
        excess = np.minimum(excess, FAR * told)
        self.seen_of_departments = min(self.seen_of_departments + float((told**2).sum()), LONGEST_OF_DEPARTMENTS)
        step = float(excess.sum()) / (BELIEVED_OF_DEPARTMENTS + self.seen_of_departments)
        self.shared = _bounded(self.shared * exp(max(-0.2, min(0.2, step))))


def _bounded(factor: float) -> float:
    return min(MOST, max(LEAST, factor))
