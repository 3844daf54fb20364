"""One leaf: what speaks for a change since each of the last 40 weeks, and where the leaf therefore stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log

import numpy as np

from callroom.core.signals import learning, model, standing
from callroom.core.signals.estimates import Settings
from callroom.core.signals.model import Numbers
from callroom.core.signals.slow.common import cut
from callroom.core.signals.slow.group import Taught
from callroom.core.signals.standing import DECLINING, QUIET, RECOVERING, WATCH
from callroom.core.signals.starts import LARGEST

NOTHING = 1e-12


@dataclass
class Start:
    """A change that began in ``week`` and took ``ramp`` weeks: for size s the figures say s speaks_for - s^2 against / 2."""

    week: int
    ramp: int
    followed: Numbers
    """How far each state of the filter has gone along with a change of one point."""
    speaks_for: float = 0.0
    against: float = 0.0
    unseen: float = 0.0
    """What of a fall of one point is not yet in what the filter says of this week."""

    def shape(self, week: int, length: int) -> float:
        """Return which share of the change a figure shows whose wave took so many weeks."""
        parts = [min(1.0, max(0, back - self.week + 1) / self.ramp) for back in range(week - length + 1, week + 1)]
        return sum(parts) / length

    def learn(self, week: int, length: int, taught: Taught | None) -> None:
        """Add what a figure says; a week without one says nothing."""
        self.unseen = 0.0
        if taught is not None:
            shift = -self.shape(week, length) - float(taught.row @ self.followed)
            self.speaks_for += shift * taught.pull
            self.against += shift**2 * taught.worth
            self.followed = self.followed + shift * taught.gain
            self.unseen = shift * (1 - float(taught.row @ taught.gain))

    def odds(self, *, rise: bool) -> tuple[float, float]:
        """Return the likelihood ratio, the size integrated over its normal prior, and the likeliest size."""
        prior, speaks_for = model.SIZE_SD**2, -self.speaks_for if rise else self.speaks_for
        posterior = 1 / (1 / prior + self.against)
        size = posterior * (model.SIZE_MEAN / prior + speaks_for)
        log_ratio = (size**2 / posterior - model.SIZE_MEAN**2 / prior + log(posterior / prior)) / 2
        return exp(min(log_ratio, LARGEST)) / len(model.RAMPS), size


@dataclass
class Odds:
    """What all starts of a leaf say together."""

    fresh: float
    fresh_rise: float
    probability: float
    settled_rise: float
    change: float
    correction: float
    correction_variance: float
    likeliest: int


@dataclass
class SlowLeaf:
    """A leaf's place in its group, its starts and its standing."""

    group: int
    place: int
    composition: tuple[str, ...]
    starts: list[Start] = field(default_factory=list)
    trail: float = 0.0
    figures: int = 0
    mode: int = QUIET
    since: int = 0
    armed: bool = True
    quiet_until: int = -1
    probability: float = 0.0
    accepted: bool = False
    halfway: float = 0.0
    start: int = -1

    def predict(self, week: int, kept: Numbers) -> None:
        """Go on to this week, which is a likely start itself; those of 40 weeks ago are dropped."""
        for start in self.starts:
            start.followed = kept * start.followed
        self.starts = [start for start in self.starts if start.week > week - model.WINDOW]
        self.begin(week, len(kept))

    def begin(self, week: int, states: int) -> None:
        """Add this week's likely starts."""
        self.starts += [Start(week, ramp, np.zeros(states)) for ramp in model.RAMPS]

    def trust(self) -> float:
        """Return how much the leaf counts for what all share."""
        return 1.0 if self.accepted else 1 - self.probability

    def learn(self, week: int, length: int, taught: Taught | None) -> Odds:
        """Weigh this week's figure, or its absence, for every start."""
        for start in self.starts:
            start.learn(week, length, taught)
        if taught is not None:
            self.trail = learning.MEMORY * self.trail + (1 - learning.MEMORY) * (
                cut(taught.surprise) if self.trust() > 0.5 else 0.0
            )
        return self.weigh(week, length)

    def weigh(self, week: int, length: int) -> Odds:
        """Return what all starts say: each a fall or a rise, or nothing happened, by Bayes' rule."""
        both = [(start, *start.odds(rise=False), *start.odds(rise=True)) for start in self.starts]
        everything = 1 + model.HAZARD * sum(fall + rise for _, fall, _, rise, _ in both)
        fresh = fresh_rise = probability = settled_rise = change = correction = second = 0.0
        of_week: dict[int, float] = {}
        for start, fall, down, rise, up in both:
            age = week - start.week
            share, share_up = model.HAZARD * fall / everything, model.HAZARD * rise / everything
            probability += share
            fresh += fall if age < model.FRESH else 0.0
            fresh_rise += rise if age < model.FRESH else 0.0
            settled_rise += share_up if age >= standing.ACCEPT_AGE else 0.0
            of_week[start.week] = of_week.get(start.week, 0.0) + share
            change -= share * down * start.shape(week, length)
            correction += share * down * start.unseen - share_up * up * start.unseen
            second += share * (down * start.unseen) ** 2 + share_up * (up * start.unseen) ** 2
        return Odds(
            log(max(fresh, NOTHING)),
            log(max(fresh_rise, NOTHING)),
            probability,
            settled_rise,
            change / max(probability, NOTHING),
            correction,
            max(0.0, second - correction**2),
            max(of_week, key=lambda one: (of_week[one], one), default=week),
        )

    def enter(self, mode: int, week: int) -> None:
        """Take another standing."""
        self.mode, self.since = mode, week
        if mode != DECLINING:
            self.accepted = False

    def judge(self, week: int, odds: Odds, level: float, limit: float) -> bool:
        """Return whether the leaf alarms, and move to what needs no look at others; only with a figure."""
        self.figures += 1
        ready, calm = self.figures >= standing.EARLY, odds.fresh < limit - standing.CALM
        alarm = ready and self.armed and odds.fresh >= limit and week > self.quiet_until
        if alarm:
            self.quiet_until, self.armed = week + model.MUTE, False
        elif calm:
            self.armed = True
        self.probability = odds.probability
        if self.accepted and self.mode == DECLINING:
            still_low = 1 / (1 + exp(max(-30.0, min(30.0, (level - self.halfway) / standing.HALFWAY_SD))))
            self.probability = max(odds.probability, still_low)
        over = self.mode == WATCH and calm and odds.probability < 0.5
        withdrawn = self.mode == DECLINING and not self.accepted and odds.probability < 0.5
        if over or withdrawn:
            self.enter(QUIET, week)
        if alarm and self.mode != DECLINING:
            self.enter(WATCH, week)
        return alarm

    def is_sure(self, odds: Odds, settings: Settings) -> bool:
        """Return whether the leaf may be confirmed, if the false ones among all stay few."""
        return self.mode == WATCH and odds.probability >= settings.confirm_probability

    def recover(self, week: int, odds: Odds, limit: float) -> None:
        """Move to what follows a fall that has become the new level; only with a figure."""
        if not self.accepted and self.mode in (WATCH, DECLINING):
            self.start = odds.likeliest
        ready = self.figures >= standing.EARLY
        fallen = ready and self.mode == DECLINING and self.accepted
        if fallen and (odds.fresh_rise >= limit or self.probability < 0.5):
            self.enter(RECOVERING, week)
        settled = self.mode == DECLINING and self.accepted and week - self.since >= standing.SETTLED_WEEKS
        back = self.mode == RECOVERING and week - self.since >= standing.RECOVERING_WEEKS
        if ready and (settled or back):
            self.enter(QUIET, week)

    def accepts(self, week: int, odds: Odds) -> bool:
        """Return whether a change becomes the leaf's level now; only with a figure."""
        old = week - self.start >= standing.ACCEPT_AGE
        fall = self.mode == DECLINING and not self.accepted and old and odds.probability >= 0.9
        self.accepted = self.accepted or fall
        return fall or odds.settled_rise >= 0.95
