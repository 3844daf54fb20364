"""Real answers through the real doors: the soldiers of ``tests.world.garrison``, asked three times.

Who has no value at a time does not answer. Run with ``-s`` to read who is counted with whom, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.world.garrison import (
    COLUMNS,
    TIMES,
    Soldier,
    least_answered,
    needs_data,
    of_units,
    soldiers,
    true_mean,
)

from callroom.core.anonymity import tokens
from callroom.core.disclosure.plan_reasons import PlanReason, Why
from callroom.core.timetable.waves import WaveTimes
from callroom.people import actions
from callroom.people.models import Institution, Person
from callroom.people.states import UnitKind
from callroom.pulse import aggregates, jobs, planning
from callroom.pulse.aggregates import Figure, LeafSeries, LeafWeek
from callroom.pulse.simulation import Reader, SimulatedResident, post_answer, seal_answer
from callroom.pulse.states import WeekState

PERIOD_WEEKS = (1, 2, 4)
"""In each of three periods of four weeks one wave of every length is asked; all three open on its first Monday."""
MOST_LEAVES_OF_A_LENGTH = 13
FOUNDED = datetime(2026, 7, 1, 12, tzinfo=UTC)
BEFORE = timedelta(days=3)
PAUSE = timedelta(seconds=1)
MINIMUM = 8
PHONES = 8

pytestmark = [
    pytest.mark.django_db(databases=["default", "issuing", "sealed"]),
    needs_data,
]


@dataclass(frozen=True)
class Checked:
    """One published figure beside the truth, on the scale from 0 to 10."""

    leaf: str
    what: str
    figure: Figure
    answered: float
    """The mean of the answers of all who have a value."""
    exact: float
    """The mean of their values before they were rounded onto five options."""

    def holds(self, truth: float) -> bool:
        """Return whether the published range contains this mean."""
        return self.figure.low <= 10 * truth <= self.figure.high


def garrison(people: Mapping[str, Soldier]) -> Institution:
    """Found an institution of these companies and battalions."""
    institution = actions.found_institution(
        name="Garrison", short_name="Garrison", time_zone="UTC", languages=["en", "es"], root="garrison", now=FOUNDED
    )
    companies = sorted({soldier.company for soldier in people.values()})
    place = partial(actions.place_unit, institution=institution)
    for battalion in sorted({company.split("-")[0] for company in companies}):
        place(unit=battalion, name_en=battalion.upper(), kind=UnitKind.DEPARTMENT)
    for company in companies:
        place(unit=company, name_en=company.upper(), kind=UnitKind.PROGRAMME, parent=company.split("-")[0])
    return institution


def enlist(institution: Institution, people: Mapping[str, Soldier]) -> dict[str, Person]:
    """Add everybody to their company."""
    found = {}
    for number, soldier in people.items():
        name, email = f"Soldier {number}", f"soldier-{number}@garrison.example"
        person = actions.add_person(institution=institution, external_id=number, name=name, email=email)
        actions.join(person=person, unit=soldier.company, from_on=date(2026, 1, 1))
        found[number] = person
    return found


@pytest.fixture
def keys(folders: Path, rsa_keys: list[rsa.RSAPrivateKey], monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each leaf of a wave a key of its own; the next waves have the same ones, since making them takes long."""
    missing = MOST_LEAVES_OF_A_LENGTH - len(rsa_keys)
    supply = cycle([*rsa_keys, *(rsa.generate_private_key(tokens.EXPONENT, tokens.KEY_BITS) for _ in range(missing))])
    monkeypatch.setattr(tokens, "generate_key", lambda: next(supply))


@pytest.fixture
def garrisoned(keys: None) -> tuple[Institution, dict[str, Soldier], dict[str, Person]]:
    """Return the institution, who the file says its people are, and their rows."""
    people = soldiers()
    institution = garrison(people)
    return institution, people, enlist(institution, people)


