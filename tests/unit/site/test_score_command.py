"""``callroom score`` on bad and good files, in both languages: a whole file or none."""

from __future__ import annotations

import csv
import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from callroom.site import translations

HEADER = "phq1,phq2,phq3,phq4,phq5,phq6,phq7,phq8,phq9"


@pytest.fixture(autouse=True, scope="module")
def _spanish_is_compiled() -> None:
    translations.compile_catalogues()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "answers.csv"
    file.write_text(f"name,{HEADER}\nAna,0,1,2,3,0,1,2,3,0\nLuis,0,1,2,10,0,1,2,3,0\nEva,0,1,,3,0,1,2,3,0\n")
    return file


def score(name: str, source: Path, target: Path, *options: str) -> tuple[str, str]:
    """Run the command; return what it said on standard output and on standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("score", name, str(source), str(target), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(name: str, source: Path, target: Path, *options: str) -> str:
    """Run the command, which must refuse and leave nothing behind; return its message."""
    before = sorted(target.parent.iterdir()) if target.parent.exists() else None
    with pytest.raises(CommandError) as error:
        score(name, source, target, *options)
    assert (sorted(target.parent.iterdir()) if target.parent.exists() else None) == before
    return str(error.value)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_the_output_keeps_every_column_and_adds_three(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "scored.csv"

    out, err = score("phq9", source, target)

    ana, luis, eva = rows_of(target)
    assert list(ana) == ["name", *HEADER.split(","), "phq9_score", "phq9_band", "phq9_problem"]
    assert (ana["phq9_score"], ana["phq9_band"], ana["phq9_problem"]) == ("12", "moderate", "")
    assert (luis["phq9_score"], luis["phq9_band"], luis["phq4"]) == ("", "", "10")
    assert luis["phq9_problem"] == "phq4: “10” is not an answer (0, 1, 2, 3)"
    assert eva["phq9_problem"] == "missing: phq3"
    assert err.strip() == f"{source}, row 3, column phq4: “10” is not an answer (0, 1, 2, 3)"
    assert "Rows: 3. Scored: 1. Answers missing: 1. With a value that is not an answer: 1." in out


def test_the_same_in_spanish(source: Path, tmp_path: Path) -> None:
    out, err = score("phq9", source, tmp_path / "scored.csv", "--language", "es")

    ana, luis, eva = rows_of(tmp_path / "scored.csv")
    assert ana["phq9_band"] == "moderate"
    assert luis["phq9_problem"] == "phq4: “10” no es una respuesta (0, 1, 2, 3)"
    assert eva["phq9_problem"] == "falta: phq3"
    assert err.strip() == f"{source}, fila 3, columna phq4: “10” no es una respuesta (0, 1, 2, 3)"
    assert "Filas: 3" in out


def test_the_scored_file_is_for_its_owner_only(source: Path, tmp_path: Path) -> None:
    score("phq9", source, tmp_path / "scored.csv")

    assert stat.S_IMODE((tmp_path / "scored.csv").stat().st_mode) == 0o600


def test_an_unknown_instrument_names_those_that_are_known(source: Path, tmp_path: Path) -> None:
    message = refused("mbi", source, tmp_path / "out.csv")

    assert "mbi" in message
    assert "gad-7" in message


def test_an_output_that_exists_is_not_overwritten(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("mine")

    assert "already there" in refused("phq9", source, target)
    assert "ya existe" in refused("phq9", source, target, "--language", "es")
    assert target.read_text() == "mine"
    assert "already there" in refused("phq9", source, source)


def test_a_missing_column_is_named(source: Path, tmp_path: Path) -> None:
    assert "gad1, gad2" in refused("gad2", source, tmp_path / "out.csv")
    message = refused("gad2", source, tmp_path / "out.csv", "--columns", "phq1,nada", "--language", "es")
    assert f"{source}, fila 1: falta la columna nada" in message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--columns", "phq1"], "--columns names 1 columns"),
        (["--columns", "phq1,phq1"], "phq1"),
        (["--missing", "3"], "--missing 3"),
    ],
)
def test_columns_and_codes_that_do_not_fit_are_refused(
    source: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    assert said in refused("phq2", source, tmp_path / "out.csv", *options)


@pytest.mark.parametrize(
    ("content", "english", "spanish"),
    [
        (b"", "no rows under a header", "no hay filas debajo"),
        (HEADER.encode(), "no rows under a header", "no hay filas debajo"),
        (f"{HEADER},año\n".encode("latin-1"), "row 1: not UTF-8", "fila 1: no está en UTF-8"),
        (f"{HEADER}\n1,2\n".encode(), "row 2: 2 cells where the header has 9", "fila 2: 2 celdas"),
        (f"{HEADER},phq9_score\n0,0,0,0,0,0,0,0,0,5\n".encode(), "column phq9_score", "columna phq9_score"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, content: bytes, english: str, spanish: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)

    message = refused("phq9", source, tmp_path / "out.csv")

    assert english in message
    assert str(source) in message
    assert spanish in refused("phq9", source, tmp_path / "out.csv", "--language", "es")


def test_files_and_folders_that_are_not_there_are_named(source: Path, tmp_path: Path) -> None:
    assert "nowhere.csv" in refused("phq9", tmp_path / "nowhere.csv", tmp_path / "out.csv")
    assert str(tmp_path / "no") in refused("phq9", source, tmp_path / "no" / "out.csv")
    assert str(tmp_path) in refused("phq9", tmp_path, tmp_path / "out.csv")


def test_a_full_disk_leaves_nothing_behind(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert "No space left on device" in refused("phq9", source, tmp_path / "out.csv")


def test_a_marked_file_with_floats_and_semicolons_is_scored(tmp_path: Path) -> None:
    source = tmp_path / "excel.csv"
    source.write_text("\ufeffphq1;phq2;nota\r\n1.0;2,0;“á”\r\n", encoding="utf-8")

    score("PHQ-2", source, tmp_path / "out.csv")

    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == (
        "\ufeffphq1;phq2;nota;PHQ-2_score;PHQ-2_band;PHQ-2_problem\n1.0;2,0;“á”;3;cut-off-reached;\n"
    )


def test_an_unprintable_value_does_not_reach_the_terminal(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("phq1,phq2\n\x1b[31mred,1\n")

    _, err = score("phq2", source, tmp_path / "out.csv")

    assert "\x1b" not in err.replace("\x1b[0m", "")
    assert "“?[31mred”" in err


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "DJANGO_SETTINGS_MODULE": "callroom.site.settings"}
    return subprocess.run(  # the console script itself, as a person runs it
        [sys.executable, "-m", "callroom", "score", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_exit_codes(source: Path, tmp_path: Path) -> None:
    scored = run("phq9", str(source), str(tmp_path / "out.csv"))
    again = run("phq9", str(source), str(tmp_path / "out.csv"))

    assert scored.returncode == 0, scored.stderr
    assert "row 3, column phq4" in scored.stderr
    assert again.returncode != 0
    assert "already there" in again.stderr
    assert "Traceback" not in again.stderr
