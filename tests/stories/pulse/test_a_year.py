"""
Two years of waves, at the level of plans and releases: what a year of operation does to who is counted with whom.

Two starts of an academic year, a year of 53 weeks, clock changes, holidays, 1 % turnover a week, a programme that stops
answering, one that is split, one whose people move away. Everything is invented and marked so; the plans, the tally and
``release verify`` are the real ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from tests.world.people import residents_in
from tests.world.waves import NOISE_SEED

from callroom.core.anonymity.sealing import DidNotWork, Given
from callroom.core.disclosure.verification import verify_directory
from callroom.core.timetable.waves import parse_wave_id
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.states import UnitKind
from callroom.pulse import aggregates, exports, history, planning
from callroom.pulse.models import Plan, SkippedWeek, Wave
from callroom.pulse.states import WeekState

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2027, 3, 1), date(2028, 3, 1)
SINCE = date(2026, 3, 2)
NOW = datetime(2028, 3, 27, 18, tzinfo=UTC)
WEEK = timedelta(weeks=1)
HOLIDAYS = (date(2026, 3, 30), date(2026, 12, 21), date(2026, 12, 28), date(2027, 12, 20), date(2027, 12, 27))
STOPS_ANSWERING = date(2026, 4, 6)
SPLIT_ON = date(2027, 7, 5)


@dataclass
class TwoYears:
    """What the years left behind: who was counted when, and the plans by year and week."""

    hospital: Institution
    waves: list[history.PastWave] = field(default_factory=list)

    def lengths(self, year: date, from_week: int) -> dict[str, int]:
        plan = Plan.objects.get(academic_year=year, from_week=from_week)
        return {leaf.id: leaf.weeks for leaf in planning.leaves_of(plan).leaves}


@pytest.fixture
def years(hospital: Institution, folders: Path) -> TwoYears:
    hospital.time_zone = "America/New_York"  # a zone in which clocks change
    hospital.save()
    for unit, count in {"emergency": 30, "surgery": 24, "dermatology": 13, "urology": 9}.items():
        residents_in(hospital, unit, count, since=date(2026, 2, 1))
    turnover(hospital, Random(3))
    for monday in HOLIDAYS:
        SkippedWeek.objects.create(institution=hospital, monday=monday, reason_en="Holidays", reason_es="Vacaciones")
    split(hospital)
    found = TwoYears(hospital)
    chance = Random(2)

    def answers(wave: history.PastWave) -> history.Answers:
        found.waves.append(wave)
        return {
            leaf: [one(wave.items, chance) for _ in persons if chance.random() < response(leaf, wave)]
            for leaf, persons in wave.people.items()
        }

    history.make_history(institution=hospital, since=SINCE, answers=answers, seed=NOISE_SEED, now=NOW)
    return found


def turnover(hospital: Institution, chance: Random) -> None:
    """Let 1 % of the people leave each week, and as many come into the same programmes."""
    there = {person: unit for unit in ("emergency", "surgery", "dermatology", "urology") for person in in_unit(unit)}
    for week in range(1, 105):
        monday = SINCE + week * WEEK
        for number, person in enumerate([each for each in there if chance.random() < 0.01]):
            unit = there.pop(person)
            person.memberships.update(to_on=monday - timedelta(days=3))
            key = f"{unit}-new-{week}-{number}"
            new = people.add_person(
                institution=hospital, external_id=key, name=f"Residente {key}", email=f"{key}@hospital.example"
            )
            people.join(person=new, unit=unit, from_on=monday - timedelta(days=2))
            there[new] = unit


def in_unit(unit: str) -> list[Person]:
    return list(Person.objects.filter(memberships__unit=unit, memberships__to_on=None).order_by("external_id"))


def split(hospital: Institution) -> None:
    """Let a third of Emergency Medicine become a programme of its own in the middle of the second year."""
    people.place_unit(
        institution=hospital,
        unit="toxicology",
        name_en="Toxicology",
        name_es="Toxicología",
        kind=UnitKind.PROGRAMME,
        parent="medicine",
    )
    for person in in_unit("emergency")[:10]:
        people.transfer(person=person, unit="toxicology", on=SPLIT_ON)


def response(leaf: str, wave: history.PastWave) -> float:
    """Return the share that answers: most do, but General Surgery stops in its first April."""
    if leaf == "surgery" and FIRST <= wave.times.academic_year < SECOND and wave.times.monday >= STOPS_ANSWERING:
        return 0.1
    return 0.85


def one(items: tuple[str, ...], chance: Random) -> Given:
    if chance.random() < 0.03:
        return DidNotWork()
    return {item: chance.choice([1, 2, 2, 3, 3, 4]) for item in items}


def test_two_years_hold_in_the_eyes_of_anybody(years: TwoYears, tmp_path: Path) -> None:
    written = exports.export(years.hospital, tmp_path / "out")

    report = verify_directory(tmp_path / "out", written.head)

    assert report.headers == written.headers
    assert len(report.waves) > 100, "some series is asked in nearly every one of 105 weeks, and others beside it"
    assert {plan.from_week for plan in Plan.objects.filter(academic_year=SECOND)} == {0, 12, 24, 36}


def test_who_stops_answering_is_counted_less_often_then_with_others_and_planned_so_next_year(years: TwoYears) -> None:
    surgery = [years.lengths(FIRST, week).get("surgery") for week in (0, 12, 24, 36)]

    assert surgery == [1, 2, 4, None]
    (together,) = [leaf for leaf in years.lengths(FIRST, 36) if "surgery" in leaf.split("+")]
    assert years.lengths(FIRST, 36)[together] == 4
    assert len(together.split("+")) > 1

    # A new year is planned from the bands of the last.
    second = planning.leaves_of(Plan.objects.get(academic_year=SECOND, from_week=0))
    third = planning.leaves_of(Plan.objects.get(academic_year=THIRD, from_week=0))

    assert set(second.rates) == {"dermatology", "emergency", "surgery", "urology"}
    assert second.rates["surgery"].weekly is not None
    assert second.rates["surgery"].weekly < second.rates["emergency"].weekly  # type: ignore[operator]
    assert years.lengths(SECOND, 0)["emergency"] == 1
    assert years.lengths(SECOND, 0).get("surgery", 4) > 1
    assert third.rates["surgery"] != second.rates["surgery"]


def test_a_programme_that_was_split_off_is_counted_from_the_next_change_date(years: TwoYears) -> None:
    at_12 = {unit for leaf in years.lengths(SECOND, 12) for unit in leaf.split("+")}
    at_24 = {unit for leaf in years.lengths(SECOND, 24) for unit in leaf.split("+")}
    moved = {person.pk for person in in_unit("toxicology")}
    between = [wave for wave in years.waves if SPLIT_ON <= wave.times.monday < SECOND + 24 * WEEK]

    assert "toxicology" not in at_12
    assert "toxicology" in at_24
    assert all(moved & set(wave.people["emergency"]) for wave in between if "emergency" in wave.people)


def test_the_calendar_holds_and_nobody_counts_in_two_figures_about_one_week(years: TwoYears) -> None:
    weeks: Counter[tuple[object, date]] = Counter()
    for wave in years.waves:
        for persons in wave.people.values():
            for week in range(wave.times.weeks):
                weeks.update((person, wave.times.monday + week * WEEK) for person in persons)

    assert set(weeks.values()) == {1}

    # No wave runs across the start of a year, and the 53rd week is weekly.
    last = date(2028, 2, 28)  # the 53rd week of the year that began on 1 March 2027

    assert {wave.times.academic_year for wave in years.waves} == {FIRST, SECOND, THIRD}
    for wave in years.waves:
        following = wave.times.academic_year.replace(year=wave.times.academic_year.year + 1)
        assert wave.times.last_sunday < following + timedelta(days=6)
    assert {wave.times.weeks for wave in years.waves if wave.times.last_monday == last} == {1}

    # The hours stand on the wall's clock.
    zone = years.hospital.zone
    opened = {wave.times.opens_at.astimezone(zone).hour for wave in years.waves}
    closed = {wave.times.closes_at.astimezone(zone).hour for wave in years.waves}
    offsets = {wave.times.opens_at.astimezone(zone).utcoffset() for wave in years.waves}

    assert (opened, closed, len(offsets)) == ({6}, {20}, 2)

    # Holidays are shown as not asked.
    series = aggregates.leaf_series("emergency", now=NOW)

    assert series
    not_asked = [point for point in series.points if point.state is WeekState.NOT_ASKED]
    assert {point.week_of for point in not_asked} == set(HOLIDAYS)
    assert all(point.reason == {"en": "Holidays", "es": "Vacaciones"} for point in not_asked)
    assert not Wave.objects.filter(pk="pulse/2026-W52").exists()
    assert parse_wave_id("pulse/2026-W52")[1] in HOLIDAYS
