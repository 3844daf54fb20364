"""
Where each leaf stands: alarms, confirmations and what follows them, from the odds of the likely starts.

    quiet -> watch       the statistic passes the threshold of the stated false-alarm rate: an alarm
    watch -> quiet       it has fallen well below it again
    watch -> declining   probability and false discoveries of the whole institution allow to confirm
    declining -> recovering   a rise is as clear as the fall was, or the fall is likelier over than not
    recovering -> quiet  after eight weeks; declining -> quiet after a year at the new level
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals import model, starts
from callroom.core.signals.estimates import Settings
from callroom.core.signals.model import Numbers
from callroom.core.signals.starts import Starts

QUIET, WATCH, DECLINING, RECOVERING = range(4)
CALM: Final = 1.0
"""How far below the threshold, in logs, the statistic must fall before a leaf is quiet and can alarm again."""
SETTLED_WEEKS: Final = 52
RECOVERING_WEEKS: Final = 8
ACCEPT_AGE: Final = 12
"""Weeks after which a confirmed change is taken into the filter as the new level."""
LONGER: Final = np.array([0.0, 0.2, 0.35, 0.5])
"""By how much, in logs, the threshold is lower for longer waves, which look less often (calibrated)."""
HALFWAY_SD: Final = 0.15
"""Points around the middle between the levels before and after a fall in which it is unclear whether it is over."""
EARLY: Final = 6
"""Figures that a leaf needs before anything is said."""


@dataclass
class Odds:
    """
    What the bank says this week, by block and leaf.

    ``fresh`` and ``fresh_rise``: logs of the statistics over starts of the last twelve weeks; ``probability`` of a fall
    under way, ``settled_rise`` of a rise that is older than that; ``by_start``: share of each start in the fall's
    probability; ``change``: size of the fall so far; ``correction`` of the filter's level with its variance.
    """

    fresh: Numbers
    fresh_rise: Numbers
    probability: Numbers
    settled_rise: Numbers
    by_start: Numbers
    change: Numbers
    correction: Numbers
    correction_variance: Numbers


def weigh(bank: Starts, week: int, shift: Numbers, weeks: NDArray[np.int64]) -> Odds:
    """Return the odds of falls and rises, and the model-averaged correction of each leaf's level."""
    fall, size = bank.odds(week)
    rise, size_up = bank.odds(week, rise=True)
    young = starts.ages(week) < model.FRESH
    everything = 1 + model.HAZARD * (fall.sum((2, 3)) + rise.sum((2, 3)))
    share, share_up = (model.HAZARD * ratio / everything[:, :, None, None] for ratio in (fall, rise))
    probability = share.sum((2, 3))
    shape = starts.SHAPES[weeks - 1][..., starts.ages(week)]
    moved = size * shift
    correction = (share * moved - share_up * size_up * shift).sum((2, 3))
    second = (share * moved**2 + share_up * (size_up * shift) ** 2).sum((2, 3))
    certain = np.maximum(probability, 1e-12)
    return Odds(
        np.log(np.maximum((fall.sum(2) * young).sum(2), 1e-12)),
        np.log(np.maximum((rise.sum(2) * young).sum(2), 1e-12)),
        probability,
        (share_up.sum(2) * (starts.ages(week) >= ACCEPT_AGE)).sum(2),
        share.sum(2) / certain[:, :, None],
        -(share * size * shape).sum((2, 3)) / certain,
        correction,
        np.maximum(second - correction**2, 0),
    )


