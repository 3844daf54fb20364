"""
The pooled engine: all leaves of an institution together, week by week, with what they share taken out of each.

``assess`` reads whole series. ``Memory`` is what the engine knows after a week; ``advance`` adds one week to it, so what
is said about a week cannot depend on later ones. Both give the same estimates. See docs/explanation/signals.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callroom.core.signals import blocks, keeping, learning, model, shared, standing, starts
from callroom.core.signals.estimates import LONGEST_WAVE, BadFigures, Estimate, Figure, Leaf, Settings
from callroom.core.signals.model import Numbers, Sighting
from callroom.core.signals.telling import Told, estimates_of

ACCEPTED_VARIANCE: Final = 0.02
"""Added to a new level's variance when a change is taken into the filter."""
KEPT_PARTS: Final[dict[str, type]] = {
    "blocks": blocks.Blocks,
    "shared": shared.Shared,
    "factors": learning.Factors,
    "starts": starts.Starts,
    "standing": standing.Standing,
}
KEPT_ARRAYS: Final = ("trail", "before_turnover", "figures_in")
USUAL: Final = 0.1
"""Weight of a new figure in a leaf's usual number of answers."""


@dataclass
class Memory:
    """What the engine knows after a week. A leaf's place is a block and a column in it."""

    settings: Settings
    week: int | None = None
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    compositions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    departments: dict[str, tuple[int, int]] = field(default_factory=dict)
    blocks: blocks.Blocks = field(default_factory=blocks.Blocks.empty)
    shared: shared.Shared = field(default_factory=shared.Shared)
    factors: learning.Factors = field(default_factory=learning.Factors)
    starts: starts.Starts = field(default_factory=starts.Starts.empty)
    standing: standing.Standing = field(default_factory=standing.Standing.empty)
    trail: Numbers = field(default_factory=lambda: np.zeros((0, model.MEMBERS)))
    before_turnover: Numbers = field(default_factory=lambda: np.zeros((0, model.MEMBERS)))
    figures_in: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, model.MEMBERS, model.WINDOW), bool))


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
    found: dict[str, list[Estimate]] = {leaf.key: [] for leaf in leaves}
    by_week: dict[date, dict[str, tuple[str, Figure]]] = {}
    for leaf in leaves:
        for figure in leaf.figures:
            by_week.setdefault(figure.week, {})[leaf.key] = (leaf.department, figure)
    for week in sorted(by_week):
        for key, estimate in advance(memory, week, by_week[week]).items():
            found[key].append(estimate)
    return {key: tuple(estimates) for key, estimates in found.items()}


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
    if figure.week.weekday() != 0 or figure.week < model.FIRST_MONDAY:
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
    for key, (_, figure) in figures.items():
        check_figure(key, figure)
        if figure.week != week:
            raise BadFigures("the figure is of another week", key, figure.week)
    scale = memory.settings.noise_scale
    return observe(
        memory, week, {key: model.sighting(where, figure, scale) for key, (where, figure) in figures.items()}
    )


def observe(memory: Memory, week: date, sightings: Mapping[str, Sighting]) -> Mapping[str, Estimate]:
    """
    Add one week, as the engine sees it, to the memory; return an estimate for each leaf that has a figure.

    :raises BadFigures: for a week that is not later than the last
    """
    number = model.week_number(week)
    if memory.week is not None and number <= memory.week:
        raise BadFigures("the week is not the next one", next(iter(sightings), ""), week)
    if not sightings:
        return {}
    for passing in range(number if memory.week is None else memory.week + 1, number + 1):
        _predict(memory, passing)
    _make_room(memory, sightings)
    newcomers = [key for key in sorted(sightings) if memory.compositions.get(key) != sightings[key].composition]
    if newcomers:
        usual = _usual_level(memory, newcomers, sightings)
        for key in newcomers:
            _welcome(memory, key, sightings[key], usual)
    return _learn(memory, number, sightings)


