"""Fetching the right to answer: lost replies, two devices, shared phones, strangers, and what is on disk afterwards."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.world.people import person_in
from tests.world.waves import BEFORE, FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, release_of

from callroom.core.anonymity import posts, tokens
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse import jobs
from callroom.pulse.simulation import Reader, Refused, SimulatedResident
from callroom.pulse.stores.register import AlreadyFetched, Fetched, Register
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]


def blinded(device: SimulatedResident) -> bytes:
    """Return another blinded message for the wave's group of this resident."""
    entry = next(entry for entry in device.offered() if entry["wave"] == WAVE)
    keys = device.reader.key_sheet(entry["key_sheet"], device.cookie)
    public_key = tokens.load_public_key(keys.groups[entry["group"]].public_key)
    point = posts.point_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    return tokens.blind(public_key, tokens.prepare(tokens.token_message(point), device.rng), device.rng)[0]


def refusal(device: SimulatedResident, message: bytes, wave: str = WAVE, *, replace: bool = False) -> tuple[int, str]:
    """Return status and code with which a blinded message is refused."""
    with pytest.raises(Refused) as refused:
        device.post_blinded(wave, message, replace=replace)
    reply = refused.value.reply
    return reply.status, reply.json()["error"] if reply.body.startswith(b"{") else ""


def register() -> Register:
    return Register(WaveKeys(WAVE).register_file, WAVE)


def test_a_token_is_fetched_ahead_of_the_wave(announced: Residents, device: Device, at: SetClock) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])

    entry = ana.offered()[0]
    token = ana.fetch_token(WAVE)

    assert entry["state"] == "announced"
    assert entry["wave_sheet"] is None
    assert token.group == entry["group"]


def test_a_lost_reply_is_asked_for_again(announced: Residents, device: Device, at: SetClock) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])
    message = blinded(ana)

    first = ana.post_blinded(WAVE, message).json()
    again = ana.post_blinded(WAVE, message).json()

    assert first == again
    assert register().counts().replaced == {0: 0, 1: 0}


def test_a_second_device_replaces_the_token_once_before_the_opening(
    announced: Residents, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])
    first, second, third = blinded(ana), blinded(ana), blinded(ana)
    ana.post_blinded(WAVE, first)

    assert refusal(ana, second) == (409, "fetched"), "nothing is replaced unless somebody asks for it"
    assert sum(register().counts().replaced.values()) == 0

    ana.post_blinded(WAVE, second, replace=True)

    assert refusal(ana, third, replace=True) == (409, "fetched")
    assert refusal(ana, first) == (409, "fetched")
    assert ana.post_blinded(WAVE, second).status == 200
    assert sum(register().counts().replaced.values()) == 1


def test_once_open_no_second_device_gets_a_token(opened: Residents, device: Device) -> None:
    ana = device(opened["emergency"][0])
    ana.post_blinded(WAVE, blinded(ana))

    assert refusal(ana, blinded(ana), replace=True) == (409, "fetched")


def test_a_late_worker_does_not_prolong_the_time_for_replacing(
    announced: Residents, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])
    message = blinded(ana)
    ana.post_blinded(WAVE, blinded(ana))

    at(MONDAY + timedelta(minutes=1))

    assert refusal(ana, message, replace=True) == (409, "fetched")


def test_a_replacement_is_taken_off_what_is_published(
    announced: Residents, device: Device, at: SetClock, everyone_answers: Callable[..., object]
) -> None:
    at(BEFORE)
    group = announced["emergency"]
    for person in group[:2]:
        device(person).post_blinded(WAVE, blinded(device(person)))
        group = [each for each in group if each != person]
        other = device(person)
        other.fetch_token(WAVE, replace=True)
    jobs.tick(MONDAY)
    at(MONDAY + timedelta(hours=1))
    everyone_answers(group[:9])

    jobs.tick(SUNDAY)

    # 9 answered, 2 replaced: 7 are too few.
    leaf = next(leaf for leaf in release_of(WAVE)["leaves"] if leaf["leaf"] == "emergency")
    assert leaf["state"] == "too few"


