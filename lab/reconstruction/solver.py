"""
Exact integer programming: which answers of one person are possible, given everything that was published?

Unknowns are the answers of all people, constraints are all published figures of one item of one wave at once. HiGHS
looks for a solution with each value of each person. People who stand in the same figures are exchangeable, so one of
them is asked about; problems that look alike are solved once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import identity, kron

from lab.reconstruction.house import RANGE
from lab.reconstruction.reading import Published

FOUND: Final = 0
NONE: Final = 2  # HiGHS: the problem is infeasible


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known about one answer: the least and largest it can be, and how many of how many values are possible."""

    least: float
    most: float
    possible: int
    grid: int

    @property
    def pinned(self) -> bool:
        """Is it exactly known?"""
        return self.possible == 1

    @property
    def full(self) -> bool:
        """Is every value of the grid possible?"""
        return self.possible == self.grid

    @property
    def width(self) -> float:
        """Return how far the possible values lie apart, in steps."""
        return self.most - self.least


Answer = tuple[str, str, int]
"""Whose answer to which item of which wave."""


def attack(published: Iterable[Published], known: Mapping[Answer, int] | None = None) -> dict[Answer, Knowledge]:
    """
    Return what is known about every answer that is in a published figure and is not ``known`` (a colluder's own).

    :raises Contradiction: if the figures contradict each other, which those of one house never do
    """
    told = known or {}
    by_key: dict[tuple[str, str], list[Published]] = {}
    for figure in published:
        by_key.setdefault(figure.key, []).append(figure)
    made = {key: _unknowns(key, figures, told) for key, figures in by_key.items()}
    solved = _solve({problem for pairs in made.values() for problem, _people in pairs})
    return {
        answer: knowledge
        for pairs in made.values()
        for problem, groups in pairs
        for group, knowledge in zip(groups, solved[problem], strict=True)
        for answer in group
    }


