"""The entry that the web server loads, in a process of its own as there: nothing has loaded Django before it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[3] / "src"


def test_the_web_server_can_load_its_entry(tmp_path: Path) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    environment = {**outside, "CALLROOM_DATA": str(tmp_path), "CALLROOM_HTTP": "1", "PYTHONPATH": str(SOURCES)}

    ran = subprocess.run(
        [sys.executable, "-c", "from callroom.site.wsgi import application; print(callable(application))"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert (ran.returncode, ran.stdout.strip()) == (0, "True"), ran.stderr


EACH_COMMAND = """
import sys
from callroom.site.cli import main
for line in sys.stdin.read().splitlines():
    print(main(line.split()), flush=True)
"""


def test_a_command_where_no_installation_is_says_so_in_both_languages_and_makes_nothing(tmp_path: Path) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    commands = (
        "check", "check --language es", "roster invite", "release export x", "backup x.age", "audit verify",
        "directory overdue", "history list", "keys rotate", "access reset r-1",
    )  # fmt: skip

    ran = subprocess.run(
        [sys.executable, "-c", EACH_COMMAND],
        env={**outside, "CALLROOM_HTTP": "1", "PYTHONPATH": str(SOURCES)},
        cwd=tmp_path,
        input="\n".join(commands),
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert ran.stdout.split() == ["1"] * len(commands), ran.stderr
    said = ran.stderr.splitlines()
    assert len(said) == 2 * len(commands)
    assert set(said) == {
        f"There is no installation in {tmp_path / 'var'}: set CALLROOM_DATA to the folder of yours.",
        f"En {tmp_path / 'var'} no hay ninguna instalación: pon en CALLROOM_DATA la carpeta de la tuya.",
    }
    assert not list(tmp_path.iterdir())


def test_a_database_without_tables_is_no_installation_either(tmp_path: Path) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    (tmp_path / "callroom.sqlite3").touch()

    ran = subprocess.run(
        [sys.executable, "-m", "callroom", "check"],
        env={**outside, "CALLROOM_DATA": str(tmp_path), "CALLROOM_HTTP": "1", "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert ran.returncode == 1
    assert "CALLROOM_DATA" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "keys").exists()
