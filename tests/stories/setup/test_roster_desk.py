"""A roster file in the browser: taken, its columns named and remembered, corrected in place, read, applied, forgotten."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
import xlsxwriter
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from callroom.people import queries as people
from callroom.people.models import EvaluatorAssignment, Institution, Membership, Person
from callroom.people.policy import NotYours
from callroom.setup import actions, jobs, previews
from callroom.setup.models import ColumnMemory, RosterDraft
from tests.world.people import residents_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)
HEADER = "external_id,name,email,role,unit,home_unit"
FERNANDO = "fernando,Fernando Ruiz,fernando@hospital.example,coordinator,,"
ANA = "ana,Ana Torres,ana@hospital.example,resident,,emergency"

SignIn = Callable[[Person], Client]


def file_of(*rows: str, header: str = HEADER, name: str = "padron.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *rows]).encode())


def workbook(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.add_worksheet("vacía")
    sheet = book.add_worksheet("padrón")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


@pytest.fixture
def desk(fernando: Person, sign_in: SignIn) -> Client:
    """Return the coordinator's browser."""
    return sign_in(fernando)


def bring(client: Client, file: SimpleUploadedFile) -> HttpResponse:
    return client.post("/in/roster/", {"file": file})


def apply(client: Client, fernando: Person, **more: str) -> HttpResponse:
    found = previews.preview(fernando, now=datetime.now(UTC))
    assert found is not None
    return client.post("/in/roster/apply/", {"seen": found.seen, **more})


def test_a_file_is_read_previewed_and_applied_and_then_gone(desk: Client, fernando: Person) -> None:
    answer = bring(desk, file_of(FERNANDO, ANA))
    assert answer.headers["Location"] == "/in/roster/preview/"
    page = desk.get("/in/roster/preview/").content.decode()
    assert "Ana Torres" in page
    assert not Person.objects.filter(external_id="ana").exists()

    assert apply(desk, fernando).status_code == 302

    assert people.home_programme(Person.objects.get(external_id="ana").pk, date.today()) == "emergency"
    assert not RosterDraft.objects.exists()


def test_the_same_file_again_changes_nothing_and_can_be_put_away(desk: Client, fernando: Person) -> None:
    bring(desk, file_of(FERNANDO))

    assert previews.preview(fernando, now=datetime.now(UTC)).groups == ()  # type: ignore[union-attr]  # it is there
    assert apply(desk, fernando).status_code == 302


def test_own_words_for_columns_are_asked_once_and_remembered(desk: Client, fernando: Person) -> None:
    header = "Nómina,Nombre,Correo,Puesto,Especialidad,Teléfono"
    rows = [
        "fernando,Fernando Ruiz,fernando@hospital.example,coordinadora,,811",
        "ana,Ana Torres,ana@hospital.example,residente,emergency,812",
    ]
    first = bring(desk, file_of(*rows, header=header))
    assert first.headers["Location"] == "/in/roster/columns/"
    assert "Especialidad" in desk.get("/in/roster/columns/").content.decode()

    chosen = ["external_id", "name", "email", "role", "home_unit", ""]
    desk.post("/in/roster/columns/", {f"column-{place}": name for place, name in enumerate(chosen)})
    assert apply(desk, fernando).status_code == 302

    assert Person.objects.filter(external_id="ana").exists()
    assert bring(desk, file_of(*rows, header=header)).headers["Location"] == "/in/roster/preview/"
    assert dict(ColumnMemory.objects.values_list("header", "column"))["telefono"] == ""


def test_a_name_that_no_column_has_is_not_taken(desk: Client) -> None:
    bring(desk, file_of(FERNANDO))

    desk.post("/in/roster/columns/", {"column-0": "password"})

    assert RosterDraft.objects.get().columns == HEADER.split(",")


def test_why_somebody_is_away_is_never_stored(desk: Client) -> None:
    bring(desk, file_of(FERNANDO + ",secreto", header=HEADER + ",Motivo de la ausencia"))

    kept = RosterDraft.objects.get()
    assert "secreto" not in str(kept.rows)
    assert "Motivo" not in str(kept.header)


def test_wrong_cells_are_corrected_in_place(desk: Client, fernando: Person) -> None:
    bring(
        desk,
        file_of(
            FERNANDO, "ana,Ana Torres,ana at hospital,resident,,urgencias", "bruno,,bruno@hospital.example,resident,,"
        ),
    )
    page = desk.get("/in/roster/preview/").content.decode()
    assert 'name="c-3-email"' in page
    assert 'value="ana at hospital"' in page
    assert 'name="c-4-home_unit"' in page
    assert 'name="c-2-' not in page

    said = {
        "c-3-email": "ana@hospital.example",
        "c-3-home_unit": "emergency",
        "c-4-name": "Bruno Salas",
        "c-4-home_unit": "emergency",
    }
    desk.post("/in/roster/preview/", said)
    assert apply(desk, fernando).status_code == 302

    assert Person.objects.filter(external_id__in=["ana", "bruno"]).count() == 2


