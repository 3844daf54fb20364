"""What the demo's leaders answered before today: most of them in time, one never; one promise late with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from callroom.improvement import ledger
from callroom.improvement.actions import answers, clocks, promises
from callroom.improvement.actions.answers import Words
from callroom.improvement.jobs import declines
from callroom.improvement.leadership import Leadership
from callroom.improvement.ledger import ClockRow
from callroom.improvement.states import PromiseState
from callroom.people.models import Institution, Person

WEEKS: Final = 13
SILENT: Final = "general-surgery"
WAITS: Final = "emergency"
"""Its clock of this week is left for whoever tries the demo."""
AFTER: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Script:
    """One thing that a leader of the demo says: words, in how many weeks, and whether it came late."""

    language: str
    heard: str
    what: str
    weeks: int
    late: str = ""


SCRIPTS: Final[tuple[Script, ...]] = (
    Script("en", "Pages break up teaching.", "The float resident holds the pagers on Tuesdays, 12:00 to 13:00.", 2),
    Script("en", "There is no place to sleep after a night.", "A second sleep room opens on level 3.", 3, "The badge reader was missing."),
    Script("es", "La entrega de guardia termina siempre tarde.", "La entrega empieza a las 6:40 y la cierra quien va de salida.", 3),
    Script("es", "Las suplencias recaen siempre en las mismas personas.", "Cada mes se publica una lista justa de suplencias.", 5),
    Script("en", "Consults at night take too long.", "Two services answer within 30 minutes at night; the number is on every telephone.", 6),
)  # fmt: skip


def make_past(institution: Institution, anchor: date, *, now: datetime) -> None:
    """Let thirteen weeks of clocks start and be answered; leave one silent, and one that waits for an answer."""
    mondays = list(_mondays(institution, anchor))
    _commit(institution, mondays[0])
    for number, monday in enumerate(mondays):
        _start(institution, monday)
        for clock in ledger.read(institution.day(monday)).waiting:
            waits = clock.unit == WAITS and number > WEEKS - 4
            if clock.unit != SILENT and not waits:
                _answer(clock, SCRIPTS[(number + len(clock.unit)) % len(SCRIPTS)], monday)
        _keep(institution, monday)
    _start(institution, now)


def _mondays(institution: Institution, anchor: date) -> Iterator[datetime]:
    for week in range(WEEKS, 0, -1):
        yield datetime.combine(anchor - timedelta(weeks=week), time(9), institution.zone)


def _start(institution: Institution, now: datetime) -> None:
    results = clocks.latest_results(now=now)
    clocks.start_for_declines(institution=institution, declines=declines(institution, now), results=results, now=now)
    clocks.start_due(institution=institution, results=results, now=now)
    clocks.refresh_asked(institution=institution, now=now)


def _answer(clock: ClockRow, script: Script, monday: datetime) -> None:
    now = monday + AFTER
    by = _leader_of(clock.holder, now.date())
    due_on = by.institution.day(now) + timedelta(weeks=script.weeks)
    words = Words(script.language, script.heard, script.what)
    answers.promise(clock_id=clock.id, by=by, words=words, who=by.name, due_on=due_on, now=now)


def _keep(institution: Institution, monday: datetime) -> None:
    """Say what became of the promises whose day has come: kept, or later with a reason and kept then."""
    day = institution.day(monday)
    reasons = {script.what: script.late for script in SCRIPTS}
    for row in ledger.read(day).open:
        if row.due_on > day:
            continue
        by, reason = _leader_of(row.unit, day), reasons.get(row.what, "")
        if reason and not row.delays:
            late = Words(row.language, "", reason)
            promises.delay(promise_id=row.id, by=by, words=late, due_on=day + timedelta(weeks=6), now=monday)
        else:
            kept_at = datetime.combine(row.due_on, time(10), institution.zone)
            promises.end(promise_id=row.id, by=by, state=PromiseState.KEPT, outcome="", now=kept_at)


def _commit(institution: Institution, first: datetime) -> None:
    """Keep the chair's first commitment, older than everything else."""
    words = Words("en", "", "The rota is published six weeks ahead, and residents swap shifts among themselves.")
    promises.commit(
        unit="acute-care", by=_leader_of("acute-care", first.date()), words=words, who="Dr. Elena Robledo",
        due_on=institution.day(first) + timedelta(weeks=26), now=first,
    )  # fmt: skip


def _leader_of(unit: str, day: date) -> Person:
    return Person.objects.get(pk=Leadership.on(day).asked_for(unit).persons[0])
