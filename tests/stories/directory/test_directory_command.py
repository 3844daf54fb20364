"""``callroom directory``: the institution's own help from a file, and the yearly confirmation."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from callroom.directory import seed
from callroom.directory.models import Service
from callroom.people.models import Institution
from callroom.site import translations

HEADER = "code,language,kind,position,name,detail,source,call_to\n"
NIGHT = "night,en,on-call,1,Night line,Every night,switchboard,+528100000000\n"


@pytest.fixture(autouse=True, scope="module")
def _spanish_is_compiled() -> None:
    translations.compile_catalogues()


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("directory", *words, stdout=out)
    return out.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*words)
    return str(error.value)


def test_services_come_from_a_file(hospital: Institution, tmp_path: Path) -> None:
    file = tmp_path / "services.csv"
    file.write_text(HEADER + NIGHT)

    said = run("services", str(file))

    assert "1" in said
    (service,) = Service.objects.all()
    assert (service.name, service.call_to) == ("Night line", "+528100000000")


@pytest.mark.parametrize(
    ("content", "english", "spanish"),
    [
        ("", "no rows under a header", "no hay filas"),
        (HEADER, "no rows under a header", "no hay filas"),
        (HEADER.replace("source,", "") + NIGHT.replace("switchboard,", ""), "column source is missing", "source"),
        (
            HEADER + NIGHT + NIGHT.replace("on-call", "hot"),
            "row 3, column kind: “hot”",
            "fila 3, columna kind: no se entiende “hot”",
        ),
        (HEADER + NIGHT.replace(",1,", ",first,"), "row 2, column position: “first”", "fila 2, columna position"),
        (HEADER + NIGHT + NIGHT, "row 3, column code", "fila 3, columna code"),
        (HEADER + NIGHT + "x,en,peer,2,Peer,,sw,ring me\n", "row 3, column call_to", "fila 3, columna call_to"),
        (HEADER + "a,en\n", "row 2: 2 cells", "fila 2: 2 celdas"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    hospital: Institution, tmp_path: Path, content: str, english: str, spanish: str
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEADER + NIGHT)
    bad.write_text(content)
    run("services", str(good))

    assert english in refused("services", str(bad))
    assert spanish in refused("services", str(bad), "--language", "es")
    assert [service.code for service in Service.objects.all()] == ["night"]


def test_a_number_is_confirmed_and_then_no_longer_overdue(hospital: Institution) -> None:
    with time_machine.travel(datetime.combine(seed.REVIEW_DUE_ON, datetime.min.time()).replace(hour=18)):
        assert "callroom directory confirm" in refused("overdue")
        for code in ("us-988", "us-911", "mx-911", "mx-linea-de-la-vida"):
            assert code in run("confirm", code, "--source", "called by the coordinator")

        assert run("overdue") == ""


def test_an_unknown_number_cannot_be_confirmed(hospital: Institution) -> None:
    assert "us-999" in refused("confirm", "us-999", "--source", "x")


@pytest.mark.django_db
def test_before_there_is_an_institution_the_next_step_is_named() -> None:
    assert "callroom roster institution" in refused("overdue")
