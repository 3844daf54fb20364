"""Closing a wave: killed after each step, no space at each write, two workers, a worker that was down, lost keys."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connections
from django.test import Client
from tests.world.people import person_in
from tests.world.waves import FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, headers, leaf_of, release_of

from callroom.core.anonymity import canonical, posts, sealing
from callroom.core.disclosure import release
from callroom.core.disclosure.verification import NoteCode, verify_directory
from callroom.core.disclosure.verification import WaveState as Verified
from callroom.kit import keyring
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse import aggregates, exports, jobs, queries
from callroom.pulse.actions import closing
from callroom.pulse.models import ChainHeader, ChainPayload, Issued, SealedAnswer, Wave
from callroom.pulse.simulation import Reader, SimulatedResident
from callroom.pulse.states import WaveState, WeekState
from callroom.pulse.stores import wave_keys
from callroom.pulse.stores.register import Register
from callroom.pulse.stores.sealed import SealedStore, waves_with_store
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]
Answer = Callable[..., list[SimulatedResident]]
MIXED: tuple[sealing.Given, ...] = (
    {"workload": 0, "support": 4, "voice": 2},
    {"workload": 3, "support": 1, "voice": None},
    {"workload": 4, "support": 2, "voice": 3},
)


@pytest.fixture
def answered(opened: Residents, device: Device) -> Residents:
    """Let 12 of Emergency and 9 of Surgery answer, each differently."""
    for unit, count in (("emergency", 12), ("surgery", 9)):
        for number, person in enumerate(opened[unit][:count]):
            device(person).answer(WAVE, MIXED[number % 3])
    return opened


def week(unit: str, now: datetime) -> aggregates.LeafWeek:
    """Return the latest week of a unit."""
    series = aggregates.leaf_series(unit, now=now)
    assert series is not None
    return series.points[-1]


def test_a_wave_closes_burns_and_is_published(answered: Residents, folders: Path) -> None:
    jobs.tick(SUNDAY)

    wave = Wave.objects.get(pk=WAVE)
    assert (wave.state, wave.burned_at) == (WaveState.TALLIED, SUNDAY)
    assert not WaveKeys(WAVE).folder.exists()
    assert WAVE not in waves_with_store()
    assert Issued.objects.filter(wave=WAVE).count() == 21
    assert headers()[-2:] == [("closing", WAVE), ("burn", WAVE)]

    jobs.tick(PUBLISHED)

    assert ("release", WAVE) in headers()
    assert not {"issued", "replaced", "redeemed"} & release_of(WAVE).keys(), "two leaves closed: no counts"


def test_until_the_keys_are_burned_nobody_can_tell_the_release_from_its_hash(answered: Residents) -> None:
    """Answers of seven and fewer give the same words every week; only the commitment makes their hash unknown."""
    seed = WaveKeys(WAVE).make_seed()
    jobs.tick(SUNDAY)

    body = release_of(WAVE)
    assert body["commitment"] == release.commitment(seed, WAVE)
    assert queries.member_payload(Wave.objects.get(pk=WAVE).release, now=SUNDAY, with_releases=True) is None


def test_the_same_moment_for_everybody(
    answered: Residents, hospital: Institution, reader: Reader, at: SetClock, sign_in: Callable[[Person], Client]
) -> None:
    jobs.tick(SUNDAY)
    sha256 = Wave.objects.get(pk=WAVE).release
    address = f"/in/chain/{sha256}"
    resident, operator = answered["emergency"][0], person_in(hospital, "Oscar Gil", role=Role.OPERATOR)
    chair = person_in(hospital, "Dr. Elena Robles", role=Role.LEADER, unit="medicine")

    def read(person: Person) -> int:
        session = sign_in(person).cookies[settings.SESSION_COOKIE_NAME]
        return reader.address.send("GET", address, {"Cookie": f"{session.key}={session.value}"}).status

    at(PUBLISHED - timedelta(seconds=1))
    assert week("emergency", PUBLISHED - timedelta(seconds=1)).state is WeekState.NOT_PUBLISHED
    assert (read(resident), read(chair)) == (404, 404)

    at(PUBLISHED)
    assert week("emergency", PUBLISHED).state is WeekState.SHOWN
    assert (read(resident), read(chair), read(operator)) == (200, 200, 404)
    assert reader.address.send("GET", f"/w/chain/{sha256}", {}).status == 404


@pytest.mark.parametrize("stop", range(len(closing.STEPS)), ids=[step.__name__ for step in closing.STEPS])
def test_killed_after_a_step_it_ends_in_the_same_bytes(
    answered: Residents, hospital: Institution, stop: int, tmp_path: Path
) -> None:
    killed = closing.begin(hospital, SUNDAY, now=SUNDAY)
    for step in closing.STEPS[: stop + 1]:
        step(killed)
    built = {wave: canonical.encode(body) for wave, body in killed.bodies.items()}
    del killed

    jobs.tick(SUNDAY + timedelta(hours=3))
    jobs.tick(PUBLISHED)

    release = queries.payload(Wave.objects.get(pk=WAVE).release)
    if stop >= closing.STEPS.index(closing.build_bodies):
        assert built == {WAVE: release}
    assert [header for header in headers() if header[1] == WAVE] == [
        (kind, WAVE) for kind in ("key-sheet", "wave-sheet", "closing", "burn", "release")
    ]
    assert Issued.objects.filter(wave=WAVE).count() == 21
    assert not WaveKeys(WAVE).folder.exists()
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).head == written.head


def test_counting_twice_gives_the_same_bytes_as_long_as_the_seed_is_there(
    answered: Residents, hospital: Institution
) -> None:
    bodies = []
    for _attempt in range(3):
        run = closing.begin(hospital, SUNDAY, now=SUNDAY)
        for step in closing.STEPS[:4]:
            step(run)
        bodies.append(run.bodies)

    assert bodies[0] == bodies[1] == bodies[2]


class NoSpace:
    """Lets one write fail as on a full disk, the first time it is tried."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.happened = False

    def around(self, write: Any) -> Any:
        """Return the write, failing once."""

        def failing(*arguments: Any, **named: Any) -> Any:
            if not self.happened:
                self.happened = True
                raise self.error
            return write(*arguments, **named)

        return failing