class Contradiction(ValueError):
    """No answers at all fit what was published."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """People who stand in the same figures, and whose answers are means of as many parts."""

    within: tuple[int, ...]
    parts: int
    size: int


@dataclass(frozen=True, slots=True)
class _Problem:
    """Exchangeable people, and between which sums (in steps) each figure lies."""

    alike: tuple[_Alike, ...]
    sums: tuple[tuple[Fraction | int, Fraction | int], ...]


def _unknowns(
    key: tuple[str, str], figures: list[Published], told: Mapping[Answer, int]
) -> list[tuple[_Problem, list[list[Answer]]]]:
    """Return the problem of each set of figures that share people, and whose answers its groups are."""
    return [_made(key, connected, told) for connected in _connected(figures)]


def _connected(figures: list[Published]) -> list[list[Published]]:
    """Return the figures in sets that share people: about others a figure says nothing."""
    sets: list[tuple[set[int], list[Published]]] = []
    for figure in figures:
        people, own = set(figure.people), [figure]
        for other in [each for each in sets if each[0] & people]:
            sets.remove(other)
            people |= other[0]
            own = other[1] + own
        sets.append((people, own))
    return [own for _people, own in sets]


def _made(
    key: tuple[str, str], figures: list[Published], told: Mapping[Answer, int]
) -> tuple[_Problem, list[list[Answer]]]:
    groups: dict[tuple[tuple[int, ...], int], list[Answer]] = {}
    own = [0] * len(figures)
    for person in sorted(frozenset().union(*(figure.people for figure in figures))):
        within = tuple(place for place, figure in enumerate(figures) if person in figure.people)
        answer = (*key, person)
        if answer in told:
            for place in within:
                own[place] += told[answer]
        else:
            groups.setdefault((within, figures[within[0]].parts.get(person, 1)), []).append(answer)
    order = sorted(groups)
    alike = tuple(_Alike(within, parts, len(groups[within, parts])) for within, parts in order)
    sums = []
    for place, figure in enumerate(figures):
        most = sum(RANGE * each.size for each in alike if place in each.within)
        # Beyond what these people can add up to, a bound says nothing: cut, so that more problems look alike.
        sums.append((max(figure.sums[0] - own[place], 0), min(figure.sums[1] - own[place], most)))
    return _Problem(alike, tuple(sums)), [groups[each] for each in order]


def _solve(problems: Iterable[_Problem]) -> dict[_Problem, tuple[Knowledge, ...]]:
    """
    Return what is known about one person of each group of each problem.

    Where one figure counts everybody with one whole answer, the values between two possible ones are possible too
    (exchange one step with somebody), so the two ends are looked for, of all such problems in one programme. Several
    figures, and means of several answers, can leave gaps: each value is tried.
    """
    plain, knotted = [], []
    for problem in sorted(problems, key=repr):
        simple = len(problem.sums) == 1 and all(alike.parts == 1 for alike in problem.alike)
        (plain if simple else knotted).append(problem)
    found = {problem: tuple(_tried(problem, place) for place in range(len(problem.alike))) for problem in knotted}
    least, most = _ends(plain, 1), _ends(plain, -1)
    for problem, low, high in zip(plain, least, most, strict=True):
        found[problem] = (Knowledge(low, high, high - low + 1, RANGE + 1),) * len(problem.alike)
    return found


def _ends(problems: Sequence[_Problem], sign: int) -> list[int]:
    """
    Return the least (or with sign -1 the largest) answer of one person in each problem with one figure and one group.

    The problems share no unknown, so the least of the sum of these answers is the least of each.
    """
    if not problems:
        return []
    count = len(problems)
    rest = np.array([RANGE * (problem.alike[0].size - 1) for problem in problems], dtype=float)
    one, others = np.eye(2)
    result = milp(
        np.kron(np.full(count, sign), one),
        constraints=LinearConstraint(
            kron(identity(count), np.ones((1, 2))).tocsr(),
            [float(problem.sums[0][0]) for problem in problems],
            [float(problem.sums[0][1]) for problem in problems],
        ),
        integrality=np.ones(2 * count),
        bounds=Bounds(np.zeros(2 * count), np.kron(np.full(count, RANGE), one) + np.kron(rest, others)),
        options={"mip_rel_gap": 0},
    )
    if result.status != FOUND:
        raise Contradiction(result.message)
    return [round(value) for value in result.x[::2]]


def _tried(problem: _Problem, place: int) -> Knowledge:
    """Return which values one of the people at ``place`` can have, each tried."""
    parts = problem.alike[place].parts
    grid = RANGE * parts + 1
    values = [value for value in range(grid) if _possible(problem, place, value)]
    if not values:
        raise Contradiction(problem)
    return Knowledge(values[0] / parts, values[-1] / parts, len(values), grid)


def _possible(problem: _Problem, place: int, value: int) -> bool:
    """Can one person at ``place`` have answered ``value``, in parts of a step?"""
    steps = lcm(*(alike.parts for alike in problem.alike))
    # One unknown for the person asked about, one for the sum of each group's others.
    columns = len(problem.alike) + 1
    weights = np.zeros((len(problem.sums), columns))
    least, most = np.zeros(columns), np.zeros(columns)
    for number, alike in enumerate(problem.alike):
        weights[list(alike.within), number + 1] = steps // alike.parts
        most[number + 1] = RANGE * alike.parts * (alike.size - (number == place))
    weights[list(problem.alike[place].within), 0] = steps // problem.alike[place].parts
    least[0] = most[0] = value
    low = [float(least_sum * steps) for least_sum, _most in problem.sums]
    high = [float(most_sum * steps) for _least, most_sum in problem.sums]
    result = milp(
        np.zeros(columns),
        constraints=LinearConstraint(weights, low, high),
        integrality=np.ones(columns),
        bounds=Bounds(least, most),
    )
    if result.status not in {FOUND, NONE}:
        raise Contradiction(problem, result.message)
    return bool(result.status == FOUND)