def test_cells_that_are_not_there_are_passed_over(desk: Client) -> None:
    bring(desk, file_of(FERNANDO))
    before = RosterDraft.objects.get().rows

    desk.post("/in/roster/preview/", {"c-99-name": "Nadie", "c-2-password": "x", "other": "y"})

    assert RosterDraft.objects.get().rows == before


def test_half_of_the_people_missing_is_asked_about_first(desk: Client, fernando: Person, hospital: Institution) -> None:
    residents_in(hospital, "surgery", 20)
    bring(desk, file_of(FERNANDO))
    page = desk.get("/in/roster/preview/").content.decode()
    assert 'name="leavers"' in page

    apply(desk, fernando)
    apply(desk, fernando, leavers="19")
    assert Person.objects.filter(is_active=True).count() == 21
    assert RosterDraft.objects.exists()

    apply(desk, fernando, leavers="20")
    assert Person.objects.filter(is_active=True).count() == 1


def test_nobody_removes_themselves(desk: Client, fernando: Person, ana: Person) -> None:
    bring(desk, file_of(ANA, "oscar,Oscar Gil,oscar@hospital.example,operator,,"))

    found = previews.preview(fernando, now=datetime.now(UTC))

    assert found is not None
    assert any("fernando" in sentence for sentence in found.whole)
    assert found.seen == ""


def test_what_was_read_is_what_is_applied(desk: Client, fernando: Person, hospital: Institution) -> None:
    bring(desk, file_of(FERNANDO, ANA))
    read = previews.preview(fernando, now=datetime.now(UTC))
    assert read is not None
    residents_in(hospital, "surgery", 1)

    desk.post("/in/roster/apply/", {"seen": read.seen})

    assert RosterDraft.objects.exists()
    assert Person.objects.filter(external_id="surgery-000", is_active=True).exists()
    assert not Person.objects.filter(external_id="ana").exists()


def test_a_file_is_forgotten_when_cancelled_and_within_a_day(desk: Client, fernando: Person) -> None:
    bring(desk, file_of(FERNANDO))
    desk.post("/in/roster/cancel/")
    assert not RosterDraft.objects.exists()

    bring(desk, file_of(FERNANDO))
    later = datetime.now(UTC) + timedelta(hours=25)
    with pytest.raises(actions.NoDraft):
        actions.apply_draft(by=fernando, confirmed_leavers=None, seen="", now=later)
    jobs.every_hour(later)
    assert not RosterDraft.objects.exists()


def test_a_file_in_work_is_its_owners_only(desk: Client, oscar: Person, sign_in: SignIn) -> None:
    bring(desk, file_of(FERNANDO))

    assert sign_in(oscar).get("/in/roster/preview/").status_code == 302
    assert previews.preview(oscar, now=NOW) is None


def test_who_may_not_import_takes_no_file(ana: Person) -> None:
    with pytest.raises(NotYours):
        actions.take_file(by=ana, file_name="x.csv", content=b"unit,name_en,kind", now=NOW)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfeA", "UTF-16"),
        (b"\xd0\xcf\x11\xe0 old", "xlsx"),
        (b"PK\x03\x04 not really", "spreadsheet"),
    ],
)
def test_a_file_that_is_none_gets_a_sentence_and_stores_nothing(content: bytes, says: str, desk: Client) -> None:
    answer = bring(desk, SimpleUploadedFile("padron.xlsx", content))

    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not RosterDraft.objects.exists()


def test_a_spreadsheet_says_the_same_as_its_csv(desk: Client, fernando: Person) -> None:
    rows: list[list[object]] = [
        [*HEADER.split(","), "from"],
        [*FERNANDO.split(","), ""],
        ["104", "Ana Torres", "ana@hospital.example", "resident", "", "emergency", date(2026, 3, 1)],
    ]
    content = workbook(rows)

    bring(desk, SimpleUploadedFile("padron.xlsx", content))
    assert apply(desk, fernando).status_code == 302

    ana = Membership.objects.get(person__external_id="104")
    assert (ana.unit_id, ana.from_on) == ("emergency", date(2026, 3, 1))


def test_whole_numbers_in_a_spreadsheet_stay_whole(hospital: Institution, tmp_path: Path) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(
        workbook([HEADER.split(","), [104, "Ana Torres", "ana@hospital.example", "resident", "", "emergency"]])
    )

    call_command("roster", "import", str(file), stdout=io.StringIO())

    assert Person.objects.get().external_id == "104"


