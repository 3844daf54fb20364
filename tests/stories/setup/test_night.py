"""The roster of each night: the desk's rules without anybody at the desk; what it does not dare it leaves for the desk."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import translation

from callroom.audit.models import AuditRow
from callroom.audit.states import Tag
from callroom.people.models import Institution, Membership, Person
from callroom.setup import actions, checks, jobs
from callroom.setup.models import ColumnMemory, NightFile
from callroom.setup.states import Topic
from tests.world.people import residents_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NIGHT = datetime(2026, 11, 25, 10, tzinfo=UTC)
"""Wednesday 04:00 in Monterrey."""
HEADER = "external_id,name,email,role,unit,home_unit,from,to\n"
COORDINATOR = "fernando,Fernando Ruiz,fernando@hospital.example,coordinator,san-rafael,,2026-03-01,\n"


@pytest.fixture
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.ROSTER_DIR = tmp_path / "roster"
    settings.ROSTER_DIR.mkdir()
    return settings.ROSTER_DIR


@pytest.fixture
def twelve(hospital: Institution, fernando: Person) -> list[Person]:
    """Return twelve residents of Surgery; Fernando coordinates."""
    return residents_in(hospital, "surgery", 12)


def row(person: Person, name: str = "") -> str:
    return f"{person.external_id},{name or person.name},{person.email},resident,,surgery,2026-03-01,\n"


def leave(folder: Path, text: str, name: str = "people.csv", *, age: timedelta = timedelta(hours=2)) -> Path:
    """Leave a file as the other system does, at rest for so long."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    then = (NIGHT - age).timestamp()
    os.utime(file, (then, then))
    return file


def everybody(people: list[Person]) -> str:
    return HEADER + COORDINATOR + "".join(row(person) for person in people)


def finding(now: datetime = NIGHT) -> checks.Finding:
    return next(found for found in checks.findings(now=now) if found.topic is Topic.ROSTER)


def test_a_newcomer_of_the_night_is_there_in_the_morning(twelve: list[Person], folder: Path) -> None:
    leave(folder, everybody(twelve) + "r-new,Nadia Roble,nadia@hospital.example,resident,,surgery,2026-11-25,\n")

    jobs.every_hour(NIGHT)

    assert Person.objects.get(external_id="r-new").name == "Nadia Roble"
    done = NightFile.objects.get()
    assert (done.kind, done.read_on, done.imported_on, done.problems) == ("people", NIGHT.date(), NIGHT.date(), [])
    assert AuditRow.objects.filter(tag=Tag.ROSTER_IMPORTED, by="").count() == 1
    assert finding().settled
    assert "25 November 2026" in finding().says


def test_the_same_file_is_read_once_a_day_and_a_new_one_at_once(twelve: list[Person], folder: Path) -> None:
    leave(folder, everybody(twelve))
    for hour in range(3):
        jobs.every_hour(NIGHT + timedelta(hours=hour))
    first = NightFile.objects.get().sha256

    leave(folder, everybody(twelve).replace("Residente surgery-003", "Renata Olmo"))
    jobs.every_hour(NIGHT + timedelta(hours=4))

    assert NightFile.objects.get().sha256 != first
    assert Person.objects.get(external_id="surgery-003").name == "Renata Olmo"
    jobs.every_hour(NIGHT + timedelta(days=1))
    assert NightFile.objects.get().read_on == NIGHT.date() + timedelta(days=1)


def test_before_three_and_while_it_is_written_nothing_is_read(twelve: list[Person], folder: Path) -> None:
    leave(folder, everybody(twelve))
    jobs.every_hour(NIGHT - timedelta(hours=2))
    leave(folder, everybody(twelve[:3]), age=timedelta(minutes=1))
    jobs.every_hour(NIGHT)

    assert not NightFile.objects.exists()
    assert Person.objects.filter(is_active=True).count() == 13


def test_when_many_would_leave_nobody_does_and_the_check_says_so(twelve: list[Person], folder: Path) -> None:
    leave(folder, everybody(twelve[:5]))

    jobs.every_hour(NIGHT)

    assert Person.objects.filter(is_active=True).count() == 13
    assert NightFile.objects.get().imported_on is None
    assert not finding().settled
    assert "Nothing of people.csv was imported. 7 of 13 people" in finding().says
    with translation.override("es"):
        assert "people.csv" in finding().says
        assert "Nothing" not in finding().says


