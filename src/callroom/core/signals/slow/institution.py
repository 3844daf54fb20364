"""The whole institution, week by week: groups, leaves, and what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, sin, sqrt

import numpy as np

from callroom.core.signals import model, pooled, standing, telling
from callroom.core.signals.estimates import LONGEST_WAVE, Figure, Leaf, Settings
from callroom.core.signals.model import Numbers, Sighting
from callroom.core.signals.slow.common import Common, Factors, Stands
from callroom.core.signals.slow.group import Group, Seen, Taught, Wave, averaged
from callroom.core.signals.slow.leaf import Odds, SlowLeaf


@dataclass(frozen=True, slots=True)
class Plain:
    """What the reference says of a leaf in a week, with the statistic beside its threshold, both as logs."""

    week: date
    level: float
    low: float
    high: float
    probability: float
    alarm: bool
    confirmed: bool
    statistic: float
    threshold: float


def assess(leaves: Sequence[Leaf], *, settings: Settings) -> Mapping[str, tuple[Plain, ...]]:
    """Return for each leaf one estimate per figure, as ``pooled.assess`` does; the figures are taken to be right."""
    by_week: dict[date, dict[str, tuple[str, Figure]]] = {}
    for leaf in leaves:
        for figure in leaf.figures:
            by_week.setdefault(figure.week, {})[leaf.key] = (leaf.department, figure)
    found: dict[str, list[Plain]] = {leaf.key: [] for leaf in leaves}
    institution, passed = Institution(settings), None
    for day in sorted(by_week):
        week = model.week_number(day)
        for passing in range(week if passed is None else passed + 1, week + 1):
            institution.predict(passing)
        passed = week
        sightings = {
            key: model.sighting(department, figure, settings.noise_scale)
            for key, (department, figure) in sorted(by_week[day].items())
        }
        for key, plain in institution.learn(week, sightings).items():
            found[key].append(plain)
    return {key: tuple(estimates) for key, estimates in found.items()}


class Institution:
    """All that is known after a week."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.groups: list[Group] = []
        self.group_of: dict[str, int] = {}
        self.leaves: dict[str, SlowLeaf] = {}
        self.common, self.factors = Common(), Factors()

    def predict(self, week: int) -> None:
        """Go on to a week of which nothing is known yet."""
        start = self.settings.academic_year_start
        for group in self.groups:
            turnover = model.academic_start(week, start) == week
            group.predict(self.factors.slow, self.factors.shared, turnover=turnover)
        self.common.predict(model.season_basis(week, start))
        for leaf in self.leaves.values():
            leaf.predict(week, self.groups[leaf.group].kept())

    def learn(self, week: int, sightings: Mapping[str, Sighting]) -> dict[str, Plain]:
        """Take in one week's figures."""
        usual = self.usual_level(sightings)
        for key, seen in sightings.items():
            self.welcome(key, seen, week, usual)
        figures = self.figures(week, sightings)
        taught: dict[str, Taught] = {}
        of_groups = []
        for number, group in enumerate(self.groups):
            mine = {leaf.place: key for key, leaf in self.leaves.items() if leaf.group == number and key in figures}
            if mine:
                lessons, together, variance = group.learn({place: figures[key] for place, key in mine.items()})
                taught |= {mine[place]: lesson for place, lesson in lessons.items()}
                of_groups.append((len(mine), together, variance))
        behind = [(lesson, self.leaves[key].trail, self.leaves[key].trust()) for key, lesson in taught.items()]
        self.factors.learn(behind, of_groups)
        self.common.learn_season(model.season_basis(week, self.settings.academic_year_start))
        odds = {}
        for key, leaf in self.leaves.items():
            length = sightings[key].weeks if key in sightings else 1
            odds[key] = leaf.learn(week, length, taught.get(key))
        return self.conclude(week, sightings, figures, taught, odds)

    def usual_level(self, sightings: Mapping[str, Sighting]) -> float:
        """Return the level that newcomers are thought to have: that of the known leaves, or else what they bring."""
        new = {
            key
            for key, seen in sightings.items()
            if key not in self.leaves or self.leaves[key].composition != seen.composition
        }
        levels = [
            float(self.groups[leaf.group].mean[self.groups[leaf.group].state(leaf.place, model.LEVEL)])
            for key, leaf in self.leaves.items()
            if key not in new and leaf.figures >= standing.EARLY
        ]
        levels = levels or [sightings[key].value for key in new]
        return (model.CENTRE + sum(levels)) / (1 + len(levels))

    def welcome(self, key: str, seen: Sighting, week: int, usual_level: float) -> None:
        """Give a new leaf its place, and one whose composition has changed a new beginning."""
        leaf = self.leaves.get(key)
        if leaf is None:
            number = self.group_of.get(seen.department)
            if number is None or len(self.groups[number].answers) == model.MEMBERS:
                self.groups.append(Group())
                number = self.group_of[seen.department] = len(self.groups) - 1
            place = self.groups[number].add()
            for other in self.leaves.values():
                if other.group == number:
                    for start in other.starts:
                        start.followed = _longer(start.followed, len(self.groups[number].mean))
        elif leaf.composition == seen.composition:
            usual = self.groups[leaf.group].answers[leaf.place]
            self.groups[leaf.group].answers[leaf.place] = usual + pooled.USUAL * (seen.answers - usual)
            return
        else:
            number, place = leaf.group, leaf.place
            del self.leaves[key]
        self.groups[number].begin_anew(place, usual_level, seen.answers, self.factors.slow)
        self.leaves[key] = SlowLeaf(number, place, seen.composition)
        self.leaves[key].begin(week, len(self.groups[number].mean))

    def figures(self, week: int, sightings: Mapping[str, Sighting]) -> dict[str, Seen]:
        """Return the week's figures with the institution's part, which they are asked for first."""
        rows = [
            Wave(sin(model.angle(week - back)), cos(model.angle(week - back)), self.common.weeks[back].season)
            for back in range(LONGEST_WAVE)
        ]
        stands: dict[int, list[Stands]] = {}
        expected, noise = {}, {}
        for key, seen in sightings.items():
            leaf = self.leaves[key]
            own, variance = self.groups[leaf.group].expected(leaf.place, averaged(rows[: seen.weeks]))
            white = model.WHITE_VARIANCE + model.WHITE_VARIANCE_N / seen.answers + seen.noise
            expected[key], noise[key] = own, white * self.factors.noise
            standing_here = Stands(seen.value - own, variance + noise[key], leaf.trust())
            stands.setdefault(seen.weeks, []).append(standing_here)
        parts = self.common.learn(stands)
        found = {}
        for key, seen in sightings.items():
            common, variance = parts[seen.weeks]
            whole = expected[key] + common
            low = seen.value <= seen.floor and whole < seen.value
            high = seen.value >= seen.ceiling and whole > seen.value
            wave = averaged(rows[: seen.weeks])
            found[key] = Seen(seen.value, noise[key], wave, common, variance, low or high)
        return found

    def conclude(
        self, week: int, sightings: Mapping[str, Sighting], figures: Mapping[str, Seen],
        taught: Mapping[str, Taught], odds: Mapping[str, Odds],
    ) -> dict[str, Plain]:  # fmt: skip
        """Move every leaf that has a figure to where it now stands, and tell."""
        rate = model.log_threshold(self.settings.false_alarms_per_unit_year)
        limits = {key: rate - float(standing.LONGER[seen.weeks - 1]) for key, seen in sightings.items()}
        alarms = {
            key: self.leaves[key].judge(week, odds[key], self.own_level(key), limit) for key, limit in limits.items()
        }
        self.confirm(week, list(sightings), odds)
        told = {}
        for key, limit in limits.items():
            leaf = self.leaves[key]
            leaf.recover(week, odds[key], limit)
            accepts = leaf.accepts(week, odds[key])
            level = self.groups[leaf.group].expected(leaf.place, figures[key].wave)[0]
            level += figures[key].common + odds[key].correction
            half = telling.NORMAL_95 * sqrt(taught[key].doubt + odds[key].correction_variance)
            inside = min(telling.SCALE, max(0.0, level))
            told[key] = Plain(
                model.monday(week), inside, max(0.0, min(inside, level - half)),
                min(telling.SCALE, max(inside, level + half)), leaf.probability, alarms[key],
                leaf.mode == standing.DECLINING, odds[key].fresh, limit,
            )  # fmt: skip
            if accepts:
                self.accept(key, odds[key])
        return told

    def own_level(self, key: str) -> float:
        """Return a leaf's level with its wander."""
        leaf = self.leaves[key]
        group = self.groups[leaf.group]
        return float(sum(group.mean[group.state(leaf.place, which)] for which in (model.LEVEL, model.WANDER)))

    def confirm(self, week: int, seen: list[str], odds: Mapping[str, Odds]) -> None:
        """Confirm the surest first, as long as at most the stated share of all confirmed falls is expected to be false."""
        holds = [key for key, leaf in self.leaves.items() if leaf.mode == standing.DECLINING and not leaf.accepted]
        wrong = [1 - odds[key].probability for key in holds]
        sure = [key for key in seen if self.leaves[key].is_sure(odds[key], self.settings)]
        for key in sorted(sure, key=lambda one: -odds[one].probability):
            wrong.append(1 - odds[key].probability)
            if sum(wrong) > self.settings.false_discoveries * len(wrong):
                break
            self.leaves[key].enter(standing.DECLINING, week)

    def accept(self, key: str, odds: Odds) -> None:
        """Take a change into the filter: from now on it is the leaf's level, and older starts do not count."""
        leaf = self.leaves[key]
        leaf.halfway = self.own_level(key) + odds.correction - odds.change / 2
        group = self.groups[leaf.group]
        state = group.state(leaf.place, model.LEVEL)
        group.mean[state] += odds.correction
        group.covariance[state, state] += odds.correction_variance + pooled.ACCEPTED_VARIANCE
        leaf.starts = []


def _longer(vector: Numbers, length: int) -> Numbers:
    return np.append(vector, np.zeros(length - len(vector)))
