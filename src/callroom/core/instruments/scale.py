"""
The quarterly scale in a check-in: seven questions, of which one whole number leaves the browser.

An item of a wave sheet that is named after the instrument stands for all its questions; its ``options`` are those of
each question. The answer is the score as a step of a grid: 0 to questions x (options - 1), in the instrument's own
direction, 28 being the worst for the work-related scale of the CBI. With all seven answered no step is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callroom.core.instruments import weekly
from callroom.core.instruments.cbi_work import CBI_WORK
from callroom.core.instruments.definitions import Item
from callroom.core.instruments.scoring import score_answers

SCALE: Final = CBI_WORK
OPTIONS: Final = 5
"""Answers of each question."""
STEPS: Final = len(SCALE.items) * (OPTIONS - 1)


def wording() -> str:
    """Return what the sheet of a wave with the scale says of its words: the weekly ones, and the instrument's version."""
    return f"{weekly.WORDING}+{SCALE.id}-{SCALE.version}"


def values(item_id: str, options: int) -> int:
    """Return how many answers an item of a wave sheet has: its options, or the steps of the scale and none of it (0)."""
    return len(SCALE.items) * (options - 1) + 1 if item_id == SCALE.id else options


def rung(item: Item, answer: int) -> int:
    """Return what one answer adds: 0 to 4, 4 being the worst, whichever way its question is turned."""
    points = item.answers.highest() - item.answers.lowest()
    return item.points(answer) * (OPTIONS - 1) // points


def step_of(answers: Sequence[int | None]) -> int | None:
    """
    Return the step of one person's answers, in the instrument's order; None where they make no score.

    ``None`` stands for an answer that was not given. A half goes to the even neighbour, as everywhere.

    :raises ValueError: when there are not as many answers as items, or a value is no answer
    """
    score = score_answers(SCALE, answers)
    return None if score is None else round(score * STEPS / SCALE.highest())
