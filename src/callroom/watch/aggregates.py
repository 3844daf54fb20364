"""What pages and other packages may know about declines: kept at publication, so reading costs next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Max, QuerySet

from callroom.core.signals.estimates import Estimate, Reasons
from callroom.core.signals.estimates import State as Decline
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.watch.models import Digest, LeafEstimate, Signal, Watched
from callroom.watch.states import OPEN, Ending, Stage
from callroom.watch.trends import Assessment, Finding, Side, State, Trend, trend_of

__all__ = [
    "Assessment",
    "ConfirmedDecline",
    "Decline",
    "Estimate",
    "Fall",
    "Finding",
    "Side",
    "SignalRow",
    "Standing",
    "State",
    "Trend",
    "confirmed_declines",
    "edition",
    "estimates_of",
    "letters_to",
    "signal",
    "signals_of",
    "standings",
    "trend_of",
    "unacknowledged",
]

PUBLISHED_AFTER: Final = timedelta(weeks=1)
"""A week is named by its Monday; its figures can be read from the next Monday on."""


@dataclass(frozen=True, slots=True)
class Fall:
    """By how much a question changed since the likely start, in points (negative for a fall), with its 95 % interval."""

    item: str
    change: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Does the whole interval lie below no change?"""
        return self.high < 0


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal as everybody reads it. ``falls``: the core questions, the one that fell most first."""

    id: int
    leaf: str
    units: tuple[str, ...]
    stage: Stage
    raised_week: date
    start: date
    start_low: date
    start_high: date
    confirmed_week: date | None
    recovering_week: date | None
    closed_week: date | None
    closed_why: Ending | None
    falls: tuple[Fall, ...]
    acknowledged_at: datetime | None
    acknowledged_by: str
    answered_at: datetime | None
    answered_on: date | None
    """The day of ``answered_at`` where the institution is."""

    @property
    def open(self) -> bool:
        """Is it not over?"""
        return self.stage in OPEN

    @property
    def unseen(self) -> bool:
        """
        Is it open, and has nobody who leads the unit shown that they know?

        An answer shows it as well, unless it was given before the decline was confirmed: then it said less.
        """
        if not self.open or self.acknowledged_at:
            return False
        if self.answered_on is None:
            return True
        return self.confirmed_week is not None and self.answered_on < self.confirmed_week + PUBLISHED_AFTER


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest estimate of a leaf, and its open signal if it has one."""

    estimate: Estimate
    signal: SignalRow | None


@dataclass(frozen=True, slots=True)
class ConfirmedDecline:
    """A decline that holds against the whole institution and is not over: it starts its unit's promise clock."""

    signal: int
    leaf: str
    units: tuple[str, ...]
    start: date
    confirmed_week: date


def edition(institution: Institution) -> str:
    """Return a name for everything that can be read here at this moment: equal names, equal answers."""
    revision = Watched.objects.filter(institution=institution).values_list("revision", flat=True).first()
    return str(revision or 0)


def standings(institution: Institution) -> Mapping[str, Standing]:
    """Return by leaf what can be said about it now; leaves that never had a figure are absent."""
    rows = LeafEstimate.objects.filter(institution=institution)
    latest = rows.values("leaf").annotate(last=Max("week")).values_list("leaf", "last")
    weeks = dict(latest)
    found = {row.leaf: row for row in rows.filter(week__in=set(weeks.values())) if row.week == weeks[row.leaf]}
    open_signals = {row.leaf: row for row in _rows(Signal.objects.filter(institution=institution, stage__in=OPEN))}
    return {leaf: Standing(_estimate(row), open_signals.get(leaf)) for leaf, row in found.items()}


def estimates_of(institution: Institution, leaf: str) -> tuple[Estimate, ...]:
    """Return all estimates of a leaf, oldest first."""
    rows = LeafEstimate.objects.filter(institution=institution, leaf=leaf).order_by("week")
    return tuple(_estimate(row) for row in rows)


def signals_of(institution: Institution, leaf: str) -> tuple[SignalRow, ...]:
    """Return all signals of a leaf, the latest first, also those that are over."""
    return _rows(Signal.objects.filter(institution=institution, leaf=leaf).order_by("-raised_week", "-pk"))


def unacknowledged(institution: Institution) -> tuple[SignalRow, ...]:
    """Return the open signals of which no leader has shown that they know, the oldest first."""
    found = Signal.objects.filter(institution=institution, stage__in=OPEN, acknowledged_at=None)
    return tuple(row for row in _rows(found.order_by("raised_week", "leaf")) if row.unseen)


def letters_to(person: UUID) -> tuple[date, ...]:
    """Return the Mondays of the weeks in which this person was written to about signals."""
    return tuple(Digest.objects.filter(person=person).order_by("monday").values_list("monday", flat=True))


def signal(institution: Institution, signal_id: int) -> SignalRow | None:
    """Return one signal."""
    return next(iter(_rows(Signal.objects.filter(institution=institution, pk=signal_id))), None)


def confirmed_declines(institution: Institution, *, now: datetime) -> tuple[ConfirmedDecline, ...]:
    """
    Return the declines that are confirmed and not over, oldest first.

    One whose figures are gone is not among them, and one that recovers no longer falls: it starts no clock.
    """
    stages = OPEN - {Stage.RECOVERING}
    found = Signal.objects.filter(
        institution=institution,
        stage__in=stages,
        confirmed_week__isnull=False,
        confirmed_week__lte=institution.day(now),
    )
    return tuple(
        ConfirmedDecline(row.pk, row.leaf, tuple(row.units), row.start, row.confirmed_week)
        for row in found.order_by("confirmed_week", "leaf")
        if row.confirmed_week
    )


def _rows(signals: QuerySet[Signal]) -> tuple[SignalRow, ...]:
    rows = list(signals.select_related("institution"))
    names = people.names_of(row.acknowledged_by for row in rows if row.acknowledged_by)
    return tuple(_row(row, names) for row in rows)


def _row(row: Signal, names: Mapping[UUID, str]) -> SignalRow:
    falls = (Fall(item, *change) for item, change in row.fell.items())
    return SignalRow(
        id=row.pk,
        leaf=row.leaf,
        units=tuple(row.units),
        stage=Stage(row.stage),
        raised_week=row.raised_week,
        start=row.start,
        start_low=row.start_low,
        start_high=row.start_high,
        confirmed_week=row.confirmed_week,
        recovering_week=row.recovering_week,
        closed_week=row.closed_week,
        closed_why=Ending(row.closed_why) if row.closed_why else None,
        falls=tuple(sorted(falls, key=lambda fall: (fall.change, fall.item))),
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=names.get(row.acknowledged_by, "") if row.acknowledged_by else "",
        answered_at=row.answered_at,
        answered_on=row.institution.day(row.answered_at) if row.answered_at else None,
    )


def _estimate(row: LeafEstimate) -> Estimate:
    return Estimate(
        week=row.week,
        level=row.level,
        low=row.low,
        high=row.high,
        probability=row.probability,
        start=row.start,
        start_low=row.start_low,
        start_high=row.start_high,
        state=Decline(row.state),
        alarm=row.alarm,
        confirmed=row.confirmed,
        reasons=Reasons(**row.reasons),
    )