@pytest.mark.parametrize(
    "message",
    [b"", b"\x01" * 383, b"\x01" * 385, bytes(384), b"\xff" * 384],
    ids=["empty", "short", "long", "zero", "big"],
)
def test_a_malformed_message_is_refused_and_uses_nothing_up(
    announced: Residents, device: Device, at: SetClock, message: bytes
) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])

    assert refusal(ana, message) == (400, "malformed")

    assert {slot.fetched for slot in register().slots()} == {Fetched.NO}
    assert ana.fetch_token(WAVE)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"wave": 1, "blinded": "AA=="}',
        b'{"wave": "pulse/2026-W47", "blinded": "*"}',
        b"\xff" * 9,
        b"[" * 1500,
        b"[" * 3000,
    ],
)
def test_a_malformed_request_is_refused(announced: Residents, device: Device, at: SetClock, body: bytes) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])

    assert ana._signed_in("POST", "/in/tokens/", body).status == 400


@pytest.mark.parametrize("wave", ["\0", "pulse/2026-W99", "pulse/2026-W48", "x" * 900])
def test_no_token_is_given_for_what_is_no_wave(announced: Residents, device: Device, at: SetClock, wave: str) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])

    assert refusal(ana, bytes(384), wave) == (404, "not-asked")


def test_who_is_not_asked_gets_nothing(
    announced: Residents, hospital: Institution, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])
    message = blinded(ana)
    for stranger in (person_in(hospital, "Darío Peña"), person_in(hospital, "Fernando Ruiz", role=Role.COORDINATOR)):
        assert device(stranger)._signed_in("GET", "/in/tokens/").status == 404
        assert refusal(device(stranger), message)[0] == 404
    # Urology is counted every two weeks: its residents are not asked in the weekly wave.
    urologist = device(announced["urology"][0])
    assert WAVE not in [entry["wave"] for entry in urologist.offered()]
    assert refusal(urologist, message) == (404, "not-asked")


def test_without_signing_in_there_is_nothing(announced: Residents, reader: Reader, at: SetClock) -> None:
    at(BEFORE)

    reply = reader.address.send("GET", "/in/tokens/", {})

    assert reply.status == 302


def test_a_signature_without_the_page_s_form_token_is_refused(
    announced: Residents, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])
    body = json.dumps({"wave": WAVE, "blinded": base64.b64encode(blinded(ana)).decode()}).encode()

    reply = ana.reader.address.send(
        "POST", "/in/tokens/", {"Cookie": ana.cookie, "Content-Type": "application/json"}, body
    )

    assert reply.status == 403


@pytest.mark.parametrize("wave", ["pulse/2026-W52", "pulse/2020-W01", "", "x" * 200, "../../etc"])
def test_there_is_no_token_for_a_wave_that_is_not_announced(
    announced: Residents, device: Device, at: SetClock, wave: str
) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])

    assert refusal(ana, blinded(ana), wave) == (404, "not-asked")


def test_after_the_closing_instant_no_token_is_signed(opened: Residents, device: Device, at: SetClock) -> None:
    ana = device(opened["emergency"][0])
    message = blinded(ana)

    at(SUNDAY)
    assert refusal(ana, message) == (410, "over")
    jobs.tick(SUNDAY)
    at(MONDAY)  # the clock is set back

    assert refusal(ana, message) == (410, "over")
    assert WAVE not in [entry["wave"] for entry in ana.offered()]


def test_a_token_of_one_group_is_none_of_another(announced: Residents, device: Device, at: SetClock) -> None:
    at(BEFORE)
    ana = device(announced["emergency"][0])
    token = ana.fetch_token(WAVE)
    sheet = ana.reader.key_sheet(ana.offered()[0]["key_sheet"], ana.cookie)
    own, other = (tokens.load_public_key(sheet.groups[index].public_key) for index in (token.group, 1 - token.group))

    assert tokens.verify(own, token.prefix, token.message, token.signature)
    assert not tokens.verify(other, token.prefix, token.message, token.signature)


