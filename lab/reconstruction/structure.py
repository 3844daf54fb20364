"""
Is every published figure arithmetic on leaves, and is every leaf large enough? A rank test in exact fractions.

People who stand in the same figures are one column, figures and leaves are rows. A figure is arithmetic on leaves
exactly when adding its row to the leaves' rows leaves their rank as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction

from callroom.core.disclosure.policy import DEFAULT_POLICY
from lab.reconstruction.house import LeafWave
from lab.reconstruction.reading import Published

Row = list[Fraction]


def rank(rows: Iterable[Sequence[Fraction | int]]) -> int:
    """Return the rank of a matrix, exactly."""
    left = [[Fraction(cell) for cell in row] for row in rows]
    found = 0
    while left:
        row = left.pop()
        pivot = next((place for place, cell in enumerate(row) if cell), None)
        if pivot is None:
            continue
        found += 1
        left = [_reduced(other, row, pivot) for other in left]
    return found


def _reduced(row: Row, by: Row, pivot: int) -> Row:
    factor = row[pivot] / by[pivot]
    return [cell - factor * other for cell, other in zip(row, by, strict=True)] if factor else row


def adds_to(leaves: Sequence[Set[object]], figure: Set[object]) -> bool:
    """Is a figure about these people (or units) more than arithmetic on the leaves?"""
    sets = [*leaves, figure]
    columns = {tuple(one in each for each in sets) for one in frozenset().union(*sets)}
    rows = [[int(column[place]) for column in columns] for place in range(len(sets))]
    return rank(rows) > rank(rows[:-1])


def faults(
    waves: Iterable[LeafWave], published: Iterable[Published], *, minimum: int = DEFAULT_POLICY.minimum
) -> list[str]:
    """
    Return what in the structure of a year's figures betrays more than its leaves; empty when it is sound.

    ``waves``: what was announced: which people a leaf asked, and who answered.
    """
    asked = list(waves)
    shown = list(published)
    return [*_not_arithmetic(asked, shown, minimum), *_counted_twice(asked), *_joined_differently(shown)]


def _not_arithmetic(waves: list[LeafWave], published: list[Published], minimum: int) -> list[str]:
    leaves: dict[tuple[str, str], list[frozenset[object]]] = defaultdict(list)
    for wave in waves:
        for item in wave.items:
            people = frozenset(wave.values(item))
            if len(people) - wave.replacements >= minimum:
                leaves[wave.wave, item].append(people)
    return [
        f"{figure.item} of {figure.leaf} in {figure.wave} is not arithmetic on leaves of {minimum} answers or more"
        for figure in published
        if (figure.parts or figure.people not in leaves[figure.key])
        and (figure.parts or adds_to(leaves[figure.key], figure.people))
    ]


def _counted_twice(waves: list[LeafWave]) -> list[str]:
    """Return who counts in two leaves about the same week: two figures would differ by them."""
    where: Mapping[tuple[int, int], set[str]] = defaultdict(set)
    for wave in waves:
        for member in wave.members:
            for week in range(wave.week - wave.weeks + 1, wave.week + 1):
                where[member.number, week].add(wave.wave + wave.asked.leaf)
    twice = {number for (number, _week), leaves in where.items() if len(leaves) > 1}
    return [f"{len(twice)} people count in two figures about one week"] if twice else []


def _joined_differently(published: list[Published]) -> list[str]:
    """Return where units were published together one week and a part of them another: the difference is the rest."""
    together = sorted({figure.units for figure in published}, key=sorted)
    return [
        f"{' + '.join(sorted(whole))} and its part {' + '.join(sorted(part))} were both published"
        for part in together
        for whole in together
        if part < whole
    ]
