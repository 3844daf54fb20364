"""*Next week*: the other residents answer through the real addresses, the clock runs on, the waves are counted and published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from callroom.core.anonymity.sealing import DidNotWork
from callroom.improvement import jobs as improvement_jobs
from callroom.improvement.remeasuring import promises_for
from callroom.kit import clock
from callroom.people import queries as people
from callroom.people.models import Institution, Person
from callroom.pulse import aggregates, jobs
from callroom.pulse.simulation import HttpAddress, Reader, Refused, SimulatedResident
from callroom.pulse.states import WaveState
from callroom.site.demo import answers
from callroom.watch import jobs as watch_jobs

PAUSE = timedelta(seconds=1)
MIDWEEK = timedelta(days=2, hours=2)
"""From publication, Monday 08:00, to Wednesday 10:00."""
HANDS = 4
"""How many residents answer at once."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What one *Next week* did."""

    answered: int
    published: date
    """Monday of the week whose result is published now."""


def next_week(*, base: str, now: datetime) -> Passed:
    """
    Let everybody but the personas answer what is open, then move the clock over Sunday 20:00 and Monday 08:00.

    :param base: where this installation answers: ``http://127.0.0.1:8000``
    """
    institution = people.current_institution()
    monday = monday_of(institution, now)
    open_now = [wave for wave in aggregates.current_waves(now=now) if wave.state == WaveState.OPEN]
    answered = _others_answer(
        base, institution, [wave for wave in open_now if _local_monday(institution, wave) <= monday], monday
    )
    sunday = datetime.combine(monday, datetime.min.time(), institution.zone) + timedelta(days=6, hours=20)
    for instant in (sunday, sunday + timedelta(hours=10), sunday + timedelta(hours=12)):
        clock.move_to(instant + PAUSE)
        jobs.tick(instant + PAUSE, promises_for=promises_for)
        watch_jobs.tick(instant + PAUSE)
        improvement_jobs.tick(instant + PAUSE)
    clock.move_to(sunday + timedelta(hours=12) + MIDWEEK)
    return Passed(answered, monday)


def monday_of(institution: Institution, now: datetime) -> date:
    """Return the Monday of the week of ``now`` in the institution's zone."""
    day = institution.day(now)
    return day - timedelta(days=day.weekday())


def anchor() -> date:
    """Return the Monday of the week in which this demo was made: the hidden decline is dated from it."""
    return date.fromisoformat(json.loads(marker().read_text())["anchor"])


def marker() -> Path:
    """Return the file that says that this data folder is a demo."""
    return Path(settings.DATA_DIR) / "demo.json"


def _local_monday(institution: Institution, wave: aggregates.CurrentWave) -> date:
    return institution.day(wave.opens_at)


def _others_answer(base: str, institution: Institution, waves: Sequence[aggregates.CurrentWave], monday: date) -> int:
    personas = set(Person.objects.filter(persona__isnull=False).values_list("pk", flat=True))
    everybody = {str(person.pk): person for person in Person.objects.exclude(pk__in=personas)}
    weeks_ago = (anchor() - monday).days // 7
    turns: list[Callable[[Reader], bool]] = []
    for unit, ids in people.eligible_on(monday).items():
        turns += [
            _turn(everybody[person], unit, waves, monday, weeks_ago, institution)
            for person in map(str, ids)
            if person in everybody
        ]
    with ThreadPoolExecutor(HANDS) as hands:
        return sum(hands.map(lambda part: _take_turns(base, part), [turns[start::HANDS] for start in range(HANDS)]))


def _take_turns(base: str, turns: Sequence[Callable[[Reader], bool]]) -> int:
    reader = Reader(HttpAddress(base))
    return sum(turn(reader) for turn in turns)


def _turn(
    person: Person,
    unit: str,
    waves: Sequence[aggregates.CurrentWave],
    monday: date,
    weeks_ago: int,
    institution: Institution,
) -> Callable[[Reader], bool]:
    def answer(reader: Reader) -> bool:
        offered = {entry["wave"] for entry in SimulatedResident.of(person, reader).offered()}
        for wave in waves:
            if wave.wave in offered and _comes_this_week(person, unit, wave, monday, weeks_ago, institution):
                return _answer(SimulatedResident.of(person, reader), person, unit, wave, weeks_ago)
        return False

    return answer


def _comes_this_week(
    person: Person, unit: str, wave: aggregates.CurrentWave, monday: date, weeks_ago: int, institution: Institution
) -> bool:
    """In a wave of several weeks everybody who answers has a week of their own for it, the same at every look."""
    week = (monday - _local_monday(institution, wave)).days // 7
    own_week = hashlib.sha256(f"{person.external_id}/{wave.wave}".encode()).digest()[0] % wave.weeks
    return week == own_week and answers.answers_in_wave(person.external_id, unit, wave.wave, wave.weeks, weeks_ago)


def _answer(
    resident: SimulatedResident, person: Person, unit: str, wave: aggregates.CurrentWave, weeks_ago: int
) -> bool:
    try:
        items = resident.asked(wave.wave)
        given = answers.answer(person.external_id, unit, wave.wave, items, weeks_ago)
        resident.answer(wave.wave, DidNotWork() if given is None else given)
    except Refused:
        return False  # came into the unit while the wave was open, for example
    return True
