"""
Planted faults: each takes one protection away around ``core.disclosure``, and the attack must notice.

A gate that no fault can trip guards nothing. Every fault names the protection that it takes away and returns which
parts of the attack found it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import Final

from callroom.core.disclosure.policy import DEFAULT_POLICY, Band
from callroom.core.disclosure.release import COUNTS_STEP, LeafAsked, LeafFigures
from lab.reconstruction import participation, solver, structure
from lab.reconstruction.gain import LIMIT, added
from lab.reconstruction.house import CORE, MOODS, RANGE, House, LeafWave, Said
from lab.reconstruction.reading import FULL, Arithmetic, Published, as_read, own_low, published, read
from lab.reconstruction.solver import Answer, Knowledge


@dataclass(slots=True)
class Caught:
    """What the parts of the attack found."""

    structure: list[str] = field(default_factory=list)
    pinned: int = 0
    narrowed: int = 0
    gain: float = 0.0
    counts: list[str] = field(default_factory=list)

    @property
    def by(self) -> tuple[str, ...]:
        """Return which gates noticed."""
        found = {
            "structure": bool(self.structure),
            "pinned": self.pinned > 0,
            "width": self.narrowed > 0,
            "gain": self.gain > LIMIT,
            "counts": bool(self.counts),
        }
        return tuple(gate for gate, noticed in found.items() if noticed)


def judge(waves: Iterable[LeafWave], figures: Iterable[Published], known: Mapping[Answer, int] | None = None) -> Caught:
    """Run structure and integer programming on what was published."""
    shown = list(figures)
    knowledge = solver.attack(shown, known)
    return Caught(structure=structure.faults(waves, shown), **_found(knowledge.values()))


def _found(knowledge: Iterable[Knowledge]) -> dict[str, int]:
    all_of_it = list(knowledge)
    return {
        "pinned": sum(one.pinned for one in all_of_it),
        "narrowed": sum(not one.full for one in all_of_it),
    }


@dataclass(slots=True)
class Ground:
    """The simulated year on which faults are planted."""

    seed: int
    waves: list[LeafWave] = field(init=False)
    house: House = field(init=False)

    def __post_init__(self) -> None:
        """Let a year pass."""
        self.house = House(self.seed)
        self.waves = list(self.house.year())

    def leaf_wave(self, *, least: int, weeks: int = 1, most: int = 99) -> LeafWave:
        """Return the first wave of this length that enough, and not too many, answered."""
        return next(
            wave
            for wave in self.waves
            if wave.weeks == weeks and not wave.replacements and least <= len(_full(wave)) <= most
        )


def _full(wave: LeafWave) -> list[int]:
    """Return who answered everything."""
    return sorted(set.intersection(*(set(wave.values(item)) for item in wave.items)))


def part(wave: LeafWave, keep: Iterable[int]) -> LeafWave:
    """Return a wave as if only these had answered: the same noise, the same names."""
    kept = set(keep)
    return replace(wave, said={number: said for number, said in wave.said.items() if number in kept})


def _read(wave: LeafWave) -> list[Published]:
    return list(read(wave, wave.release(), noise_known=True))


def live_refresh(ground: Ground) -> Caught:
    """Each answer after the eighth refreshes the figure."""
    wave = ground.leaf_wave(least=11)
    order = _full(wave)
    figures = [figure for upto in range(8, len(order) + 1) for figure in _read(part(wave, order[:upto]))]
    return judge([wave], figures)


def late_answer(ground: Ground) -> Caught:
    """One answer arrives after closing, and the figure is published anew."""
    wave = ground.leaf_wave(least=11)
    return judge([wave], [*_read(part(wave, _full(wave)[1:])), *_read(part(wave, _full(wave)))])


def total_beside_parts(ground: Ground) -> Caught:
    """A programme's figure stands beside those of its sites; the site with one answer has none."""
    wave = ground.leaf_wave(least=20)
    people = _full(wave)
    sites = [people[1:10], people[10:]]
    return judge(
        [wave], [*_read(part(wave, people)), *(figure for site in sites for figure in _read(part(wave, site)))]
    )


def filter_by_training_year(ground: Ground) -> Caught:
    """A leaf can be filtered by training year, from eight answers on."""
    wave = ground.leaf_wave(least=20)
    years = {member.number: member.training_year for member in wave.members}
    people = _full(wave)
    older = [number for number in people if years[number] > 1]
    return judge([wave], [*_read(part(wave, people)), *_read(part(wave, older))])


