"""Answers on their way in: replayed, changed, forged, early, late, at the same moment, on a full disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import OperationalError
from django.db.models import QuerySet
from tests.world.waves import BEFORE, FINE, MONDAY, SUNDAY, WAVE

from callroom.core.anonymity import posts, sealing
from callroom.core.anonymity.posts import POST_LENGTH
from callroom.kit.anonymous import failures
from callroom.kit.env import BadSetting
from callroom.people.models import Institution, Person
from callroom.pulse import jobs
from callroom.pulse.actions.answers import forget_waves
from callroom.pulse.models import SealedAnswer, Wave, Window
from callroom.pulse.simulation import Reader, SimulatedResident, seal_answer
from callroom.pulse.stores import doorkeeper as doors
from callroom.pulse.stores import sealed
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.writer import Arrival, Verdict, the_writer, write

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]
LOW: sealing.Given = {"workload": 0, "support": 0, "voice": 0}


@pytest.fixture
def ana(opened: Residents, device: Device) -> SimulatedResident:
    """Return Ana's device, with a token of the open wave."""
    ana = device(opened["emergency"][0])
    ana.fetch_token(WAVE)
    return ana


def stored() -> list[bytes]:
    """Return what lies in the wave's store."""
    return SealedStore(WAVE).bodies()


def test_an_answer_is_acknowledged_and_lies_sealed(ana: SimulatedResident) -> None:
    body = ana.body(WAVE, FINE)

    reply = ana.post(body)

    assert (reply.status, reply.json()) == (200, {"revision": 1})
    assert stored() == [body]


def test_the_same_bytes_are_acknowledged_again(ana: SimulatedResident) -> None:
    body = ana.body(WAVE, FINE)

    replies = [ana.post(body) for _ in range(3)]

    assert [reply.status for reply in replies] == [200, 200, 200]
    assert stored() == [body]


def test_a_higher_revision_replaces_and_a_lower_one_does_not(ana: SimulatedResident) -> None:
    first, second, third = (ana.body(WAVE, FINE, revision) for revision in (1, 2, 3))
    ana.post(second)

    lower, higher, replayed = ana.post(first), ana.post(third), ana.post(second)

    assert (lower.status, lower.json()["revision"]) == (409, 2)
    assert higher.status == 200
    assert (replayed.status, replayed.json()["revision"]) == (409, 3)
    assert stored() == [third]


def test_the_same_revision_with_other_bytes_is_told_which_one_stands(ana: SimulatedResident) -> None:
    first = ana.body(WAVE, FINE)
    ana.post(first)

    reply = ana.post(ana.body(WAVE, LOW))

    assert (reply.status, reply.json()["revision"]) == (409, 1)
    assert stored() == [first]
    assert ana.answer(WAVE, LOW) == 2


@pytest.mark.parametrize(
    "cut",
    [b"", b"x", slice(0, -1), slice(1, None), slice(0, 0)],
    ids=["empty", "one byte", "one short", "one missing", "nothing"],
)
def test_another_length_is_refused(ana: SimulatedResident, cut: bytes | slice) -> None:
    body = cut if isinstance(cut, bytes) else ana.body(WAVE, FINE)[cut]

    reply = ana.post(body)

    assert (reply.status, reply.json()["error"]) == (400, "length")


def test_another_content_type_is_refused(ana: SimulatedResident) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    assert ana.reader.address.send("POST", "/w/answers", headers, ana.body(WAVE, FINE)).status == 400
    assert ana.reader.address.send("GET", "/w/answers", {}).status == 405


@pytest.mark.parametrize(
    ("place", "code", "status"),
    [
        (0, "version", 400),
        (1, "wave", 404),
        (33, "group", 403),
        (35, "token", 403),
        (67, "token", 403),
        (70, "token", 403),
        (132, "token", 403),
        (515, "token", 403),
        (516, "signature", 403),
        (517, "signature", 403),
        (820, "signature", 403),
        (821, "signature", 403),
        (884, "signature", 403),
    ],
)
def test_one_changed_byte_is_refused(ana: SimulatedResident, place: int, code: str, status: int) -> None:
    body = bytearray(ana.body(WAVE, FINE))
    body[place] ^= 0x40

    reply = ana.post(bytes(body))

    assert (reply.status, reply.json()["error"]) == (status, code)
    assert stored() == []


