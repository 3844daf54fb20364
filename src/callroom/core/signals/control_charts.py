"""
XmR charts: individual figures against limits from their own moving ranges, with four rules.

Sources: NHS England, "Making data count" (the four rules); W. A. Shewhart's individuals chart with 2.66 = 3 / 1.128,
1.128 being d2 for ranges of two; UX.md, "SPC conventions" (12 figures for limits, a warning under 20, gaps break runs).

Choices where those leave room:

- *Baseline*: limits come from the first 12 figures since the composition last changed, and from each later one that
  meets no rule when it arrives, until there are 24. So limits hold still while something is found, a decline does not
  raise the limits that should show it, and what is said about a week does not depend on later weeks.
- *Moving ranges* are taken between neighbouring figures, over gaps too: this can only widen limits. Runs, on the other
  hand, are broken by a gap, and by a figure that lies on the centre line.
- *Least variation*: the mean moving range is never taken below 0.3 points, what release noise alone causes in the
  index of eight people (sd 2.8 x sqrt(2) / (sqrt(3) x 8) = 0.29 points, times 1.128). Otherwise a very content unit,
  whose figures are all clipped to the same value, would alarm at its first ordinary week.
- Limits are cut to the scale; a figure lies outside only if it is beyond the limit before the cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from callroom.core.signals.engine import Assessment, BadSeries, Finding, Limits, Mark, Point, Rule, Side, State

BASELINE_LEAST = 12
"""Figures that limits take at least; below, it is too early to tell."""

BASELINE_MOST = 24
"""Figures after which limits stand until the composition changes."""

FEW_FIGURES = 20
"""Below this many figures limits are marked as still moving."""

RUN = 7
"""Figures on one side of the centre, or in one direction, that are no longer chance."""

_LIMIT_FACTOR = Fraction(266, 100)
_LEAST_MEAN_RANGE = Fraction(3)
_OUTER_THIRD = Fraction(2, 3)
_SCALE_TENTHS = 100
_WINDOW = 3
_NEAR = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A point that has a value; ``after_gap``: the point before it has none, so no run leads up to it."""

    place: int
    point: Point
    value: int
    after_gap: bool


@dataclass(frozen=True, slots=True)
class ExactLimits:
    """
    Centre and distance of the limits from it, in tenths of a point, unrounded and uncut.

    The lines are kept as the first whole tenths below and above them, so comparing a figure takes no fraction.
    """

    centre: Fraction
    distance: Fraction
    below: tuple[int, int, int]
    above: tuple[int, int, int]

    @classmethod
    def of(cls, values: Sequence[int]) -> ExactLimits:
        """
        Return centre and limits of these figures: mean +- 2.66 x mean moving range.

        :raises BadSeries: with fewer than two figures there is no moving range
        """
        if len(values) < 2:
            raise BadSeries("limits take two figures at least")
        ranges = [abs(after - before) for before, after in pairwise(values)]
        centre = Fraction(sum(values), len(values))
        distance = _LIMIT_FACTOR * max(Fraction(sum(ranges), len(ranges)), _LEAST_MEAN_RANGE)
        lines = (Fraction(0), _OUTER_THIRD * distance, distance)
        below, near_below, outside_below = (ceil(centre - line) - 1 for line in lines)
        above, near_above, outside_above = (floor(centre + line) + 1 for line in lines)
        return cls(centre, distance, (below, near_below, outside_below), (above, near_above, outside_above))

    def side(self, value: int) -> Side | None:
        """Return on which side of the centre a figure lies; None on it."""
        return self._beyond(0, value)

    def near(self, value: int) -> Side | None:
        """Return on which side a figure lies in the outer third towards a limit, or beyond it; None elsewhere."""
        return self._beyond(1, value)

    def outside(self, value: int) -> Side | None:
        """Return beyond which limit a figure lies; None between them and on them."""
        return self._beyond(2, value)

    def _beyond(self, line: int, value: int) -> Side | None:
        if value <= self.below[line]:
            return Side.LOW
        return Side.HIGH if value >= self.above[line] else None