FULL = OSError(errno.ENOSPC, "No space left on device")
WRITES: dict[str, tuple[Any, str, Exception]] = {
    "window": (SealedStore, "shut", OperationalError("database or disk is full")),
    "register": (Register, "shut", FULL),
    "seed": (keyring, "write_once", FULL),
    "body": (ChainPayload.objects, "get_or_create", OperationalError("database or disk is full")),
    "header": (ChainHeader.objects, "create", OperationalError("database or disk is full")),
    "issuing": (Issued.objects, "bulk_create", OperationalError("database or disk is full")),
    "overwrite": (wave_keys, "overwrite_and_unlink", FULL),
    "store": (SealedStore, "destroy", FULL),
}


@pytest.mark.parametrize("place", WRITES)
def test_no_space_at_a_write_leaves_it_repeatable(
    answered: Residents, hospital: Institution, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = closing.begin(hospital, SUNDAY, now=SUNDAY)
    target, name, error = WRITES[place]
    space = NoSpace(error)
    with monkeypatch.context() as patch:
        # A seed that is there already would not be written.
        if place != "seed":
            for step in closing.STEPS[:4]:
                step(first)
        patch.setattr(target, name, space.around(getattr(target, name)))
        with pytest.raises(jobs.SomeJobsFailed):
            jobs.tick(SUNDAY)
    assert space.happened

    jobs.tick(SUNDAY + timedelta(minutes=1))
    jobs.tick(PUBLISHED)

    if place != "seed":
        assert release_of(WAVE) == first.bodies[WAVE]
    assert Wave.objects.get(pk=WAVE).state == WaveState.RELEASED
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).head == written.head