def test_two_residents_share_a_phone(opened: Residents, device: Device) -> None:
    ana, luis = (device(person) for person in opened["emergency"][:2])
    # One phone, one after the other: each signs in and answers; neither uses up the other's right.
    ana.fetch_token(WAVE)
    luis.fetch_token(WAVE)

    assert ana.answer(WAVE, FINE) == 1
    assert luis.answer(WAVE, FINE) == 1
    assert register().counts().issued[ana.tokens[WAVE].group] == 2


def test_of_two_devices_at_once_one_gets_the_token(opened: Residents) -> None:
    person = opened["emergency"][0].pk

    def fetch(number: int) -> bool:
        try:
            register().issue(person, b"device %d" % number, may_replace=False)
        except AlreadyFetched:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(fetch, range(8)))

    assert sum(got) == 1


def test_the_disk_says_nothing_about_when_or_in_which_order(announced: Residents, folders: Path) -> None:
    file = WaveKeys(WAVE).register_file
    untouched = file.read_bytes()
    people_of_wave = [person.pk for person in announced["emergency"]]

    def issue_in(order: list[object]) -> bytes:
        file.write_bytes(untouched)
        for person in order:
            register().issue(person, hashlib.sha256(str(person).encode()).digest(), may_replace=True)  # type: ignore[arg-type]
        register().group_of(people_of_wave[0])
        times.add((file.stat().st_mtime, file.stat().st_atime))
        return file.read_bytes()

    times: set[tuple[float, float]] = set()
    forwards, backwards = issue_in(list(people_of_wave)), issue_in(people_of_wave[::-1])

    assert forwards == backwards
    assert len(forwards) == len(untouched)
    assert times == {(0, 0)}


def test_the_register_holds_no_name_and_no_message(announced: Residents, device: Device, at: SetClock) -> None:
    at(BEFORE)
    person = announced["emergency"][0]
    ana = device(person)
    message = blinded(ana)
    ana.post_blinded(WAVE, message)

    content = WaveKeys(WAVE).register_file.read_bytes()

    assert message not in content
    assert person.name.encode() not in content
    assert hashlib.sha256(message).digest() in content


