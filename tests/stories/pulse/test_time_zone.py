"""The time zone is changed while waves are announced and open: what is signed stays, what comes follows the new hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.world.waves import BEFORE, MONDAY, PUBLISHED, SUNDAY, WAVE, made_history

from callroom.core.disclosure.verification import verify_directory
from callroom.people.models import Institution, Person
from callroom.pulse import aggregates, exports, jobs
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
IN_MADRID = datetime(2026, 11, 16, 5, tzinfo=UTC)
"""Monday 06:00 in Madrid: seven hours before Monterrey."""


def move(hospital: Institution, zone: str) -> None:
    hospital.time_zone = zone
    hospital.save()


def test_an_announced_wave_opens_by_the_new_clock(hospital: Institution, announced: Residents, tmp_path: Path) -> None:
    move(hospital, "Europe/Madrid")

    jobs.tick(BEFORE + timedelta(minutes=1))
    jobs.tick(IN_MADRID - timedelta(seconds=1))
    assert Wave.objects.get(pk=WAVE).state == WaveState.ANNOUNCED
    jobs.tick(IN_MADRID)

    wave = Wave.objects.get(pk=WAVE)
    assert (wave.state, wave.opens_at) == (WaveState.OPEN, IN_MADRID)
    assert wave.closes_at.astimezone(hospital.zone).hour == 20
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).headers == written.headers


def test_an_open_wave_closes_when_its_sheet_says(hospital: Institution, opened: Residents) -> None:
    move(hospital, "Europe/Madrid")

    jobs.tick(MONDAY + timedelta(days=1))
    assert Wave.objects.get(pk=WAVE).closes_at == SUNDAY
    jobs.tick(SUNDAY - timedelta(minutes=1))
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)

    assert Wave.objects.get(pk=WAVE).state == WaveState.RELEASED
    series = aggregates.leaf_series("emergency", now=PUBLISHED)
    assert series
    assert [point.week_of for point in series.points] == [date(2026, 11, 16)]


def test_past_figures_keep_their_weeks(hospital: Institution, staffed: Residents) -> None:
    made_history(hospital)
    before = aggregates.leaf_series("emergency", now=BEFORE)
    assert before

    move(hospital, "Asia/Tokyo")

    after = aggregates.leaf_series("emergency", now=BEFORE)
    assert after
    assert [point.week_of for point in after.points] == [point.week_of for point in before.points]