def dump(memory: Memory) -> bytes:
    """Return a memory as bytes, to be continued later with ``load``."""
    return keeping.packed(
        {name: getattr(memory, name) for name in (*KEPT_PARTS, *KEPT_ARRAYS)},
        {
            "settings": asdict(memory.settings),
            "week": memory.week,
            "places": list(memory.places.items()),
            "compositions": list(memory.compositions.items()),
            "departments": list(memory.departments.items()),
        },
    )


def load(content: bytes) -> Memory:
    """
    Return the memory that ``dump`` kept.

    :raises keeping.OtherVersion: when another version of the engine wrote it
    """
    arrays, words = keeping.unpacked(content)
    settings = words["settings"]
    start = tuple(settings.pop("academic_year_start"))
    memory = Memory(Settings(**settings, academic_year_start=start), words["week"])
    memory.places = {key: (block, place) for key, (block, place) in words["places"]}
    memory.departments = {key: (block, taken) for key, (block, taken) in words["departments"]}
    memory.compositions = {key: tuple(units) for key, units in words["compositions"]}
    for name, kind in KEPT_PARTS.items():
        setattr(memory, name, keeping.filled(kind, name, arrays))
    for name in KEPT_ARRAYS:
        setattr(memory, name, arrays[f"{name}."])
    return memory


def _predict(memory: Memory, week: int) -> None:
    """Go on to a week of which nothing is known yet."""
    start = memory.settings.academic_year_start
    turnover = model.academic_start(week, start) == week
    if turnover:
        memory.before_turnover = memory.blocks.mean[:, blocks.OWN_PLACES[:, model.LEVEL]].copy()
    memory.blocks.predict(memory.factors.slow, memory.factors.shared, turnover=turnover)
    memory.shared.predict(model.season_basis(week, start))
    memory.starts.predict(week)
    memory.figures_in[:, :, week % model.WINDOW] = False
    memory.week = week


def _welcome(memory: Memory, key: str, seen: Sighting, usual: float) -> None:
    """Give a leaf that was never seen, or whose composition has changed, a new beginning."""
    memory.compositions[key] = seen.composition
    block, place = memory.places[key]
    memory.standing.forget(block, place)
    memory.blocks.settle(block, place, usual, seen.answers, memory.factors.slow)
    memory.starts.forget(block, place, memory.week or 0)
    memory.trail[block, place] = 0
    memory.before_turnover[block, place] = np.nan
    memory.figures_in[block, place] = False


def _make_room(memory: Memory, sightings: Mapping[str, Sighting]) -> None:
    """Give each leaf that was never seen its place, and grow once by all blocks that this takes."""
    blocks_before = blocks_after = len(memory.blocks.mean)
    for key in sorted(sightings.keys() - memory.places.keys()):
        department = sightings[key].department
        block, taken = memory.departments.get(department, (-1, model.MEMBERS))
        if taken == model.MEMBERS:
            block, taken, blocks_after = blocks_after, 0, blocks_after + 1
        memory.departments[department] = (block, taken + 1)
        memory.places[key] = (block, taken)
    more = blocks_after - blocks_before
    if not more:
        return
    memory.blocks.grow(more)
    memory.starts.grow(more)
    memory.standing.grow(more)
    memory.trail = np.concatenate([memory.trail, np.zeros((more, model.MEMBERS))])
    memory.before_turnover = np.concatenate([memory.before_turnover, np.full((more, model.MEMBERS), np.nan)])
    memory.figures_in = np.concatenate([memory.figures_in, np.zeros((more, model.MEMBERS, model.WINDOW), bool)])


def _usual_level(memory: Memory, newcomers: Sequence[str], sightings: Mapping[str, Sighting]) -> float:
    """
    Return the level that newcomers are thought to have: the mean of the leaves that have been seen for a while.

    Where all are new (an institution's first week, another questionnaire) it is the mean of what they bring, or the place
    of this institution on the scale would be told as a shock that fell on everybody.
    """
    known = memory.standing.figures >= standing.EARLY
    for key in newcomers:
        known[memory.places[key]] = False
    levels = memory.blocks.mean[:, blocks.OWN_PLACES[:, model.LEVEL]][known]
    if not len(levels):
        levels = np.array([sightings[key].value for key in newcomers])
    return (model.CENTRE + float(levels.sum())) / (1 + len(levels))


