"""The life of a clock and of a promise, and the words of both."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

TIME_TO_ANSWER: Final = timedelta(days=14)
"""From the start of a clock, or from its being passed on, to the last day on which an answer is in time."""
BETWEEN_CLOCKS: Final = timedelta(weeks=4)
"""From the start of one clock to the release that may start the next."""
MOST_PASSES: Final = 3
"""How often one clock may be passed on; after that somebody has to answer."""
LONGEST_PROMISE: Final = timedelta(days=366)
"""A promise that is further away than this is a wish."""

WORK_BETWEEN: Final = timedelta(weeks=1)
"""From the day on which a promise was kept to the first round that asks how much of it was noticed: a week of work."""
ASKED_WITHIN: Final = timedelta(days=120)
"""So long after it was kept; later nobody remembers how it was before."""
EFFECT_AFTER: Final = timedelta(weeks=2)
"""From the round that asked how much was noticed to the one that asks what it did to the work."""
EFFECT_WITHIN: Final = timedelta(weeks=12)
ROUNDS_BETWEEN: Final = 5
"""Rounds of a leaf from one promise to the next. It shares no divisor with the twelve items of the bank, so none is always passed over."""


class Cause(models.TextChoices):
    """Why a clock started."""

    FIRST = "first", _("first result")
    FOUR_WEEKS = "four-weeks", _("four weeks of results")
    DECLINE = "decline", _("a confirmed decline")


class ClockState(models.TextChoices):
    """Where a clock stands. Late is not a state: it is a running clock after its last day."""

    RUNNING = "running", _("waits for an answer")
    ANSWERED = "answered", _("answered")


class AnswerKind(models.TextChoices):
    """What leaders can say to a result."""

    WILL = "will", _("We will")
    WILL_NOT = "will-not", _("We will not, because")
    PASSED = "passed", _("Not ours to fix: passed on")


class AskedThrough(models.TextChoices):
    """Who is asked for a unit's answer at present, and why it is not its leader."""

    LEADER = "leader", _("its leader")
    DEPUTY = "deputy", _("the deputy")
    ABOVE = "above", _("the unit above")
    NOBODY = "nobody", _("nobody")


class WhyNotAsked(StrEnum):
    """Why residents are not asked about a promise that was kept."""

    TOGETHER = "counted together with others who were not promised it"
    NO_ROUND = "no round came for it in time"


class PromiseState(models.TextChoices):
    """Where a promise stands. Late is not a state: it is an open promise after its day, and stays visible for good."""

    OPEN = "open", _("open")
    KEPT = "kept", _("kept")
    NOT_KEPT = "not-kept", _("not kept")


class Letter(models.TextChoices):
    """Which letter a leader gets about a clock. Each is sent once to each person."""

    STARTED = "started", _("the clock has started")
    HALF = "half", _("seven days are left")
    LAST_DAYS = "last-days", _("two days are left")
    OVER = "over", _("the time is over")
    COORDINATOR = "coordinator", _("the coordinator asks")


NEXT_CLOCK_STATES: Final[dict[ClockState, frozenset[ClockState]]] = {
    # Passing on keeps a clock running: with another unit, and with new days.
    ClockState.RUNNING: frozenset({ClockState.RUNNING, ClockState.ANSWERED}),
    ClockState.ANSWERED: frozenset(),
}

NEXT_PROMISE_STATES: Final[dict[PromiseState, frozenset[PromiseState]]] = {
    # A new date keeps a promise open, and the delay stays beside it.
    PromiseState.OPEN: frozenset({PromiseState.OPEN, PromiseState.KEPT, PromiseState.NOT_KEPT}),
    PromiseState.KEPT: frozenset(),
    PromiseState.NOT_KEPT: frozenset(),
}
