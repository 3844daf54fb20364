"""
The joint filter: leaves of one department and what they share, as many blocks side by side in one array.

Row g of every array is a block, column j a leaf in it; a block's states are those of its leaves, then its department.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals import model
from callroom.core.signals.model import Numbers

STATES: Final = model.MEMBERS * model.OWN + 1
PLACES: Final = np.arange(model.MEMBERS)
OWN_PLACES: Final = PLACES[:, None] * model.OWN + np.arange(model.OWN)
DIAGONAL: Final = np.arange(STATES)


def keeps() -> Numbers:
    """Return which share of each state lasts into the next week."""
    kept = np.ones(STATES)
    kept[OWN_PLACES[:, model.WANDER]] = model.WANDER_KEEPS
    kept[OWN_PLACES[:, model.MOOD]] = model.MOOD_KEEPS
    kept[-1] = model.DEPARTMENT_KEEPS
    return kept


KEEPS: Final = keeps()
KEEPS_TOO: Final = np.outer(KEEPS, KEEPS)
OWN_KEEPS: Final = np.append(KEEPS[: model.OWN], KEEPS[-1])


@dataclass
class Blocks:
    """Means and covariances of all states; ``answers`` is each leaf's usual number of answers."""

    mean: Numbers
    covariance: Numbers
    answers: Numbers

    @classmethod
    def empty(cls) -> Blocks:
        """Return no blocks."""
        return cls(np.zeros((0, STATES)), np.zeros((0, STATES, STATES)), np.zeros((0, model.MEMBERS)))

    def grow(self, count: int) -> None:
        """Add so many blocks without leaves."""
        self.mean = np.concatenate([self.mean, np.zeros((count, STATES))])
        fresh = np.zeros((count, STATES, STATES))
        fresh[:, -1, -1] = model.DEPARTMENT_VARIANCE
        self.covariance = np.concatenate([self.covariance, fresh])
        self.answers = np.concatenate([self.answers, np.full((count, model.MEMBERS), 10.0)])

    def settle(self, block: int, place: int, level: float, answers: float, slow: float) -> None:
        """Begin a leaf's own states anew: nothing is known but the usual level."""
        own = OWN_PLACES[place]
        self.answers[block, place] = answers
        self.mean[block, own] = 0
        self.mean[block, own[model.LEVEL]] = level
        self.covariance[block, own, :] = 0
        self.covariance[block, :, own] = 0
        self.covariance[block, own, own] = (
            model.CENTRE_VARIANCE + model.LEVEL_VARIANCE + model.LEVEL_VARIANCE_N / answers,
            model.WANDER_VARIANCE * slow,
            model.MOOD_VARIANCE_N / answers,
            model.OWN_SEASON_VARIANCE,
            model.OWN_SEASON_VARIANCE,
            model.LOADING_VARIANCE,
        )

    def predict(self, slow: float, shared: float, *, turnover: bool) -> None:
        """Go one week on; ``slow`` and ``shared`` are the learnt factors of wander and department."""
        self.mean *= KEEPS
        self.covariance *= KEEPS_TOO
        added = np.zeros_like(self.mean)
        added[:, OWN_PLACES[:, model.WANDER]] = (1 - model.WANDER_KEEPS**2) * model.WANDER_VARIANCE * slow
        added[:, OWN_PLACES[:, model.MOOD]] = (1 - model.MOOD_KEEPS**2) * model.MOOD_VARIANCE_N / self.answers
        added[:, -1] = (1 - model.DEPARTMENT_KEEPS**2) * model.DEPARTMENT_VARIANCE * shared
        if turnover:
            added[:, OWN_PLACES[:, model.LEVEL]] = model.TURNOVER_VARIANCE_N / self.answers
        self.covariance[:, DIAGONAL, DIAGONAL] += added


