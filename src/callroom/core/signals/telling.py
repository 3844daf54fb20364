"""From the engine's arrays to estimates: one for each leaf that has a figure this week, with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals import blocks, model, standing, starts
from callroom.core.signals.blocks import Blocks, Glance, Lesson
from callroom.core.signals.estimates import Estimate, Reasons, State
from callroom.core.signals.model import Numbers
from callroom.core.signals.shared import Shared
from callroom.core.signals.standing import Odds, Settled, Standing

NORMAL_95: Final = 1.96
LIKELY: Final = 0.5
SCALE: Final = 10.0
STATES: Final = {
    standing.QUIET: State.QUIET,
    standing.WATCH: State.WATCH,
    standing.DECLINING: State.DECLINING,
    standing.RECOVERING: State.RECOVERING,
}


@dataclass
class Told:
    """One week's results, by block and leaf."""

    glance: Glance
    lesson: Lesson
    common: Numbers
    odds: Odds
    waves: Numbers
    weeks: NDArray[np.int64]
    level: Numbers = field(default_factory=lambda: np.zeros(0))


def estimates_of(
    told: Told,
    settled: Settled,
    stand: Standing,
    filtered: Blocks,
    shared: Shared,
    before_turnover: Numbers,
    figures_in: NDArray[np.bool_],
    week: int,
    places: Mapping[str, tuple[int, int]],
) -> Mapping[str, Estimate]:
    """Return the estimates of the leaves at these places."""
    half = NORMAL_95 * np.sqrt(told.lesson.doubt + told.odds.correction_variance)
    states = filtered.mean[:, blocks.OWN_PLACES]
    own_waves = (states[:, :, model.SINE :] * told.waves).sum(2)
    turnover = states[:, :, model.LEVEL] - before_turnover
    weeks_of = week - starts.ages(week)
    shock = float(shared.common[0] - shared.seasons[0])
    found = {}
    for key, where in places.items():
        mode, probability = int(stand.mode[where]), float(stand.probability[where])
        early = int(stand.figures[where]) < standing.EARLY
        likely = mode in (standing.WATCH, standing.DECLINING)
        start = int(stand.start[where]) if likely else None
        inside = figures_in[where] & (weeks_of >= start) if start is not None else figures_in[where][:0]
        moved = float(turnover[where])
        level = min(SCALE, max(0.0, float(told.level[where])))
        found[key] = Estimate(
            week=model.monday(week),
            level=level,
            low=max(0.0, min(level, float(told.level[where] - half[where]))),
            high=min(SCALE, max(level, float(told.level[where] + half[where]))),
            probability=min(1.0, max(0.0, probability)),
            start=None if start is None else model.monday(start),
            start_low=None if start is None else model.monday(int(stand.start_low[where])),
            start_high=None if start is None else model.monday(int(stand.start_high[where])),
            state=State.TOO_EARLY if early else STATES[mode],
            alarm=bool(settled.alarm[where]),
            confirmed=mode == standing.DECLINING,
            reasons=Reasons(
                own_change=float(stand.change[where]) if likely else float(states[where][model.WANDER]),
                institution_shock=shock,
                department_shock=float(filtered.mean[where[0], -1]),
                season=float(shared.seasons[0] + own_waves[where]),
                turnover=0.0 if np.isnan(moved) else moved,
                figures=int(stand.figures[where]),
                figures_since=int(inside.sum()),
            ),
        )
    return found
