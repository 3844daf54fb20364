"""What the worker does for waves: once a minute, everything whose instant has come. Safe to repeat, and for two at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import connections

from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import planning, queries, questions
from callroom.pulse.actions import closing, endings, freezes, plans, waves
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores import locks
from callroom.pulse.stores.register import Register
from callroom.pulse.stores.sealed import SealedStore, truncate_log, waves_with_store
from callroom.pulse.stores.wave_keys import WaveKeys

CHECKPOINT_EVERY: Final = timedelta(hours=1)
LOGGED: Final = ("default", "issuing")
"""Databases whose log is cut hourly; the sealed stores' own logs are, too."""


class SomeJobsFailed(Exception):
    """At least one thing that was due could not be done; it is tried again at the next tick. The rest was done."""


HeldBack = Callable[[datetime], Collection[str]]
"""Which programmes are not asked yet, whatever the plan says."""


def nobody_is_held_back(_now: datetime) -> Collection[str]:
    """Hold no programme back: what a caller means who does not say otherwise."""
    return ()


class _Round:
    """One tick: remembers what failed, so that one full disk does not stop the other jobs."""

    def __init__(self, held_back: HeldBack, promises_for: questions.PromisesFor) -> None:
        self.errors: list[Exception] = []
        self.held_back = held_back
        self.promises_for = promises_for

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Go on after an error in this block."""
        try:
            yield
        except Exception as error:
            self.errors.append(error)


def tick(
    now: datetime,
    *,
    held_back: HeldBack = nobody_is_held_back,
    promises_for: questions.PromisesFor = questions.no_promises,
) -> None:
    """
    Close, burn, publish, plan, announce, enrol and open whatever is due.

    Both are asked when a wave opens: leaves with a programme that is ``held_back`` are left out of it, and in leaves of
    ``promises_for`` a kept promise takes the rotating place.

    :raises SomeJobsFailed: from the first error, after everything else was tried
    """
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    this = _Round(held_back, promises_for)
    with locks.exclusive(locks.WORK):
        for job in JOBS:
            with this.trying():
                job(institution, now, this)
    if this.errors:
        raise SomeJobsFailed(f"{len(this.errors)} failed") from this.errors[0]


def close_due(institution: Institution, now: datetime, this: _Round) -> None:
    """Close every instant that has passed and is not burned yet, the earliest first."""
    states = [WaveState.OPEN, WaveState.TALLIED]
    waiting = Wave.objects.filter(institution=institution, state__in=states, burned_at=None, closes_at__lte=now)
    for closes_at in sorted(set(waiting.values_list("closes_at", flat=True))):
        with this.trying():
            closing.close(institution, closes_at, now=now)


def burn_ended(institution: Institution, now: datetime, this: _Round) -> None:
    """Burn what a crash left of voided and withdrawn waves."""
    states = [WaveState.VOIDED, WaveState.WITHDRAWN]
    for wave in Wave.objects.filter(institution=institution, state__in=states, burned_at=None):
        with this.trying():
            endings.burn_without_result(wave, now=now)


def publish_due(institution: Institution, now: datetime, this: _Round) -> None:
    """Append the release headers whose moment has come."""
    due = Wave.objects.filter(institution=institution, state=WaveState.TALLIED, publishes_at__lte=now)
    for wave in due.order_by("publishes_at", "id"):
        with this.trying():
            waves.publish(wave, now=now)


def follow_time_zone(institution: Institution, _now: datetime, _this: _Round) -> None:
    """Move announced waves to the hours of the institution's time zone, if that was changed. Open ones stay as signed."""
    calendar = planning.calendar_of(institution)
    for wave in Wave.objects.filter(institution=institution, state=WaveState.ANNOUNCED):
        year = calendar.waves_of_year(wave.plan.academic_year, wave.series)
        times = next((each for each in year if each.wave == wave.id), None)
        if times and (times.opens_at, times.closes_at) != (wave.opens_at, wave.closes_at):
            wave.opens_at, wave.closes_at, wave.publishes_at = times.opens_at, times.closes_at, times.publishes_at
            wave.save(update_fields=["opens_at", "closes_at", "publishes_at"])


