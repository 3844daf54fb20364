"""Skipping a week and voiding a wave: who may, until when, and what everybody reads afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.world.people import person_in
from tests.world.waves import BEFORE, FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, headers

from callroom.core.anonymity import members
from callroom.core.disclosure.verification import verify_directory
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.pulse import aggregates, exports, jobs, queries
from callroom.pulse.actions import endings
from callroom.pulse.models import SkippedWeek, Wave
from callroom.pulse.simulation import SimulatedResident
from callroom.pulse.states import WaveState, WeekState
from callroom.pulse.stores.sealed import SealedStore, waves_with_store
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]
REASON = {"en": "A typhoon closed the hospital.", "es": "Un tifón cerró el hospital."}
READ = queries.reason_sha256(REASON)


@pytest.fixture
def lucia(hospital: Institution) -> Person:
    """Return a second coordinator."""
    return person_in(hospital, "Lucia Mora", role=Role.COORDINATOR)


def week_of(unit: str, wave: str, now: datetime) -> aggregates.LeafWeek:
    series = aggregates.leaf_series(unit, now=now)
    assert series is not None
    return next(week for week in series.points if week.wave == wave)


def test_a_skipped_week_is_taken_back_and_shown_as_not_asked(
    announced: Residents, hospital: Institution, fernando: Person, tmp_path: Path
) -> None:
    endings.skip_week(by=fernando, monday=MONDAY.date(), reason=REASON, now=BEFORE)

    assert Wave.objects.get(pk=WAVE).state == WaveState.WITHDRAWN
    assert ("supersede", WAVE) in headers()
    assert not WaveKeys(WAVE).folder.exists()
    jobs.tick(MONDAY)
    week = week_of("emergency", WAVE, MONDAY)
    assert (week.state, week.reason) == (WeekState.NOT_ASKED, REASON)
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).headers == written.headers


def test_a_week_that_is_skipped_long_before_is_never_announced(staffed: Residents, fernando: Person) -> None:
    endings.skip_week(by=fernando, monday=MONDAY.date(), reason=REASON, now=BEFORE - timedelta(days=30))

    jobs.tick(BEFORE)
    jobs.tick(MONDAY)

    assert not Wave.objects.filter(pk=WAVE).exists()
    assert week_of("emergency", WAVE, MONDAY).state is WeekState.NOT_ASKED
    # A two-week wave keeps its other week.
    assert Wave.objects.filter(pk="pulse-2/2026-W48").exists()


def test_a_week_that_has_begun_cannot_be_skipped(opened: Residents, fernando: Person) -> None:
    with pytest.raises(endings.TooLateToSkip):
        endings.skip_week(by=fernando, monday=MONDAY.date(), reason=REASON, now=MONDAY + timedelta(days=1))
    with pytest.raises(endings.NotAMonday):
        endings.skip_week(by=fernando, monday=MONDAY.date() + timedelta(days=8), reason=REASON, now=MONDAY)
    assert not SkippedWeek.objects.exists()


def test_only_a_coordinator_skips(announced: Residents, elena: Person, ana: Person, ines: Person) -> None:
    for person in (elena, ana, ines):
        with pytest.raises(NotYours):
            endings.skip_week(by=person, monday=MONDAY.date(), reason=REASON, now=BEFORE)


def test_two_people_void_an_open_wave(
    opened: Residents, hospital: Institution, fernando: Person, lucia: Person, device: Device, tmp_path: Path
) -> None:
    late = device(opened["emergency"][0])
    body = late.body(WAVE, FINE)
    tuesday = MONDAY + timedelta(days=1)

    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=tuesday)
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=tuesday)

    assert headers()[-2:] == [("void", WAVE), ("burn", WAVE)]
    assert late.post(body).status == 410
    assert WAVE not in waves_with_store()
    assert not WaveKeys(WAVE).folder.exists()
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    week = week_of("emergency", WAVE, PUBLISHED)
    assert (week.state, week.reason) == (WeekState.VOID, REASON)
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).headers == written.headers


def test_one_person_alone_voids_nothing(opened: Residents, fernando: Person, lucia: Person, elena: Person) -> None:
    now = MONDAY + timedelta(days=1)
    with pytest.raises(NotYours):
        endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=now)
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=now)

    for person in (fernando, elena):
        with pytest.raises(NotYours):
            endings.void(wave=WAVE, by=person, reason_sha256=READ, now=now)

    assert SealedStore(WAVE).window().is_open


def test_with_a_council_its_key_holder_is_needed(
    opened: Residents, fernando: Person, lucia: Person, ines: Person
) -> None:
    now = MONDAY + timedelta(days=1)
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=now)

    with pytest.raises(NotYours):
        endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=now)
    endings.void(wave=WAVE, by=ines, reason_sha256=READ, now=now)

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED


def test_after_the_closing_instant_nothing_is_voided(opened: Residents, fernando: Person, lucia: Person) -> None:
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=SUNDAY - timedelta(minutes=1))

    with pytest.raises(endings.TooLateToVoid):
        endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=SUNDAY)
    jobs.tick(SUNDAY)
    with pytest.raises(endings.TooLateToVoid):
        endings.void(
            wave=WAVE, by=lucia, reason_sha256=READ, now=SUNDAY - timedelta(minutes=1)
        )  # not even with the clock set back

    assert Wave.objects.get(pk=WAVE).state == WaveState.TALLIED


def test_a_void_that_was_interrupted_burns_at_the_next_tick(
    opened: Residents, fernando: Person, lucia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = MONDAY + timedelta(days=1)
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=now)

    def full(_keys: WaveKeys) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(WaveKeys, "burn", full)
        with pytest.raises(OSError):  # noqa: PT011
            endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=now)

    jobs.tick(now)

    assert not WaveKeys(WAVE).folder.exists()
    assert headers()[-2:] == [("void", WAVE), ("burn", WAVE)]


def shown(client: Client) -> str:
    """Return the hash of the reason that the page lets this reader confirm."""
    page = client.get("/in/waves/", secure=True).content.decode()
    [found] = re.findall(r'name="reason_sha256" value="([0-9a-f]{64})"', page)
    return str(found)


def test_a_reason_that_was_changed_after_it_was_read_is_not_signed(
    opened: Residents, fernando: Person, lucia: Person, sign_in: Callable[[Person], Client], at: SetClock
) -> None:
    now = MONDAY + timedelta(hours=6)
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=now)
    second = sign_in(lucia)
    read = shown(second)
    endings.ask_to_void(wave=WAVE, by=fernando, reason={**REASON, "en": "Ana Ruiz complained."}, now=now)

    second.post("/in/waves/void/", {"wave": WAVE, "confirm": "1", "reason_sha256": read}, secure=True)

    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    assert b"Ana Ruiz complained." in second.get("/in/waves/", secure=True).content


def test_one_persons_reason_is_not_published(opened: Residents, fernando: Person) -> None:
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=MONDAY + timedelta(days=1))
    before = aggregates.edition(now=SUNDAY)

    jobs.tick(SUNDAY)

    waiting = week_of("emergency", WAVE, SUNDAY + timedelta(hours=1))
    assert (waiting.state, waiting.reason) == (WeekState.NOT_PUBLISHED, None)
    assert before != aggregates.edition(now=SUNDAY), "the control: it does change when the wave does"


def test_the_page_lets_two_people_void_and_one_skip(
    opened: Residents, fernando: Person, lucia: Person, sign_in: Callable[[Person], Client], at: SetClock
) -> None:
    first, second = sign_in(fernando), sign_in(lucia)
    reason = {"reason_es": REASON["es"], "reason_en": REASON["en"]}

    assert b"pulse/2026-W47" in first.get("/in/waves/", secure=True).content
    empty = first.post("/in/waves/skip/", {"monday": "2026-12-21"}, secure=True)
    assert empty.status_code == 400
    first.post("/in/waves/skip/", {"monday": "2026-12-21", **reason}, secure=True)
    first.post("/in/waves/void/", {"wave": WAVE, **reason}, secure=True)
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    assert REASON["en"].encode() in second.get("/in/waves/", secure=True).content
    second.post("/in/waves/void/", {"wave": WAVE, "confirm": "1"}, secure=True)
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN, "nothing says which reason was read"
    second.post("/in/waves/void/", {"wave": WAVE, "confirm": "1", "reason_sha256": shown(second)}, secure=True)

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED
    assert SkippedWeek.objects.get().monday.isoformat() == "2026-12-21"


def test_the_page_is_not_there_for_others(
    opened: Residents, ana: Person, elena: Person, ines: Person, sign_in: Callable[[Person], Client], at: SetClock
) -> None:
    for person in (ana, elena):
        assert sign_in(person).get("/in/waves/", secure=True).status_code == 404
    holder = sign_in(ines)
    assert holder.get("/in/waves/", secure=True).status_code == 200
    assert holder.post("/in/waves/skip/", {}, secure=True).status_code == 404


def test_a_member_reads_who_counts_with_them_and_can_check_the_signed_list(
    announced: Residents, hospital: Institution, sign_in: Callable[[Person], Client], at: SetClock
) -> None:
    at(BEFORE)
    newcomer = people.add_person(
        institution=hospital, external_id="new", name="Nueva Persona", email="new@hospital.example"
    )
    people.join(person=newcomer, unit="emergency", from_on=BEFORE.date())
    jobs.tick(BEFORE + timedelta(minutes=1))

    [group, *_others] = queries.own_groups(announced["emergency"][0].pk, now=BEFORE)
    page = sign_in(announced["emergency"][0]).get("/in/group/", secure=True).content.decode()

    assert len(group.members) == 26
    assert group.newcomers == ("Nueva Persona",)
    assert group.hashes_agree
    assert members.members_hash(bytes.fromhex(group.salt), group.signed_ids) == group.members_sha256
    assert announced["emergency"][1].name in page
    assert announced["surgery"][0].name not in page
    assert group.members_sha256 in page
    assert "nobody confirms who is added" in page
    assert 'href="/in/group/"' in sign_in(announced["emergency"][0]).get("/in/chain/", secure=True).content.decode()


def test_who_is_asked_nowhere_reads_no_list(
    announced: Residents, elena: Person, sign_in: Callable[[Person], Client], at: SetClock
) -> None:
    at(BEFORE)

    assert queries.own_groups(elena.pk, now=BEFORE) == ()
    assert sign_in(elena).get("/in/group/", secure=True).status_code == 404
    assert b'href="/in/group/"' not in sign_in(elena).get("/in/chain/", secure=True).content
