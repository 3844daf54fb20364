"""An upgrade never strands an open wave: a version that could not take its answers does not start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings

from callroom.core.anonymity.chain import sha256_hex
from callroom.core.anonymity.sheets import WaveSheet
from callroom.core.instruments import weekly
from callroom.people.models import Institution, Person
from callroom.pulse import jobs, queries, upgrades
from callroom.pulse.models import ChainPayload, Wave
from callroom.pulse.states import PayloadKind
from callroom.setup import checks
from callroom.setup.states import Topic
from callroom.site import preparation
from tests.world.waves import MONDAY, SUNDAY, WAVE, release_of

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Opened = dict[str, list[Person]]


@pytest.fixture
def migrated(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> list[str]:
    """What was changed on the way up: nothing is migrated, collected or queued in these tests."""
    done: list[str] = []
    monkeypatch.setattr(preparation, "migrate", lambda: done.append("tables"))
    monkeypatch.setattr(preparation, "tables_will_change", lambda: False)
    monkeypatch.setattr(preparation, "call_command", lambda *words, **options: done.append(words[0]))
    monkeypatch.setattr(preparation.connections, "close_all", lambda: None)
    monkeypatch.setattr(settings.HUEY.storage, "initialize_schema", lambda: None, raising=False)
    return done


def a_client_of_the_next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrades, "CLIENT_VERSIONS", (2,))


def another_wording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly, "WORDING", "2027-1")


def an_item_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weekly, "ALL_ITEMS", weekly.ALL_ITEMS[1:])


def a_sheet_that_it_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    wave, data = Wave.objects.get(pk=WAVE), b'{"format":"of the next version"}'
    ChainPayload.objects.create(
        sha256=sha256_hex(data), institution=wave.institution, kind=PayloadKind.WAVE_SHEET.value, data=data
    )
    Wave.objects.filter(pk=WAVE).update(wave_sheet=sha256_hex(data))


REASONS = (
    a_client_of_the_next_version,
    another_wording,
    an_item_that_is_gone,
    a_sheet_that_it_cannot_read,
)


@pytest.mark.parametrize("reason", REASONS)
def test_a_version_that_cannot_take_the_open_waves_answers_does_not_start(
    reason: Callable[[pytest.MonkeyPatch], None], opened: Opened, monkeypatch: pytest.MonkeyPatch, migrated: list[str]
) -> None:
    reason(monkeypatch)

    with pytest.raises(preparation.WaveStillOpen, match="open until 2026-11-23 02:00 UTC"):
        preparation.prepare(now=MONDAY)

    assert migrated == []


def test_a_version_that_takes_them_starts_and_the_wave_goes_on(
    opened: Opened, everyone_answers: Callable[..., object], migrated: list[str]
) -> None:
    preparation.prepare(now=MONDAY)

    assert "tables" in migrated
    everyone_answers(opened["emergency"])
    jobs.tick(SUNDAY)
    assert release_of(WAVE)["wave"] == WAVE


def test_once_the_wave_has_closed_the_next_version_starts(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, migrated: list[str]
) -> None:
    jobs.tick(SUNDAY)
    another_wording(monkeypatch)

    preparation.prepare(now=SUNDAY)

    assert migrated


def test_an_empty_installation_starts(migrated: list[str], folders: Path) -> None:
    assert not Wave.objects.exists()

    preparation.prepare(now=MONDAY)

    assert migrated


def test_the_check_says_until_when_to_wait(
    opened: Opened, hospital: Institution, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    def database() -> checks.Finding:
        return next(found for found in checks.findings(now=MONDAY) if found.topic is Topic.DATABASE)

    assert database().settled
    another_wording(monkeypatch)

    assert not database().settled
    assert "Sunday 22 November, 20:00" in database().says


def test_the_sheet_of_today_names_what_this_version_takes(opened: Opened) -> None:
    sheet: WaveSheet = queries.wave_sheet_of(Wave.objects.get(pk=WAVE))

    assert sheet.clients == upgrades.CLIENT_VERSIONS
