"""Releases made from invented answers in memory, for the demo: the same tally, one key-less sheet, marked throughout.

Every sheet and release made here says ``"demo": true``, and ``callroom release verify`` says so, too. There were no
tokens and no keys, so there is nothing to burn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

from callroom.core.anonymity import sealing
from callroom.core.anonymity.sheets import KeySheet, SheetItem, SheetLeaf, WaveSheet
from callroom.core.disclosure import plan_payload, release
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.instruments import weekly
from callroom.core.timetable.waves import WEEKS_SERIES, WaveTimes, rotating_item
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import planning
from callroom.pulse.actions.closing import Tally, keep_release, release_body
from callroom.pulse.actions.plans import make_plan
from callroom.pulse.models import Plan, Wave
from callroom.pulse.states import PayloadKind, WaveState
from callroom.pulse.stores import chain
from callroom.pulse.stores.register import Counts as Fetched

NO_KEY: Final = bytes(32)

Answers = Mapping[str, Sequence[sealing.Given]]
"""What was answered, by leaf id: a mapping from item to step (0-4, or None) for each person, or ``DidNotWork``."""
_CountsAt = Mapping[datetime, release.Counts | None]
"""What all waves that close at one instant publish."""


@dataclass(frozen=True, slots=True)
class PastWave:
    """A wave of the past that history may be made for: who counts in which leaf, and what would have been asked."""

    times: WaveTimes
    plan: Plan
    people: Mapping[str, tuple[UUID, ...]]
    items: tuple[str, ...]


def past_waves(institution: Institution, *, since: date, now: datetime) -> tuple[PastWave, ...]:
    """
    Return the waves that opened on ``since`` or later and would be published by now, with today's residents.

    Plans of past academic years are made from today's roster where they are missing.
    """
    calendar = planning.calendar_of(institution)
    today = institution.day(now)
    first, last = calendar.academic_year_of(since), calendar.academic_year_of(today)
    years = [first.replace(year=year) for year in range(first.year, last.year + 1)]
    present = make_plan(institution=institution, academic_year=years[-1], now=now)
    found = []
    for year in years:
        plan = present if year == years[-1] else _same_plan(present, year)
        by_leaf = planning.people_by_leaf(present, today)
        for weeks in sorted({leaf.weeks for leaf in planning.leaves_of(plan).leaves}):
            leaves = {leaf.id for leaf in planning.leaves_of(plan).leaves_of(weeks)}
            persons = {leaf: ids for leaf, ids in by_leaf.items() if leaf in leaves}
            for times in calendar.waves_of_year(year, WEEKS_SERIES[weeks]):
                if times.monday >= since and times.publishes_at <= now and not times.skipped:
                    found.append(PastWave(times, plan, persons, _items(times)))
    return tuple(sorted(found, key=lambda past: (past.times.closes_at, past.times.wave)))


def release_from_answers(
    *, institution: Institution, answered: Iterable[tuple[PastWave, Answers]], seed: bytes, now: datetime
) -> int:
    """
    Write sheets, closings and releases of past waves into the chain, in the order of their instants; return how many.

    All in one transaction. ``seed``: 32 bytes, from which each wave's noise is expanded as in a real closing.

    :raises BadAnswers, MalformedAnswer: if an answer does not fit the questionnaire
    """
    given = sorted(answered, key=lambda pair: (pair[0].times.opens_at, pair[0].times.wave))
    if not given:
        return 0
    names = {row.id: row for row in people.units_tree()}
    with chain.appending(institution, now=now) as ledger:
        first = given[0][0].times
        key_sheet = ledger.append(
            PayloadKind.KEY_SHEET, KeySheet(first.wave, first.weeks, (), demo=True).to_payload(), at=first.opens_at
        )
        made = [_MadeWave(institution, past, answers, _sheet(past, key_sheet, names)) for past, answers in given]
        counts = {
            closes_at: release.counts_of(
                (len(wave.sheet.leaves), wave.tally.counts) for wave in made if wave.past.times.closes_at == closes_at
            )
            for closes_at in {wave.past.times.closes_at for wave in made}
        }
        for at, step in sorted(_steps(made, ledger, counts, seed), key=lambda step: step[0]):
            step(at)
    return len(made)


class _MadeWave:
    """One wave while its headers are written."""

    def __init__(self, institution: Institution, past: PastWave, answers: Answers, sheet: WaveSheet) -> None:
        self.institution = institution
        self.past = past
        self.sheet = sheet
        by_group = {leaf.group: [_plain(each, sheet) for each in answers.get(leaf.leaf, ())] for leaf in sheet.leaves}
        issued = {group: len(each) for group, each in by_group.items()}
        self.tally = Tally(by_group, Fetched(issued, {}))
        self.wave: Wave | None = None

    def open(self, ledger: chain.Ledger, at: datetime) -> None:
        """Append the wave sheet."""
        times = self.past.times
        self.wave = Wave.objects.create(
            id=times.wave,
            institution=self.institution,
            plan=self.past.plan,
            weeks=times.weeks,
            rotating_item=self.past.items[-1],
            state=WaveState.OPEN,
            demo=True,
            opens_at=times.opens_at,
            closes_at=times.closes_at,
            publishes_at=times.publishes_at,
            members_salt=b"",
            key_sheet=self.sheet.key_sheet,
            wave_sheet=ledger.append(PayloadKind.WAVE_SHEET, self.sheet.to_payload(), at=at),
        )

    def close(self, ledger: chain.Ledger, counts: _CountsAt, seed: bytes, at: datetime) -> None:
        """Append the closing; there are no keys to burn."""
        if self.wave is not None:
            sums = counts[self.past.times.closes_at]
            keep_release(
                ledger, self.wave, release_body(self.sheet, self.wave.wave_sheet, self.tally, sums, seed), at=at
            )

    def publish(self, ledger: chain.Ledger, at: datetime) -> None:
        """Append the release."""
        if self.wave is not None:
            ledger.announce(PayloadKind.RELEASE, self.wave.release, at=at)
            self.wave.state = WaveState.RELEASED
            self.wave.burned_at = self.past.times.closes_at
            self.wave.save(update_fields=["state", "burned_at"])


def _steps(
    made: Sequence[_MadeWave], ledger: chain.Ledger, counts: _CountsAt, seed: bytes
) -> Iterable[tuple[datetime, Callable[[datetime], None]]]:
    for wave in made:
        times = wave.past.times
        yield times.opens_at, partial(wave.open, ledger)
        yield times.closes_at, partial(wave.close, ledger, counts, seed)
        yield times.publishes_at, partial(wave.publish, ledger)


def _sheet(past: PastWave, key_sheet: str, names: Mapping[str, people.UnitRow]) -> WaveSheet:
    times = past.times
    leaves = {leaf.id: leaf for leaf in planning.leaves_of(past.plan).leaves}
    return WaveSheet(
        wave=times.wave,
        weeks=times.weeks,
        key_sheet=key_sheet,
        questionnaire=weekly.QUESTIONNAIRE,
        wording=weekly.WORDING,
        items=tuple(SheetItem(item, weekly.OPTION_COUNT) for item in past.items),
        core=past.items[:-1],
        policy=DEFAULT_POLICY.to_payload(),
        hpke_public_key=NO_KEY,
        leaves=tuple(
            SheetLeaf(leaf, group, leaves[leaf].units, planning.label_of(leaves[leaf].units, names), len(persons))
            for group, (leaf, persons) in enumerate(sorted(past.people.items()))
        ),
        plan=past.plan.payload,
        opens_at=int(times.opens_at.timestamp()),
        closes_at=int(times.closes_at.timestamp()),
        publishes_at=int(times.publishes_at.timestamp()),
        demo=True,
    )


def _plain(given: sealing.Given, sheet: WaveSheet) -> sealing.Answers:
    # Through the same bytes as a real answer, so that nothing can be seeded that could not be answered.
    return sealing.decode_answers(sealing.encode_answers(given, sheet.items), sheet.items)


def _items(times: WaveTimes) -> tuple[str, ...]:
    core = tuple(item.id for item in weekly.CORE)
    return (*core, rotating_item([item.id for item in weekly.ROTATING], times.index))


def _same_plan(present: Plan, academic_year: date) -> Plan:
    contents = planning.leaves_of(present)
    earlier = plan_payload.Plan.of(academic_year, contents.units, contents.rates)
    plan, _made = Plan.objects.get_or_create(
        institution=present.institution,
        academic_year=academic_year,
        defaults={"made_on": present.made_on, "payload": earlier.to_payload()},
    )
    return plan