@pytest.mark.one_store
def test_published_ranges_hold_the_true_means_of_real_people(
    garrisoned: tuple[Institution, dict[str, Soldier], dict[str, Person]],
    device: Callable[[Person], SimulatedResident],
    reader: Reader,
    at: Callable[[datetime], None],
    settings: Any,
):
    institution, people, persons = garrisoned
    for time, waves in enumerate(periods(institution)):
        open_all(waves, at, settings)
        post_all(reader, bodies(people, persons, time, device))
        close_all(waves, at)
    now = waves[-1].publishes_at + PAUSE

    leaves = distinct(aggregates.series_of({soldier.company for soldier in people.values()}, now=now).values())
    tell_plan(leaves)
    checked = [each for leaf in leaves for each in checks(leaf, people)]
    tell_figures(leaves, checked)

    assert {leaf.weeks for leaf in leaves} == set(PERIOD_WEEKS)
    assert {len(asked_weeks(leaf)) for leaf in leaves} == {TIMES}
    assert sum(each.holds(each.answered) for each in checked) >= 0.95 * len(checked)
    assert sum(each.holds(each.exact) for each in checked) >= 0.95 * len(checked)
    for leaf in leaves:
        for time, week in enumerate(asked_weeks(leaf)):
            respondents = least_answered(of_units(leaf.units, people), time)
            assert (week.state is WeekState.SHOWN) == (respondents >= MINIMUM), (leaf.leaf, week.wave, respondents)
            assert week.state in {WeekState.SHOWN, WeekState.TOO_FEW}
            if week.state is WeekState.TOO_FEW:
                assert (week.n, week.index, week.items) == (None, None, None)


def periods(institution: Institution) -> Iterator[list[WaveTimes]]:
    """Return the waves of three periods of four weeks that follow each other: one of each length, shortest first."""
    calendar = planning.calendar_of(institution)
    year = calendar.academic_year_of(FOUNDED.date() + timedelta(weeks=2))
    for fourth in calendar.waves_of_year(year, "pulse-4")[1 : 1 + TIMES]:
        yield [
            next(each for each in calendar.waves_of_year(year, series) if each.monday == fourth.monday)
            for series in ("pulse", "pulse-2", "pulse-4")
        ]


def open_all(waves: Sequence[WaveTimes], at: Callable[[datetime], None], settings: Any) -> None:
    """Announce these waves and nothing else, and open them."""
    opens_at = waves[0].opens_at
    settings.ANNOUNCE_WEEKS_AHEAD = 1
    jobs.tick(opens_at - BEFORE)
    settings.ANNOUNCE_WEEKS_AHEAD = 0
    jobs.tick(opens_at)
    at(opens_at + timedelta(hours=6))


def close_all(waves: Sequence[WaveTimes], at: Callable[[datetime], None]) -> None:
    """Let the worker close and publish each wave at its instants."""
    for wave in waves:
        for instant in (wave.closes_at + PAUSE, wave.publishes_at + PAUSE):
            at(instant)
            jobs.tick(instant)


def bodies(
    people: Mapping[str, Soldier],
    persons: Mapping[str, Person],
    time: int,
    device: Callable[[Person], SimulatedResident],
) -> list[bytes]:
    """Let everybody with a value fetch the token that they are offered, signed in; return their sealed answers."""
    offered: dict[str, dict[str, Any]] = {}
    made = []
    for number, soldier in people.items():
        if not soldier.answers(time):
            continue
        resident = device(persons[number])
        if soldier.company not in offered:  # one wave for each; its comrades are offered the same
            (offered[soldier.company],) = resident.offered()
        entry = offered[soldier.company]
        token = resident.fetch_token(entry["wave"])
        sheet = resident.reader.wave_sheet(entry["wave_sheet"], resident.cookie)
        made.append(seal_answer(resident.institution, sheet, token, soldier.steps[time]))
    return made


def post_all(reader: Reader, answers: Sequence[bytes]) -> None:
    """Post all answers, without names, from several phones at a time."""
    with ThreadPoolExecutor(PHONES) as phones:
        replies = list(phones.map(partial(post_answer, reader.address), answers))
    assert {reply.status for reply in replies} == {200}