def withdraw_skipped(institution: Institution, now: datetime, _this: _Round) -> None:
    """Withdraw what a crash left announced in a skipped week."""
    endings.withdraw_skipped(institution, now=now)


def withdraw_without_keys(institution: Institution, now: datetime, this: _Round) -> None:
    """Withdraw announced waves whose keys were lost; the ones after them go on."""
    for wave in Wave.objects.filter(institution=institution, state=WaveState.ANNOUNCED):
        with this.trying():
            endings.withdraw_without_keys(wave, now=now)


def plan_due(institution: Institution, now: datetime, _this: _Round) -> None:
    """Make the year's plan when there is none, and settle the change dates that are near."""
    year = planning.calendar_of(institution).academic_year_of(institution.day(now))
    try:
        plans.make_plan(institution=institution, academic_year=year, now=now)
    except plans.TooFewPeople:
        return
    plans.settle_changes(institution=institution, academic_year=year, now=now)


def announce_due(institution: Institution, now: datetime, this: _Round) -> None:
    """Announce the coming waves of the settled part of the year."""
    year = planning.calendar_of(institution).academic_year_of(institution.day(now))
    for plan, times in waves.due_to_announce(institution, year, now=now):
        with this.trying():
            waves.announce(institution=institution, plan=plan, times=times, now=now)


def enrol_newcomers(institution: Institution, now: datetime, this: _Round) -> None:
    """Let people who came into existing groups fetch tokens for waves that are not open yet."""
    for wave in Wave.objects.filter(institution=institution, state=WaveState.ANNOUNCED, opens_at__gt=now):
        with this.trying():
            waves.enrol_newcomers(wave)


def open_due(institution: Institution, now: datetime, this: _Round) -> None:
    """Open the announced waves whose instant has come; while nobody is asked withdraw them instead, with the words why."""
    reason = queries.why_nobody_is_asked(institution)
    due = Wave.objects.filter(institution=institution, state=WaveState.ANNOUNCED, opens_at__lte=now)
    for wave in due.order_by("opens_at", "id"):
        with this.trying():
            if reason is None:
                waves.open_wave(wave, now=now, held_back=this.held_back(now), promises_for=this.promises_for)
            else:
                endings.withdraw(wave, reason=reason, now=now)


def void_frozen(institution: Institution, now: datetime, _this: _Round) -> None:
    """Void what a crash left open when a freeze or a pause began."""
    reason = queries.why_nobody_is_asked(institution)
    if reason is not None:
        freezes.void_open_waves(institution, reason=reason, by=None, now=now)


def touch_registers(institution: Institution, _now: datetime, this: _Round) -> None:
    """Give all registers the same time of change, every minute: it would tell when the last token was fetched."""
    states = [WaveState.ANNOUNCED, WaveState.OPEN]
    for wave in Wave.objects.filter(institution=institution, state__in=states).values_list("pk", flat=True):
        with this.trying():
            Register(WaveKeys(wave).register_file, wave).touch()


def checkpoint_hourly(_institution: Institution, now: datetime, this: _Round) -> None:
    """Cut the write-ahead logs of all databases, once an hour: a log is a record of who wrote when."""
    last = _last_checkpoint.get("at")
    if last is not None and last <= now < last + CHECKPOINT_EVERY:
        return
    _last_checkpoint["at"] = now
    for alias in LOGGED:
        with this.trying():
            truncate_log(connections[alias])
    for wave in waves_with_store():
        with this.trying():
            SealedStore(wave).checkpoint()


_last_checkpoint: dict[str, datetime] = {}

Job = Callable[[Institution, datetime, _Round], None]
JOBS: Final[tuple[Job, ...]] = (
    close_due,
    void_frozen,
    burn_ended,
    publish_due,
    follow_time_zone,
    withdraw_skipped,
    withdraw_without_keys,
    plan_due,
    announce_due,
    enrol_newcomers,
    open_due,
    touch_registers,
    checkpoint_hourly,
)
