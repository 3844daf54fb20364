"""Somebody changes what a round is counted by, in the database: it is put back before the closing, or the round is void."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from tests.world.waves import FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, headers, leaf_of

from callroom.audit.models import AuditRow
from callroom.core.anonymity import canonical
from callroom.core.anonymity.chain import parse_line, sha256_hex
from callroom.core.disclosure.verification import Problem, VerificationError, verify_directory
from callroom.core.disclosure.verification import WaveState as Verified
from callroom.people.models import Institution, Person
from callroom.pulse import aggregates, alone, exports, jobs, leftovers, payloads, queries, upgrades
from callroom.pulse.actions import closing, endings, mending, waves
from callroom.pulse.models import ChainPayload, SealedAnswer, Wave
from callroom.pulse.simulation import SimulatedResident
from callroom.pulse.states import EndedAlone, PayloadKind, WaveState, WeekState
from callroom.pulse.stores.register import Register
from callroom.pulse.stores.sealed import SealedStore, waves_with_store
from callroom.pulse.stores.wave_keys import SHEET_FILE, WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
Change = Callable[[], None]
BEFORE_CLOSING = SUNDAY - timedelta(hours=1)


def wave() -> Wave:
    return Wave.objects.get(pk=WAVE)


@pytest.fixture
def answered(opened: Residents, device: Device) -> Residents:
    """Let nine people of Emergency answer."""
    for person in opened["emergency"][:9]:
        device(person).answer(WAVE, FINE)
    payloads._groups_of.cache_clear()
    return opened


def kinds() -> list[str]:
    return [parse_line(line).type.value for line in queries.all_headers()]


def loosened(sha256: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Write other contents under a hash, as somebody with the database's password can."""
    row = ChainPayload.objects.get(pk=sha256)
    said = json.loads(bytes(row.data))
    change(said)
    ChainPayload.objects.filter(pk=sha256).update(data=canonical.encode(said))


def less_noise() -> None:
    loosened(wave().wave_sheet, lambda said: said["policy"].update(noise_scale_percent=1))


def no_json() -> None:
    ChainPayload.objects.filter(pk=wave().wave_sheet).update(data=b"\xff not a sheet")


def sheet_deleted() -> None:
    ChainPayload.objects.filter(pk=wave().wave_sheet).delete()


def another_sheet_named() -> None:
    """A sheet of one's own, stored under the hash that it has, and named by the round."""
    said = json.loads(queries.payload(wave().wave_sheet))
    said["policy"]["noise_scale_percent"] = 1
    data = canonical.encode(said)
    ChainPayload.objects.create(
        sha256=sha256_hex(data), institution=wave().institution, kind=PayloadKind.WAVE_SHEET.value, data=data
    )
    Wave.objects.filter(pk=WAVE).update(wave_sheet=sha256_hex(data))


def something_else_named() -> None:
    Wave.objects.filter(pk=WAVE).update(wave_sheet=wave().key_sheet)


def keys_of_ones_own() -> None:
    loosened(wave().key_sheet, lambda said: said["groups"][0].update(public_key=said["groups"][1]["public_key"]))


def key_sheet_deleted() -> None:
    ChainPayload.objects.filter(pk=wave().key_sheet).delete()


def pin_altered() -> None:
    (WaveKeys(WAVE).folder / SHEET_FILE).write_bytes(bytes(32))


def pin_missing_and_another_sheet_named() -> None:
    (WaveKeys(WAVE).folder / SHEET_FILE).unlink()
    another_sheet_named()