def distinct(series: Any) -> list[LeafSeries]:
    """Return each leaf once, in order of their ids."""
    return [leaf for _id, leaf in sorted({leaf.leaf: leaf for leaf in series}.items())]


def asked_weeks(leaf: LeafSeries) -> list[LeafWeek]:
    """Return the weeks of the leaf's waves that were asked; the worker did not announce the other weekly ones."""
    return [week for week in leaf.points if week.state is not WeekState.NOT_ASKED]


def checks(leaf: LeafSeries, people: Mapping[str, Soldier]) -> Iterator[Checked]:
    """Return every figure that was published about a leaf, with the true means."""
    members = of_units(leaf.units, people)
    for time, week in enumerate(asked_weeks(leaf)):
        if week.state is not WeekState.SHOWN:
            continue
        answered = {item: true_mean([each.steps[time][item] for each in members], 0) for item in COLUMNS}
        exact = {item: true_mean([each.values[time][item] for each in members], 1) for item in COLUMNS}
        for item, figure in shown_items(week):
            yield Checked(leaf.leaf, item, figure, answered[item], exact[item])
        assert week.index is not None
        yield Checked(leaf.leaf, "index", week.index, mean(answered.values()), mean(exact.values()))


def shown_items(week: LeafWeek) -> Iterator[tuple[str, Figure]]:
    """Return the published items of a week. Nobody was asked the rotating one: it is no number."""
    assert week.items is not None
    for item, figure in week.items.items():
        assert (figure is not None) == (item in COLUMNS)
        if figure is not None:
            yield item, figure


def tell_plan(leaves: Sequence[LeafSeries]) -> None:
    """Print who stands alone, who is counted with whom, and why."""
    say(f"\n{len(leaves)} leaves of {sum(len(leaf.units) for leaf in leaves)} companies")
    for leaf in leaves:
        how = {1: "every week", 2: "every two weeks", 4: "every four weeks"}[leaf.weeks]
        together = "stands alone" if len(leaf.units) == 1 else f"{len(leaf.units)} companies together"
        say(f"  {leaf.leaf}: {together}, {how}; {why(leaf.why, leaf)}")


def why(reason: PlanReason, leaf: LeafSeries) -> str:
    """Return the reason of a leaf's first unit in plain words."""
    people = f"{reason.leaf_eligible} people"
    if reason.shorter is not None and reason.shorter_needs is not None:
        needs = f"{reason.shorter_needs.eligible} and {reason.shorter_needs.expected} expected answers"
        people += f" (too few {reason.shorter.value} for shorter rounds, which take {needs})"
    match reason.why:
        case Why.ALONE:
            return people
        case Why.TAKES_IN:
            return f"{people}; takes in a company that had nowhere else to go"
        case _:
            least = f"{reason.needed.eligible} people and {reason.needed.expected} expected answers"
            return f"{people}; {leaf.units[0]} has {reason.eligible}: {reason.why.value}, a figure of its own takes {least}"


def tell_figures(leaves: Sequence[LeafSeries], checked: Sequence[Checked]) -> None:
    """Print how many figures were published and how many ranges hold the truth."""
    states = [week.state for leaf in leaves for week in asked_weeks(leaf)]
    shown = states.count(WeekState.SHOWN)
    say(
        f"{len(states)} releases of a leaf: {shown} with figures ({len(checked)} in all), {len(states) - shown} too few"
    )
    for name, truth in (("their answers", "answered"), ("the values before rounding", "exact")):
        held = sum(each.holds(getattr(each, truth)) for each in checked)
        off = mean(abs(each.figure.mean / 10 - getattr(each, truth)) for each in checked)
        share = held / len(checked)
        say(f"  the true mean of {name} lies within {held} of {len(checked)} ranges ({share:.1%}); off by {off:.2f}")


def say(line: str) -> None:
    """Print a line of what pytest shows with ``-s``."""
    print(line)  # noqa: T201
