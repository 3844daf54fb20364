"""
The bank of likely starts: for each leaf and each of the last 40 weeks, what speaks for a change since then.

For a change of size s since that week the figures so far say s x for - s^2 x against / 2 (log likelihood ratio). ``drag``
is how far the filter has already followed such a change, per point. The size is integrated over a normal prior, in
closed form. The sum over starts is the Shiryaev-Roberts statistic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals import blocks, model
from callroom.core.signals.model import Numbers

SHAPES: Final = model.shapes()
LARGEST: Final = 60.0
"""Log likelihood ratios above this are cut, so that nothing overflows."""


@dataclass
class Starts:
    """Arrays over block, leaf, ramp and slot (week modulo 40); ``since`` is the first start that counts for a leaf."""

    drag: Numbers
    speaks_for: Numbers
    against: Numbers
    since: NDArray[np.int64]

    @classmethod
    def empty(cls) -> Starts:
        """Return a bank for no leaves."""
        form = (0, model.MEMBERS, len(model.RAMPS), model.WINDOW)
        return cls(
            np.zeros((*form, model.OWN + 1)),
            np.zeros(form),
            np.zeros(form),
            np.zeros((0, model.MEMBERS), np.int64),
        )

    def grow(self, count: int) -> None:
        """Add so many blocks."""
        for name in ("drag", "speaks_for", "against", "since"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros((count, *old.shape[1:]), old.dtype)]))

    def forget(self, block: int, place: int, week: int) -> None:
        """Begin anew for a leaf: nothing before this week counts."""
        self.drag[block, place] = 0
        self.speaks_for[block, place] = 0
        self.against[block, place] = 0
        self.since[block, place] = week

    def predict(self, week: int) -> None:
        """Go on to this week: a new start takes the slot of the oldest."""
        self.drag *= blocks.OWN_KEEPS
        slot = week % model.WINDOW
        self.drag[:, :, :, slot] = 0
        self.speaks_for[:, :, :, slot] = 0
        self.against[:, :, :, slot] = 0

    def learn(self, week: int, glance: blocks.Glance, lesson: blocks.Lesson, weeks: NDArray[np.int64]) -> Numbers:
        """
        Weigh the week's figures for every start; ``weeks`` is the length of each leaf's wave.

        Returns what a fall of one point since each start has left in the filter's expectation: to be added to it.
        """
        design = np.stack([_own(glance.design[:, place], own) for place, own in enumerate(blocks.OWN_PLACES)], 1)
        gain = np.stack([_own(lesson.gain[:, :, place], own) for place, own in enumerate(blocks.OWN_PLACES)], 1)
        shift = self.shift(week, design, weeks)
        shift *= glance.seen[:, :, None, None]
        self.drag += shift[..., None] * gain[:, :, None, None, :]
        self.speaks_for += shift * lesson.pull[:, :, None, None]
        self.against += shift * shift * lesson.worth[:, :, None, None]
        followed: Numbers = (design * gain).sum(2)[:, :, None, None]
        return shift * (1 - followed)

    def shift(self, week: int, design: Numbers, weeks: NDArray[np.int64]) -> Numbers:
        """Return by how much a fall of one point since each start still surprises the filter (negative)."""
        shape = SHAPES[weeks - 1][..., ages(week)]
        form = self.drag.shape
        flat = self.drag.reshape(form[0], form[1], -1, form[-1])
        followed = np.matmul(flat, design[..., None])[..., 0].reshape(form[:-1])
        remaining: Numbers = -shape - followed
        return remaining

    def odds(self, week: int, *, rise: bool = False) -> tuple[Numbers, Numbers]:
        """Return the likelihood ratio of each start (block, leaf, ramp, slot) and the size that it makes likeliest."""
        side = -self.speaks_for if rise else self.speaks_for
        variance = model.SIZE_SD**2
        wide = 1 + variance * self.against
        speak = variance * side + model.SIZE_MEAN
        log_ratio = (speak * speak / variance - model.SIZE_MEAN**2 / variance * wide) / (2 * wide) - np.log(wide) / 2
        counts = week - ages(week) >= self.since[..., None]
        ratio = np.exp(np.minimum(log_ratio, LARGEST)) * counts[:, :, None, :] / len(model.RAMPS)
        return ratio, speak / wide


def ages(week: int) -> NDArray[np.int64]:
    """Return how many weeks ago each slot's start was."""
    return (week - np.arange(model.WINDOW)) % model.WINDOW


def _own(states: Numbers, own: NDArray[np.int64]) -> Numbers:
    return np.concatenate([states[:, own], states[:, -1:]], axis=1)