CHANGES: Mapping[str, Change] = {
    each.__name__: each
    for each in (
        less_noise,
        no_json,
        sheet_deleted,
        another_sheet_named,
        something_else_named,
        keys_of_ones_own,
        key_sheet_deleted,
        pin_altered,
        pin_missing_and_another_sheet_named,
    )
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_round_by_other_rules_than_were_signed_is_void_and_its_keys_are_destroyed(
    answered: Residents, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(closing, "_opened", lambda *_given: opened.append("an answer"))
    change()

    jobs.tick(SUNDAY)

    ended = wave()
    assert (ended.state, ended.burned_at, ended.release) == (WaveState.VOIDED, SUNDAY, "")
    assert kinds()[-2:] == ["void", "burn"]
    assert not WaveKeys(WAVE).folder.exists()
    assert WAVE not in waves_with_store()
    assert leftovers.keys_left(now=SUNDAY + timedelta(hours=1)) == ()
    assert opened == []
    row = AuditRow.objects.get(tag="wave-voided", about=WAVE)
    assert row.details == {"step": "voided", "why": "sheet-changed"}


def test_the_reason_is_public_and_fits_into_its_field() -> None:
    every = [*closing.REASONS.values(), endings.SHEET_CHANGED, endings.KEYS_LOST]

    assert all(set(words) == {"en", "es"} and all(0 < len(said) <= 200 for said in words.values()) for words in every)


def test_residents_read_that_it_is_not_counted_and_why(
    answered: Residents, sign_in: Callable[[Person], Client], at: Callable[..., None]
) -> None:
    less_noise()
    jobs.tick(SUNDAY)

    series = aggregates.leaf_series("emergency", now=SUNDAY)
    assert series
    assert (series.points[-1].state, series.points[-1].reason) == (
        WeekState.VOID,
        dict(closing.REASONS[EndedAlone.SHEET_CHANGED]),
    )
    at(PUBLISHED)
    page = sign_in(answered["emergency"][0]).get("/in/results/emergency/").content.decode()
    assert "Not counted: the round from 16 to 22 November." in page
    assert "were not those that were signed" in page


def test_the_next_round_goes_on(answered: Residents) -> None:
    sheet_deleted()

    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)

    assert Wave.objects.get(pk="pulse/2026-W48").state == WaveState.OPEN


def test_a_round_that_closes_with_it_is_counted_and_the_sums_are_over_that_one_alone(
    opened: Residents, hospital: Institution, device: Device, at: Callable[..., None], tmp_path: Path
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
    sheet = Wave.objects.get(pk="pulse/2026-W49").wave_sheet
    signed = queries.payload(sheet)
    loosened(sheet, lambda said: said["policy"].update(noise_scale_percent=1))

    jobs.tick(second + timedelta(days=6, hours=14))
    jobs.tick(second + timedelta(days=7))

    assert Wave.objects.get(pk="pulse/2026-W49").state == WaveState.VOIDED
    assert Wave.objects.get(pk="pulse-2/2026-W48").state == WaveState.RELEASED
    mending.put_back(institution=hospital, given={sheet: signed}, now=second)
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).head == written.head


def test_where_nothing_lies_beside_the_keys_a_signed_header_is_enough(answered: Residents) -> None:
    """So a round is counted that a version opened which kept nothing there."""
    (WaveKeys(WAVE).folder / SHEET_FILE).unlink()

    jobs.tick(SUNDAY)

    assert leaf_of(WAVE, "emergency")["n"] == [8, 11]


def test_until_it_closes_it_is_put_back_from_an_export_and_the_round_is_counted(
    answered: Residents, hospital: Institution, tmp_path: Path, at: Callable[..., None], capsys: Any
) -> None:
    exports.export(hospital, tmp_path / "before")
    another_sheet_named()
    key_sheet_deleted()
    (named,) = {each.wave for each in payloads.altered(hospital)}
    assert named == WAVE

    at(BEFORE_CLOSING)
    call_command("release", "mend", str(tmp_path / "before"))

    assert payloads.altered(hospital) == ()
    assert "Put back: 2 of 2" in capsys.readouterr().out
    assert AuditRow.objects.filter(tag="signed-put-back").count() == 2
    jobs.tick(SUNDAY)
    assert leaf_of(WAVE, "emergency")["n"] == [8, 11]


def test_bytes_of_ones_own_are_not_put_back(
    answered: Residents, hospital: Institution, tmp_path: Path, at: Callable[..., None]
) -> None:
    exports.export(hospital, tmp_path / "before")
    file = tmp_path / "before" / "payloads" / f"{wave().wave_sheet}.json"
    file.write_bytes(file.read_bytes().replace(b'"noise_scale_percent":28', b'"noise_scale_percent":29'))
    sheet_deleted()

    at(BEFORE_CLOSING)
    with pytest.raises(CommandError) as refused:
        call_command("release", "mend", str(tmp_path / "before"))

    assert wave().wave_sheet in str(refused.value)
    assert not ChainPayload.objects.filter(pk=wave().wave_sheet).exists()


def test_a_whole_database_needs_no_mending(answered: Residents, tmp_path: Path, capsys: Any) -> None:
    call_command("release", "mend", str(tmp_path))

    assert "Nothing was to be put back" in capsys.readouterr().out


def test_verify_accepts_the_void_once_the_signed_bytes_are_back(
    answered: Residents, hospital: Institution, tmp_path: Path
) -> None:
    exports.export(hospital, tmp_path / "before")
    less_noise()
    jobs.tick(SUNDAY)

    exports.export(hospital, tmp_path / "changed")
    with pytest.raises(VerificationError) as refused:
        verify_directory(tmp_path / "changed")
    assert refused.value.problem is Problem.PAYLOAD

    given = {file.stem: file.read_bytes() for file in (tmp_path / "before" / "payloads").iterdir()}
    assert mending.put_back(institution=hospital, given=given, now=SUNDAY) == ()
    written = exports.export(hospital, tmp_path / "mended")
    report = verify_directory(tmp_path / "mended", written.head)
    assert {each.wave: each.state for each in report.waves}[WAVE] is Verified.VOID
    assert WAVE not in {note.about for note in report.notes}, "its keys are burned, and the chain says so"


def test_killed_between_voiding_and_burning_it_is_burned_by_the_next_run(
    answered: Residents, hospital: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    less_noise()
    with monkeypatch.context() as killed:
        killed.setattr(endings, "burn_without_result", lambda _wave, *, now: None)
        closing.begin(hospital, SUNDAY, now=SUNDAY)
    assert wave().state == WaveState.VOIDED
    assert WaveKeys(WAVE).folder.exists()
    assert not SealedStore(WAVE).window().is_open

    jobs.tick(SUNDAY + timedelta(minutes=1))

    assert not WaveKeys(WAVE).folder.exists()
    assert WAVE not in waves_with_store()
    assert headers()[-2:] == [("void", WAVE), ("burn", WAVE)]
    assert AuditRow.objects.filter(tag="wave-voided", about=WAVE).count() == 1


def test_killed_in_the_middle_of_burning_it_goes_on_there(answered: Residents, monkeypatch: pytest.MonkeyPatch) -> None:
    less_noise()
    with monkeypatch.context() as full:
        full.setattr(SealedStore, "destroy", _no_space)
        with pytest.raises(jobs.SomeJobsFailed):
            jobs.tick(SUNDAY)
    assert not WaveKeys(WAVE).folder.exists()

    jobs.tick(SUNDAY + timedelta(minutes=1))

    assert [header for header in headers() if header[1] == WAVE][-2:] == [("void", WAVE), ("burn", WAVE)]


def _no_space(_store: SealedStore) -> None:
    raise OSError(28, "No space left on device")


def test_changed_while_it_is_being_counted_it_is_void_a_minute_later(
    answered: Residents, hospital: Institution
) -> None:
    run = closing.begin(hospital, SUNDAY, now=SUNDAY)
    less_noise()
    closing.shut_windows(run)
    closing.make_seeds(run)
    with pytest.raises(payloads.SheetChanged):
        closing.tally(run)
    assert wave().state == WaveState.OPEN

    jobs.tick(SUNDAY + timedelta(minutes=1))

    assert headers()[-2:] == [("void", WAVE), ("burn", WAVE)]
    assert not WaveKeys(WAVE).folder.exists()


def test_changed_after_it_was_counted_it_stays_counted(answered: Residents, hospital: Institution) -> None:
    run = closing.begin(hospital, SUNDAY, now=SUNDAY)
    for step in closing.STEPS[: closing.STEPS.index(closing.commit) + 1]:
        step(run)
    less_noise()

    jobs.tick(SUNDAY)

    assert (wave().state, wave().burned_at) == (WaveState.TALLIED, SUNDAY)
    assert [each.sha256 for each in payloads.altered(hospital)] == [wave().wave_sheet]


def test_while_it_is_open_nobody_is_offered_a_ticket_by_a_changed_sheet_and_pages_go_on(
    answered: Residents, hospital: Institution, sign_in: Callable[[Person], Client]
) -> None:
    resident = answered["emergency"][0]
    assert WAVE in [each.wave for each in queries.waves_offered_to(resident.pk, now=BEFORE_CLOSING)]

    for change in (no_json, sheet_deleted, something_else_named):
        change()
        payloads._groups_of.cache_clear()
        assert WAVE not in [each.wave for each in queries.waves_offered_to(resident.pk, now=BEFORE_CLOSING)]
        client = sign_in(resident)
        for address in ("/in/", "/in/chain/", "/in/results/emergency/"):
            assert client.get(address).status_code == 200, (change, address)


def test_who_counts_with_whom_is_not_read_from_a_changed_key_sheet(
    answered: Residents, sign_in: Callable[[Person], Client], at: Callable[..., None]
) -> None:
    at(BEFORE_CLOSING)
    resident = answered["emergency"][0]
    assert next(each.wave for each in queries.own_groups(resident.pk, now=BEFORE_CLOSING)) == WAVE

    keys_of_ones_own()

    assert WAVE not in [each.wave for each in queries.own_groups(resident.pk, now=BEFORE_CLOSING)]
    assert sign_in(resident).get("/in/group/").status_code == 200


def test_nobody_is_enrolled_and_nothing_opens_by_a_changed_key_sheet(announced: Residents) -> None:
    keys_of_ones_own()
    before = Register(WaveKeys(WAVE).register_file, WAVE).slots()

    for step in (waves.enrol_newcomers, partial(waves.open_wave, now=MONDAY)):
        with pytest.raises(payloads.SheetChanged):
            step(wave())

    assert Register(WaveKeys(WAVE).register_file, WAVE).slots() == before
    assert (wave().state, wave().wave_sheet) == (WaveState.ANNOUNCED, "")
    assert WAVE not in waves_with_store()


def test_a_server_starts_with_such_a_round_so_that_it_can_end(answered: Residents) -> None:
    less_noise()
    assert upgrades.stranded_wave() is None
    sheet_deleted()
    assert upgrades.stranded_wave() is None
    key_sheet_deleted()
    assert upgrades.stranded_wave() is None


@pytest.mark.parametrize("change", [key_sheet_deleted, keys_of_ones_own], ids=["deleted", "altered"])
def test_an_announced_round_with_another_key_sheet_is_withdrawn_when_it_would_open(
    announced: Residents, change: Change
) -> None:
    change()

    endings.withdraw_without_keys(wave(), now=MONDAY - timedelta(hours=1))
    assert wave().state == WaveState.ANNOUNCED, "it can still be put back"
    endings.withdraw_without_keys(wave(), now=MONDAY)

    assert (wave().state, wave().reason_en) == (WaveState.WITHDRAWN, endings.SHEET_CHANGED["en"])
    assert not WaveKeys(WAVE).folder.exists()


def test_rounds_that_ended_by_themselves_are_remembered_for_a_year(answered: Residents) -> None:
    assert alone.ended_alone(now=SUNDAY) == ()
    sheet_deleted()
    jobs.tick(SUNDAY)

    (ended,) = alone.ended_alone(now=SUNDAY)

    assert (ended.wave, ended.why) == (WAVE, EndedAlone.SHEET_CHANGED)
    assert alone.ended_alone(now=SUNDAY + timedelta(days=366)) == ()


def test_a_round_that_people_voided_did_not_end_by_itself(answered: Residents) -> None:
    endings.end_void(wave(), reason={"en": "x", "es": "x"}, by=None, now=MONDAY)

    assert alone.ended_alone(now=SUNDAY) == ()


@pytest.mark.django_db(databases=["default", "issuing", "sealed"], transaction=True)
def test_two_workers_that_close_at_once_void_it_once(answered: Residents) -> None:
    less_noise()
    failures: list[BaseException] = []

    def close() -> None:
        try:
            jobs.tick(SUNDAY)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=close) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert failures == []
    assert [header for header in headers() if header[1] == WAVE] == [
        (kind, WAVE) for kind in ("key-sheet", "wave-sheet", "void", "burn")
    ]
    assert AuditRow.objects.filter(tag="wave-voided").count() == 1


def test_answers_in_the_store_are_gone_with_the_round(answered: Residents) -> None:
    store = SealedStore(WAVE)
    with store.connected():
        assert SealedAnswer.objects.using(store.alias).count() == 9
    less_noise()

    jobs.tick(SUNDAY)

    assert not store.exists()
