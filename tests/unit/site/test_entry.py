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