def _learn(memory: Memory, week: int, sightings: Mapping[str, Sighting]) -> Mapping[str, Estimate]:
    form = (len(memory.blocks.mean), model.MEMBERS)
    values, noise, seen = np.zeros(form), np.ones(form), np.zeros(form, bool)
    floor, ceiling, weeks = np.full(form, -np.inf), np.full(form, np.inf), np.ones(form, np.int64)
    for key, sighted in sightings.items():
        where = memory.places[key]
        usual = memory.blocks.answers[where]
        memory.blocks.answers[where] = usual + USUAL * (sighted.answers - usual)
        values[where], seen[where], weeks[where] = sighted.value, True, sighted.weeks
        floor[where], ceiling[where] = sighted.floor, sighted.ceiling
        noise[where] = model.WHITE_VARIANCE + model.WHITE_VARIANCE_N / sighted.answers + sighted.noise
    waves = _waves(memory, week)
    glance = blocks.look(memory.blocks, seen, noise * memory.factors.noise, waves[weeks - 1])
    trust = 1 - memory.standing.probability * ~memory.standing.accepted
    common, doubt = memory.shared.learn(glance, values, weeks, trust)
    expected = glance.expected + common
    # At the floor or the ceiling a figure only says "this low" or "this high", never "not lower" or "not higher".
    beyond = ((values <= floor) & (expected < values)) | ((values >= ceiling) & (expected > values))
    deviation = np.where(seen & ~beyond, values - expected, 0.0)
    lesson = blocks.learn(memory.blocks, glance, deviation, doubt)
    shift = memory.starts.learn(week, glance, lesson, weeks)
    memory.factors.learn(glance, lesson, memory.trail, trust)
    memory.shared.learn_season(model.season_basis(week, memory.settings.academic_year_start))
    memory.figures_in[:, :, week % model.WINDOW] = seen
    odds = standing.weigh(memory.starts, week, shift, weeks)
    return _conclude(memory, week, sightings, Told(glance, lesson, common, odds, waves[weeks - 1], weeks))


def _waves(memory: Memory, week: int) -> Numbers:
    """Return sine, cosine and the institution's season, averaged over the last one to four weeks."""
    back = range(LONGEST_WAVE)
    angles = [model.angle(week - weeks) for weeks in back]
    columns = np.stack([np.sin(angles), np.cos(angles), memory.shared.seasons], axis=1)
    return np.cumsum(columns, axis=0) / (np.arange(LONGEST_WAVE)[:, None] + 1)


def _conclude(memory: Memory, week: int, sightings: Mapping[str, Sighting], told: Told) -> Mapping[str, Estimate]:
    own = (
        memory.blocks.mean[:, blocks.OWN_PLACES[:, model.LEVEL]]
        + memory.blocks.mean[:, blocks.OWN_PLACES[:, model.WANDER]]
    )
    settled = memory.standing.settle(week, told.odds, told.glance.seen, own, told.weeks, memory.settings)
    told.level = told.glance.expected_after(memory.blocks) + told.common + told.odds.correction
    found = estimates_of(
        told, settled, memory.standing, memory.blocks, memory.shared, memory.before_turnover, memory.figures_in, week,
        {key: memory.places[key] for key in sightings},
    )  # fmt: skip
    for block, place in np.argwhere(settled.fall | settled.rise):
        where = (int(block), int(place))
        _accept(memory, where, float(told.odds.correction[where]), float(told.odds.correction_variance[where]))
        memory.standing.halfway[where] = own[where] + told.odds.correction[where] - told.odds.change[where] / 2
        memory.starts.forget(*where, week + 1)
    return found


def _accept(memory: Memory, where: tuple[int, int], correction: float, variance: float) -> None:
    """Take a change into the filter: the leaf's level is now what the likely starts say it is."""
    block, state = where[0], int(blocks.OWN_PLACES[where[1], model.LEVEL])
    memory.blocks.mean[block, state] += correction
    memory.blocks.covariance[block, state, state] += variance + ACCEPTED_VARIANCE
