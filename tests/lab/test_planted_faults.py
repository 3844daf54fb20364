"""Each gate must fail when its protection is taken away: a fault is planted, and the attack that was in vain succeeds."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from lab.linkage import disk
from lab.linkage.attackers import Attacker, Truth
from lab.linkage.burned import Opener, every_candidate, still_there
from lab.linkage.disk import Disk
from lab.linkage.shipping import Shipper

from callroom.people.models import Institution, Person
from callroom.pulse import jobs
from callroom.pulse.actions import closing
from callroom.pulse.simulation import Refused, SimulatedResident
from callroom.pulse.stores import sealed, writer
from callroom.pulse.stores.register import EMPTY, Fetched, Register, Slot
from callroom.pulse.stores.sealed import SealedStore, is_postgresql
from callroom.pulse.stores.wave_keys import WaveKeys
from callroom.pulse.stores.writer import Arrival, Outcome, Verdict
from callroom.site.attack import sqlite_files
from tests.world.waves import FINE, SUNDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
IN_ORDER = Attacker("somebody who knows in which order people came", "came", "answer rows")
BY_REGISTER = Attacker("register and log", "register slots", "answer log")


@pytest.fixture(autouse=True)
def _files() -> None:
    if is_postgresql():
        pytest.skip("reads SQLite's files; the lab itself attacks both")


def answered_one_by_one(opened: Residents, device: Device, shuffle: Callable[[list[Person]], None]) -> Truth:
    """Let people answer one after the other, the token fetched in the same visit; return whose answer is whose."""
    SealedStore(WAVE).checkpoint()
    (SealedStore(WAVE).file.with_name("empty")).write_bytes(SealedStore(WAVE).file.read_bytes())
    people = [*opened["emergency"], *opened["surgery"]]
    shuffle(people)
    truth: Truth = {}
    for person in people:
        visitor = device(person)
        visitor.answer(WAVE, FINE)
        token = visitor.tokens[WAVE]
        truth[token.group, person.pk] = token.message
    return truth


def read(truth: Truth) -> Disk:
    """Read what the store and the register show, the log cut away or not."""
    store = SealedStore(WAVE)
    shipper = Shipper(lambda: [store.file])
    written = disk.changes_of_answers(
        store.file.with_name("empty").read_bytes(), shipper.frames(store.file.name), truth.values()
    )
    store.checkpoint()
    order = "rowid" if sqlite_files.has_rowid(store.file, "sealed_answer") else ""
    rows = sqlite_files.in_order(store.file, "sealed_answer", "message", order)
    came: dict[UUID, disk.Place] = {who: (place,) for place, (_group, who) in enumerate(truth)}
    slots = disk.register_slots(WaveKeys(WAVE).register_file)
    return Disk(
        {"came": came, "register slots": disk.by_slot(slots)},
        {
            "answer rows": {message: (place,) for place, (message,) in enumerate(rows)},
            "answer log": disk.by_commit(written),
        },
    )


def test_without_a_fault_nothing_is_linked(opened: Residents, device: Device) -> None:
    chance = Random(21)
    truth = answered_one_by_one(opened, device, chance.shuffle)
    shown = read(truth)

    assert len(shown.answers["answer log"]) == len(truth), "the log could be read: the attackers saw everything"
    for attacker in (IN_ORDER, BY_REGISTER):
        assert attacker.attacks(shown, truth, chance.shuffle).within(6), attacker.name


def test_a_sealed_table_with_rowids_is_caught(
    opened: Residents, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(22)
    store = SealedStore(WAVE)
    window = store.window()
    made = sealed._create_table
    monkeypatch.setattr(sealed, "_create_table", lambda *which: made(*which).removesuffix(" WITHOUT ROWID"))
    store.destroy()
    store.create(window)
    truth = answered_one_by_one(opened, device, chance.shuffle)

    assert IN_ORDER.attacks(read(truth), truth, chance.shuffle).share == 1.0


def test_a_register_in_the_order_of_issuing_is_caught(
    opened: Residents, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(23)

    def issue(register: Register, person: UUID, _blinded: bytes, *, may_replace: bool) -> int:
        """Put who fetches behind those who did, as a list would."""
        with register._open() as (handle, _flags, content):
            slots = [Slot.unpack(content[at : at + 64]) for at in range(0, len(content), 64)]
            mine = next(slot for slot in slots if slot.person == person)
            first = [slot for slot in slots if slot.fetched is not Fetched.NO]
            rest = [slot for slot in slots if slot.fetched is Fetched.NO and slot not in {mine, EMPTY}]
            free = [EMPTY] * slots.count(EMPTY)
            for place, slot in enumerate([*first, replace(mine, fetched=Fetched.ONCE), *rest, *free]):
                register._write(handle, place, slot)
            return mine.group

    monkeypatch.setattr(Register, "issue", issue)
    truth = answered_one_by_one(opened, device, chance.shuffle)

    assert BY_REGISTER.attacks(read(truth), truth, chance.shuffle).share == 1.0


@pytest.fixture
def sealed_bodies(opened: Residents, device: Device) -> list[bytes]:
    """Let twelve people answer; return a backup of their answers."""
    for person in opened["emergency"][:12]:
        device(person).answer(WAVE, FINE)
    return SealedStore(WAVE).bodies()


def left(folders: Path) -> list[Path]:
    return [file for file in folders.rglob("*") if file.is_file()]


def test_a_key_that_is_kept_after_closing_is_caught(
    sealed_bodies: list[bytes], hospital: Institution, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = Opener(hospital.pk, WAVE, sealed_bodies)
    key = WaveKeys(WAVE).hpke_key().private_bytes_raw()
    with monkeypatch.context() as patch:
        patch.setattr(WaveKeys, "burn", lambda _keys: None)
        jobs.tick(SUNDAY)
        assert opener.opened_by(every_candidate(left(folders))) == 12
        assert list(still_there({"key": key}, left(folders)))

    WaveKeys(WAVE).burn()

    assert opener.opened_by(every_candidate(left(folders))) == 0
    assert not list(still_there({"key": key}, left(folders)))


def test_a_noise_seed_that_is_kept_is_caught(
    sealed_bodies: list[bytes], folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = WaveKeys(WAVE).make_seed()
    jobs.tick(SUNDAY)
    assert not list(still_there({"seed": seed}, left(folders)))

    (folders / "closing.log").write_text(f"closing with {seed.hex()}\n")

    assert len(list(still_there({"seed": seed}, left(folders)))) == 1


def test_noise_that_is_drawn_again_by_a_repeated_closing_is_caught(
    sealed_bodies: list[bytes], hospital: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several noisy sums of the same answers would average the noise away."""

    def bodies() -> Iterator[object]:
        for _run in range(3):
            run = closing.begin(hospital, SUNDAY, now=SUNDAY)
            for step in closing.STEPS[:4]:
                step(run)
            yield run.bodies

    one, *others = bodies()
    assert others == [one, one]
    monkeypatch.setattr(WaveKeys, "make_seed", lambda _keys: secrets.token_bytes(32))
    one, *others = bodies()

    assert one not in others


def test_a_late_answer_that_is_taken_is_caught(
    opened: Residents, device: Device, at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = device(opened["emergency"][20])
    body = late.body(WAVE, FINE)
    at(SUNDAY + timedelta(seconds=1))
    assert late.post(body).status == 410
    assert SealedStore(WAVE).bodies() == []

    monkeypatch.setattr(writer, "_judge", lambda _window, arrival, _standing: taken(arrival))

    assert late.post(body).status == 200
    assert len(SealedStore(WAVE).bodies()) == 1


def taken(arrival: Arrival) -> Outcome:
    return Outcome(Verdict.STORED, arrival.revision)


def test_a_second_token_for_the_same_person_is_refused_and_the_flag_that_refuses_it_is_needed(
    opened: Residents, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = opened["emergency"][0]
    device(person).fetch_token(WAVE)
    with pytest.raises(Refused):
        device(person).fetch_token(WAVE)

    monkeypatch.setattr(Register, "issue", lambda register, who, _blinded, *, may_replace: register.group_of(who))

    assert device(person).fetch_token(WAVE)