def test_random_bytes_are_refused(ana: SimulatedResident) -> None:
    for seed in range(20):
        assert ana.post(bytes([seed * 13 % 256]) * POST_LENGTH).status == 400
    assert stored() == []


def test_a_token_of_another_group_is_refused(opened: Residents, device: Device, ana: SimulatedResident) -> None:
    surgeon = device(opened["surgery"][0])
    token = surgeon.fetch_token(WAVE)
    sheet = ana.reader.wave_sheet(next(e["wave_sheet"] for e in ana.offered() if e["wave"] == WAVE), ana.cookie)
    token.group = ana.tokens[WAVE].group

    reply = ana.post(seal_answer(ana.institution, sheet, token, FINE))

    assert (reply.status, reply.json()["error"]) == (403, "token")


def test_an_answer_signed_with_another_key_is_refused(ana: SimulatedResident) -> None:
    body = ana.body(WAVE, FINE)
    post = posts.parse(body)
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = posts.pack(
        wave_id=WAVE,
        group=post.group,
        prefix=post.prefix,
        one_time_key=stranger,
        token_signature=post.token_signature,
        revision=9,
        sealed=post.sealed,
    )

    assert ana.post(forged).json()["error"] == "token"
    assert ana.post(forged[:67] + post.point + forged[132:]).json()["error"] == "signature"


def test_a_group_that_is_not_asked_is_refused(ana: SimulatedResident) -> None:
    body = bytearray(ana.body(WAVE, FINE))
    body[33:35] = (7).to_bytes(2, "big")

    assert ana.post(bytes(body)).json()["error"] == "group"


def test_before_the_opening_there_is_nothing_to_answer(
    announced: Residents, device: Device, at: SetClock, ana_ahead: SimulatedResident
) -> None:
    at(BEFORE)

    reply = ana_ahead.post(early_body(ana_ahead))

    assert (reply.status, reply.json()["error"]) == (425, "early")


@pytest.fixture
def ana_ahead(announced: Residents, device: Device, at: SetClock) -> SimulatedResident:
    """Return Ana's device, with a token fetched ahead."""
    at(BEFORE)
    ana = device(announced["emergency"][0])
    ana.fetch_token(WAVE)
    return ana


def early_body(ana: SimulatedResident) -> bytes:
    """Return an answer to a wave whose sheet is not signed yet, sealed to some key."""
    token = ana.tokens[WAVE]
    return posts.pack(
        wave_id=WAVE,
        group=token.group,
        prefix=token.prefix,
        one_time_key=token.one_time_key,
        token_signature=token.signature,
        revision=1,
        sealed=bytes(304),
    )


def test_an_early_clock_is_told_so_by_the_window(ana: SimulatedResident, at: SetClock) -> None:
    at(MONDAY - timedelta(seconds=1))

    assert ana.post(ana.body(WAVE, FINE)).status == 425
    at(MONDAY)
    assert ana.post(ana.body(WAVE, FINE)).status == 200


def test_the_last_second_counts_and_the_next_does_not(
    opened: Residents, device: Device, ana: SimulatedResident, at: SetClock
) -> None:
    late = device(opened["emergency"][1])
    bodies = ana.body(WAVE, FINE), late.body(WAVE, FINE)
    at(SUNDAY - timedelta(seconds=1))
    assert ana.post(bodies[0]).status == 200

    at(SUNDAY)

    assert (late.post(bodies[1]).status, late.post(bodies[1]).json()["error"]) == (410, "closed")
    assert stored() == [bodies[0]]


