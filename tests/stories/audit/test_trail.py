"""The audit trail: any changed, dropped, added or reordered row is found, and the database refuses most of them."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from callroom.audit import actions, queries, triggers
from callroom.audit.models import AuditHead, AuditRow, Look
from callroom.audit.states import SIGN_IN, Tag

NOW = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ANA = "5a1f5a7e-0000-4000-8000-000000000001"
BRUNO = "5a1f5a7e-0000-4000-8000-000000000002"

pytestmark = pytest.mark.django_db


@contextmanager
def whoever_holds_the_database() -> Iterator[None]:
    """Lift the triggers, as somebody could who owns the file."""
    with connection.cursor() as cursor:
        for statement in triggers.remove(connection.vendor):
            cursor.execute(statement)
        yield
        for statement in triggers.install(connection.vendor):
            cursor.execute(statement)


def write_five() -> None:
    for number in range(5):
        actions.record(by=ANA, tag=Tag.ROLE_GIVEN, about=BRUNO, now=NOW, details={"role": "chief", "number": number})


def test_a_whole_trail_is_whole() -> None:
    write_five()

    report = queries.verify()

    assert report == queries.Report(rows=5, looks=0, head=AuditRow.objects.get(seq=4).mac)


def test_an_empty_trail_is_whole() -> None:
    assert queries.verify().fault is None


def test_a_row_keeps_whole_seconds_and_its_details() -> None:
    actions.record(by=None, tag=Tag.WAVE_TALLIED, about="pulse/2026-W47", now=NOW, details={"leaves": 11})

    row = AuditRow.objects.get()

    assert (row.seq, row.at, row.by, row.about) == (0, NOW.replace(microsecond=0), "", "pulse/2026-W47")
    assert row.details == {"leaves": 11}


@pytest.mark.parametrize(
    "change",
    [
        {"about": "somebody else"},
        {"by": BRUNO},
        {"tag": "role-ended"},
        {"details": {"role": "chair", "number": 2}},
        {"at": datetime(2026, 11, 22, 9, 30, 16, tzinfo=UTC)},
    ],
    ids=str,
)
def test_a_changed_row_is_found_and_named(change: dict[str, object]) -> None:
    write_five()
    with whoever_holds_the_database():
        AuditRow.objects.filter(seq=2).update(**change)

    fault = queries.verify().fault

    assert fault == queries.Fault(2, "row 2 was changed")


def test_a_removed_row_is_found() -> None:
    write_five()
    with whoever_holds_the_database():
        AuditRow.objects.filter(seq=2).delete()

    fault = queries.verify().fault

    assert fault is not None
    assert fault.seq == 2


def test_two_rows_in_each_others_place_are_found() -> None:
    write_five()
    with whoever_holds_the_database():
        AuditRow.objects.filter(seq=1).update(seq=99)
        AuditRow.objects.filter(seq=2).update(seq=1)
        AuditRow.objects.filter(seq=99).update(seq=2)

    fault = queries.verify().fault

    assert fault == queries.Fault(1, "row 1 does not follow the row before it")


def test_a_cut_end_is_found() -> None:
    write_five()
    with whoever_holds_the_database():
        AuditRow.objects.filter(seq=4).delete()

    fault = queries.verify().fault

    assert fault is not None
    assert fault.seq == 4


def test_a_cut_end_with_its_head_wound_back_is_found_by_a_head_that_was_kept_elsewhere() -> None:
    write_five()
    kept = queries.verify().head
    with whoever_holds_the_database():
        AuditRow.objects.filter(seq=4).delete()
        AuditHead.objects.update(next_seq=4, mac=AuditRow.objects.get(seq=3).mac)

    assert queries.verify().fault is None
    assert queries.verify(head=kept).fault == queries.Fault(4, "the trail does not pass through the given head")


def test_a_row_that_was_added_by_hand_is_found() -> None:
    write_five()
    last = AuditRow.objects.get(seq=4)
    AuditRow.objects.create(
        seq=5, at=NOW, by=ANA, tag=Tag.ROLE_GIVEN, about=BRUNO, details={}, previous=last.mac, mac="f" * 64
    )

    assert queries.verify().fault == queries.Fault(5, "row 5 was changed")


@pytest.mark.parametrize("table", triggers.TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_changing_and_deleting(table: str, statement: str) -> None:
    write_five()
    actions.look(ANA, "/in/results/", TODAY)
    column = "about" if table == "audit_auditrow" else "page"

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column))

    assert AuditRow.objects.count() == 5
    assert Look.objects.count() == 1


def test_an_action_that_fails_leaves_no_row() -> None:
    def fail() -> None:
        with transaction.atomic():
            actions.record(by=ANA, tag=Tag.ROLE_GIVEN, about=BRUNO, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    write_five()

    assert queries.verify().rows == 5


def test_the_key_is_readable_by_its_owner_alone(settings: LazySettings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"

    actions.record(by=None, tag=Tag.PLAN_MADE, about="2026-03-01", now=NOW)

    key = tmp_path / "keys" / "institution" / "audit.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    assert len(key.read_bytes()) == 32


def test_another_key_finds_the_first_row(settings: LazySettings, tmp_path: Path) -> None:
    write_five()
    settings.KEYS_DIR = tmp_path / "keys"

    assert queries.verify().fault == queries.Fault(0, "row 0 was changed")


def test_a_look_is_kept_once_a_day() -> None:
    for _visit in range(3):
        actions.look(ANA, "/in/results/", TODAY)
    actions.look(ANA, "/in/results/", date(2026, 11, 23))
    actions.look(ANA, SIGN_IN, TODAY)
    actions.look(BRUNO, "/in/results/", TODAY)

    assert Look.objects.count() == 4
    assert queries.days_of(ANA, "/in/results/", limit=5) == (date(2026, 11, 23), TODAY)


def test_a_look_has_no_time_and_its_table_no_order_of_arrival() -> None:
    assert {field.name for field in Look._meta.fields} == {"digest", "person", "page", "day"}
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_look'")
            assert cursor.fetchone()[0].endswith("WITHOUT ROWID")
            with pytest.raises(DatabaseError, match="rowid"):
                cursor.execute("SELECT rowid FROM audit_look")


def test_the_second_look_of_a_day_writes_nothing() -> None:
    actions.look(ANA, SIGN_IN, TODAY)

    with connection.execute_wrapper(_only_reading):
        actions.look(ANA, SIGN_IN, TODAY)


def _only_reading(execute: object, sql: str, params: object, many: bool, context: object) -> object:
    assert sql.startswith("SELECT"), sql
    return execute(sql, params, many, context)  # type: ignore[operator]


def test_nobody_looks_while_looks_are_laid_in_order() -> None:
    """A look that came between the copy and the truncation would be lost."""
    if connection.vendor != "postgresql":
        pytest.skip("the table lies in order by itself")
    actions.look(ANA, SIGN_IN, TODAY)

    with CaptureQueriesContext(connection) as captured:
        actions.seal_days(before=date(2026, 11, 23), now=NOW)

    said = [query["sql"] for query in captured]
    copied = next(place for place, sql in enumerate(said) if sql.startswith("CREATE TEMPORARY TABLE"))
    assert said[copied - 1] == "LOCK TABLE audit_look IN ACCESS EXCLUSIVE MODE"
    assert Look.objects.count() == 1


def test_a_changed_look_is_found() -> None:
    actions.look(ANA, SIGN_IN, TODAY)
    with whoever_holds_the_database():
        Look.objects.update(person=BRUNO)

    assert queries.verify().fault == queries.Fault(None, "a look of 2026-11-22 was changed")


def test_a_look_that_goes_missing_from_a_sealed_day_is_found() -> None:
    actions.look(ANA, SIGN_IN, TODAY)
    actions.look(BRUNO, SIGN_IN, TODAY)
    actions.seal_days(before=date(2026, 11, 23), now=NOW)
    assert queries.verify().fault is None
    with whoever_holds_the_database():
        Look.objects.filter(person=BRUNO).delete()

    fault = queries.verify().fault

    assert fault is not None
    assert "2026-11-22" in fault.why


def test_a_day_is_sealed_once_and_today_not_yet() -> None:
    actions.look(ANA, SIGN_IN, TODAY)
    actions.look(ANA, SIGN_IN, date(2026, 11, 20))

    for _run in range(2):
        actions.seal_days(before=TODAY, now=NOW)

    assert list(AuditRow.objects.values_list("about", flat=True)) == ["2026-11-20"]


def test_with_the_clock_set_back_a_look_counts_for_the_first_day_that_is_not_sealed() -> None:
    actions.look(ANA, SIGN_IN, TODAY)
    actions.seal_days(before=date(2026, 11, 23), now=NOW)

    actions.look(BRUNO, SIGN_IN, date(2026, 11, 21))

    assert queries.days_of(BRUNO, SIGN_IN, limit=1) == (date(2026, 11, 23),)
    assert queries.verify().fault is None


def test_sealing_keeps_all_looks() -> None:
    for person in (ANA, BRUNO):
        actions.look(person, SIGN_IN, TODAY)

    actions.seal_days(before=date(2026, 11, 23), now=NOW)

    assert Look.objects.count() == 2


def test_the_command_says_that_all_is_well() -> None:
    write_five()
    said = StringIO()

    call_command("audit", "verify", stdout=said)

    assert "5 rows" in said.getvalue()
    assert AuditRow.objects.get(seq=4).mac in said.getvalue()


def test_the_command_names_the_first_bad_row_and_fails() -> None:
    write_five()
    with whoever_holds_the_database():
        AuditRow.objects.filter(seq__in=(1, 3)).update(about="x")
    said = StringIO()

    with pytest.raises(SystemExit) as exit_code:
        call_command("audit", "verify", stderr=said)

    assert exit_code.value.code == 1
    assert "row 1 was changed" in said.getvalue()
