"""The installation: ``callroom serve`` with its web server and worker, started, stopped, killed, upgraded and restored."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from benches import server
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from huey.exceptions import TaskException

from callroom.kit import clock
from callroom.site import schedule
from lab.apart import ROOT

SETTINGS: Final = "lab.year.later.settings_"
LONGEST_ROUND: Final = 120.0
PASSPHRASE: Final = "a passphrase of the lab"
WAVES: Final = (schedule.every_minute,)
RESULTS: Final = (schedule.every_minute_after_waves, schedule.every_ten_minutes)


class Failed(Exception):
    """A command of the installation failed; what it said."""


@dataclass(slots=True)
class Installation:
    """
    One data folder and what runs on it.

    ``version``: which settings it is started with; empty is this version. ``trouble``: what the worker could not do.
    """

    folder: Path
    version: str = ""
    running: server.Running | None = None
    trouble: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Return where it answers; also while it does not."""
        return f"http://127.0.0.1:{self._running.server.port}"

    @property
    def _running(self) -> server.Running:
        if self.running is None:
            raise Failed("nothing runs")
        return self.running

    def start(self) -> None:
        """Start it, as its supervisor would."""
        self.running = server.start(surroundings=self._surroundings())

    def stop(self) -> None:
        """End it in order, as for an upgrade."""
        self._running.stop()
        connections.close_all()

    def kill(self) -> None:
        """Kill every process at once."""
        self._running.kill()

    def passes(self, instant: datetime, tasks: Sequence[Callable[[], object]] = WAVES) -> None:
        """Let the clock show this instant, and the worker do what it does in such a minute; return when it has."""
        clock.move_to(instant)
        self.works(tasks)

    def works(self, tasks: Sequence[Callable[[], object]] = WAVES) -> None:
        """Put the worker's own tasks into its own queue, and wait until they were done; notes which failed."""
        given = [task() for task in tasks]
        # Two more of a small one: with the last taken off the queue, everything before it is done.
        for _each in range(2):
            schedule.every_minute_about_letters()
        until = time.monotonic() + LONGEST_ROUND
        while _waiting():
            if time.monotonic() > until:
                raise Failed(f"the worker did not come to its tasks within {LONGEST_ROUND:.0f} s")
            time.sleep(0.05)
        for task in given:
            try:
                task.get()
            except TaskException as error:
                self.trouble.append(f"{clock.now():%Y-%m-%d %H:%M}: {error}")

    def is_refused(self, version: str) -> str:
        """Try to start another version, which must not start; return what it said, or nothing if it did start."""
        command = [sys.executable, "-m", "callroom", "serve", "--port", "1"]
        surroundings = {**os.environ, "DJANGO_SETTINGS_MODULE": f"{SETTINGS}{version}"}
        done = subprocess.run(
            command, env=surroundings, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        return done.stderr.strip().splitlines()[-1] if done.returncode and done.stderr.strip() else ""

    def runs(self, *words: str) -> str:
        """
        Run ``callroom …`` and return what it printed.

        :raises Failed: when it did not end well
        """
        command = [sys.executable, "-m", "callroom", *words]
        done = subprocess.run(
            command, env=self._surroundings(), cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode:
            raise Failed(f"callroom {' '.join(words)}: {done.stderr.strip()[-600:]}")
        return done.stdout

    def calls(self, *words: str) -> str:
        """
        Run a command of this version in this process, which is quicker, and return what it printed.

        :raises Failed: when it was refused
        """
        said = io.StringIO()
        try:
            call_command(*words, stdout=said, stderr=io.StringIO())
        except CommandError as error:
            raise Failed(f"callroom {' '.join(words)}: {error}") from error
        return said.getvalue()

    def is_lost(self) -> None:
        """Lose the machine: its data, its keys, everything but what was carried away."""
        now = clock.now()
        self.kill()
        connections.close_all()
        settings.HUEY.storage.close()
        shutil.move(settings.DATA_DIR, self.folder / "lost")
        settings.DATA_DIR.mkdir(mode=0o700)
        clock.move_to(now)

    def restore(self, backup: Path, export: Path) -> str:
        """Restore a backup on the new machine; return what the command said."""
        passphrase = self.folder / "passphrase"
        said = self.runs("restore", str(backup), "--passphrase-file", str(passphrase), "--chain", str(export))
        connections.close_all()
        return said

    def back_up(self, file: Path) -> None:
        """Write a backup while it runs."""
        passphrase = self.folder / "passphrase"
        passphrase.write_text(PASSPHRASE)
        self.runs("backup", str(file), "--passphrase-file", str(passphrase))

    def _surroundings(self) -> dict[str, str]:
        module = f"{SETTINGS}{self.version}" if self.version else "callroom.site.settings"
        return {**os.environ, "DJANGO_SETTINGS_MODULE": module}


def _waiting() -> int:
    try:
        return int(settings.HUEY.storage.queue_size())
    except OperationalError:
        return 1
