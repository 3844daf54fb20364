"""
The pooled engine: all leaves of an institution together, week by week, with what they share taken out of each.

``assess`` reads whole series. ``Memory`` is what the engine knows after a week; ``advance`` adds one week to it, so what
is said about a week cannot depend on later ones. Both give the same estimates. See docs/explanation/signals.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals.estimates import LONGEST_WAVE, BadFigures, Estimate, Figure, Leaf, Reasons, Settings, State

Numbers = NDArray[np.float64]

FIRST_MONDAY: Final = date(2001, 1, 1)
WINDOW: Final = 40
EARLY: Final = 6
SIZES: Final = np.array([0.45, 0.75, 1.2])
RAMPS: Final = (1, 10)
HAZARD: Final = 0.04 / 52
PHI: Final = np.array([1.0, 0.95, 0.8])
FIRST_VARIANCE: Final = np.array([1.2, 0.04, 0.05])


@dataclass
class Memory:
    """What the engine knows after a week; one row per leaf in all arrays, in the order in which leaves appeared."""

    settings: Settings
    week: int | None = None
    keys: dict[str, int] = field(default_factory=dict)
    compositions: list[tuple[str, ...]] = field(default_factory=list)
    mean: Numbers = field(default_factory=lambda: np.zeros((0, 3)))
    covariance: Numbers = field(default_factory=lambda: np.zeros((0, 3, 3)))
    figures: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    quiet_until: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    drag: Numbers = field(default_factory=lambda: np.zeros((0, len(RAMPS), WINDOW, 3)))
    ratio: Numbers = field(default_factory=lambda: np.zeros((0, len(RAMPS), WINDOW, len(SIZES))))


def begin(settings: Settings) -> Memory:
    """Return the memory of an institution that has published nothing yet."""
    return Memory(settings)


def assess(leaves: Sequence[Leaf], *, settings: Settings) -> Mapping[str, tuple[Estimate, ...]]:
    """
    Return for each leaf one estimate per figure, in the order of its weeks.

    Causal: the estimates of a week are the same whether or not later weeks are given.

    :raises BadFigures: for two figures of a leaf in one week, weeks that do not rise, or a figure off the scale
    """
    check(leaves)
    memory = begin(settings)
    estimates: dict[str, list[Estimate]] = {leaf.key: [] for leaf in leaves}
    by_week: dict[date, dict[str, tuple[str, Figure]]] = {}
    for leaf in leaves:
        for figure in leaf.figures:
            by_week.setdefault(figure.week, {})[leaf.key] = (leaf.department, figure)
    for week in sorted(by_week):
        for key, estimate in advance(memory, week, by_week[week]).items():
            estimates[key].append(estimate)
    return {key: tuple(found) for key, found in estimates.items()}


def check(leaves: Sequence[Leaf]) -> None:
    """:raises BadFigures: where a leaf is there twice, weeks do not rise, or a figure lies off the scale"""
    seen: set[str] = set()
    for leaf in leaves:
        if leaf.key in seen:
            raise BadFigures("the leaf is there twice", leaf.key, None)
        seen.add(leaf.key)
        for before, after in pairwise(leaf.figures):
            if after.week <= before.week:
                raise BadFigures(f"stands after the figure of {before.week}", leaf.key, after.week)
        for figure in leaf.figures:
            check_figure(leaf.key, figure)


def check_figure(key: str, figure: Figure) -> None:
    """:raises BadFigures: where the figure means nothing"""
    if figure.week.weekday() != 0 or figure.week < FIRST_MONDAY:
        raise BadFigures("the week is not a Monday of this century", key, figure.week)
    if not 0 <= figure.mean_tenths <= 100:
        raise BadFigures("the mean is off the scale", key, figure.week)
    if not 1 <= figure.weeks <= LONGEST_WAVE:
        raise BadFigures("a wave takes one to four weeks", key, figure.week)
    if figure.n_low < 1 or (figure.n_high is not None and figure.n_high < figure.n_low):
        raise BadFigures("the band of answers is empty", key, figure.week)


def advance(memory: Memory, week: date, figures: Mapping[str, tuple[str, Figure]]) -> Mapping[str, Estimate]:
    """
    Add the figures of one week (by leaf: department and figure) to the memory; return these leaves' estimates.

    :raises BadFigures: for a week that is not later than the last, a figure of another week or off the scale; the
        memory is then unchanged
    """
    number = (week - FIRST_MONDAY).days // 7
    for key, (_, figure) in figures.items():
        check_figure(key, figure)
        if figure.week != week or (memory.week is not None and number <= memory.week):
            raise BadFigures("the week is not the next one", key, figure.week)
    while memory.week is not None and memory.week < number - 1:
        _predict(memory)
    if memory.week is not None:
        _predict(memory)
    memory.week = number
    _welcome(memory, figures)
    order = sorted(figures, key=memory.keys.__getitem__)
    if not order:
        return {}
    return _update(memory, [memory.keys[key] for key in order], order, [figures[key][1] for key in order])


def _predict(memory: Memory) -> None:
    memory.mean *= PHI
    memory.covariance *= np.outer(PHI, PHI)
    memory.covariance[:, [0, 1, 2], [0, 1, 2]] += (1 - PHI**2) * FIRST_VARIANCE + np.array([0.0004, 0, 0])
    memory.drag *= PHI
    slot = (memory.week or 0) + 1
    memory.drag[:, :, slot % WINDOW] = 0
    memory.ratio[:, :, slot % WINDOW] = 0
    memory.week = slot


def _welcome(memory: Memory, figures: Mapping[str, tuple[str, Figure]]) -> None:
    for key in sorted(figures):
        composition = figures[key][1].composition
        if key not in memory.keys:
            memory.keys[key] = len(memory.keys)
            memory.compositions.append(composition)
            memory.mean = np.vstack([memory.mean, [[6.5, 0, 0]]])
            memory.covariance = np.concatenate([memory.covariance, np.diag(FIRST_VARIANCE)[None]])
            memory.figures, memory.quiet_until = np.append(memory.figures, 0), np.append(memory.quiet_until, 0)
            memory.drag = np.concatenate([memory.drag, np.zeros((1, *memory.drag.shape[1:]))])
            memory.ratio = np.concatenate([memory.ratio, np.full((1, *memory.ratio.shape[1:]), -np.inf)])
        row = memory.keys[key]
        if memory.compositions[row] != composition:
            memory.compositions[row] = composition
            memory.covariance[row] = np.diag(FIRST_VARIANCE)
            memory.figures[row] = 0
            memory.ratio[row] = -np.inf


def _variance(figure: Figure, noise_scale: float) -> float:
    middle = {8: 9.4, 12: 13.4, 16: 19.0, 24: 36.0}.get(figure.n_low, figure.n_low * 1.2)
    q = exp(-1 / noise_scale) if noise_scale else 0.0
    return 2 * q / (1 - q) ** 2 / middle**2 + 1.8 / middle + 0.03


def _update(
    memory: Memory, rows: Sequence[int], keys: Sequence[str], figures: Sequence[Figure]
) -> Mapping[str, Estimate]:
    noise = np.array([_variance(figure, memory.settings.noise_scale) for figure in figures])
    covariance = memory.covariance[rows]
    spread = covariance.sum((1, 2)) + noise
    surprise = np.array([figure.mean_tenths / 10 for figure in figures]) - memory.mean[rows].sum(1)
    weight = np.where(memory.figures[rows] > EARLY, 1 / spread, 0)
    common = float((weight * surprise).sum() / (weight.sum() + 1 / 0.06))
    for _ in range(3):
        robust = weight * np.minimum(1, 1.5 / np.maximum(np.abs(surprise - common) / np.sqrt(spread), 1e-9))
        common = float((robust * surprise).sum() / (robust.sum() + 1 / 0.06))
    surprise = surprise - common
    gain = covariance.sum(2) / spread[:, None]
    memory.mean[rows] += gain * surprise[:, None]
    memory.covariance[rows] = covariance - gain[:, :, None] * covariance.sum(1)[:, None, :]
    _weigh(memory, rows, surprise, spread, gain)
    memory.figures[rows] += 1
    return {key: _estimate(memory, row, figure, common) for row, key, figure in zip(rows, keys, figures, strict=True)}


def _weigh(memory: Memory, rows: Sequence[int], surprise: Numbers, spread: Numbers, gain: Numbers) -> None:
    age = ((memory.week or 0) - np.arange(WINDOW)) % WINDOW
    shape = np.stack([np.minimum(1, (age + 1) / ramp) for ramp in RAMPS])
    drag = memory.drag[rows]
    shown = -shape - drag.sum(3)
    memory.drag[rows] = drag + gain[:, None, None, :] * shown[..., None]
    pull = shown[..., None] * SIZES
    memory.ratio[rows] += (pull * surprise[:, None, None, None] - 0.5 * pull**2) / spread[:, None, None, None]


def _estimate(memory: Memory, row: int, figure: Figure, common: float) -> Estimate:
    settings, week = memory.settings, memory.week or 0
    odds = np.exp(np.minimum(memory.ratio[row], 50)).mean((0, 2))
    total = float(odds.sum())
    probability = HAZARD * total / (1 + HAZARD * total)
    threshold = 33 / settings.false_alarms_per_unit_year
    early = bool(memory.figures[row] < EARLY)
    alarm = not early and total >= threshold and week > memory.quiet_until[row]
    if alarm:
        memory.quiet_until[row] = week + 8
    confirmed = not early and probability >= settings.confirm_probability
    state = State.TOO_EARLY if early else State.DECLINING if confirmed else State.QUIET
    if state is State.QUIET and total >= threshold:
        state = State.WATCH
    start, start_low, start_high = _start(odds, week) if state in {State.WATCH, State.DECLINING} else (None,) * 3
    level = float(memory.mean[row].sum()) + common
    half = 1.96 * float(np.sqrt(memory.covariance[row].sum()))
    return Estimate(
        figure.week, level, level - half, level + half, probability, start, start_low, start_high, state, alarm,
        confirmed,
        Reasons(float(memory.mean[row, 1:].sum()), common, 0.0, 0.0, 0.0, int(memory.figures[row]), 0),
    )  # fmt: skip


def _start(odds: Numbers, week: int) -> tuple[date, date, date]:
    age = (week - np.arange(WINDOW)) % WINDOW
    by_age = odds[np.argsort(age)]
    share = np.cumsum(by_age) / by_age.sum()
    ages = [int(np.argmax(by_age)), int(np.searchsorted(share, 0.9)), int(np.searchsorted(share, 0.1))]
    start, first, last = (FIRST_MONDAY + timedelta(weeks=week - min(age, WINDOW - 1)) for age in ages)
    return start, min(first, start), max(last, start)
