"""The simulated year: each of its gates fails when its fault is planted into a real institution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from lab.year import audit, leaders, phase
from lab.year.audit import Published
from lab.year.device import Device
from lab.year.leaders import Ended, Fate
from lab.year.records import Case, Kind, Nothing, Reason, Receipt, Records, Way

from callroom.core.anonymity import posts
from callroom.improvement import ledger
from callroom.improvement.models import Clock
from callroom.people.models import Institution, Person
from callroom.pulse import exports, jobs
from callroom.pulse.models import Wave
from callroom.pulse.simulation import SimulatedResident
from callroom.pulse.states import PayloadKind
from callroom.pulse.stores import chain
from callroom.pulse.stores.sealed import SealedStore
from tests.world.waves import FINE, PUBLISHED, SUNDAY, WAVE

Residents = dict[str, list[Person]]
Client = Callable[[Person], SimulatedResident]
database = pytest.mark.django_db(databases=["default", "issuing", "sealed"])


@pytest.fixture
def answered(opened: Residents, device: Client) -> Records:
    """Let sixteen people of Emergency answer; return what their phones know."""
    records = Records()
    for person in opened["emergency"][:16]:
        client = device(person)
        revision = client.answer(WAVE, FINE)
        token = client.tokens[WAVE]
        records.issued[WAVE].add(person.external_id)
        records.acknowledged(Receipt(WAVE, token.message, person.external_id, token.group, revision, FINE))
    return records


@pytest.fixture
def published(hospital: Institution, tmp_path: Path) -> Callable[[], Published]:
    """Return what closes and publishes the round, and reads the exported chain."""

    def until_monday() -> Published:
        jobs.tick(SUNDAY)
        jobs.tick(PUBLISHED)
        exports.export(hospital, tmp_path / "export")
        return Published.read(tmp_path / "export")

    return until_monday


def rows() -> dict[bytes, int]:
    return {posts.parse(body).message: posts.parse(body).revision for body in SealedStore(WAVE).bodies()}


def drop_a_row(message: bytes) -> None:
    with SealedStore(WAVE).connected() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM sealed_answer WHERE message = %s", [message])


@database
def test_without_a_fault_no_gate_says_anything(answered: Records, published: Callable[[], Published]) -> None:
    assert [*audit.held(WAVE, answered.of(WAVE), rows())] == []
    shown = published()

    assert [*audit.lost(answered, shown), *audit.twice(shown)] == []
    assert shown.releases[WAVE][0]["leaves"][0]["n"] == [16, 23]


@database
def test_an_acknowledged_answer_that_was_dropped_is_missed_in_the_store_and_in_what_is_published(
    answered: Records, published: Callable[[], Published]
) -> None:
    drop_a_row(answered.of(WAVE)[3].message)

    assert [fault for fault in audit.held(WAVE, answered.of(WAVE), rows()) if "is not in the store" in fault]
    faults = [*audit.lost(answered, published())]
    assert any("the receipts give Band(low=16" in fault for fault in faults), faults


@database
def test_an_older_answer_in_place_of_the_acknowledged_one_is_missed(answered: Records) -> None:
    newest = answered.of(WAVE)[0]
    newest.revision = 2

    assert len([*audit.held(WAVE, answered.of(WAVE), rows())]) == 1


@database
def test_an_answer_that_nobody_sent_is_found(answered: Records) -> None:
    receipts = answered.of(WAVE)[1:]

    assert [fault for fault in audit.held(WAVE, receipts, rows()) if "no phone has a receipt" in fault]


@database
def test_a_round_that_is_neither_published_nor_void_is_found(
    answered: Records, hospital: Institution, tmp_path: Path
) -> None:
    exports.export(hospital, tmp_path / "export")

    assert [fault for fault in audit.lost(answered, Published.read(tmp_path / "export")) if "neither" in fault]


@database
def test_a_release_that_was_written_twice_is_found(
    answered: Records, published: Callable[[], Published], hospital: Institution, tmp_path: Path
) -> None:
    published()
    with chain.appending(hospital, now=PUBLISHED) as written:
        written.announce(PayloadKind.RELEASE, Wave.objects.get(pk=WAVE).release)
    exports.export(hospital, tmp_path / "export")

    faults = [*audit.twice(Published.read(tmp_path / "export"))]

    assert f"{WAVE}: released 2 times, void 0 times, closed 1 times" in faults
    assert any("stands in 2 figures" in fault for fault in faults)


@database
def test_a_resident_whose_second_ticket_nobody_approves_has_no_way_back(opened: Residents, device: Client) -> None:
    person, records = opened["emergency"][0], Records()
    phone = Device(person.external_id, Kind.APP, device(person))
    entry = next(each for each in phone.client.offered() if each["wave"] == WAVE)
    assert phone.fetches(entry, records, replace=False)
    phone.forget(Reason.NEW_PHONE)

    assert not phone.fetches(entry, records, replace=False)

    faults = [*audit.locked_out(list(records.cases.values()))]
    assert faults == [
        f"{person.external_id} found no ticket for {WAVE} (a new phone; phone, home-screen app) and no way back"
    ]
    records.found(person.external_id, Way.APPROVED, only=WAVE)
    assert [*audit.locked_out(list(records.cases.values()))] == []


def test_a_visit_that_finds_no_round_must_have_a_reason() -> None:
    records = Records()
    records.found_nothing[Kind.APP, Nothing.HOLIDAY] += 3
    assert [*audit.not_asked(records, Published())] == []

    records.found_nothing[Kind.TAB, Nothing.NO_ROUND] += 2

    assert [*audit.not_asked(records, Published())] == [
        "2 visits by phone, browser tab found no round to answer, and nothing explains it"
    ]


@pytest.mark.parametrize(("weeks", "held"), [(1, False), (2, True)])
def test_a_programme_is_silent_only_for_less_than_a_round_of_it(weeks: int, held: bool) -> None:
    records = Records()
    records.between.add(("anesthesia", date(2026, 10, 28)))
    opens_at = int(datetime(2026, 11, 9, 12, tzinfo=UTC).timestamp())  # twelve days later
    sheet = {"opens_at": opens_at, "weeks": weeks, "leaves": [{"units": ["anesthesia"]}]}

    said = [*audit.not_asked(records, Published(sheets={"a round": sheet}))]

    assert (said == []) is held
    assert [*audit.not_asked(records, Published())] == [
        "anesthesia was asked nothing on 2026-10-28, and no round of it began in time"
    ]


def test_a_way_back_is_noted_once_and_for_the_round_that_it_is_about() -> None:
    records = Records()
    first, second = (Case("r1", wave, Kind.TAB, Reason.EVICTED) for wave in (WAVE, "pulse/2026-W48"))
    records.note(first)
    records.note(second)

    records.found("r1", Way.STANDS, only=WAVE)
    records.found("r1", Way.NEXT)

    assert (first.way, second.way) == (Way.STANDS, Way.NEXT)


def clock_of(hospital: Institution, **fields: object) -> Clock:
    started_on = date(2026, 11, 2)
    unit = {"unit_id": "emergency", "holder_id": "emergency", "asked_unit_id": "emergency"}
    days = {"started_on": started_on, "due_on": started_on + timedelta(days=14), "results_until": started_on}
    return Clock.objects.create(
        institution=hospital, cause="first", asked_through="nobody", changed_at=PUBLISHED, **unit, **days, **fields
    )


@database
def test_a_clock_without_any_state_is_found(hospital: Institution) -> None:
    clock_of(hospital, state="answered", ended_on=date(2026, 11, 9))  # and nobody said anything

    (row,) = ledger.clocks_in(Clock.objects.all(), date(2026, 11, 10))
    ended = leaders._ended(row, "")

    assert ended.fate is Fate.NONE
    assert [*audit.without_fate([ended])]


@database
def test_a_silent_clock_must_be_seen_by_everybody(hospital: Institution) -> None:
    clock_of(hospital)
    (row,) = ledger.clocks_in(Clock.objects.all(), date(2026, 12, 1))

    assert leaders._ended(row, f"{row.holder_name} has not answered: 15 days over.").fate is Fate.SILENT
    assert leaders._ended(row, "Nothing waits.").fate is Fate.NONE


def test_a_clock_that_waits_in_time_has_its_fate() -> None:
    assert [*audit.without_fate([Ended("emergency", date(2026, 11, 2), Fate.WAITS)])] == []


def test_a_year_in_which_too_little_happened_is_no_proof() -> None:
    scale = phase.SIZES["short"]
    records, shown = Records(), Published()
    records.events.update({"crashes": 1, "upgrades": 1, "restores": 1, "new phones": 4})
    records.answers.update(dict.fromkeys(Kind, 1))
    shown.plans |= {"2025-03-01", "2026-03-01"}
    assert [*audit.went_as_planned(records, shown, scale)] == []

    records.events["crashes"] = 0
    shown.plans.pop()

    assert len([*audit.went_as_planned(records, shown, scale)]) == 2


def test_a_roster_keeps_its_size_while_people_come_and_go() -> None:
    from lab.year.roster import Roster

    roster = Roster(phase.SIZES["long"], Random(1))
    roster.begin()
    size = len(roster.residents)

    for week in range(52):
        roster.a_week_passes(date(2026, 3, 2) + timedelta(weeks=week))

    assert len(roster.residents) == size
    assert roster.left == roster.came == pytest.approx(0.52 * size, abs=1)
