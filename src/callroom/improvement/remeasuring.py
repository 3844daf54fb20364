"""
Asking residents about kept promises: which one a round asks about, in which leaf, and what came of it.

Of the promises that residents of a leaf can know, the one that was kept first is asked about first: how much of it was
noticed, and two weeks or more later whether it made the work worse or better. Nothing here knows who answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from callroom.core.anonymity.kept_promises import EFFECT, NOTICED, PromiseAsked
from callroom.improvement import ledger
from callroom.improvement.ledger import Ledger, NotAsked, PromiseRow
from callroom.improvement.models import Promise
from callroom.improvement.states import (
    ASKED_WITHIN,
    EFFECT_AFTER,
    EFFECT_WITHIN,
    ROUNDS_BETWEEN,
    WORK_BETWEEN,
    PromiseState,
    WhyNotAsked,
)
from callroom.people import queries as people
from callroom.pulse import promises as asked
from callroom.pulse.promises import Reading
from callroom.pulse.questions import Opening

Units = tuple[str, ...]


def readings(*, now: datetime) -> tuple[Reading, ...]:
    """Return what was asked about promises, and what was published of it."""
    return asked.readings(people.current_institution(), now=now)


def with_readings(known: Ledger, *, now: datetime) -> Ledger:
    """Return a ledger together with what residents said of its promises, and about what they will not be asked."""
    asked_so_far = readings(now=now)
    return replace(known, readings=asked_so_far, not_asked=tuple(_not_asked(known, asked_so_far, now)))


def promises_for(opening: Opening) -> tuple[PromiseAsked, ...]:
    """Return the promises that a round asks about which opens now: in each leaf at most one."""
    institution = people.current_institution()
    before = asked.readings(institution, now=opening.opens_at)
    kept = Promise.objects.filter(institution=institution, state=PromiseState.KEPT).order_by("ended_on", "id")
    rows = ledger.promises_in(kept, institution.day(opening.opens_at))
    chosen = _Chosen(rows, before, institution.day(opening.opens_at), opening.weeks)
    return tuple(found for leaf, units in opening.leaves.items() for found in chosen.of_leaf(leaf, units))


def _not_asked(known: Ledger, asked_so_far: Sequence[Reading], now: datetime) -> Iterator[NotAsked]:
    """Yield the questions about kept promises for which no round will come: said beside the promise, instead of nothing."""
    institution = people.current_institution()
    day, leaves = institution.day(now), asked.leaves_at(institution, now=now)
    about: dict[int, list[Reading]] = {}
    for reading in asked_so_far:
        about.setdefault(reading.promise, []).append(reading)
    for row in known.ended:
        if row.state is PromiseState.KEPT:
            found = about.get(row.id, [])
            yield from _no_second(row, found, leaves, day) if found else _no_first(row, leaves, day)


def _no_first(row: PromiseRow, leaves: Sequence[frozenset[str]], day: date) -> Iterator[NotAsked]:
    if day - (row.ended_on or day) > ASKED_WITHIN:
        yield NotAsked(row.id, NOTICED, WhyNotAsked.NO_ROUND)
    elif leaves and not any(leaf <= made_to(row) for leaf in leaves):
        yield NotAsked(row.id, NOTICED, WhyNotAsked.TOGETHER)


def _no_second(
    row: PromiseRow, found: Sequence[Reading], leaves: Sequence[frozenset[str]], day: date
) -> Iterator[NotAsked]:
    done = {reading.leaf for reading in found if reading.item == EFFECT}
    for reading in found:
        if reading.item == NOTICED and reading.leaf not in done:
            late = day - reading.opened_on > EFFECT_WITHIN
            if late or (leaves and frozenset(reading.units) not in leaves):
                why = WhyNotAsked.NO_ROUND if late else WhyNotAsked.TOGETHER
                yield NotAsked(row.id, EFFECT, why, reading.label, reading.units)


class _Chosen:
    """What is due on the day on which a round opens."""

    def __init__(self, kept: Sequence[PromiseRow], before: Sequence[Reading], day: date, weeks: int) -> None:
        self._kept = {row.id: row for row in kept}
        self._before = before
        self._day = day
        self._between = timedelta(weeks=ROUNDS_BETWEEN * weeks)

    def of_leaf(self, leaf: str, units: Units) -> Iterator[PromiseAsked]:
        """Give the one promise that is due in this leaf, if any: a second question has its date, so it comes first."""
        earlier = [reading for reading in self._before if set(reading.units) & set(units)]
        for item, row in (*self._effects(units, earlier), *self._noticed(units, earlier)):
            text = words(row)
            if text:
                yield PromiseAsked(leaf, item, row.id, f"{row.made_on:%Y-%m}", row.language, text)
                return

    def _effects(self, units: Units, earlier: Iterable[Reading]) -> Iterator[tuple[str, PromiseRow]]:
        known = list(earlier)
        done = {reading.promise for reading in known if reading.item == EFFECT}
        for reading in known:
            same = reading.item == NOTICED and set(reading.units) == set(units) and reading.promise not in done
            if same and EFFECT_AFTER <= self._day - reading.opened_on <= EFFECT_WITHIN:
                yield EFFECT, self._kept[reading.promise]

    def _noticed(self, units: Units, earlier: Iterable[Reading]) -> Iterator[tuple[str, PromiseRow]]:
        first = [reading for reading in earlier if reading.item == NOTICED]
        if any(self._day - reading.opened_on < self._between for reading in first):
            return
        done = {reading.promise for reading in first}
        for row in self._kept.values():
            since = self._day - (row.ended_on or self._day)
            if row.id not in done and WORK_BETWEEN <= since <= ASKED_WITHIN and set(units) <= made_to(row):
                yield NOTICED, row


def made_to(row: PromiseRow) -> set[str]:
    """Return the programmes whose residents a promise was made to: those of its clock, else all of the unit that made it."""
    return set(row.about) or set(people.units_within(row.unit))


def words(row: PromiseRow) -> str:
    """Return a promise as it stands in a question: one line, without the stop that the question sets itself."""
    return " ".join(row.what.split()).rstrip(". ")