def filters_for_many_values(ground: Ground) -> Caught:
    """Filters take several values at once: two allowed unions differ by one cell of one person."""
    wave = ground.leaf_wave(least=20)
    people = _full(wave)
    cells = {number: place for place, number in enumerate(people)}
    unions = [
        people,
        [number for number in people if cells[number] != 3],
        [n for n in people if cells[n] not in {3, 7}],
    ]
    return judge([wave], [figure for union in unions for figure in _read(part(wave, union))])


def exact_mean_of_five(ground: Ground) -> Caught:
    """Five are enough, and their mean is exact to two decimals."""
    bare = Arithmetic(clamp=False, clip=False, noisy=False, places=1)
    wave = part(ground.leaf_wave(least=11), _full(ground.leaf_wave(least=11))[:5])
    return judge([wave], [_bare(wave, item, bare) for item in wave.items])


def _bare(wave: LeafWave, item: str, how: Arithmetic, people: Sequence[int] | None = None) -> Published:
    """Return what is published when some steps are left out; the noise, if any, is the one that was drawn."""
    values = wave.values(item)
    counted = list(values) if people is None else list(people)
    noise = how.drawn(wave.seed, wave=wave.wave, leaf=wave.asked.leaf, item=item)
    low = own_low(wave, item, how.policy)
    mean = how.mean(sum(values[number] for number in counted), len(counted), low, noise)
    return published(wave, item, mean, low, noise_known=True, how=how, people=counted)


def item_with_three_answers(ground: Ground) -> Caught:
    """The rotating question has the leaf's size instead of its own: it is shown with three answers."""
    wave = ground.leaf_wave(least=11)
    three = _full(wave)[:3]
    said = {
        number: said if number in three or not said.worked else Said(worked=True, values=(*said.values[:-1], None))
        for number, said in wave.said.items()
    }
    wave = replace(wave, said=said)
    return judge([wave], [*_read(wave), _bare(wave, wave.items[-1], FULL)])


def response_percentage(ground: Ground) -> Caught:
    """A leaf's response in percent stands beside its eligible people."""
    wave = ground.leaf_wave(least=9)
    count, eligible = len(_full(wave)), wave.asked.eligible
    percent = round(100 * count / eligible)
    fits = [n for n in range(eligible + 1) if round(100 * n / eligible) == percent]
    counted = participation.Counted(frozenset({"leaf"}), fits[0], fits[-1])
    return Caught(counts=participation.faults([_band_of("leaf", count, eligible)], [counted]))


def _band_of(leaf: str, count: int, eligible: int) -> participation.Shown:
    band = DEFAULT_POLICY.band_for(count, eligible=eligible)
    return participation.Shown(leaf, band or Band(0, DEFAULT_POLICY.minimum - 1), eligible)


def means_on_the_lattice(ground: Ground) -> Caught:
    """Noise is drawn in whole steps, so that a mean stays among the fractions of n."""
    return lattice(ground, Arithmetic(noise_step=100))


def lattice(ground: Ground, how: Arithmetic) -> Caught:
    wave = ground.leaf_wave(least=9, most=11)
    low = own_low(wave, CORE[0], how.policy)
    shown = _band_of("leaf", low, wave.asked.eligible)
    fits = set(range(shown.span[0], shown.span[1] + 1))
    whole = set(fits)
    for item in CORE:
        values = list(wave.values(item).values())
        noise = how.drawn(wave.seed, wave=wave.wave, leaf=wave.asked.leaf, item=item)
        mean = how.mean(sum(values), len(values), low, noise)
        fits &= set(participation.sizes_that_fit(mean, shown.band, wave.asked.eligible, how))
    return Caught(counts=[] if fits == whole else [f"of {len(whole)} sizes in the band {len(fits)} fit"])


def joined_after_closing(ground: Ground) -> Caught:
    """A unit with too few answers is added to its neighbour for one week; next week the neighbour stands alone."""
    one, other = _two_leaves(ground)
    few = part(other, sorted(other.said)[:5])
    both = replace(
        one,
        asked=LeafAsked("both", (*one.asked.units, *few.asked.units), None, one.asked.eligible + few.asked.eligible),
        members=one.members + few.members,
        said={**one.said, **few.said},
        items=one.items,
    )
    after = next(wave for wave in ground.waves if wave.asked.leaf == one.asked.leaf and wave.week == one.week + 1)
    return judge([one, few, after], [*_read(both), *_read(after)])


def _two_leaves(ground: Ground) -> tuple[LeafWave, LeafWave]:
    first = ground.leaf_wave(least=16)
    second = next(
        wave
        for wave in ground.waves
        if wave.wave == first.wave and wave.asked.leaf != first.asked.leaf and len(_full(wave)) >= 8
    )
    return first, second


