"""The life of a signal: a table of allowed steps, and why a signal can end."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Where a signal is in its life."""

    RAISED = "raised"
    """The ratings of a leaf are probably falling; nobody responsible has said that they know."""
    ACKNOWLEDGED = "acknowledged"
    """A leader of one of the units, or a deputy, has said that they have seen it. It promises nothing yet."""
    ANSWERED = "answered"
    """A dated promise, or a refusal with its reason, covers it."""
    RECOVERING = "recovering"
    CLOSED = "closed"
    """The ratings have been quiet for four weeks, or the people counted together changed."""
    WITHDRAWN = "withdrawn"
    """The figures that it rested on are no longer there: a wave was voided after all."""


NEXT_STAGES: Final[dict[Stage, frozenset[Stage]]] = {
    Stage.RAISED: frozenset(
        {Stage.ACKNOWLEDGED, Stage.ANSWERED, Stage.RECOVERING, Stage.CLOSED, Stage.WITHDRAWN},
    ),
    Stage.ACKNOWLEDGED: frozenset({Stage.ANSWERED, Stage.RECOVERING, Stage.CLOSED, Stage.WITHDRAWN}),
    Stage.ANSWERED: frozenset({Stage.RECOVERING, Stage.CLOSED, Stage.WITHDRAWN}),
    # Falling again, it is what it was before: nobody has to acknowledge or answer the same decline twice.
    Stage.RECOVERING: frozenset(
        {Stage.RAISED, Stage.ACKNOWLEDGED, Stage.ANSWERED, Stage.CLOSED, Stage.WITHDRAWN},
    ),
    Stage.CLOSED: frozenset(),
    Stage.WITHDRAWN: frozenset(),
}

OPEN: Final = frozenset(stage for stage, following in NEXT_STAGES.items() if following)
"""Stages of a signal that is not over."""


class Ending(StrEnum):
    """Why a signal was closed."""

    QUIET = "quiet"
    """Four weeks without a sign of a decline."""
    REGROUPED = "regrouped"
    """Other units are counted together now: what comes next is about other people."""


class BadStep(Exception):
    """A signal cannot go from its present stage to that one."""


def check_step(before: Stage, after: Stage) -> None:
    """
    Hold a signal to the table above.

    :raises BadStep: if the table does not have this step
    """
    if after not in NEXT_STAGES[before]:
        raise BadStep(f"{before} -> {after}")
