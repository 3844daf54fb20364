"""Who moves between units around a change date: the sheet counts who can answer, and nobody counts in two figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from tests.world.waves import BEFORE, FINE, MONDAY

from callroom.people import actions as people
from callroom.people.models import Person
from callroom.pulse import jobs, queries
from callroom.pulse.models import Wave
from callroom.pulse.simulation import Refused, SimulatedResident
from callroom.pulse.states import WaveState
from callroom.pulse.stores.register import Register
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]
WEEK = timedelta(weeks=1)
CHANGED = MONDAY - WEEK
"""Monday of week 36 of the academic year: moves take effect for what opens now. pulse and pulse-2/2026-W46 open."""
FRIDAY = BEFORE - WEEK
ON = date(2026, 11, 8)


def slots_of(wave: str) -> dict[int, Counter[bool]]:
    """Return, by group, how many have a place and may fetch, and how many have one and may not."""
    found: dict[int, Counter[bool]] = {}
    for slot in Register(WaveKeys(wave).register_file, wave).slots():
        found.setdefault(slot.group, Counter())[slot.asked] += 1
    return found


def places_of(person: Person) -> set[str]:
    """Return the announced and open waves in whose registers this person has a place."""
    waves = Wave.objects.filter(state__in=[WaveState.ANNOUNCED, WaveState.OPEN]).values_list("pk", flat=True)
    registers = {wave: Register(WaveKeys(wave).register_file, wave).slots() for wave in waves}
    return {wave for wave, slots in registers.items() if person.pk in {slot.person for slot in slots}}


def test_the_sheet_counts_those_who_can_answer(staffed: Residents) -> None:
    jobs.tick(FRIDAY)
    for person in staffed["emergency"][:3]:
        people.transfer(person=person, unit="surgery", on=ON)

    jobs.tick(CHANGED)

    sheet = queries.wave_sheet_of(Wave.objects.get(pk="pulse/2026-W46"))
    can = slots_of("pulse/2026-W46")
    assert {leaf.leaf: leaf.eligible for leaf in sheet.leaves} == {"emergency": 26, "surgery": 24}
    assert all(can[leaf.group][True] == leaf.eligible for leaf in sheet.leaves)


def test_who_moved_into_another_series_counts_once_a_week(staffed: Residents, device: Device, at: SetClock) -> None:
    jobs.tick(FRIDAY)
    at(FRIDAY)
    mover = staffed["emergency"][0]
    ana = device(mover)
    ana.fetch_token("pulse/2026-W46")
    people.transfer(person=mover, unit="dermatology", on=ON)

    jobs.tick(FRIDAY + timedelta(minutes=1))
    jobs.tick(CHANGED)
    at(CHANGED + timedelta(hours=3))

    assert {"pulse/2026-W46", "pulse-2/2026-W46"} <= set(Wave.objects.values_list("pk", flat=True))
    assert ana.answer("pulse/2026-W46", FINE) == 1
    with pytest.raises((Refused, StopIteration)):
        ana.answer("pulse-2/2026-W46", FINE)
    assert "pulse-2/2026-W46" not in places_of(mover)


def test_weeks_ahead_nobody_has_a_place_in_two_waves_of_one_week(staffed: Residents, settings: object) -> None:
    settings.ANNOUNCE_WEEKS_AHEAD = 3  # type: ignore[attr-defined]
    mover = staffed["emergency"][0]
    jobs.tick(FRIDAY - 2 * WEEK)
    # Beyond the change date nothing is announced before it is settled who counts where: on Monday, a week before it.
    assert "pulse/2026-W46" not in places_of(mover)
    jobs.tick(FRIDAY - WEEK)
    jobs.tick(FRIDAY)
    assert "pulse/2026-W46" in places_of(mover)
    people.transfer(person=mover, unit="dermatology", on=ON)

    for minute in (1, 2):
        jobs.tick(FRIDAY + timedelta(minutes=minute))
        places = places_of(mover)
        windows = sorted(Wave.objects.filter(pk__in=places).values_list("opens_at", "closes_at"))
        assert all(closes < opens for (_, closes), (opens, _) in pairwise(windows)), places


def test_after_the_weeks_in_which_they_had_a_place_they_count_where_they_are(staffed: Residents) -> None:
    jobs.tick(FRIDAY)
    mover = staffed["emergency"][0]
    people.transfer(person=mover, unit="dermatology", on=ON)
    for minute in range(2):
        jobs.tick(CHANGED + timedelta(minutes=minute))
        jobs.tick(CHANGED + WEEK + timedelta(minutes=minute))

    jobs.tick(CHANGED + 2 * WEEK)

    assert "pulse-2/2026-W48" in places_of(mover)


def test_who_is_back_from_leave_and_had_a_place_is_asked_there(
    staffed: Residents, device: Device, at: SetClock
) -> None:
    away = staffed["emergency"][0]
    people.go_on_leave(person=away, from_on=FRIDAY.date(), to_on=CHANGED.date() + timedelta(days=1))
    jobs.tick(FRIDAY)

    jobs.tick(CHANGED)
    at(CHANGED + timedelta(hours=1))
    assert "pulse/2026-W46" not in {entry["wave"] for entry in device(away).offered()}

    jobs.tick(CHANGED + WEEK)
    at(CHANGED + WEEK + timedelta(hours=1))
    assert "pulse/2026-W47" in {entry["wave"] for entry in device(away).offered()}