class ControlChart:
    """The XmR engine: see the module's docstring for its choices, ``engine.Engine`` for what it is given and gives."""

    def assess(self, points: Sequence[Point]) -> Assessment:
        """
        Return what can be said after the last of ``points``; a trailing gap leaves what the latest figure said.

        Limits belong to the present composition; points of earlier ones keep no marks.

        :raises BadSeries: if weeks do not rise or a figure lies off the scale
        """
        _check(points)
        start = _start_of_composition(points)
        figures = _figures(points, start)
        limits, baseline = _limits(figures)
        findings = _findings(figures, limits) if limits else []
        latest = [finding for finding in findings if figures and finding.last == len(figures) - 1]
        reason = _as_told(latest[0], figures) if latest else None
        return Assessment(
            state=_state(limits, reason),
            figures=len(figures),
            needed=BASELINE_LEAST,
            limits=_told_limits(limits, baseline) if limits else None,
            finding=reason,
            as_of=figures[-1].point.week if figures else None,
            marks=_marks(points, figures, findings),
            rebased_on=points[start].week if start else None,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """A rule met by the figures numbered ``first`` to ``last``; ``members`` are those that meet it themselves."""

    rule: Rule
    side: Side
    first: int
    last: int
    members: tuple[int, ...]


def _check(points: Sequence[Point]) -> None:
    for before, after in pairwise(points):
        if after.week <= before.week:
            raise BadSeries(f"the point of {after.week} stands after that of {before.week}")
    for point in points:
        if point.value_tenths is not None and not 0 <= point.value_tenths <= _SCALE_TENTHS:
            raise BadSeries(f"the figure of {point.week} is {point.value_tenths} tenths, off the scale")


def _start_of_composition(points: Sequence[Point]) -> int:
    """Return where the run of points with the last composition begins."""
    start = len(points)
    while start and points[start - 1].composition == points[-1].composition:
        start -= 1
    return start


def _figures(points: Sequence[Point], start: int) -> list[Figure]:
    figures = []
    after_gap = True
    for place in range(start, len(points)):
        value = points[place].value_tenths
        if value is not None:
            figures.append(Figure(place, points[place], value, after_gap))
        after_gap = value is None
    return figures


def _limits(figures: Sequence[Figure]) -> tuple[ExactLimits | None, list[Figure]]:
    """Return the limits and the figures that they were made of; None while it is too early."""
    if len(figures) < BASELINE_LEAST:
        return None, []
    baseline = list(figures[:BASELINE_LEAST])
    limits = ExactLimits.of([figure.value for figure in baseline])
    for number in range(BASELINE_LEAST, len(figures)):
        if len(baseline) == BASELINE_MOST:
            break
        if not _found_at(figures, number, limits):
            baseline.append(figures[number])
            limits = ExactLimits.of([figure.value for figure in baseline])
    return limits, baseline


def _found_at(figures: Sequence[Figure], number: int, limits: ExactLimits) -> bool:
    """Return whether the figure with this number completes a rule: no rule takes more than seven figures to begin."""
    latest = figures[number - RUN + 1 : number + 1]
    return any(found.last == RUN - 1 for found in _findings(latest, limits))


def _findings(figures: Sequence[Figure], limits: ExactLimits) -> list[_Found]:
    """Return every rule that is met, those of one figure in the order of ``Rule``."""
    found = [*_outside(figures, limits), *_shifts(figures, limits), *_trends(figures), *_near_limit(figures, limits)]
    order = list(Rule)
    return sorted(found, key=lambda finding: (finding.last, order.index(finding.rule)))


def _outside(figures: Sequence[Figure], limits: ExactLimits) -> Iterator[_Found]:
    for number, figure in enumerate(figures):
        side = limits.outside(figure.value)
        if side:
            yield _Found(Rule.OUTSIDE, side, number, number, (number,))


def _shifts(figures: Sequence[Figure], limits: ExactLimits) -> Iterator[_Found]:
    sides = [limits.side(figure.value) for figure in figures]
    for first, last, side in _runs(sides, [figure.after_gap for figure in figures]):
        if last - first + 1 >= RUN:
            yield _Found(Rule.SHIFT, side, first, last, tuple(range(first, last + 1)))


def _trends(figures: Sequence[Figure]) -> Iterator[_Found]:
    """Seven figures are six steps in one direction; the figure before the first step belongs to the trend."""
    steps: list[Side | None] = []
    broken = []
    for before, after in pairwise(figures):
        falls, rises = after.value < before.value, after.value > before.value
        steps.append(None if after.after_gap else Side.LOW if falls else Side.HIGH if rises else None)
        broken.append(after.after_gap)
    for first, last, side in _runs(steps, broken):
        if last - first + 1 >= RUN - 1:
            yield _Found(Rule.TREND, side, first, last + 1, tuple(range(first, last + 2)))


def _near_limit(figures: Sequence[Figure], limits: ExactLimits) -> Iterator[_Found]:
    for last in range(_WINDOW - 1, len(figures)):
        window = range(last - _WINDOW + 1, last + 1)
        if any(figures[number].after_gap for number in window[1:]):
            continue
        for side in Side:
            members = tuple(
                n for n in window if limits.near(figures[n].value) and limits.side(figures[n].value) is side
            )
            if len(members) >= _NEAR and last in members:
                yield _Found(Rule.NEAR_LIMIT, side, members[0], last, members)


def _runs(sides: Sequence[Side | None], broken: Sequence[bool]) -> Iterator[tuple[int, int, Side]]:
    """Return first and last place and side of each longest run of one side; ``broken`` starts a new one."""
    first = 0
    for place, side in enumerate(sides):
        if place and (broken[place] or side is not sides[place - 1]):
            first = place
        ends = place + 1 == len(sides) or broken[place + 1] or sides[place + 1] is not side
        if side and ends:
            yield first, place, side


def _as_told(found: _Found, figures: Sequence[Figure]) -> Finding:
    return Finding(
        rule=found.rule,
        side=found.side,
        start=figures[found.first].point.week,
        end=figures[found.last].point.week,
        count=len(found.members),
    )


def _state(limits: ExactLimits | None, reason: Finding | None) -> State:
    if limits is None:
        return State.TOO_EARLY
    if reason is None:
        return State.QUIET
    return State.FALLING if reason.side is Side.LOW else State.RISING


def _marks(points: Sequence[Point], figures: Sequence[Figure], findings: Sequence[_Found]) -> tuple[Mark, ...]:
    order = list(Rule)
    of_place: dict[int, list[Finding]] = {}
    for found in sorted(findings, key=lambda finding: order.index(finding.rule)):
        told = _as_told(found, figures)
        for number in found.members:
            of_place.setdefault(figures[number].place, []).append(told)
    return tuple(
        Mark(point.week, point.value_tenths, tuple(of_place.get(place, ()))) for place, point in enumerate(points)
    )


def _told_limits(limits: ExactLimits, baseline: Sequence[Figure]) -> Limits:
    return Limits(
        centre_hundredths=round(10 * limits.centre),
        lower_hundredths=max(0, round(10 * (limits.centre - limits.distance))),
        upper_hundredths=min(10 * _SCALE_TENTHS, round(10 * (limits.centre + limits.distance))),
        start=baseline[0].point.week,
        end=baseline[-1].point.week,
        count=len(baseline),
        few=len(baseline) < FEW_FIGURES,
    )