def test_a_bad_row_leaves_everything_as_it_was_and_the_next_night_mends_it(twelve: list[Person], folder: Path) -> None:
    leave(folder, everybody(twelve) + "r-new,Nadia Roble,no-address,resident,,surgery,2026-11-25,\n")
    jobs.every_hour(NIGHT)
    assert not Person.objects.filter(external_id="r-new").exists()
    assert not finding().settled

    leave(folder, everybody(twelve))
    jobs.every_hour(NIGHT + timedelta(days=1))

    assert finding(NIGHT + timedelta(days=1)).settled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,colour\nAna,red\n", "nobody has said yet what this column is"),
        ("unit,name_en,name_es,kind,parent\n", ""),
        ("\xff\xfe", ""),
        ("", ""),
    ],
)
def test_what_is_no_roster_is_said(text: str, said: str, twelve: list[Person], folder: Path) -> None:
    leave(folder, text)

    jobs.every_hour(NIGHT)

    assert not finding().settled
    assert said in finding().says
    assert Person.objects.filter(is_active=True).count() == 13


def test_a_file_of_another_kind_is_not_taken_for_this_one(twelve: list[Person], folder: Path) -> None:
    leave(folder, "unit,name_en,name_es,kind,parent\nmaternity,Maternity,Maternidad,programme,san-rafael\n")

    jobs.every_hour(NIGHT)

    assert "not a file of people" in finding().says


def test_columns_named_at_the_desk_are_known_at_night(
    hospital: Institution, twelve: list[Person], folder: Path
) -> None:
    ColumnMemory.objects.create(institution=hospital, header="numero_de_empleado", column="external_id")
    ColumnMemory.objects.create(institution=hospital, header="casillero", column="")
    text = everybody(twelve).replace("external_id", "Número de empleado", 1).replace(",to\n", ",to,Casillero\n", 1)
    leave(folder, text + "r-new,Nadia Roble,nadia@hospital.example,resident,,surgery,2026-11-25,,12\n")

    jobs.every_hour(NIGHT)

    assert NightFile.objects.get().problems == []
    assert Person.objects.filter(external_id="r-new").exists()


def test_units_come_before_people(twelve: list[Person], folder: Path) -> None:
    leave(folder, everybody(twelve) + "r-new,Nadia Roble,nadia@hospital.example,resident,,maternity,2026-11-25,\n")
    leave(folder, "unit,name_en,name_es,kind,parent\nmaternity,Maternity,Maternidad,programme,medicine\n", "units.csv")

    done = actions.import_night(folder=folder, institution=twelve[0].institution, now=NIGHT)

    assert [(file.kind, file.problems) for file in done] == [("units", []), ("people", [])]


def test_rotations_of_the_night_come_after_the_people_they_name(twelve: list[Person], folder: Path) -> None:
    leave(folder, "external_id,unit,from,to\nr-new,urology,2026-11-25,2027-01-31\n", "rotations.csv")
    leave(folder, everybody(twelve) + "r-new,Nadia Roble,nadia@hospital.example,resident,,surgery,2026-11-25,\n")

    jobs.every_hour(NIGHT)

    assert NightFile.objects.get(kind="rotations").problems == []
    assert Membership.objects.get(home=False).unit_id == "urology"
    assert finding().settled


def test_when_many_rotations_are_missing_none_ends_and_the_check_says_so(twelve: list[Person], folder: Path) -> None:
    rows = [f"{person.external_id},urology,2026-11-01,\n" for person in twelve]
    leave(folder, "external_id,unit,from,to\n" + "".join(rows), "rotations.csv")
    jobs.every_hour(NIGHT)
    assert Membership.objects.filter(home=False).count() == 12

    leave(folder, "external_id,unit,from,to\n" + "".join(rows[:6]), "rotations.csv")
    jobs.every_hour(NIGHT + timedelta(hours=1))

    assert Membership.objects.filter(home=False, to_on=None).count() == 12
    assert not finding().settled
    assert "Nothing of rotations.csv was imported. 6 of 12 rotations" in finding().says


def test_a_file_of_rotations_is_not_taken_for_people(twelve: list[Person], folder: Path) -> None:
    leave(folder, "external_id,unit,from,to\nsurgery-000,urology,2026-11-25,\n")

    jobs.every_hour(NIGHT)

    assert "not a file of people" in finding().says
    assert not Membership.objects.filter(home=False).exists()


def test_no_folder_is_no_fault_and_a_folder_that_is_gone_is_one(
    hospital: Institution, folder: Path, settings: LazySettings
) -> None:
    jobs.every_hour(NIGHT)
    assert "No roster has come" in finding().says

    folder.rmdir()
    jobs.every_hour(NIGHT)
    assert "is not there" in finding().says

    settings.ROSTER_DIR = None
    jobs.every_hour(NIGHT)
    assert finding().settled


def test_a_roster_that_stopped_coming_is_red_after_three_nights(twelve: list[Person], folder: Path) -> None:
    file = leave(folder, everybody(twelve))
    jobs.every_hour(NIGHT)
    file.unlink()

    assert finding(NIGHT + timedelta(days=3)).settled
    assert not finding(NIGHT + timedelta(days=4)).settled
