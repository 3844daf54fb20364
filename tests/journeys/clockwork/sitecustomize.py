"""
A machine on which weeks pass in seconds: Python runs this first in each process of a journey that asks for it.

The programs themselves have no switch for this outside the demo. The journey puts this folder on ``PYTHONPATH`` and names
the file that says by how many seconds the machine is ahead; then the clock shows that time, and the worker looks every
four seconds at what is due by it. Sessions and codes of apps go by the seconds that pass.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

FILE = os.environ.get("JOURNEY_CLOCK")
LOOKS_EVERY = 4

if FILE:
    from huey.api import Huey
    from huey.consumer import Scheduler

    from callroom.kit import clock

    def _ahead() -> timedelta:
        return timedelta(seconds=json.loads(Path(str(FILE)).read_text())["seconds"])

    def _by_this_clock(self: Huey, _timestamp: datetime | None) -> list[object]:
        return list(_read_periodic(self, clock.now().replace(tzinfo=None)))

    _read_periodic = Huey.read_periodic
    clock.offset = _ahead
    Huey.read_periodic = _by_this_clock
    Scheduler.periodic_task_seconds = LOOKS_EVERY