def test_a_newcomer_of_a_group_fetches_a_token_before_the_opening(
    announced: Residents, hospital: Institution, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    size = WaveKeys(WAVE).register_file.stat().st_size
    [newcomer] = residents_in_later(hospital, "emergency")

    jobs.tick(BEFORE + timedelta(minutes=1))

    assert device(newcomer).fetch_token(WAVE)
    assert WaveKeys(WAVE).register_file.stat().st_size == size
    jobs.tick(MONDAY)
    leaves = {
        leaf.leaf: leaf.eligible
        for leaf in device(newcomer).reader.wave_sheet(sheet_of(device(newcomer)), device(newcomer).cookie).leaves
    }
    assert leaves["emergency"] == 27


def test_a_newcomer_while_the_wave_is_open_waits_for_the_next(
    opened: Residents, hospital: Institution, device: Device, at: SetClock
) -> None:
    [newcomer] = residents_in_later(hospital, "emergency")

    jobs.tick(MONDAY + timedelta(days=1))

    assert [entry["wave"] for entry in device(newcomer).offered()] == ["pulse/2026-W48"]


def test_many_newcomers_find_room(announced: Residents, hospital: Institution, device: Device, at: SetClock) -> None:
    at(BEFORE)
    newcomers = residents_in_later(hospital, "emergency", 40)

    jobs.tick(BEFORE + timedelta(minutes=1))

    assert len(register().slots()) == 26 + 24 + 40
    assert device(newcomers[-1]).fetch_token(WAVE)


def test_who_moves_counts_where_they_were(
    announced: Residents, hospital: Institution, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    mover = announced["emergency"][0]
    people.transfer(person=mover, unit="surgery", on=BEFORE.date() + timedelta(days=1))

    jobs.tick(MONDAY)
    at(MONDAY + timedelta(hours=1))

    ana = device(mover)
    groups = {entry["wave"]: entry["group"] for entry in ana.offered()}
    names = [group.id for group in ana.reader.key_sheet(ana.offered()[0]["key_sheet"], ana.cookie).groups]
    assert names[groups[WAVE]] == "emergency"
    assert names[groups["pulse/2026-W48"]] == "emergency"
    assert ana.answer(WAVE, FINE) == 1


def test_who_left_may_not_fetch_but_an_unspent_token_still_counts(
    announced: Residents, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    leaver, other = announced["emergency"][:2]
    ana = device(leaver)
    ana.fetch_token(WAVE)
    for person in (leaver, other):
        people.offboard(by=None, person=person, now=BEFORE)
    jobs.tick(MONDAY)
    at(MONDAY + timedelta(hours=1))

    body = ana_s_answer(ana, device(announced["emergency"][2]))

    assert ana.post(body).status == 200
    assert device(other)._signed_in("GET", "/in/tokens/").status in {302, 404}


def test_nobody_on_leave_is_asked(announced: Residents, device: Device, at: SetClock) -> None:
    away = announced["emergency"][0]
    people.go_on_leave(person=away, from_on=MONDAY.date(), to_on=MONDAY.date() + timedelta(days=13))
    jobs.tick(MONDAY)
    at(MONDAY + timedelta(hours=1))

    assert WAVE not in [entry["wave"] for entry in device(away).offered()]
    other = device(announced["emergency"][1])
    sheet = other.reader.wave_sheet(sheet_of(other), other.cookie)
    assert {leaf.leaf: leaf.eligible for leaf in sheet.leaves} == {"emergency": 25, "surgery": 24}


def test_nothing_is_announced_across_the_start_of_the_academic_year(staffed: Residents, settings: object) -> None:
    from callroom.pulse.models import Wave

    settings.ANNOUNCE_WEEKS_AHEAD = 8  # type: ignore[attr-defined]
    winter = PUBLISHED.replace(year=2027, month=2, day=17)

    jobs.tick(winter)

    last = Wave.objects.order_by("-closes_at").first()
    assert last
    assert last.closes_at.date().isoformat() == "2027-03-01"  # Sunday 28 February, 20:00 in Monterrey
    assert not Wave.objects.filter(opens_at__gte=last.closes_at).exists()


def residents_in_later(hospital: Institution, unit: str, count: int = 1) -> list[Person]:
    """Add residents who came after the roster was first read."""
    before = set(Person.objects.values_list("pk", flat=True))
    for number in range(count):
        person = people.add_person(
            institution=hospital,
            external_id=f"new-{number}",
            name=f"Nueva {number}",
            email=f"new{number}@hospital.example",
        )
        people.join(person=person, unit=unit, from_on=BEFORE.date())
    return list(Person.objects.exclude(pk__in=before))


def sheet_of(device: SimulatedResident) -> str:
    """Return the hash of the open wave's sheet."""
    return str(next(entry["wave_sheet"] for entry in device.offered() if entry["wave"] == WAVE))


def ana_s_answer(ana: SimulatedResident, somebody: SimulatedResident) -> bytes:
    """Return an answer with Ana's token; the sheet is read by somebody who can still sign in (it is public)."""
    from callroom.pulse.simulation import seal_answer

    sheet = ana.reader.wave_sheet(sheet_of(somebody), somebody.cookie)
    return seal_answer(ana.institution, sheet, ana.tokens[WAVE], FINE)


def test_every_minute_all_registers_change_so_none_tells_when_a_token_was_fetched(
    announced: Residents, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    files = [WaveKeys(wave).register_file for wave in (WAVE,)]
    device(announced["emergency"][0]).fetch_token(WAVE)
    fetched = {file: file.stat().st_ctime_ns for file in files}

    jobs.tick(BEFORE + timedelta(minutes=1))

    assert all(file.stat().st_ctime_ns > fetched[file] for file in files)
