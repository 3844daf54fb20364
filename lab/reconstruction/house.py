"""
A simulated institution: who is there, who comes and goes, who answers what.

Everybody here is invented by a seeded generator. Who is counted with whom and what a wave publishes is decided by
``core.disclosure`` itself; nothing of it is repeated here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Final

from callroom.core.disclosure.leaf_plan import LEAST_GROUP, Leaf, PlanUnit, make_plan
from callroom.core.disclosure.policy import DEFAULT_POLICY, Policy
from callroom.core.disclosure.rates import Rates
from callroom.core.disclosure.release import ItemAsked, LeafAsked, LeafRelease, release_leaf
from callroom.core.instruments import weekly

WEEKS: Final = 52
CORE: Final = tuple(item.id for item in weekly.CORE)
BANK: Final = tuple(item.id for item in weekly.ROTATING)
RANGE: Final = weekly.OPTION_COUNT - 1
SIZES: Final = (39, 36, 31, 27, 24, 20, 18, 16, 14, 13, 12, 11, 8, 6, 5, 5, 5)
"""290 people in 17 programmes: the sizes of a university's residency, most of them small."""

SITES: Final = ("north", "south", "river")
TRAINING_YEARS: Final = 4


@dataclass(frozen=True, slots=True)
class Member:
    """One invented person: a number, the programme, training year and site, and how far above the middle they feel."""

    number: int
    unit: str
    training_year: int
    site: str
    level: float


@dataclass(frozen=True, slots=True)
class Said:
    """What one person sent (``core.disclosure.release.Answered``)."""

    worked: bool
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class LeafWave:
    """One leaf in one wave: whom it asked, who answered what, and the noise seed that is burned afterwards."""

    wave: str
    week: int
    weeks: int
    asked: LeafAsked
    members: tuple[Member, ...]
    said: Mapping[int, Said]
    items: tuple[str, ...]
    replacements: int
    seed: bytes

    def values(self, item: str) -> dict[int, int]:
        """Return the answers to one item that count, by member: of respondents, skipped ones left out."""
        place = self.items.index(item)
        core = [self.items.index(name) for name in CORE]
        return {
            number: value
            for number, said in self.said.items()
            if said.worked and any(said.values[each] is not None for each in core)
            if (value := said.values[place]) is not None
        }

    def release(self, policy: Policy = DEFAULT_POLICY) -> LeafRelease:
        """Return what ``core.disclosure`` publishes of it."""
        return released(self, self.said.values(), policy)


def released(wave: LeafWave, said: Iterable[Said], policy: Policy = DEFAULT_POLICY) -> LeafRelease:
    """Return what ``core.disclosure`` publishes of these answers as if they were this wave's."""
    return release_leaf(
        list(said),
        leaf=wave.asked,
        replacements=wave.replacements,
        items=[ItemAsked(item, weekly.OPTION_COUNT) for item in wave.items],
        core=CORE,
        policy=policy,
        seed=wave.seed,
        wave=wave.wave,
    )


@dataclass(frozen=True, slots=True)
class Habits:
    """
    How people of a simulated house answer, on a scale of answers where one step is one option.

    ``mood``: the house's middle above option 2; ``own``: spread of people's own levels; ``weekly``: spread of one
    person's weeks; ``answering``: the share who answer in one week.
    """

    mood: float = 0.3
    own: float = 0.75
    weekly: float = 0.75
    unit: float = 0.3
    answering: float = 0.72
    skipping: float = 0.03
    away: float = 0.05
    leaving: float = 0.007
    replaced: float = 0.04


MOODS: Final = {"ordinary": Habits(), "very content": Habits(mood=1.9, own=0.5, weekly=0.5, unit=0.2)}


