"""Starting clocks, and keeping in them who is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.improvement.leadership import Leadership, lowest_common
from callroom.improvement.models import Clock
from callroom.improvement.states import BETWEEN_CLOCKS, TIME_TO_ANSWER, Cause, ClockState
from callroom.people import queries as people
from callroom.people.models import Institution, Unit
from callroom.pulse import aggregates
from callroom.pulse.states import WeekState


@dataclass(frozen=True, slots=True)
class LeafResult:
    """The programmes of a leaf, and the latest week for which it has a published figure."""

    units: tuple[str, ...]
    week_of: date


@dataclass(frozen=True, slots=True)
class Decline:
    """A confirmed decline of a leaf. ``key`` is the same for the same decline at every look."""

    units: tuple[str, ...]
    key: str


def latest_results(*, now: datetime) -> tuple[LeafResult, ...]:
    """Return each leaf that has a published figure, with the week of its latest."""
    programmes = [row.id for row in people.units_tree()]
    found: dict[str, LeafResult] = {}
    for series in aggregates.series_of(programmes, now=now).values():
        weeks = [week.week_of for week in series.points if week.state is WeekState.SHOWN]
        if weeks:
            found[series.leaf] = LeafResult(series.units, max(weeks))
    return tuple(found[leaf] for leaf in sorted(found))


@transaction.atomic
def start_due(*, institution: Institution, results: Iterable[LeafResult], now: datetime) -> int:
    """
    Start a clock for each leaf whose first figure is published, or whose last clock began four weeks ago or more.

    A leaf about which a clock still waits starts none: one answer covers every result up to it. Can be repeated, and
    two at once start no clock twice. Return how many were started.
    """
    known = _Clocks.locked(institution)
    started = 0
    for result in results:
        waiting = known.running_about(result.units)
        if waiting:
            _extend(waiting, result, now)
            continue
        cause = known.cause_for(result, institution.day(now))
        if cause is not None:
            known.add(_start(institution, result, cause, "", now))
            started += 1
    return started


@transaction.atomic
def start_for_declines(
    *, institution: Institution, declines: Iterable[Decline], results: Iterable[LeafResult], now: datetime
) -> int:
    """
    Start a clock at once for each confirmed decline that started none yet; where one is running, say so in it.

    A running clock keeps its day: it is sooner than two weeks from now anyway.
    """
    known = _Clocks.locked(institution)
    weeks = {frozenset(result.units): result for result in results}
    started = 0
    for decline in declines:
        result = weeks.get(frozenset(decline.units))
        if result is None or known.knows(decline.key):
            continue
        waiting = known.running_about(decline.units)
        if waiting:
            waiting[0].cause, waiting[0].signal = Cause.DECLINE, decline.key
            _extend(waiting, result, now, changed=True)
            continue
        known.add(_start(institution, result, Cause.DECLINE, decline.key, now))
        started += 1
    return started


@transaction.atomic
def refresh_asked(*, institution: Institution, now: datetime) -> None:
    """Write into every running clock who is asked today: leave, vacancies, deputies and moved units change it."""
    day = institution.day(now)
    leadership = Leadership.on(day)
    for clock in Clock.objects.select_for_update().filter(institution=institution, state=ClockState.RUNNING):
        asked = leadership.asked_for(clock.holder_id)
        if (clock.asked_unit_id, clock.asked_through) != (asked.unit, asked.through):
            clock.asked_unit_id, clock.asked_through, clock.changed_at = asked.unit, asked.through, now
            clock.save(update_fields=["asked_unit", "asked_through", "changed_at"])


class _Clocks:
    """All clocks that may matter for starting another, read under a lock on the institution."""

    def __init__(self, clocks: Iterable[Clock]) -> None:
        self._clocks = [(clock, frozenset(unit.pk for unit in clock.covers.all())) for clock in clocks]

    @classmethod
    def locked(cls, institution: Institution) -> _Clocks:
        # One writer at a time, so that a result never starts two clocks; the constraint is the last word.
        Institution.objects.select_for_update().get(pk=institution.pk)
        return cls(
            Clock.objects.filter(institution=institution).prefetch_related("covers").order_by("started_on", "pk")
        )

    def add(self, clock: Clock) -> None:
        others = [(known, units) for known, units in self._clocks if known.pk != clock.pk]
        self._clocks = [*others, (clock, frozenset(unit.pk for unit in clock.covers.all()))]

    def knows(self, signal: str) -> bool:
        return any(clock.signal == signal for clock, _units in self._clocks)

    def running_about(self, units: Iterable[str]) -> list[Clock]:
        wanted = set(units)
        return [clock for clock, about in self._clocks if clock.state == ClockState.RUNNING and about & wanted]

    def cause_for(self, result: LeafResult, day: date) -> Cause | None:
        about = [clock for clock, units in self._clocks if units & set(result.units)]
        if not about:
            return Cause.FIRST
        latest = about[-1]
        is_new = result.week_of > max(clock.results_until for clock in about)
        return Cause.FOUR_WEEKS if is_new and day >= latest.started_on + BETWEEN_CLOCKS else None


def _start(institution: Institution, result: LeafResult, cause: Cause, signal: str, now: datetime) -> Clock:
    day = institution.day(now)
    unit = lowest_common(result.units)
    running = Clock.objects.filter(institution=institution, unit=unit, state=ClockState.RUNNING).first()
    if running is not None:  # another leaf below the same unit: one clock, one answer
        running.covers.add(*Unit.objects.filter(pk__in=result.units))
        if cause is Cause.DECLINE:
            running.cause, running.signal = cause, signal
        _extend([running], result, now, changed=True)
        return running
    asked = Leadership.on(day).asked_for(unit)
    clock = Clock.objects.create(
        institution=institution,
        unit_id=unit,
        cause=cause,
        signal=signal,
        started_on=day,
        due_on=day + TIME_TO_ANSWER,
        results_until=result.week_of,
        holder_id=unit,
        asked_unit_id=asked.unit,
        asked_through=asked.through,
        changed_at=now,
    )
    clock.covers.set(Unit.objects.filter(pk__in=result.units))
    details: Mapping[str, str | int] = {"unit": unit, "cause": cause.value, "due": clock.due_on.isoformat()}
    audit.record(by=None, tag=Tag.CLOCK_STARTED, about=f"clock/{clock.pk}", now=now, details=details)
    return clock


def _extend(clocks: Iterable[Clock], result: LeafResult, now: datetime, *, changed: bool = False) -> None:
    for clock in clocks:
        if changed or result.week_of > clock.results_until:
            clock.results_until = max(clock.results_until, result.week_of)
            clock.changed_at = now
            clock.save(update_fields=["cause", "signal", "results_until", "changed_at"])
