"""
What was asked about kept promises, and what came of it: for the package that keeps the promises.

Like ``aggregates`` it tells figures only once they are published; which promise is asked about stands in the open, from
the opening of a wave on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.people.models import Institution
from callroom.pulse import payloads, planning, published
from callroom.pulse.models import Wave
from callroom.pulse.published import Figure
from callroom.pulse.states import WaveState

ASKED: Final = (WaveState.OPEN, WaveState.TALLIED, WaveState.RELEASED)
"""In a wave that was called off nobody was asked: nothing will come of it, and it can be asked once more."""


class ReadingState(StrEnum):
    """How far the answers about one promise have come in one leaf."""

    ASKED = "asked"
    """Its wave is open, or not published yet."""
    SHOWN = "shown"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One question about one promise in one leaf. ``weeks``: the length of its round; ``last_day``: on which answers count.

    ``figure``: only where it is SHOWN.
    """

    promise: int
    item: str
    wave: str
    weeks: int
    leaf: str
    units: tuple[str, ...]
    label: Mapping[str, str]
    opened_on: date
    last_day: date
    state: ReadingState
    figure: Figure | None = None


def readings(institution: Institution, *, now: datetime) -> tuple[Reading, ...]:
    """Return every question that was ever asked about a promise, in the order of the rounds' opening."""
    waves = list(
        Wave.objects.filter(institution=institution, state__in=ASKED)
        .exclude(promises="")
        .select_related("institution")
        .order_by("opens_at", "id")
    )
    told = published.releases((wave.release, wave.wave_sheet) for wave in waves if _is_readable(wave, now))
    return tuple(
        reading
        for wave in waves
        for reading in (_published(wave, told[wave.release]) if wave.release in told else _under_way(wave))
    )


def leaves_at(institution: Institution, *, now: datetime) -> tuple[frozenset[str], ...]:
    """Return the units of each leaf that is asked by the plan in force; nothing before there is a plan."""
    plan = planning.plan_at(institution, now)
    return tuple(frozenset(leaf.units) for leaf in planning.leaves_of(plan).leaves) if plan else ()


def _is_readable(wave: Wave, now: datetime) -> bool:
    return bool(wave.release) and wave.burned_at is not None and wave.publishes_at <= now


def _published(wave: Wave, told: published.Release) -> Iterator[Reading]:
    for leaf, figures in told.leaves.items():
        about = figures.promise
        if about is not None:
            state = ReadingState.SHOWN if about.figure else ReadingState.TOO_FEW
            yield _reading(wave, leaf, (about.promise, about.item), (figures.units, figures.label), state, about.figure)


def _under_way(wave: Wave) -> Iterator[Reading]:
    sheet, asked = payloads.as_signed(wave.wave_sheet), payloads.as_signed(wave.promises)
    if sheet is None or asked is None:
        return  # changed in the database: no phone asks by it
    leaves = {leaf["leaf"]: leaf for leaf in json.loads(sheet)["leaves"]}
    for each in PromisesAsked.from_bytes(asked).asked:
        units, label = tuple(leaves[each.leaf]["units"]), leaves[each.leaf]["label"]
        yield _reading(wave, each.leaf, (each.promise, each.item), (units, label), ReadingState.ASKED, None)


def _reading(
    wave: Wave,
    leaf: str,
    about: tuple[int, str],
    people: tuple[tuple[str, ...], Mapping[str, str]],
    state: ReadingState,
    figure: Figure | None,
) -> Reading:
    return Reading(
        promise=about[0],
        item=about[1],
        wave=wave.id,
        weeks=wave.weeks,
        leaf=leaf,
        units=people[0],
        label=people[1],
        opened_on=wave.institution.day(wave.opens_at),
        last_day=wave.last_monday + timedelta(days=6),
        state=state,
        figure=figure,
    )
