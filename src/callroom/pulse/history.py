"""Releases made from invented answers in memory, for the demo: the same tally, one key-less sheet, marked throughout.

Every sheet and release made here says ``"demo": true``, and ``callroom release verify`` says so, too. There were no
tokens and no keys, so there is nothing to burn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from callroom.core.anonymity import sealing
from callroom.core.anonymity.sheets import KeySheet, SheetLeaf, WaveSheet
from callroom.core.disclosure import release
from callroom.core.disclosure.leaf_plan import LEAST_GROUP
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.instruments import weekly
from callroom.core.timetable.waves import PUBLISHES, WaveTimes, first_monday, local_instant
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import planning, queries, questions
from callroom.pulse.actions import plans
from callroom.pulse.actions.closing import Tally, keep_release, release_body
from callroom.pulse.models import Plan, Wave
from callroom.pulse.states import PayloadKind, WaveState
from callroom.pulse.stores import chain
from callroom.pulse.stores.register import Counts as Fetched

NO_KEY: Final = bytes(32)

Answers = Mapping[str, Sequence[sealing.Given]]
"""What was answered, by leaf id: a mapping from item to step (from 0, or None) for each person, or ``DidNotWork``."""
_CountsAt = Mapping[datetime, release.Counts | None]
"""What all waves that close at one instant publish."""


@dataclass(frozen=True, slots=True)
class PastWave:
    """A wave of the past that history may be made for: who counts in which leaf, and what would have been asked."""

    times: WaveTimes
    plan: Plan
    people: Mapping[str, tuple[UUID, ...]]
    rotating: str

    @property
    def items(self) -> tuple[str, ...]:
        """Return the ids of what was asked, in order."""
        return questions.asked(self.rotating)


Answering = Callable[[PastWave], Answers]
"""What everybody answered in a wave."""
Who = Callable[[Plan, WaveTimes], Mapping[str, tuple[UUID, ...]]]
"""Who is asked in a wave, by leaf."""
Step = tuple[datetime, Callable[[datetime], None]]
"""An instant, and what is written then."""


def make_history(
    *, institution: Institution, since: date, answers: Answering, seed: bytes, now: datetime, who: Who | None = None
) -> int:
    """
    Write the waves that opened on ``since`` or later and would be published by now; return how many.

    Year by year, and from change date to change date, since each plan is made from what was published before it, with
    the roster of its day. Headers go into the chain in the order of their instants, all in one transaction. ``seed``:
    32 bytes, from which each wave's noise is expanded as in a real closing. A year in which too few people were there
    has no waves. ``who``: who is asked, if not the people of the roster.

    :raises BadAnswers, MalformedAnswer: if an answer does not fit the questionnaire
    """
    with transaction.atomic(), chain.appending(institution, now=now) as ledger:
        return _History(institution, since, answers, seed, now, ledger, who or people_asked).write()


def people_asked(plan: Plan, times: WaveTimes) -> Mapping[str, tuple[UUID, ...]]:
    """Return who is asked in a wave by the roster, by leaf: of a leaf with fewer than 11 people nobody."""
    leaves = {leaf.id for leaf in planning.leaves_of(plan).leaves_of(times.weeks)}
    by_leaf = planning.people_by_leaf(plan, times.monday)
    return {leaf: ids for leaf, ids in by_leaf.items() if leaf in leaves and len(ids) >= LEAST_GROUP}


class _History:
    """The past while it is written; ``steps``: what is still to be written, of waves whose plan is known."""

    def __init__(
        self,
        institution: Institution,
        since: date,
        answers: Answering,
        seed: bytes,
        now: datetime,
        ledger: chain.Ledger,
        who: Who,
    ) -> None:
        self.institution = institution
        self.since = since
        self.answers = answers
        self.seed = seed
        self.now = now
        self.ledger = ledger
        self.who = who
        self.names = {row.id: row for row in people.units_tree()}
        self.key_sheet = ""
        self.steps: list[Step] = []

    def write(self) -> int:
        """Write year after year; return how many waves there were."""
        calendar = planning.calendar_of(self.institution)
        first, last = calendar.academic_year_of(self.since), calendar.academic_year_of(self.institution.day(self.now))
        years = [first.replace(year=year) for year in range(first.year, last.year + 1)]
        count = sum(self._year(year) for year in years)
        self._run_until(None)
        return count

    def _year(self, year: date) -> int:
        start = local_instant(max(self.since, first_monday(year)), time(), self.institution.zone)
        if start > self.now:
            return 0
        self._run_until(start)
        try:
            plans.make_plan(institution=self.institution, academic_year=year, now=start)
        except plans.TooFewPeople:
            return 0
        count = self._stretch(year)
        for after in planning.changes_ahead(
            list(Plan.objects.filter(institution=self.institution, academic_year=year))
        ):
            settled_at = local_instant(planning.settled_on(year, after), PUBLISHES, self.institution.zone)
            if settled_at > self.now:
                break
            self._run_until(settled_at + timedelta(seconds=1))
            plans.settle_changes(institution=self.institution, academic_year=year, now=settled_at)
            count += self._stretch(year)
        return count

    def _stretch(self, year: date) -> int:
        """Prepare the waves of the newest settled stretch of a year."""
        stretch = planning.stretches_of(self.institution, year)[-1]
        past = [
            PastWave(times, stretch.plan, self.who(stretch.plan, times), questions.rotating_place(times))
            for times in planning.waves_in(stretch, planning.calendar_of(self.institution))
            if times.monday >= self.since and times.publishes_at <= self.now and not times.skipped
        ]
        asked = sorted((wave for wave in past if wave.people), key=lambda wave: (wave.times.opens_at, wave.times.wave))
        if asked and not self.key_sheet:
            self.key_sheet = self._sign_key_sheet(asked[0].times)
        made = [
            _MadeWave(self.institution, wave, self.answers(wave), _sheet(wave, self.key_sheet, self.names))
            for wave in asked
        ]
        self.steps += _steps(made, self.ledger, self.seed)
        return len(made)

    def _sign_key_sheet(self, times: WaveTimes) -> str:
        sheet = KeySheet(times.wave, times.weeks, (), demo=True)
        return self.ledger.append(PayloadKind.KEY_SHEET, sheet.to_payload(), at=times.opens_at)

    def _run_until(self, until: datetime | None) -> None:
        """Write what is due before this instant, in the order of the instants; without one everything."""
        due = [step for step in self.steps if until is None or step[0] < until]
        self.steps = [step for step in self.steps if until is not None and step[0] >= until]
        for at, step in sorted(due, key=lambda step: step[0]):
            step(at)


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
            rotating_item=self.past.rotating,
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
            promises = queries.promises_of(self.sheet)
            body = release_body(self.sheet, self.wave.wave_sheet, self.tally, sums, seed, promises=promises)
            keep_release(ledger, self.wave, body, at=at)

    def publish(self, ledger: chain.Ledger, at: datetime) -> None:
        """Append the release."""
        if self.wave is not None:
            ledger.announce(PayloadKind.RELEASE, self.wave.release, at=at)
            self.wave.state = WaveState.RELEASED
            self.wave.burned_at = self.past.times.closes_at
            self.wave.save(update_fields=["state", "burned_at"])


def _steps(made: Sequence[_MadeWave], ledger: chain.Ledger, seed: bytes) -> list[Step]:
    """Return what is written of waves and when; all that close at one instant are among them."""
    sundays = {wave.past.times.closes_at for wave in made}
    counts = {
        closes_at: release.counts_of(
            (len(wave.sheet.leaves), wave.tally.counts) for wave in made if wave.past.times.closes_at == closes_at
        )
        for closes_at in sundays
    }
    found: list[Step] = []
    for wave in made:
        times = wave.past.times
        found.append((times.opens_at, partial(wave.open, ledger)))
        found.append((times.closes_at, partial(wave.close, ledger, counts, seed)))
        found.append((times.publishes_at, partial(wave.publish, ledger)))
    return found


def _sheet(past: PastWave, key_sheet: str, names: Mapping[str, people.UnitRow]) -> WaveSheet:
    times = past.times
    leaves = {leaf.id: leaf for leaf in planning.leaves_of(past.plan).leaves}
    return WaveSheet(
        wave=times.wave,
        weeks=times.weeks,
        key_sheet=key_sheet,
        questionnaire=weekly.QUESTIONNAIRE,
        wording=questions.wording(past.rotating),
        items=questions.sheet_items(past.rotating),
        core=questions.CORE,
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