@dataclass
class Glance:
    """One week's figures beside what was expected: prediction, joint spread and what each figure is worth."""

    design: Numbers
    seen: NDArray[np.bool_]
    expected: Numbers
    reach: Numbers
    spread: Numbers

    def expected_after(self, blocks: Blocks) -> Numbers:
        """Return what the updated states say of each leaf's level in this week."""
        level: Numbers = (self.design @ blocks.mean[:, :, None])[:, :, 0]
        return level


def look(blocks: Blocks, seen: NDArray[np.bool_], noise: Numbers, waves: Numbers) -> Glance:
    """Return what is expected of each leaf; ``waves`` holds sine, cosine and season in the weeks of its wave."""
    design = np.zeros((len(blocks.mean), model.MEMBERS, STATES))
    for place, own in enumerate(OWN_PLACES):
        design[:, place, own[: model.SINE]] = 1
        design[:, place, own[model.SINE :]] = waves[:, place]
    design[:, :, -1] = 1
    reach = blocks.covariance @ design.transpose(0, 2, 1)
    spread = design @ reach
    # A figure that is not there stands apart with a variance of one, so that the others' inverse is exactly theirs.
    spread *= seen[:, :, None] & seen[:, None, :]
    spread[:, PLACES, PLACES] += np.where(seen, noise, 1.0)
    return Glance(design, seen, (design @ blocks.mean[:, :, None])[:, :, 0], reach, spread)


@dataclass
class Lesson:
    """
    What a week taught: ``gain`` of every state by every figure; ``pull`` and ``worth`` of each leaf's own figure.

    A shift of its mean by g speaks with g x pull - g^2 x worth / 2; ``surprise`` is pull / sqrt(worth), uncut;
    ``doubt`` is the variance that is left of each leaf's level. For the department: how far its leaves' surprises add up
    (``together``), and the variance that this sum was expected to have.
    """

    gain: Numbers
    pull: Numbers
    worth: Numbers
    surprise: Numbers
    doubt: Numbers
    together: Numbers
    together_variance: Numbers


def learn(blocks: Blocks, glance: Glance, deviation: Numbers, common_variance: Numbers) -> Lesson:
    """
    Update all states by the week's deviations from what was expected, the institution's part already taken out.

    That part is itself estimated from these figures, with ``common_variance`` left; by Woodbury's identity this only
    takes a rank-one term from each block's precision, as if institution and leaves had been filtered jointly.
    """
    inverse = np.linalg.inv(glance.spread) * (glance.seen[:, :, None] & glance.seen[:, None, :])
    root_common = np.sqrt(common_variance) * glance.seen
    loss = (inverse @ root_common[:, :, None])[:, :, 0]
    worth = np.maximum(inverse[:, PLACES, PLACES] - loss**2, 0.0)
    root = np.sqrt(np.where(worth > 0, worth, 1.0))
    surprise = (inverse @ deviation[:, :, None])[:, :, 0] / root
    cut = deviation - (surprise - np.clip(surprise, -model.CLIP, model.CLIP)) * root / np.where(
        glance.seen, inverse[:, PLACES, PLACES], 1.0
    )
    together = (inverse @ deviation[:, :, None])[:, :, 0].sum(1)
    pull = (inverse @ cut[:, :, None])[:, :, 0]
    gain = glance.reach @ inverse
    unsure = (gain @ root_common[:, :, None])[:, :, 0]
    blocks.mean += (gain @ cut[:, :, None])[:, :, 0]
    blocks.covariance -= gain @ glance.reach.transpose(0, 2, 1)
    blocks.covariance += unsure[:, :, None] * unsure[:, None, :]
    gain -= unsure[:, :, None] * loss[:, None, :]
    level = glance.design @ glance.reach
    doubt = level[:, PLACES, PLACES] - ((level @ inverse) * level).sum(2)
    together_variance = np.maximum(inverse.sum((1, 2)) - loss.sum(1) ** 2, 0.0)
    return Lesson(gain, pull, worth, surprise, np.maximum(doubt, 0) + common_variance, together, together_variance)