@dataclass(slots=True)
class House:
    """
    The whole institution over an academic year; the plan is made once, before the first week.

    ``programmes``: people by programme; without them, programmes of ``sizes``. ``plan``: made here unless given.
    """

    seed: int
    habits: Habits = field(default_factory=Habits)
    sizes: tuple[int, ...] = SIZES
    programmes: Mapping[str, int] = field(default_factory=dict)
    units: tuple[PlanUnit, ...] = ()
    plan: tuple[Leaf, ...] = ()
    people: dict[str, list[Member]] = field(default_factory=dict)
    _chance: Random = field(init=False)
    _numbers: Iterator[int] = field(init=False)
    _moods: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        """Draw the people and make the plan."""
        self._chance = Random(self.seed)
        self._numbers = iter(range(10**6))
        sizes = self.programmes or {f"programme-{place:02d}": size for place, size in enumerate(self.sizes)}
        names = list(sizes)
        self._moods = {name: self._chance.gauss(self.habits.mood, self.habits.unit) for name in names}
        self.people = {name: [self._newcomer(name) for _ in range(size)] for name, size in sizes.items()}
        parents = {name: f"department-{place % 3}" for place, name in enumerate(names)}
        self.units = (
            PlanUnit("hospital", None, "institution", 0),
            *(PlanUnit(department, "hospital", "department", 0) for department in sorted(set(parents.values()))),
            *(PlanUnit(name, parents[name], "programme", len(self.people[name])) for name in names),
        )
        rate = Rates(Fraction(round(100 * self.habits.answering), 100))
        self.plan = self.plan or make_plan(self.units, dict.fromkeys(names, rate))

    def year(self, weeks: int = WEEKS) -> Iterator[LeafWave]:
        """Yield each leaf of each wave in the order of closing, while people come and go."""
        opened: dict[str, tuple[Member, ...]] = {}
        for week in range(weeks):
            for leaf in self.plan:
                if week % leaf.weeks == 0:
                    opened[leaf.id] = tuple(person for unit in leaf.units for person in self.people[unit])
                if week % leaf.weeks == leaf.weeks - 1 and len(opened[leaf.id]) >= LEAST_GROUP:
                    yield self._wave(leaf, week, opened[leaf.id])
            self._people_come_and_go()

    def _wave(self, leaf: Leaf, week: int, members: tuple[Member, ...]) -> LeafWave:
        chance, habits = self._chance, self.habits
        wave = f"pulse-{leaf.weeks}/week-{week - leaf.weeks + 1:02d}"
        items = (*CORE, BANK[(week // leaf.weeks) % len(BANK)])
        share = 1 - (1 - habits.answering) ** (1 + 0.6 * (leaf.weeks > 1) + 0.4 * (leaf.weeks > 2))
        shared = {item: chance.gauss(0, 0.15) for item in items}
        return LeafWave(
            wave=wave,
            week=week,
            weeks=leaf.weeks,
            asked=LeafAsked(leaf.id, leaf.units, None, len(members)),
            members=members,
            said={person.number: self._said(person, shared) for person in members if chance.random() < share},
            items=items,
            replacements=int(chance.random() < habits.replaced),
            seed=hashlib.sha256(f"{self.seed} {wave}".encode()).digest(),
        )

    def _said(self, person: Member, shared: Mapping[str, float]) -> Said:
        chance, habits = self._chance, self.habits
        if chance.random() < habits.away:
            return Said(worked=False, values=())
        middle = 2 + self._moods[person.unit] + person.level
        return Said(
            worked=True,
            values=tuple(
                None
                if chance.random() < habits.skipping
                else min(RANGE, max(0, round(middle + swing + chance.gauss(0, habits.weekly))))
                for swing in shared.values()
            ),
        )

    def _people_come_and_go(self) -> None:
        """Let some leave, and others come in their place, a little later or earlier."""
        for unit, people in self.people.items():
            staying = [person for person in people if self._chance.random() >= self.habits.leaving]
            coming = sum(self._chance.random() < self.habits.leaving for _ in people)
            self.people[unit] = staying + [self._newcomer(unit) for _ in range(coming)]

    def _newcomer(self, unit: str) -> Member:
        chance = self._chance
        return Member(
            number=next(self._numbers),
            unit=unit,
            training_year=1 + chance.randrange(TRAINING_YEARS),
            site=chance.choice(SITES),
            level=chance.gauss(0, self.habits.own),
        )