def no_clamp(_ground: Ground) -> Caught:
    """The sum of a unanimous group is published as it is, in a house where people are very content."""
    bare = Arithmetic(clamp=False)
    figures, waves = [], []
    for wave in House(1, MOODS["very content"]).year():
        if not isinstance(wave.release().outcome, LeafFigures):
            continue
        near = [item for item in CORE if sum(wave.values(item).values()) > RANGE * (len(wave.values(item)) - 1)]
        figures += [_bare(wave, item, bare) for item in near]
        waves += [wave] if near else []
    return judge(waves, figures)


def band_of_everybody(_ground: Ground) -> Caught:
    """Twelve of twelve answered, and the band says so."""
    return Caught(counts=participation.faults([participation.Shown("leaf", Band(12, 12), 12)]))


def a_person_in_two_series(ground: Ground) -> Caught:
    """Somebody with two programmes counts in a weekly figure and in a two-week one."""
    weekly = ground.leaf_wave(least=9)
    longer = next(wave for wave in ground.waves if wave.weeks == 2 and len(_full(wave)) >= 9)
    weekly = replace(weekly, week=longer.week, members=(*weekly.members, longer.members[0]))
    return judge([weekly, longer], [])


def counts_per_series(ground: Ground) -> Caught:
    """Each series publishes how many tokens were used, also the one with a single leaf."""
    wave = next(w for w in ground.waves if w.weeks == 4 and len(_full(w)) >= 8 and len(_full(w)) % COUNTS_STEP < 2)
    count = len(_full(wave))
    low = count - count % COUNTS_STEP
    counted = participation.Counted(frozenset({"leaf"}), low, low + COUNTS_STEP - 1)
    return Caught(counts=participation.faults([_band_of("leaf", count, wave.asked.eligible)], [counted]))


def own_answers_averaged(ground: Ground) -> Caught:
    """In a wave of four weeks each person's answers are averaged, and not rounded: one answered three times."""
    wave = ground.leaf_wave(least=8, weeks=4)
    people = _full(wave)
    chance = Random(ground.seed)
    parts = dict.fromkeys(people, 1) | {people[0]: 3}
    values = {number: Fraction(chance.randrange(RANGE * parts[number] + 1), parts[number]) for number in people}
    total = sum(values.values(), Fraction(0))
    figure = as_read(wave, CORE[0], total / len(people), 8, people, (total, total), parts)
    return judge([wave], [figure])


def change_between_closings(ground: Ground) -> Caught:
    """A unit goes from four weeks to one while its wave of four weeks is open."""
    longer = ground.leaf_wave(least=8, weeks=4)
    weekly = replace(longer, wave="pulse-1/changed", weeks=1, week=longer.week - 1)
    return judge([longer, weekly], [])


def invented_residents(ground: Ground) -> Caught:
    """Seven invented people are added around one, and all answer: they stand for a leaf of eight."""
    wave = ground.leaf_wave(least=8)
    eight = _full(wave)[:8]
    group = part(wave, eight)
    known = {(wave.wave, item, number): wave.values(item)[number] for item in wave.items for number in eight[1:]}
    return judge([group], _read(group), known)


def noise_drawn_anew(ground: Ground) -> Caught:
    """A closing is repeated with a new seed, and both releases are seen."""
    shown = (
        (wave, [wave.release(), replace(wave, seed=hashlib.sha256(wave.seed).digest()).release()])
        for wave in ground.waves
    )
    return Caught(gain=max(max(both) for both in added(shown)))


def half_the_noise(ground: Ground) -> Caught:
    """The noise is half as wide as the policy promises."""
    policy = replace(DEFAULT_POLICY, noise_scale_percent=DEFAULT_POLICY.noise_scale_percent // 2)
    shown = ((wave, [wave.release(policy)]) for wave in ground.waves)
    return Caught(gain=max(max(both) for both in added(shown, policy)))


Fault = Callable[[Ground], Caught]
FAULTS: Final[dict[str, Fault]] = {
    fault.__name__.replace("_", " "): fault
    for fault in (
        live_refresh, late_answer, total_beside_parts, filter_by_training_year, filters_for_many_values,
        exact_mean_of_five, item_with_three_answers, response_percentage, means_on_the_lattice, joined_after_closing,
        no_clamp, band_of_everybody, a_person_in_two_series, counts_per_series, own_answers_averaged,
        change_between_closings, invented_residents, noise_drawn_anew, half_the_noise,
    )
}  # fmt: skip


def planted(ground: Ground) -> Iterator[tuple[str, str, Caught]]:
    """Yield each fault's name, what it takes away, and what found it."""
    for name, fault in FAULTS.items():
        yield name, (fault.__doc__ or "").strip(), fault(ground)
