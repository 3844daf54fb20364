"""What the worker does by itself. One entry: once a minute, everything that is due."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, lock_task

from callroom.kit import clock
from callroom.pulse import jobs as pulse_jobs


@db_periodic_task(crontab(minute="*"))
@lock_task("every-minute")
def every_minute() -> None:
    """Announce, open, close, burn and publish waves whose instant has come."""
    pulse_jobs.tick(clock.now())