def test_one_thing_that_fails_does_not_stop_the_others(answered: Residents, monkeypatch: pytest.MonkeyPatch) -> None:
    space = NoSpace(FULL)
    with monkeypatch.context() as patch:
        patch.setattr(Register, "shut", space.around(Register.shut))

        with pytest.raises(jobs.SomeJobsFailed):
            jobs.tick(SUNDAY)

    assert week("emergency", SUNDAY).state is WeekState.NOT_BURNED
    assert Wave.objects.filter(state=WaveState.ANNOUNCED).exists()


def test_a_worker_that_was_down_on_sunday_closes_as_soon_as_it_runs(
    answered: Residents, device: Device, at: SetClock
) -> None:
    late = device(answered["emergency"][20])
    body = late.body(WAVE, FINE)
    at(SUNDAY + timedelta(hours=1))
    assert late.post(body).status == 410
    assert week("emergency", SUNDAY + timedelta(hours=1)).state is WeekState.NOT_BURNED
    assert week("emergency", PUBLISHED + timedelta(hours=1)).state is WeekState.NOT_BURNED

    tuesday = PUBLISHED + timedelta(days=1)
    jobs.tick(tuesday)

    assert week("emergency", tuesday).state is WeekState.SHOWN
    assert ("release", WAVE) in headers()
    assert Wave.objects.get(pk="pulse/2026-W48").state == WaveState.OPEN


def test_a_worker_that_was_down_for_a_whole_wave_withdraws_it(announced: Residents) -> None:
    jobs.tick(SUNDAY + timedelta(hours=1))

    assert Wave.objects.get(pk=WAVE).state == WaveState.WITHDRAWN
    assert week("emergency", SUNDAY + timedelta(hours=1)).state is WeekState.NOT_ASKED
    assert not WaveKeys(WAVE).folder.exists()


def test_a_clock_set_back_after_the_closing_changes_nothing(answered: Residents, device: Device, at: SetClock) -> None:
    late = device(answered["emergency"][20])
    body = late.body(WAVE, FINE)
    jobs.tick(SUNDAY)
    before = headers(), release_of(WAVE)

    at(MONDAY + timedelta(days=1))
    jobs.tick(MONDAY + timedelta(days=1))

    assert late.post(body).status == 410
    assert (headers(), release_of(WAVE)) == before
    assert WAVE not in waves_with_store()


@pytest.mark.parametrize("lost", ["hpke.key", "register"])
def test_keys_that_were_lost_before_counting_end_in_a_signed_void(
    answered: Residents, hospital: Institution, lost: str, tmp_path: Path
) -> None:
    (WaveKeys(WAVE).folder / lost).unlink()

    jobs.tick(SUNDAY)

    assert headers()[-2:] == [("void", WAVE), ("burn", WAVE)]
    shown = week("emergency", SUNDAY)
    assert shown.state is WeekState.VOID
    assert shown.reason
    assert set(shown.reason) == {"en", "es"}
    assert not WaveKeys(WAVE).folder.exists()
    assert WAVE not in waves_with_store()
    jobs.tick(PUBLISHED)
    written = exports.export(hospital, tmp_path / "out")
    report = verify_directory(tmp_path / "out", written.head)
    assert Verified.VOID in {each.state for each in report.waves}


def test_the_whole_folder_lost_ends_in_a_void_and_the_next_wave_goes_on(answered: Residents) -> None:
    WaveKeys(WAVE).burn()

    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED
    assert Wave.objects.get(pk="pulse/2026-W48").state == WaveState.OPEN