def test_a_lost_acknowledgement_is_given_again_after_the_end(ana: SimulatedResident, at: SetClock) -> None:
    body = ana.body(WAVE, FINE)
    ana.post(body)

    at(SUNDAY)

    assert ana.post(body).status == 200


def test_a_clock_set_back_does_not_open_the_window_again(
    opened: Residents, device: Device, ana: SimulatedResident, at: SetClock
) -> None:
    body = ana.body(WAVE, FINE)
    at(SUNDAY)
    assert ana.post(body).status == 410  # the worker was down: only this answer shut the window

    at(MONDAY + timedelta(days=2))

    assert ana.post(body).status == 410
    assert not SealedStore(WAVE).window().is_open


def test_an_answer_that_arrives_while_the_window_closes_is_refused(ana: SimulatedResident) -> None:
    body = ana.body(WAVE, FINE)
    # It passed the verification in time; the closing takes the row before the writer does.
    post = posts.parse(body)
    arrival = Arrival(WAVE, post.message, 1, body, (SUNDAY - timedelta(milliseconds=1)).timestamp())

    SealedStore(WAVE).shut()

    assert the_writer().submit(arrival).result().verdict is Verdict.CLOSED
    assert stored() == []


def test_after_the_burning_a_late_answer_is_told_that_the_wave_is_over(ana: SimulatedResident, at: SetClock) -> None:
    body = ana.body(WAVE, FINE)
    at(SUNDAY)
    jobs.tick(SUNDAY)

    reply = ana.post(body)

    assert (reply.status, reply.json()["error"]) == (410, "closed")


def test_a_clock_change_during_the_wave_moves_the_closing_with_it(
    hospital: Institution, staffed: Residents, device: Device, at: SetClock
) -> None:
    # New York leaves summer time on Sunday 1 November 2026: the wave lasts an hour longer.
    hospital.time_zone = "America/New_York"
    hospital.save()
    jobs.tick(datetime(2026, 10, 23, 12, tzinfo=UTC))
    jobs.tick(datetime(2026, 10, 26, 10, tzinfo=UTC))
    wave = Wave.objects.get(pk="pulse/2026-W44")
    assert wave.opens_at == datetime(2026, 10, 26, 10, tzinfo=UTC)
    assert wave.closes_at == datetime(2026, 11, 2, 1, tzinfo=UTC)
    at(wave.closes_at - timedelta(minutes=30))
    ana, luis = (device(person) for person in staffed["emergency"][:2])
    body = luis.body(wave.id, FINE)
    assert ana.answer(wave.id, FINE) == 1

    at(wave.closes_at)

    assert luis.post(body).status == 410
    jobs.tick(wave.closes_at)
    wave.refresh_from_db()
    assert wave.burned_at == wave.closes_at


@pytest.mark.parametrize("header", ["Cookie", "Authorization"])
def test_a_request_that_could_name_somebody_is_refused(ana: SimulatedResident, header: str) -> None:
    headers = {"Content-Type": "application/octet-stream", header: ana.cookie}

    reply = ana.reader.address.send("POST", "/w/answers", headers, ana.body(WAVE, FINE))

    assert reply.status == 400
    assert b'lang="es"' in reply.body
    assert stored() == []