def test_evaluators_come_in_the_same_way(desk: Client, fernando: Person, elena: Person, ana: Person) -> None:
    bring(desk, file_of("elena,ana", header="evaluator,external_id"))

    assert apply(desk, fernando).status_code == 302

    assert EvaluatorAssignment.objects.filter(evaluator__external_id=elena.external_id, person=ana).exists()


def test_rotations_come_in_the_same_way_with_own_words_and_cells_to_correct(
    desk: Client, fernando: Person, ana: Person
) -> None:
    answer = bring(desk, file_of("ana,surgery,2026-11-20,2027-02-30", header="Matrícula,Unidad,Inicio,Hasta"))
    assert answer.headers["Location"] == "/in/roster/columns/"
    columns = {"column-0": "external_id", "column-1": "unit", "column-2": "from", "column-3": "to"}
    desk.post("/in/roster/columns/", columns)
    page = desk.get("/in/roster/preview/").content.decode()
    assert 'name="c-2-to"' in page
    assert "2027-02-30" in page

    desk.post("/in/roster/preview/", {"c-2-to": "2027-02-28"})
    assert "in surgery from 2026-11-20 to 2027-02-28" in desk.get("/in/roster/preview/").content.decode()
    apply(desk, fernando)

    found = Membership.objects.get(person=ana, home=False)
    assert (found.unit_id, found.from_on, found.to_on) == ("surgery", date(2026, 11, 20), date(2027, 2, 28))
    assert ColumnMemory.objects.get(header="inicio").column == "from"
    assert people.home_programme(ana.pk, date(2026, 12, 1)) == "emergency"
    assert "1 person works in another unit for a while." in desk.get("/in/roster/").content.decode()


def test_a_column_that_rotations_do_not_have_is_refused_and_one_that_asks_why_is_not_read(
    desk: Client, fernando: Person, ana: Person
) -> None:
    bring(desk, file_of("ana,surgery,2026-11-20,es,x", header="external_id,unit,from,language,motivo"))

    found = previews.preview(fernando, now=datetime.now(UTC))

    assert found is not None
    assert found.seen == ""  # a language is of people: then name, address and role are missing
    assert "x" not in RosterDraft.objects.get().rows[0][1]


def test_half_of_the_rotations_missing_is_asked_about_first(
    desk: Client, fernando: Person, hospital: Institution
) -> None:
    residents_in(hospital, "emergency", 20)
    rows = [f"emergency-{number:03},surgery,2026-11-01," for number in range(20)]
    header = "external_id,unit,from,to"
    bring(desk, file_of(*rows, header=header))
    apply(desk, fernando)
    bring(desk, file_of(*rows[:10], header=header))
    page = desk.get("/in/roster/preview/").content.decode()
    assert 'name="ended"' in page
    assert 'name="leavers"' not in page

    apply(desk, fernando)
    apply(desk, fernando, ended="9")
    apply(desk, fernando, leavers="10")
    assert Membership.objects.filter(home=False, to_on=None).count() == 20
    assert RosterDraft.objects.exists()

    apply(desk, fernando, ended="10")
    assert Membership.objects.filter(home=False, to_on=None).count() == 10


@pytest.mark.parametrize("kind", ["rotations", "rotations-as-they-stand"])
def test_an_empty_file_for_rotations_has_their_columns(kind: str, desk: Client) -> None:
    answer = desk.get(f"/in/roster/{kind}.csv")

    assert answer.content.decode("utf-8-sig").strip() == "external_id,unit,from,to"


def test_a_file_that_is_too_large_is_refused_in_plain_words(desk: Client, settings: LazySettings) -> None:
    from callroom.setup.forms import roster

    answer = bring(desk, SimpleUploadedFile("padron.csv", b"x" * (roster.LARGEST + 1)))

    assert answer.status_code == 400


@pytest.mark.one_store
def test_twenty_thousand_people_are_read_in_reasonable_time(fernando: Person) -> None:
    rows = [f"r{n:05},Residente {n},r{n:05}@hospital.example,resident,,emergency" for n in range(20_000)]
    content = "\n".join([HEADER, FERNANDO, *rows]).encode()
    started = datetime.now(UTC)
    with time_machine.travel(NOW, tick=True):
        actions.take_file(by=fernando, file_name="padron.csv", content=content, now=NOW)
        found = previews.preview(fernando, now=NOW)
        assert found is not None
        outcome = actions.apply_draft(by=fernando, confirmed_leavers=None, seen=found.seen, now=NOW)

    assert len(outcome.lines) == 20_000
    assert len(people.eligible_on(NOW.date())["emergency"]) == 20_000
    took = (datetime.now(UTC) - started).total_seconds()
    assert took < 240
