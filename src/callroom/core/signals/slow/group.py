"""A dense Kalman filter over the leaves of one department (or six of them) and what they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from callroom.core.signals import model
from callroom.core.signals.model import Numbers


@dataclass(frozen=True)
class Wave:
    """What a leaf's figure is made of besides its level: sine, cosine and season, averaged over the weeks of its wave."""

    sine: float
    cosine: float
    season: float


@dataclass(frozen=True)
class Seen:
    """A leaf's figure of this week, with the variance of its noise and the institution's part of it."""

    value: float
    noise: float
    wave: Wave
    common: float = 0.0
    common_variance: float = 0.0
    says_nothing: bool = False
    """At the floor or the ceiling, and expected beyond it."""


@dataclass(frozen=True)
class Taught:
    """What one leaf's figure taught: gain of every state of the group, pull and worth as in the likelihood ratio."""

    row: Numbers
    gain: Numbers
    pull: float
    worth: float
    surprise: float
    doubt: float


def averaged(rows: list[Wave]) -> Wave:
    """Return the mean of several weeks."""
    count = len(rows)
    return Wave(
        sum(row.sine for row in rows) / count,
        sum(row.cosine for row in rows) / count,
        sum(row.season for row in rows) / count,
    )


@dataclass
class Group:
    """State 0 is the department; then come, leaf by leaf, level, wander, mood, sine, cosine and season's share."""

    mean: Numbers = field(default_factory=lambda: np.zeros(1))
    covariance: Numbers = field(default_factory=lambda: np.array([[model.DEPARTMENT_VARIANCE]]))
    answers: list[float] = field(default_factory=list)

    def state(self, place: int, which: int) -> int:
        """Return where a leaf's state stands."""
        return 1 + place * model.OWN + which

    def add(self) -> int:
        """Add a leaf of which nothing is known."""
        size = len(self.mean)
        wider = np.zeros((size + model.OWN, size + model.OWN))
        wider[:size, :size] = self.covariance
        self.mean, self.covariance = np.append(self.mean, np.zeros(model.OWN)), wider
        self.answers.append(0.0)
        return len(self.answers) - 1

    def begin_anew(self, place: int, level: float, answers: float, slow: float) -> None:
        """Forget a leaf's own states: its level is taken to be the usual one."""
        self.answers[place] = answers
        variances = {
            model.LEVEL: model.CENTRE_VARIANCE + model.LEVEL_VARIANCE + model.LEVEL_VARIANCE_N / answers,
            model.WANDER: model.WANDER_VARIANCE * slow,
            model.MOOD: model.MOOD_VARIANCE_N / answers,
            model.SINE: model.OWN_SEASON_VARIANCE,
            model.COSINE: model.OWN_SEASON_VARIANCE,
            model.LOADING: model.LOADING_VARIANCE,
        }
        for which, variance in variances.items():
            state = self.state(place, which)
            self.mean[state] = level if which == model.LEVEL else 0.0
            self.covariance[state, :] = 0
            self.covariance[:, state] = 0
            self.covariance[state, state] = variance

    def kept(self) -> Numbers:
        """Return which share of each state lasts into the next week."""
        kept = np.ones(len(self.mean))
        kept[0] = model.DEPARTMENT_KEEPS
        for place in range(len(self.answers)):
            kept[self.state(place, model.WANDER)] = model.WANDER_KEEPS
            kept[self.state(place, model.MOOD)] = model.MOOD_KEEPS
        return kept

    def predict(self, slow: float, shared: float, *, turnover: bool) -> None:
        """Go one week on: x = F x, P = F P F' + Q."""
        transition, added = np.diag(self.kept()), np.zeros(len(self.mean))
        added[0] = (1 - model.DEPARTMENT_KEEPS**2) * model.DEPARTMENT_VARIANCE * shared
        for place, answers in enumerate(self.answers):
            added[self.state(place, model.WANDER)] = (1 - model.WANDER_KEEPS**2) * model.WANDER_VARIANCE * slow
            added[self.state(place, model.MOOD)] = (1 - model.MOOD_KEEPS**2) * model.MOOD_VARIANCE_N / answers
            if turnover:
                added[self.state(place, model.LEVEL)] = model.TURNOVER_VARIANCE_N / answers
        self.mean = transition @ self.mean
        self.covariance = transition @ self.covariance @ transition.T + np.diag(added)

    def row(self, place: int, wave: Wave) -> Numbers:
        """Return the observation row h of a leaf: its figure is h x, plus the institution's part, plus noise."""
        row = np.zeros(len(self.mean))
        row[0] = 1
        for which in (model.LEVEL, model.WANDER, model.MOOD):
            row[self.state(place, which)] = 1
        row[self.state(place, model.SINE)] = wave.sine
        row[self.state(place, model.COSINE)] = wave.cosine
        row[self.state(place, model.LOADING)] = wave.season
        return row

    def expected(self, place: int, wave: Wave) -> tuple[float, float]:
        """Return what is expected of a leaf's figure without the institution's part, and its variance without noise."""
        row = self.row(place, wave)
        return float(row @ self.mean), float(row @ self.covariance @ row)

    def learn(self, figures: dict[int, Seen]) -> tuple[dict[int, Taught], float, float]:
        """
        Update by the figures of these leaves; return what each taught, and how far they go together with its variance.

        With S = H P H' + R and the institution's part known with variance c, the precision of the deviations is
        S^-1 - c S^-1 1 1' S^-1 (Woodbury).
        """
        places = list(figures)
        rows = np.array([self.row(place, figures[place].wave) for place in places])
        noise = np.diag([figures[place].noise for place in places])
        precision = np.linalg.inv(rows @ self.covariance @ rows.T + noise)
        ones = np.array([sqrt(figures[place].common_variance) for place in places])
        full = precision - np.outer(precision @ ones, precision @ ones)
        off = [0.0 if seen.says_nothing else seen.value - float(row @ self.mean) - seen.common
               for row, seen in zip(rows, figures.values(), strict=True)]  # fmt: skip
        raw = precision @ np.array(off)
        surprises, cut = [], []
        for number, deviation in enumerate(off):
            root = sqrt(full[number, number]) if full[number, number] > 0 else 1.0
            surprise = raw[number] / root
            too_far = surprise - max(-model.CLIP, min(model.CLIP, surprise))
            surprises.append(float(surprise))
            cut.append(deviation - too_far * root / precision[number, number])
        pull = precision @ np.array(cut)
        before = self.covariance
        self.mean = self.mean + before @ rows.T @ pull
        self.covariance = before - before @ rows.T @ full @ rows @ before
        gain = before @ rows.T @ full
        found = {}
        for number, place in enumerate(places):
            reach = rows[number] @ before @ rows.T
            left = float(reach[number] - reach @ precision @ reach)
            found[place] = Taught(
                rows[number],
                gain[:, number],
                float(pull[number]),
                max(0.0, float(full[number, number])),
                surprises[number],
                max(0.0, left) + figures[place].common_variance,
            )
        return found, float(raw.sum()), max(0.0, float(precision.sum() - (precision @ ones).sum() ** 2))