@pytest.mark.parametrize("lost", ["register", "group-000.key"])
def test_keys_that_were_lost_before_the_opening_withdraw_the_wave(announced: Residents, lost: str) -> None:
    (WaveKeys(WAVE).folder / lost).unlink()

    jobs.tick(MONDAY - timedelta(hours=1))
    jobs.tick(MONDAY)

    wave = Wave.objects.get(pk=WAVE)
    assert wave.state == WaveState.WITHDRAWN
    assert ("supersede", WAVE) in headers()
    assert week("emergency", MONDAY).state is WeekState.NOT_ASKED


def test_keys_that_are_gone_after_the_commit_do_no_harm(answered: Residents, hospital: Institution) -> None:
    run = closing.begin(hospital, SUNDAY, now=SUNDAY)
    for step in closing.STEPS[:5]:
        step(run)
    WaveKeys(WAVE).burn()

    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)

    assert Wave.objects.get(pk=WAVE).state == WaveState.RELEASED


def test_seven_answers_are_too_few(opened: Residents, everyone_answers: Answer) -> None:
    everyone_answers(opened["emergency"][:7])
    everyone_answers(opened["surgery"][:8])

    jobs.tick(SUNDAY)

    assert leaf_of(WAVE, "emergency")["state"] == "too few"
    assert leaf_of(WAVE, "surgery")["n"] == [8, 11]
    assert week("emergency", PUBLISHED).state is WeekState.TOO_FEW
    assert week("emergency", PUBLISHED).index is None


def test_fewer_than_eight_in_the_whole_institution_show_nothing(opened: Residents, everyone_answers: Answer) -> None:
    everyone_answers(opened["emergency"][:3])

    jobs.tick(SUNDAY)

    assert all(leaf.get("state") == "too few" for leaf in release_of(WAVE)["leaves"])


def test_a_core_item_that_most_skip_hides_the_leaf(opened: Residents, everyone_answers: Answer) -> None:
    everyone_answers(opened["emergency"][:5], {"workload": 2, "support": 2, "voice": 2})
    everyone_answers(opened["emergency"][5:20], {"workload": 2, "support": 2, "voice": None})

    jobs.tick(SUNDAY)

    assert leaf_of(WAVE, "emergency")["state"] == "too few"


def test_the_rotating_item_can_be_too_few_alone(opened: Residents, everyone_answers: Answer) -> None:
    rotating = Wave.objects.get(pk=WAVE).rotating_item
    everyone_answers(opened["emergency"][:7], {**FINE, rotating: 2})
    everyone_answers(opened["emergency"][7:12], FINE)

    jobs.tick(SUNDAY)

    leaf = leaf_of(WAVE, "emergency")
    assert leaf["items"][rotating] == {"state": "too few"}
    assert leaf["n"] == [12, 15]
    items = week("emergency", PUBLISHED).items
    assert items
    assert items[rotating] is None


@pytest.mark.parametrize("step", [0, 4])
def test_when_everybody_says_the_same_nobody_is_pinned(opened: Residents, everyone_answers: Answer, step: int) -> None:
    everyone_answers(opened["emergency"][:12], {"workload": step, "support": step, "voice": step})

    jobs.tick(SUNDAY)

    means = [item["mean_tenths"] for item in leaf_of(WAVE, "emergency")["items"].values() if "mean_tenths" in item]
    assert len(means) == 3
    assert all(8 <= mean <= 92 for mean in means)


def test_not_having_worked_is_redeemed_but_no_respondent(opened: Residents, device: Device) -> None:
    for person in opened["emergency"][:7]:
        device(person).answer(WAVE, FINE)
    for person in opened["emergency"][7:10]:
        device(person).answer(WAVE, sealing.DidNotWork())
    counted = closing.count(Wave.objects.get(pk=WAVE)).counts

    jobs.tick(SUNDAY)

    assert leaf_of(WAVE, "emergency")["state"] == "too few"
    assert counted.redeemed == 10


