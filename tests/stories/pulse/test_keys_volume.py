"""The encrypted volume with the waves' keys is not unlocked after a restart: nothing is judged, signed or lost by that."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from tests.world.people import person_in
from tests.world.waves import BEFORE, MONDAY, PUBLISHED, SUNDAY, WAVE, headers

from callroom.kit import keyring
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse import jobs, queries
from callroom.pulse.actions import closing, endings
from callroom.pulse.models import Issued, Wave
from callroom.pulse.simulation import Refused, SimulatedResident
from callroom.pulse.states import WaveState
from callroom.pulse.stores.sealed import waves_with_store
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]
Answer = Callable[..., list[SimulatedResident]]


@contextmanager
def unmounted(*, mount_point: bool = True) -> Iterator[None]:
    """Take the volume away for a while; an empty mount point stays, or not even that."""
    folder = keyring.waves_folder()
    aside = folder.rename(folder.with_name("not-mounted"))
    if mount_point:
        folder.mkdir()
    try:
        yield
        left = sorted(file.name for file in folder.iterdir()) if folder.exists() else []
        assert left == [], "keys were made in the empty place for them"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)


def tick_in_vain(now: datetime) -> None:
    with pytest.raises(jobs.SomeJobsFailed):
        jobs.tick(now)


@pytest.mark.parametrize("mount_point", [True, False])
def test_announced_waves_are_not_withdrawn(announced: Residents, mount_point: bool) -> None:
    before = headers()
    with unmounted(mount_point=mount_point):
        tick_in_vain(BEFORE + timedelta(minutes=1))
        tick_in_vain(MONDAY)
    assert headers() == before

    jobs.tick(MONDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN


@pytest.mark.parametrize("mount_point", [True, False])
def test_an_open_wave_is_not_voided(opened: Residents, everyone_answers: Answer, mount_point: bool) -> None:
    everyone_answers(opened["emergency"][:9])
    before = headers()
    with unmounted(mount_point=mount_point):
        tick_in_vain(SUNDAY)
        tick_in_vain(PUBLISHED)
    assert headers() == before
    assert WAVE in waves_with_store()

    jobs.tick(PUBLISHED)

    assert Wave.objects.get(pk=WAVE).state == WaveState.RELEASED


def test_a_wave_that_is_counted_waits_for_its_burning(
    opened: Residents, hospital: Institution, everyone_answers: Answer
) -> None:
    everyone_answers(opened["emergency"][:9])
    run = closing.begin(hospital, SUNDAY, now=SUNDAY)
    for step in closing.STEPS[:6]:
        step(run)
    with unmounted():
        tick_in_vain(SUNDAY)
        assert ("burn", WAVE) not in headers()

    jobs.tick(SUNDAY)

    assert headers()[-1] == ("burn", WAVE)
    assert Issued.objects.filter(wave=WAVE).count() == 9
    assert not WaveKeys(WAVE).exist()


def test_a_wave_that_two_people_void_is_burned_once_the_volume_is_there(
    opened: Residents, hospital: Institution, fernando: Person
) -> None:
    lucia = person_in(hospital, "Lucia Mora", role=Role.COORDINATOR)
    endings.ask_to_void(wave=WAVE, by=fernando, reason={"en": "A flood.", "es": "Una inundación."}, now=MONDAY)
    with unmounted():
        with pytest.raises(keyring.NotMounted):
            endings.void(wave=WAVE, by=lucia, reason_sha256=reason_of(WAVE), now=MONDAY)
        assert headers()[-1] == ("void", WAVE)

    jobs.tick(MONDAY + timedelta(minutes=1))

    assert headers()[-1] == ("burn", WAVE)
    assert not WaveKeys(WAVE).exist()


def reason_of(wave: str) -> str:
    found = Wave.objects.get(pk=wave)
    return queries.reason_sha256({"en": found.reason_en, "es": found.reason_es})


def test_a_phone_is_told_to_come_back(announced: Residents, device: Device, at: SetClock) -> None:
    at(BEFORE)
    ana, bruno = (device(person) for person in announced["emergency"][:2])
    with unmounted():
        assert bruno._signed_in("GET", "/in/tokens/").status == 503
        with pytest.raises(Refused) as refused:
            ana.post_blinded(WAVE, b"x" * 384)
        assert refused.value.reply.status == 503

    assert bruno.fetch_token(WAVE)


def test_who_knows_that_the_volume_is_lost_says_so(opened: Residents) -> None:
    with pytest.raises(CommandError):
        call_command("keys", "begin-anew", "--volume-is-lost")
    shutil.rmtree(keyring.waves_folder())
    with pytest.raises(CommandError):
        call_command("keys", "begin-anew")
    tick_in_vain(SUNDAY)

    call_command("keys", "begin-anew", "--volume-is-lost")
    jobs.tick(SUNDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED
    assert Wave.objects.filter(state=WaveState.WITHDRAWN).exists()
