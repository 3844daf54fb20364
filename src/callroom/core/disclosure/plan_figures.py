"""
What a later plan may be made of: published bands of leaves, nothing finer, so that everybody can repeat it.

**Known in time.** A plan, or a change of it, that takes effect on a Monday is made from the waves whose last week began
two weeks before that day or earlier: their figures have been public for six days at least when it takes effect, so that
it can be announced beforehand and key sheets be signed. Source: PROTOCOL.md section 2; decision 0008.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import cast

from callroom.core.anonymity.sheets import WaveSheet
from callroom.core.disclosure.plan_payload import Plan
from callroom.core.disclosure.rates import PastWave, Rates, median, rate_from_history
from callroom.core.timetable.waves import parse_wave_id

KNOWN_AHEAD = timedelta(weeks=2)
"""From the Monday of a wave's last week to the first Monday on which its figures may count towards a plan."""


@dataclass(frozen=True, slots=True)
class PublishedLeaf:
    """What was published of one leaf in one wave: its people, and the lower end of its band; None for a gap."""

    units: tuple[str, ...]
    eligible: int
    n_low: int | None


@dataclass(frozen=True, slots=True)
class PublishedWave:
    """
    One published wave.

    ``planned``: the leaves that its plan has at this length, also those that were not asked because fewer than 11
    people were left; ``leaves``: those that were asked, by id; ``redeemed``: answers over all waves that closed on the
    same Sunday, None where that was not published.
    """

    academic_year: date
    monday: date
    weeks: int
    planned: frozenset[str]
    leaves: Mapping[str, PublishedLeaf]
    redeemed: int | None

    @property
    def last_monday(self) -> date:
        """Return the Monday of the wave's last week."""
        return self.monday + timedelta(weeks=self.weeks - 1)


def published_wave(sheet: WaveSheet, body: Mapping[str, object]) -> PublishedWave:
    """Return what later plans may be made of, from a wave's sheet and its release body, both checked."""
    plan = Plan.from_payload(sheet.plan)
    leaves = cast("list[Mapping[str, object]]", body["leaves"])
    return PublishedWave(
        academic_year=plan.academic_year,
        monday=parse_wave_id(sheet.wave)[1],
        weeks=sheet.weeks,
        planned=frozenset(leaf.id for leaf in plan.leaves_of(sheet.weeks)),
        leaves={str(leaf["leaf"]): _published_leaf(leaf) for leaf in leaves},
        redeemed=cast("int | None", body.get("redeemed")),
    )


def _published_leaf(leaf: Mapping[str, object]) -> PublishedLeaf:
    units = tuple(cast("list[str]", leaf["units"]))
    band = cast("list[int] | None", leaf.get("n"))
    return PublishedLeaf(units, cast(int, leaf["eligible"]), band[0] if band else None)


def known_by(waves: Iterable[PublishedWave], monday: date) -> tuple[PublishedWave, ...]:
    """Return the waves that count towards what takes effect on this Monday, in the order of their closing."""
    known = (wave for wave in waves if wave.last_monday <= monday - KNOWN_AHEAD)
    return tuple(sorted(known, key=lambda wave: (wave.last_monday, wave.weeks)))


def rates_for(waves: Iterable[PublishedWave], academic_year: date, monday: date) -> dict[str, Rates]:
    """
    Return the rates that the plan of an academic year is made with, by unit; empty where nothing is known.

    Last year is the latest academic year before this one. A unit's rate at a length is that of the leaves in which it
    was counted in waves of this length. ``monday``: the first of the year.
    """
    earlier = [wave for wave in known_by(waves, monday) if wave.academic_year < academic_year]
    last_year = max((wave.academic_year for wave in earlier), default=None)
    counted = [wave for wave in earlier if wave.academic_year == last_year]
    overall = institution_rate(counted)
    history: dict[str, dict[int, list[PastWave]]] = {}
    for wave in counted:
        for leaf in wave.leaves.values():
            for unit in leaf.units:
                lengths = history.setdefault(unit, {})
                lengths.setdefault(wave.weeks, []).append(PastWave(leaf.eligible, leaf.n_low))
    return {unit: _rates(history[unit], overall) for unit in sorted(history)}


def institution_rate(waves: Sequence[PublishedWave]) -> Fraction:
    """
    Return the median over Sundays of answers per eligible person, at most 1; 0 where no counts were published.

    Answers and people are those of all leaves that closed on that Sunday.
    """
    people: dict[date, int] = {}
    redeemed: dict[date, int] = {}
    for wave in waves:
        people[wave.last_monday] = people.get(wave.last_monday, 0) + sum(leaf.eligible for leaf in wave.leaves.values())
        if wave.redeemed is not None:
            redeemed[wave.last_monday] = wave.redeemed
    shares = sorted(Fraction(redeemed[day], people[day]) for day in redeemed if people[day])
    return min(Fraction(1), median(shares)) if shares else Fraction(0)


def _rates(by_length: Mapping[int, Sequence[PastWave]], overall: Fraction) -> Rates:
    weekly, two_weekly, four_weekly = (
        rate_from_history(by_length.get(weeks, ()), institution_rate=overall) for weeks in (1, 2, 4)
    )
    return Rates(weekly, two_weekly, four_weekly)
