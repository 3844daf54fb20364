"""The attackers: each lays one order of people beside one order of answers, group by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from callroom.core.anonymity import linkage
from callroom.core.anonymity.linkage import Score, Trace
from lab.linkage.disk import Disk, Place

Truth = dict[tuple[int, UUID], bytes]


@dataclass(frozen=True, slots=True)
class Attacker:
    """``people``, ``answers``: names of the two orders. ``join``: how one is laid beside the other."""

    name: str
    people: str
    answers: str
    join: Callable[..., Any] = linkage.join

    def attacks(self, disk: Disk, truth: Truth, shuffle: Callable[[list[Any]], None]) -> Score:
        """Return what is linked of a wave. Who answered, and in which group, is granted; the rest comes from the disk."""
        people, answers = disk.people.get(self.people, {}), disk.answers.get(self.answers, {})
        # Laid out in an order that has nothing to do with the truth.
        persons = [Trace(group, who, people.get(who)) for group, who in sorted(truth)]
        rows = sorted(((group, message) for (group, _who), message in truth.items()), key=lambda row: row[1])
        placed = [Trace(group, message, answers.get(message)) for group, message in rows]
        return linkage.score(self.join(persons, placed, shuffle), truth)

    def sees(self, disk: Disk, truth: Truth) -> tuple[int, int]:
        """Return of how many people and of how many answers the disk shows the order."""
        people, answers = disk.people.get(self.people, {}), disk.answers.get(self.answers, {})
        return len({who for _group, who in truth} & people.keys()), len(set(truth.values()) & answers.keys())

    def guesses_as(self, other: Attacker, disk: Disk, truth: Truth) -> bool:
        """Is it the other's attack, read from another place? Both lay the same people in the same order beside the same answers."""
        if self.join is not other.join:
            return False
        who = {person for _group, person in truth}
        return _alike(disk.people, self.people, other.people, who) and _alike(
            disk.answers, self.answers, other.answers, set(truth.values())
        )


def _alike(orders: Mapping[str, Mapping[Any, Place]], one: str, other: str, things: Set[Any]) -> bool:
    return one == other or _ranked(orders.get(one, {}), things) == _ranked(orders.get(other, {}), things)


def _ranked(order: Mapping[Any, Place], things: Set[Any]) -> list[list[Any]]:
    """Return these things in their order, those of one place together."""
    by_place: dict[Place, list[Any]] = {}
    for thing in sorted(things & order.keys()):
        by_place.setdefault(order[thing], []).append(thing)
    return [by_place[place] for place in sorted(by_place)]


ON_BOTH = (
    Attacker("rows as their tables give them", "roster rows", "answer rows"),
    Attacker("place in the files", "roster place", "answer place"),
    Attacker("register: places of flags, and the log", "register slots", "answer log"),
    Attacker("register: its bytes", "register bytes", "answer rows"),
    Attacker("list of who fetched (issuing), and the log", "issued rows", "answer log"),
    Attacker("register of yes and no: places of a yes, and the log", "agreement slots", "answer log"),
    Attacker("trail of sign-ins and looks: rows, and the log", "look rows", "answer log"),
    Attacker("names in logs, queue, caches, temporary files", "other files", "answer log"),
    Attacker("sizes", "roster rows", "answer sizes"),
)
ON_SQLITE = (
    *ON_BOTH,
    Attacker("write-ahead logs replayed commit by commit", "written", "answer log"),
    Attacker("... and the next answer after it", "written at", "answer at", linkage.join_next),
    Attacker("yes to the check-in: issuing's log replayed", "yes written", "answer log"),
    Attacker("... and the next answer after a yes", "yes written at", "answer at", linkage.join_next),
)
ON_POSTGRESQL = (
    *ON_BOTH,
    Attacker("xmin: list of who fetched and answers", "issued xmin", "answer xmin"),
    Attacker("xmin: trail of sign-ins and answers", "look xmin", "answer xmin"),
    Attacker("xmin: yes to the check-in and answers", "yes xmin", "answer xmin"),
    Attacker("pg_waldump: order of commits", "written", "answer log"),
    Attacker("... and the next answer after it", "written at", "answer at", linkage.join_next),
    Attacker("... and the next answer after a yes", "yes written at", "answer at", linkage.join_next),
)
NOT_GATED = (
    Attacker("the keys' folder copied every hour, and the log", "register hourly", "answer log"),
    Attacker("a proxy's log with addresses, and the log", "proxy log", "answer log"),
)
"""What the protocol does not claim: printed beside it."""
