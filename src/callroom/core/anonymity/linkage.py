"""Joining people and answers by order: the attack, and how to tell what it found from luck.

Whoever reads a disk finds traces of people (a flag, a row, a look) and traces of answers, each somewhere in an order: of
rows, of places, of commits, of times. The attack lays both orders side by side, group by group, and says: the third who
came gave the third answer. It is granted who answered, which nobody should know.

Guarantee of ``score``: guesses that know nothing have the expectation ``chance`` and a ``z`` of mean 0 and variance 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)
Shuffle = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class Trace(Generic[Thing]):
    """
    Something of one person or one answer, of a known group.

    ``place``: where it stands in the order; ``None`` where the order does not show it. Equal places are a tie.
    """

    group: Hashable
    thing: Thing
    place: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Score:
    """How many people were linked to the answer that is theirs, of so many, in so many groups."""

    linked: int
    answers: int
    groups: int
    spread: int
    """Groups of two or more: each adds a variance of one, for so does a random order of any length."""

    @property
    def share(self) -> float:
        """Return the share that was linked."""
        return self.linked / self.answers if self.answers else 0.0

    @property
    def chance(self) -> float:
        """Return the share that guessing blindly links: one in each group, whatever its size."""
        return self.groups / self.answers if self.answers else 0.0

    @property
    def z(self) -> float:
        """Return how many standard deviations of luck lie between the two."""
        return (self.linked - self.groups) / math.sqrt(self.spread) if self.spread else 0.0

    def within(self, sigmas: float) -> bool:
        """Is it no more than chance and so many standard deviations?"""
        return self.z <= sigmas

    def __add__(self, other: Score) -> Score:
        """Return both together, as if it had been one attack."""
        return Score(
            self.linked + other.linked,
            self.answers + other.answers,
            self.groups + other.groups,
            self.spread + other.spread,
        )


NOTHING = Score(0, 0, 0, 0)
RARE = 0.005


def luck(groups: int) -> tuple[int, int]:
    """Return the fewest and the most people that guessing blindly in so many groups links in 99 of 100 trials."""
    below, chance, number = 0.0, math.exp(-groups), 0
    least = None
    while 1 - below - chance > RARE:
        if least is None and below + chance > RARE:
            least = number
        below += chance
        number += 1
        chance *= groups / number
    return number if least is None else least, number


def join(
    people: Iterable[Trace[Thing]], answers: Iterable[Trace[bytes]], shuffle: Shuffle
) -> dict[tuple[Hashable, Thing], bytes]:
    """
    Return the guess for each person of each group: both orders side by side, ties and what has no place at random.

    :param shuffle: puts a list into a random order, in place
    """
    rows = _by_group(answers, shuffle)
    joined: dict[tuple[Hashable, Thing], bytes] = {}
    for group, persons in _by_group(people, shuffle).items():
        # Somebody without an answer, or an answer without anybody, is left over at the end.
        joined.update({(group, who): what for who, what in zip(persons, rows.get(group, ()), strict=False)})
    return joined


def join_next(
    people: Iterable[Trace[Thing]], answers: Iterable[Trace[bytes]], shuffle: Shuffle
) -> dict[tuple[Hashable, Thing], bytes]:
    """
    Return the guess for each person where both places are instants: the next answer of the group that nobody has yet.

    It needs no trace of everybody. Whoever left none, or came after the last answer, gets one of the rest at random.
    """
    rows: dict[Hashable, list[Trace[bytes]]] = {}
    for answer in answers:
        rows.setdefault(answer.group, []).append(answer)
    joined: dict[tuple[Hashable, Thing], bytes] = {}
    for group, persons in _traces_by_group(people, shuffle).items():
        free = sorted(rows.get(group, ()), key=_place)
        left: list[Thing] = []
        for person in persons:
            after = (row for row in free if row.place is not None and person.place and row.place >= person.place)
            chosen = next(after, None)
            if chosen is None:
                left.append(person.thing)
            else:
                free.remove(chosen)
                joined[group, person.thing] = chosen.thing
        shuffle(free)
        joined.update({(group, who): row.thing for who, row in zip(left, free, strict=False)})
    return joined


def score(joined: Mapping[tuple[Hashable, Thing], bytes], truth: Mapping[tuple[Hashable, Thing], bytes]) -> Score:
    """Count the guesses that are right."""
    sizes: dict[Hashable, int] = {}
    for group, _who in truth:
        sizes[group] = sizes.get(group, 0) + 1
    linked = sum(joined.get(who) == what for who, what in truth.items())
    return Score(linked, len(truth), len(sizes), sum(size > 1 for size in sizes.values()))


def _by_group(traces: Iterable[Trace[Thing]], shuffle: Shuffle) -> dict[Hashable, Sequence[Thing]]:
    return {group: [trace.thing for trace in found] for group, found in _traces_by_group(traces, shuffle).items()}


def _traces_by_group(traces: Iterable[Trace[Thing]], shuffle: Shuffle) -> dict[Hashable, list[Trace[Thing]]]:
    """Return the traces of each group in their order, ties and what has no place at random."""
    groups: dict[Hashable, list[Trace[Thing]]] = {}
    for trace in traces:
        groups.setdefault(trace.group, []).append(trace)
    for found in groups.values():
        shuffle(found)
        found.sort(key=_place)
    return groups


def _place(trace: Trace[Any]) -> tuple[bool, tuple[int, ...]]:
    return trace.place is None, trace.place or ()
