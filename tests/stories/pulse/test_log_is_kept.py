"""Who brings the database onto the disk keeps its locks: else another process takes the log away under its feet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

OTHER = """
import sqlite3, sys
from contextlib import closing
with closing(sqlite3.connect(sys.argv[1])) as database:
    database.execute("INSERT INTO said VALUES (2)")
    database.commit()
"""
"""Another process writes and closes: it was the last one, if nobody else holds a lock."""
THIS = """
import os, subprocess, sys
import django
django.setup()
from django.db import connections
from pathlib import Path
from callroom.kit.database import bytes_of
from callroom.pulse.actions.closing import flush_default

def touch():
    os.close(os.open(file, os.O_RDONLY))

def copy():
    from lab.linkage.copies import copy_folder
    folder = Path(file).parent
    place = folder.with_name(folder.name + "-copy")
    copy_folder(folder, place)
    assert (place / Path(file).name).exists()

file = sys.argv[1]
act = {"flush": flush_default, "read": lambda: bytes_of(Path(file)), "copy": copy, "touch": touch}[sys.argv[2]]
with connections["default"].cursor() as cursor:
    cursor.execute("CREATE TABLE said (word INTEGER)")
    act()
    subprocess.run([sys.executable, "-c", sys.argv[3], file], check=True)
    print("log kept" if os.path.exists(file + "-wal") else "log gone")
    cursor.execute("INSERT INTO said VALUES (3)")
    print(cursor.execute("SELECT word FROM said ORDER BY word").fetchall())
"""


def after(act: str, folder: Path) -> str:
    """Return what a process says of its log when it did this and another process came and went."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLROOM_")}
    environment |= {"CALLROOM_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "callroom.site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", THIS, str(folder / "callroom.sqlite3"), act, OTHER],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.one_store
@pytest.mark.parametrize("act", ["flush", "read", "copy"])
def test_bringing_the_database_onto_the_disk_reading_and_copying_it_keep_the_log(act: str, tmp_path: Path) -> None:
    assert after(act, tmp_path) == "log kept\n[(2,), (3,)]\n"


@pytest.mark.one_store
def test_opening_and_closing_its_file_would_lose_the_log(tmp_path: Path) -> None:
    assert after("touch", tmp_path).startswith("log gone")
