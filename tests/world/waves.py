"""Waves of the tests: a hospital with enough residents, its data and key folders, RSA keys made once, simulated residents.

``clear`` instants: the hospital's waves open on Monday 06:00 in Monterrey (UTC-6, no clock changes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from callroom.core.anonymity import sealing, tokens
from callroom.core.anonymity.sealing import DidNotWork
from callroom.people.models import Institution, Person
from callroom.pulse import history, jobs, queries
from callroom.pulse.actions.answers import forget_waves
from callroom.pulse.models import Wave
from callroom.pulse.simulation import Reader, SimulatedResident, WsgiAddress
from callroom.pulse.stores.sealed import SealedStore, waves_with_store
from callroom.pulse.stores.writer import the_writer
from tests.world.people import residents_in

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)
"""Monday 06:00 in Monterrey: ``pulse/2026-W47`` opens. (Also week 38 of the academic year that began on 2 March.)"""
BEFORE = MONDAY - timedelta(days=3)
SUNDAY = MONDAY + timedelta(days=6, hours=14)
"""Sunday 20:00: it closes."""
PUBLISHED = MONDAY + timedelta(days=7, hours=2)
"""Monday 08:00: it is published."""
WAVE = "pulse/2026-W47"
KEYS_MADE_ONCE = 12
NOISE_SEED = b"s" * 32

Answers = Mapping[str, int | None]
FINE: Answers = {"workload": 3, "support": 3, "voice": 3}


@pytest.fixture(scope="session")
def rsa_keys() -> list[rsa.RSAPrivateKey]:
    """Return real RSA keys, made once: making one takes longer than everything else in a test."""
    return [tokens.generate_key() for _ in range(KEYS_MADE_ONCE)]


@pytest.fixture
def folders(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch, rsa_keys: list[rsa.RSAPrivateKey]
) -> Iterator[Path]:
    """Give this test its own data and key folders, and group keys from the session's."""
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]
    settings.ANNOUNCE_WEEKS_AHEAD = 1  # type: ignore[attr-defined]
    (tmp_path / "sealed").mkdir()
    supply = cycle(rsa_keys)
    monkeypatch.setattr(tokens, "generate_key", lambda: next(supply))
    forget_waves()
    yield tmp_path
    the_writer().rest()
    for wave in waves_with_store():
        SealedStore(wave).destroy()
    forget_waves()


@pytest.fixture
def staffed(hospital: Institution, folders: Path) -> dict[str, list[Person]]:
    """Return the residents by programme: Emergency 26 and Surgery 24 stand alone weekly, the others are joined."""
    sizes = {"emergency": 26, "surgery": 24, "dermatology": 8, "urology": 6}
    return {unit: residents_in(hospital, unit, size) for unit, size in sizes.items()}


@pytest.fixture
def announced(staffed: dict[str, list[Person]]) -> dict[str, list[Person]]:
    """Announce the wave that opens on Monday; return the residents."""
    jobs.tick(BEFORE)
    return staffed


@pytest.fixture
def opened(announced: dict[str, list[Person]], at: Callable[[datetime], None]) -> dict[str, list[Person]]:
    """Open the wave; the clock shows Monday noon. Return the residents."""
    jobs.tick(MONDAY)
    at(MONDAY + timedelta(hours=6))
    return announced


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Return what sets the clock that views and jobs read."""
    from callroom.kit import clock

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    return set_to


@pytest.fixture
def reader() -> Iterator[Reader]:
    """Give a reader of the real WSGI entry: the same doors as behind Granian."""
    from callroom.site.wsgi import application

    # Each request would close the connection that holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Reader(WsgiAddress(application))
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def device(reader: Reader) -> Callable[[Person], SimulatedResident]:
    """Return what makes a check-in device for a person."""

    def of(person: Person) -> SimulatedResident:
        return SimulatedResident.of(person, reader)

    return of


@pytest.fixture
def everyone_answers(
    device: Callable[[Person], SimulatedResident],
) -> Callable[..., list[SimulatedResident]]:
    """Return what lets many people answer a wave over HTTP."""

    def answer(people: list[Person], answers: Answers = FINE, wave: str = WAVE) -> list[SimulatedResident]:
        devices = [device(person) for person in people]
        for each in devices:
            each.answer(wave, answers)
        return devices

    return answer


@pytest.fixture
def wave(opened: dict[str, list[Person]]) -> Wave:
    """Return the open weekly wave."""
    return Wave.objects.get(pk=WAVE)


def release_of(wave: str) -> dict[str, Any]:
    """Return the release body of a tallied wave."""
    body: dict[str, Any] = json.loads(queries.payload(Wave.objects.get(pk=wave).release))
    return body


def leaf_of(wave: str, leaf: str) -> dict[str, Any]:
    """Return one leaf of a release body."""
    found: dict[str, Any] = next(each for each in release_of(wave)["leaves"] if each["leaf"] == leaf)
    return found


def headers() -> list[tuple[str, str]]:
    """Return type and wave of each header of the chain, in order."""
    found = []
    for line in queries.all_headers():
        header = json.loads(line)
        found.append((header["type"], json.loads(queries.payload(header["payload_sha256"]))["wave"]))
    return found


def made_history(hospital: Institution, *, since: date = date(2026, 8, 3)) -> int:
    """Make past waves with invented answers, four of five people each; return how many."""
    chance = Random(1)

    def one(items: tuple[str, ...]) -> sealing.Given:
        if chance.random() < 0.05:
            return DidNotWork()
        return {item: chance.choice([1, 2, 3, 3, 4, None]) for item in items}

    def answered(wave: history.PastWave) -> history.Answers:
        return {leaf: [one(wave.items) for _ in people[: len(people) * 4 // 5]] for leaf, people in wave.people.items()}

    return history.make_history(institution=hospital, since=since, answers=answered, seed=NOISE_SEED, now=BEFORE)