@dataclass
class Standing:
    """Arrays over block and leaf; weeks are numbers, -1 for never."""

    mode: NDArray[np.int64]
    armed: NDArray[np.bool_]
    quiet_until: NDArray[np.int64]
    since: NDArray[np.int64]
    start: NDArray[np.int64]
    start_low: NDArray[np.int64]
    start_high: NDArray[np.int64]
    halfway: Numbers
    accepted: NDArray[np.bool_]
    change: Numbers
    probability: Numbers
    figures: NDArray[np.int64]

    @classmethod
    def empty(cls) -> Standing:
        """Return the standing of no leaves."""
        form = (0, model.MEMBERS)
        whole, real, yes = np.zeros(form, np.int64), np.zeros(form), np.zeros(form, bool)
        return cls(
            whole, yes, whole.copy(), whole.copy(), whole.copy(), whole.copy(), whole.copy(), real, yes.copy(),
            real.copy(), real.copy(), whole.copy(),
        )  # fmt: skip

    def grow(self, count: int) -> None:
        """Add so many blocks of leaves that were never seen."""
        for each in fields(self):
            old = getattr(self, each.name)
            fresh = np.zeros((count, *old.shape[1:]), old.dtype)
            setattr(self, each.name, np.concatenate([old, fresh]))
        self.forget(slice(len(self.mode) - count, None), slice(None))

    def forget(self, block: int | slice, place: int | slice) -> None:
        """Begin anew for a leaf."""
        for each in fields(self):
            getattr(self, each.name)[block, place] = 0
        self.armed[block, place] = True
        for name in ("quiet_until", "start", "start_low", "start_high"):
            getattr(self, name)[block, place] = -1

    def settle(
        self,
        week: int,
        odds: Odds,
        seen: NDArray[np.bool_],
        level: Numbers,
        weeks: NDArray[np.int64],
        settings: Settings,
    ) -> Settled:
        """Move every leaf that was seen; return alarms and which changes are now to be taken into the filter."""
        limit = model.log_threshold(settings.false_alarms_per_unit_year) - LONGER[weeks - 1]
        self.figures += seen
        ready = seen & (self.figures >= EARLY)
        alarm = ready & self.armed & (odds.fresh >= limit) & (week > self.quiet_until)
        calm = seen & (odds.fresh < limit - CALM)
        self.quiet_until[alarm] = week + model.MUTE
        self.armed = (self.armed & ~alarm) | (calm & ~alarm)
        # How surely the level is still nearer to what it was after the fall than to what it was before it.
        still_low = 1 / (1 + np.exp(np.clip((level - self.halfway) / HALFWAY_SD, -30, 30)))
        held = self.accepted & (self.mode == DECLINING)
        self.probability = np.where(
            seen, np.where(held, np.maximum(odds.probability, still_low), odds.probability), self.probability
        )
        self._fall(week, odds, alarm, calm, seen, settings)
        self._recover(week, odds, seen & ready, limit)
        return Settled(alarm, *self._accept(week, odds, seen))

    def _fall(
        self, week: int, odds: Odds, alarm: NDArray[np.bool_], calm: NDArray[np.bool_], seen: NDArray[np.bool_],
        settings: Settings,
    ) -> None:  # fmt: skip
        over = (self.mode == WATCH) & calm & (odds.probability < 0.5)
        withdrawn = seen & (self.mode == DECLINING) & ~self.accepted & (odds.probability < 0.5)
        self._enter(QUIET, over | withdrawn, week)
        self._enter(WATCH, alarm & (self.mode != DECLINING), week)
        sure = seen & (self.mode == WATCH) & (odds.probability >= settings.confirm_probability)
        holds = (self.mode == DECLINING) & ~self.accepted
        self._enter(DECLINING, confirmable(odds.probability, sure, holds, settings.false_discoveries), week)
        told = seen & ~self.accepted & ((self.mode == WATCH) | (self.mode == DECLINING))
        if told.any():
            self.start[told], self.start_low[told], self.start_high[told] = likely_starts(odds.by_start[told], week)
            self.change[told] = odds.change[told]

    def _recover(self, week: int, odds: Odds, ready: NDArray[np.bool_], limit: Numbers) -> None:
        fallen = ready & (self.mode == DECLINING) & self.accepted
        self._enter(RECOVERING, fallen & ((odds.fresh_rise >= limit) | (self.probability < 0.5)), week)
        old = ready & (self.mode == DECLINING) & self.accepted & (week - self.since >= SETTLED_WEEKS)
        self._enter(QUIET, old | (ready & (self.mode == RECOVERING) & (week - self.since >= RECOVERING_WEEKS)), week)

    def _accept(self, week: int, odds: Odds, seen: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        age = week - self.start
        fall = seen & (self.mode == DECLINING) & ~self.accepted & (age >= ACCEPT_AGE) & (odds.probability >= 0.9)
        rise = seen & (odds.settled_rise >= 0.95)
        self.accepted |= fall
        return fall, rise

    def _enter(self, mode: int, where: NDArray[np.bool_], week: int) -> None:
        self.mode[where], self.since[where] = mode, week
        if mode != DECLINING:
            self.accepted[where] = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Alarms of the week, and where a fall or a rise becomes the new level."""

    alarm: NDArray[np.bool_]
    fall: NDArray[np.bool_]
    rise: NDArray[np.bool_]


def confirmable(
    probability: Numbers, sure: NDArray[np.bool_], holds: NDArray[np.bool_], false_discoveries: float
) -> NDArray[np.bool_]:
    """Return which of ``sure`` join those that hold so that, expectedly, at most this share of all is false."""
    found = np.zeros_like(sure)
    wrong, count = float((1 - probability[holds]).clip(0, 1).sum()), int(holds.sum())
    for place in sorted(zip(*np.nonzero(sure), strict=True), key=lambda where: (-probability[where], where)):
        wrong, count = wrong + 1 - float(probability[place]), count + 1
        if wrong > false_discoveries * count:
            break
        found[place] = True
    return found


def likely_starts(by_start: Numbers, week: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the likeliest start of each leaf and the ends of the shortest-sided 80 % of starts, as weeks."""
    ages = starts.ages(week)
    order = np.argsort(ages)
    share = by_start[:, order]
    likeliest = share.argmax(1)
    reached = np.cumsum(share, 1)
    late = np.minimum((reached < 0.1).sum(1), likeliest)
    early = np.maximum(np.minimum((reached < 0.9).sum(1), model.WINDOW - 1), likeliest)
    return week - likeliest, week - early, week - late
