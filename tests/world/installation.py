"""A real data folder, in which each step runs in a process of its own as ``callroom serve`` would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PREPARED = (
    "import django; django.setup()\nfrom datetime import datetime, UTC\nNOW = datetime(2026, 11, 29, tzinfo=UTC)\n"
)
START = "from callroom.site.cli import prepare_folders; prepare_folders()\nfrom callroom.site.preparation import prepare\nprint(prepare(now=NOW))\n"
FOUND = "from callroom.people.actions import found_institution\nfound_institution(name='Hospital', short_name='H', time_zone='UTC', languages=['en'], root='hospital', now=NOW)\n"


@dataclass(frozen=True, slots=True)
class Installation:
    """Its data folder. ``run`` returns what the code printed, ``ends`` how a process ended that may not come to its end."""

    folder: Path

    def run(self, code: str) -> str:
        done = self.ends(code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ends(self, code: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CALLROOM_")},
            "CALLROOM_DATA": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "callroom.site.settings",
        }
        return subprocess.run(
            [sys.executable, "-c", PREPARED + code], env=environment, capture_output=True, text=True, timeout=300
        )


def goes_back(package: str, migration: str) -> str:
    """Return what takes a package's tables back to those of an earlier version."""
    return (
        "from django.core.management import call_command\n"
        f"call_command('migrate', {package!r}, {migration!r}, verbosity=0)\n"
    )