@pytest.mark.parametrize(
    "plaintext",
    [
        b'{"a":[9,9,9,null],"w":1}',
        b'{"a":[1,1,1,1,1],"w":1}',
        b'{"w":2}',
        b"not json",
        b"\xff" * 40,
    ],
    ids=["out of range", "too many", "unknown", "not json", "not text"],
)
def test_nonsense_inside_the_seal_is_no_respondent(opened: Residents, device: Device, plaintext: bytes) -> None:
    for person in opened["emergency"][:7]:
        device(person).answer(WAVE, FINE)
    odd = device(opened["emergency"][7])
    odd.post(sealed_by_hand(odd, len(plaintext).to_bytes(2, "big") + plaintext))
    counted = closing.count(Wave.objects.get(pk=WAVE)).counts

    jobs.tick(SUNDAY)

    assert leaf_of(WAVE, "emergency")["state"] == "too few"
    assert counted.redeemed == 8


def sealed_by_hand(device: SimulatedResident, plaintext: bytes, *, padding: bytes = b"\0") -> bytes:
    """Return a post whose plaintext no browser of ours would write."""
    token = device.fetch_token(WAVE)
    entry = next(entry for entry in device.offered() if entry["wave"] == WAVE)
    sheet = device.reader.wave_sheet(entry["wave_sheet"], device.cookie)
    info = sealing.answer_info(device.institution.bytes, WAVE, token.group, token.message, 1)
    filled = plaintext + padding * (sealing.PLAINTEXT_LENGTH - len(plaintext))
    return posts.pack(
        wave_id=WAVE,
        group=token.group,
        prefix=token.prefix,
        one_time_key=token.one_time_key,
        token_signature=token.signature,
        revision=1,
        sealed=sealing.seal(sheet.hpke_public_key, filled[: sealing.PLAINTEXT_LENGTH], info),
    )


def test_a_row_that_somebody_wrote_into_the_store_counts_nowhere(answered: Residents, device: Device) -> None:
    store = SealedStore(WAVE)
    copied = bytearray(store.bodies()[0])
    copied[600] ^= 1
    with store.connected():
        SealedAnswer.objects.using(store.alias).create(message=b"x" * 32, revision=1, body=bytes(copied))
        SealedAnswer.objects.using(store.alias).create(message=b"y" * 32, revision=1, body=b"nonsense")

    tally = closing.count(Wave.objects.get(pk=WAVE))

    assert tally.forged == 2
    assert tally.counts.redeemed == 21


def test_two_series_that_close_together_publish_one_sum(
    opened: Residents, hospital: Institution, device: Device, at: SetClock, tmp_path: Path
) -> None:
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    second = PUBLISHED + timedelta(days=7)
    jobs.tick(second)
    at(second)
    for person in opened["emergency"][:13]:
        device(person).answer("pulse/2026-W49", FINE)
    for person in opened["urology"] + opened["dermatology"][:3]:
        device(person).answer("pulse-2/2026-W48", FINE)

    jobs.tick(second + timedelta(days=6, hours=14))

    weekly, two_weekly = release_of("pulse/2026-W49"), release_of("pulse-2/2026-W48")
    counts = ("issued", "replaced", "redeemed")
    assert [weekly[name] for name in counts] == [two_weekly[name] for name in counts] == [20, 0, 20]
    jobs.tick(second + timedelta(days=7))
    *alone, latest = aggregates.institution_counts(now=second + timedelta(days=7))
    assert latest.counts == aggregates.Counts(issued=20, replaced=0, redeemed=20)
    assert [each.counts for each in alone] == [None, None], "on these Sundays two leaves closed"
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).head == written.head


def test_a_leaf_with_ten_people_left_at_the_opening_is_not_asked(
    announced: Residents, device: Device, at: SetClock
) -> None:
    from callroom.people import actions as people

    for person in announced["surgery"][:14]:
        people.offboard(by=None, person=person, now=MONDAY - timedelta(days=1))

    jobs.tick(MONDAY)
    at(MONDAY + timedelta(hours=1))

    surgeon = device(announced["surgery"][20])
    assert WAVE not in [entry["wave"] for entry in surgeon.offered()]
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    assert week("surgery", PUBLISHED).state is WeekState.NOT_ASKED
    assert week("emergency", PUBLISHED).state is WeekState.TOO_FEW