def test_nothing_is_written_to_any_log(
    ana: SimulatedResident, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        body = ana.body(WAVE, FINE)
        caplog.clear()
        ana.post(body)
        ana.post(body[:-1] + b"\0")
        ana.reader.address.send("GET", "/w/nowhere", {})

    records = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert records == []
    assert capfd.readouterr() == ("", "")


def test_many_at_once_are_all_kept_and_lie_in_key_order(opened: Residents, device: Device) -> None:
    devices = [device(person) for person in opened["emergency"]]
    bodies = [each.body(WAVE, FINE) for each in devices]
    arrivals = [Arrival(WAVE, posts.parse(body).message, 1, body, MONDAY.timestamp() + 60) for body in bodies]

    with ThreadPoolExecutor(len(arrivals)) as pool:
        outcomes = list(pool.map(lambda arrival: the_writer().submit(arrival).result(), arrivals))

    assert {outcome.verdict for outcome in outcomes} == {Verdict.STORED}
    assert stored() == [body for _message, body in sorted((posts.parse(body).message, body) for body in bodies)]


def test_in_one_batch_the_highest_revision_wins(ana: SimulatedResident) -> None:
    bodies = [ana.body(WAVE, FINE, revision) for revision in (1, 2, 3)]
    at_noon = MONDAY.timestamp() + 60
    arrivals = [
        Arrival(WAVE, posts.parse(body).message, revision, body, at_noon) for revision, body in enumerate(bodies, 1)
    ]

    outcomes = write(SealedStore(WAVE), arrivals)

    assert [outcome.revision for outcome in outcomes] == [1, 2, 3]
    assert stored() == [bodies[2]]
    SealedStore(WAVE).disconnect()


def test_failed_verifications_are_limited_and_valid_answers_are_not(
    ana: SimulatedResident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callroom.pulse.actions.answers.doorkeeper", doors.Doorkeeper())
    monkeypatch.setattr(doors, "LARGEST_BUDGET", 5.0)
    monkeypatch.setattr(doors, "FAILURES_PER_SECOND", 0.0)
    body = ana.body(WAVE, FINE)
    forged = body[:-1] + bytes([body[-1] ^ 1])

    statuses = [ana.post(forged).status for _ in range(8)]

    assert statuses == [403] * 5 + [429] * 3
    assert ana.post(body).status == 200


def test_a_full_disk_gives_no_acknowledgement_and_the_answer_can_be_sent_again(
    ana: SimulatedResident, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sealed.is_postgresql():
        pytest.skip("the disk of a PostgreSQL server is not ours to fill")
    body = ana.body(WAVE, FINE)
    the_writer().rest()
    # SQLite itself says "database or disk is full": the file may not grow by a page.
    before = failures.total
    with monkeypatch.context() as patch:
        patch.setattr(sealed, "PRAGMAS", sealed.PRAGMAS + "PRAGMA max_page_count=1;")
        assert fill(ana)

        reply = ana.post(body)

    assert (reply.status, reply.json()["error"]) == (503, "disk")
    assert failures.total > before
    the_writer().rest()
    assert body not in stored()
    assert ana.post(body).status == 200


@pytest.mark.parametrize("known", [False, True], ids=["first answer of the process", "later answer"])
def test_trouble_with_the_database_is_not_a_wave_that_is_over(
    ana: SimulatedResident, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    body = ana.body(WAVE, FINE)
    forget_waves()
    if known:
        assert ana.post(ana.body(WAVE, LOW)).status == 200
        body = ana.body(WAVE, FINE, 2)
    get = QuerySet.get

    def broken(rows: QuerySet[Window], *args: object, **kwargs: object) -> object:
        if rows.model is Window:
            raise OperationalError("server closed the connection unexpectedly")
        return get(rows, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "get", broken)
        reply = ana.post(body)

    assert (reply.status, reply.json()["error"]) == (503, "disk")
    assert ana.post(body).status == 200


def test_while_a_wave_is_open_a_store_that_is_not_there_is_trouble_and_not_the_end(ana: SimulatedResident) -> None:
    body = ana.body(WAVE, FINE)
    SealedStore(WAVE).destroy()  # as if its disk were not mounted
    forget_waves()

    reply = ana.post(body)

    assert (reply.status, reply.json()["error"]) == (503, "disk")


def test_a_cluster_that_archives_its_log_takes_no_answers(
    announced: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sealed.is_postgresql():
        pytest.skip("SQLite has no archive")
    administer = sealed._administer

    def archiving(statement: str) -> list[tuple[str, ...]]:
        return [("on",)] if statement == "SHOW archive_mode" else administer(statement)

    monkeypatch.setattr(sealed, "_administer", archiving)
    window = Window(wave=WAVE, opens_at=0, closes_at=1, is_open=True, keys=[], asked=[])

    with pytest.raises(BadSetting, match="archive_mode=on"):
        SealedStore(WAVE).create(window)

    assert not SealedStore(WAVE).exists()


@pytest.mark.parametrize("name", ["%00", "x", "A" * 64, "0" * 63, "0" * 64 + "%0A"])
def test_what_is_no_fingerprint_is_no_address_of_the_chain(ana: SimulatedResident, name: str) -> None:
    assert ana.reader.address.send("GET", f"/w/chain/{name}", {}).status == 404
    assert ana.reader.address.send("GET", f"/in/chain/{name}", {"Cookie": ana.cookie}).status == 404


def fill(ana: SimulatedResident) -> bool:
    """Write rows until the store has no room left in its pages; return whether that came about."""
    template = ana.body(WAVE, FINE)
    for number in range(30):
        arrival = Arrival(WAVE, number.to_bytes(32, "big"), 1, template, MONDAY.timestamp() + 60)
        try:
            the_writer().submit(arrival).result()
        except Exception:
            return True
    return False


def test_a_store_holds_no_rowid(ana: SimulatedResident) -> None:
    if sealed.is_postgresql():
        pytest.skip("PostgreSQL has none")
    with SealedStore(WAVE).connected() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table'")
        statements = [statement for (statement,) in cursor.fetchall()]
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)  # FULL
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)

    assert len(statements) == 2
    assert all(statement.endswith("WITHOUT ROWID") for statement in statements)


def test_no_chain_of_keys_leads_from_an_answer_to_a_person() -> None:
    assert not [field for field in SealedAnswer._meta.get_fields() if field.is_relation]


def test_public_pages_of_the_chain_are_the_same_bytes_through_both_doors(
    ana: SimulatedResident, reader: Reader
) -> None:
    listed = reader.address.send("GET", "/w/waves.json", {}).json()
    sheet = next(entry["wave_sheet"] for entry in listed if entry["wave"] == WAVE)

    with_name = reader.address.send("GET", f"/in/chain/{sheet}", {"Cookie": ana.cookie})
    without = reader.address.send("GET", f"/w/chain/{sheet}", {})

    assert with_name.body == without.body
    assert reader.address.send("GET", "/w/chain/headers/0.jsonl", {}).body.count(b"\n") >= 2
    assert reader.address.send("GET", "/w/chain/headers/9.jsonl", {}).status == 404
    assert reader.address.send("GET", f"/w/chain/{'0' * 64}", {}).status == 404


def test_whatever_was_acknowledged_while_the_window_closed_is_counted(opened: Residents, device: Device) -> None:
    bodies = [device(person).body(WAVE, FINE) for person in opened["emergency"]]
    just_in_time = (SUNDAY - timedelta(milliseconds=1)).timestamp()
    half_way = threading.Barrier(2)

    def send(number: int) -> bytes | None:
        if number == len(bodies) // 2:
            half_way.wait()
        arrival = Arrival(WAVE, posts.parse(bodies[number]).message, 1, bodies[number], just_in_time)
        outcome = the_writer().submit(arrival).result()
        return bodies[number] if outcome.verdict is Verdict.STORED else None

    with ThreadPoolExecutor(4) as pool:
        sent = pool.map(send, range(len(bodies)))
        half_way.wait()
        SealedStore(WAVE).shut()
        counted = set(stored())
        acknowledged = {body for body in sent if body}

    assert acknowledged == counted == set(stored())


def test_the_log_of_writes_is_cut_every_hour(ana: SimulatedResident) -> None:
    if sealed.is_postgresql():
        pytest.skip("PostgreSQL has its own")
    ana.post(ana.body(WAVE, FINE))
    log = SealedStore(WAVE).file.with_name(SealedStore(WAVE).file.name + "-wal")
    assert log.stat().st_size > 0

    jobs.tick(MONDAY + timedelta(hours=9))

    assert not log.exists() or log.stat().st_size == 0
    assert len(stored()) == 1
