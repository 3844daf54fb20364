"""What the worker does by itself: each minute waves and signals, every ten minutes promises, each hour people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task
from huey.exceptions import ResultTimeout

from callroom.consent import jobs as consent_jobs
from callroom.dashboards import jobs as dashboards_jobs
from callroom.improvement import jobs as improvement_jobs
from callroom.improvement.readiness import held_back
from callroom.improvement.remeasuring import promises_for
from callroom.kit import clock, errands
from callroom.people import jobs as people_jobs
from callroom.prompts import jobs as prompts_jobs
from callroom.pulse import jobs as pulse_jobs
from callroom.rights import jobs as rights_jobs
from callroom.setup import jobs as setup_jobs
from callroom.site.backup import nightly
from callroom.watch import jobs as watch_jobs


@db_periodic_task(crontab(minute="*"))
def every_minute() -> None:
    """Announce, open, close, burn and publish waves whose instant has come."""
    setup_jobs.every_minute(clock.now())
    pulse_jobs.tick(clock.now(), held_back=held_back, promises_for=promises_for)
    consent_jobs.tick(clock.now())
    pulse_jobs.tick(clock.now(), held_back=held_back, promises_for=promises_for)


@db_periodic_task(crontab(minute="*"))
def every_minute_after_waves() -> None:
    """Look at what was published, within a minute of Monday 08:00 and apart from the waves' own work; then draw its pages."""
    watch_jobs.tick(clock.now())
    dashboards_jobs.tick(clock.now())


@db_periodic_task(crontab(minute="*/10"))
def every_ten_minutes() -> None:
    """Start promise clocks, see who is asked, and send letters to leaders."""
    improvement_jobs.tick(clock.now())


@db_periodic_task(crontab(minute="*"))
def every_minute_about_letters() -> None:
    """Hand over the letters about open rounds that are due: a task of its own, after the waves' own work."""
    prompts_jobs.tick(clock.now())


@db_periodic_task(crontab(minute="23"))
def every_hour() -> None:
    """End the access of people who have left, forget leave that is over, seal past days of the trail; back up once a day."""
    people_jobs.tidy(clock.now())
    nightly.back_up_today(clock.now())
    setup_jobs.every_hour(clock.now())
    rights_jobs.every_hour(clock.now())


@db_task(expires=errands.WAIT_SECONDS)
def run_errand(name: str, arguments: dict[str, Any]) -> errands.Answer:
    """Do for the web's process, where it is apart, what needs a key that only the tally can read."""
    return errands.carry_out(name, arguments, now=clock.now())


def carry(name: str, arguments: Mapping[str, Any]) -> errands.Answer:
    """
    Bring an errand to the worker and wait for what comes of it.

    :raises NotAnswered: if nothing comes in time; what has not begun by then is not done any more
    """
    result = run_errand(name, dict(arguments))
    try:
        answer: errands.Answer = result.get(blocking=True, timeout=errands.WAIT_SECONDS, max_delay=0.5)
    except ResultTimeout:
        raise errands.NotAnswered(name) from None
    return answer