def test_when_too_few_are_left_for_any_group_the_week_is_not_asked(announced: Residents) -> None:
    from callroom.people import actions as people

    for unit in ("emergency", "surgery"):
        for person in announced[unit][:16]:
            people.offboard(by=None, person=person, now=MONDAY - timedelta(days=1))

    jobs.tick(MONDAY)
    assert Wave.objects.get(pk=WAVE).state == WaveState.WITHDRAWN
    # Too few also when W49 and later were due to be announced: these are not in the chain at all.
    later = PUBLISHED + timedelta(weeks=2)
    jobs.tick(later)

    series = aggregates.leaf_series("emergency", now=later)
    assert series
    assert {point.state for point in series.points} == {WeekState.NOT_ASKED}
    assert [point.wave for point in series.points] == [WAVE, "pulse/2026-W48", "pulse/2026-W49"]


def test_with_ten_people_in_the_institution_nobody_is_asked(hospital: Institution, folders: Path) -> None:
    from tests.world.people import residents_in

    residents_in(hospital, "emergency", 10)

    jobs.tick(MONDAY)

    assert not Wave.objects.exists()
    assert aggregates.leaf_series("emergency", now=MONDAY) is None
    assert not ChainHeader.objects.exists()


def test_before_anything_is_set_up_a_tick_does_nothing(db: None, folders: Path) -> None:
    jobs.tick(MONDAY)

    assert not Wave.objects.exists()


def test_an_old_copy_and_the_disk_of_now_open_no_answer(answered: Residents, folders: Path) -> None:
    # What a thief of the databases has during the wave, and the whole disk afterwards: no private key anywhere.
    private = [file.read_bytes() for file in WaveKeys(WAVE).folder.iterdir() if file.name != "register"]
    seed = WaveKeys(WAVE).make_seed()
    bodies = SealedStore(WAVE).bodies()

    jobs.tick(SUNDAY)

    left = [file for file in folders.rglob("*") if file.is_file()]
    for file in left:
        content = file.read_bytes()
        assert not any(key in content for key in (*private, seed))
        assert not any(body[516:820] in content for body in bodies)


def test_a_new_tick_does_nothing_twice(answered: Residents) -> None:
    for _again in range(3):
        jobs.tick(SUNDAY)
    once = headers()

    for _again in range(3):
        jobs.tick(SUNDAY)

    assert headers() == once


@pytest.mark.django_db(transaction=True, databases=["default", "issuing", "sealed"])
def test_nothing_is_burned_before_the_commit_is_on_the_disk(
    answered: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(closing, "flush_default", NoSpace(FULL).around(closing.flush_default))

        with pytest.raises(jobs.SomeJobsFailed):
            jobs.tick(SUNDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.TALLIED
    assert WaveKeys(WAVE).can_count()
    assert SealedStore(WAVE).exists()
    jobs.tick(SUNDAY)
    assert not WaveKeys(WAVE).folder.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "issuing", "sealed"])
def test_two_workers_that_close_at_once_close_once(answered: Residents) -> None:
    errors: list[BaseException] = []
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            jobs.tick(SUNDAY)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert errors == []
    assert [header for header in headers() if header[1] == WAVE] == [
        (kind, WAVE) for kind in ("key-sheet", "wave-sheet", "closing", "burn")
    ]
    assert Issued.objects.filter(wave=WAVE).count() == 21


def test_the_end_is_only_checked_with_a_head(answered: Residents, hospital: Institution, tmp_path: Path) -> None:
    jobs.tick(SUNDAY)
    exports.export(hospital, tmp_path / "out")

    report = verify_directory(tmp_path / "out")

    assert {NoteCode.END_NOT_CHECKED, NoteCode.NOT_PUBLISHED} <= {note.code for note in report.notes}
