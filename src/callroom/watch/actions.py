"""What is written about signals: everything that follows from a release, and what people say about a signal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.signals import items, pooled
from callroom.core.signals.estimates import Estimate, Leaf
from callroom.people import queries as people
from callroom.people.models import Institution, Person
from callroom.pulse import aggregates as pulse
from callroom.pulse.aggregates import LeafPast
from callroom.watch import figures
from callroom.watch.episodes import Episode, episodes, regrouped
from callroom.watch.models import LeafEstimate, Signal, Watched
from callroom.watch.permissions import check_may_acknowledge
from callroom.watch.states import OPEN, Stage, check_step

BATCH: Final = 500
PLACES: Final = 4
"""Decimals that are kept of an estimate: far below what any figure can tell, and the same on every machine."""
LOOK_BACK: Final = timedelta(weeks=52)
"""Questions are compared with this long before the likely start."""


class NoSuchSignal(Exception):
    """There is no such signal, or it is over: nothing can be said about it any more."""


def look(*, institution: Institution, now: datetime) -> bool:
    """
    Look at what is published now: keep estimates, raise, update, close and withdraw signals; return whether it was new.

    Looking twice at the same releases changes nothing. Everything comes from published figures; a figure that is not
    there any more (its wave was voided) takes along what rested on it.
    """
    edition = pulse.edition(now=now)
    watched = Watched.objects.filter(institution=institution).first()
    if watched and watched.edition == edition:
        return False
    pasts = pulse.pasts(now=now)
    settings = figures.settings_of(institution)
    leaves = figures.leaves_of(pasts, {row.id: row for row in people.units_tree()})
    name = figures.fingerprint(leaves, [past.leaf for past in pasts if past.present], settings)
    if watched and watched.figures == name:
        Watched.objects.filter(institution=institution).update(edition=edition)
        return False
    estimates = pooled.assess(leaves, settings=settings)
    _keep(institution, leaves, estimates, {past.leaf: past for past in pasts}, edition, name, now)
    return True


@transaction.atomic
def _keep(
    institution: Institution,
    leaves: Sequence[Leaf],
    estimates: Mapping[str, Sequence[Estimate]],
    pasts: Mapping[str, LeafPast],
    edition: str,
    name: str,
    now: datetime,
) -> None:
    kept = {leaf: tuple(_rounded(estimate) for estimate in found) for leaf, found in estimates.items()}
    _keep_estimates(institution, kept)
    for leaf in sorted(
        {*kept, *Signal.objects.filter(institution=institution, stage__in=OPEN).values_list("leaf", flat=True)}
    ):
        told = episodes(kept.get(leaf, ()))
        past = pasts.get(leaf)
        if told and past is not None and not past.present:
            told = regrouped(told, kept[leaf][-1].week)
        _keep_signals(institution, leaf, past, told, now)
    latest = max((leaf.figures[-1].week for leaf in leaves), default=None)
    watched, _made = Watched.objects.get_or_create(
        institution=institution, defaults={"edition": edition, "figures": name, "latest_week": latest}
    )
    watched.edition, watched.figures, watched.latest_week = edition, name, latest
    watched.save(update_fields=["edition", "figures", "latest_week"])
    _changed(institution)


def _changed(institution: Institution) -> None:
    Watched.objects.filter(institution=institution).update(revision=F("revision") + 1)


def _keep_estimates(institution: Institution, kept: Mapping[str, Sequence[Estimate]]) -> None:
    """Add what is new, write anew what changed, remove what rests on figures that are gone."""
    stored = {(row.leaf, row.week): row for row in LeafEstimate.objects.filter(institution=institution)}
    new, changed = [], []
    for leaf, found in kept.items():
        for estimate in found:
            fields = _fields(estimate)
            row = stored.pop((leaf, estimate.week), None)
            if row is None:
                new.append(LeafEstimate(institution=institution, leaf=leaf, week=estimate.week, **fields))
            elif any(getattr(row, field) != value for field, value in fields.items()):
                for field, value in fields.items():
                    setattr(row, field, value)
                changed.append(row)
    LeafEstimate.objects.bulk_create(new, batch_size=BATCH)
    if changed:
        LeafEstimate.objects.bulk_update(changed, list(_fields(next(iter(kept.values()))[0])), batch_size=BATCH)
    gone = [row.pk for row in stored.values()]
    for first in range(0, len(gone), BATCH):
        LeafEstimate.objects.filter(pk__in=gone[first : first + BATCH]).delete()


def _rounded(estimate: Estimate) -> Estimate:
    return replace(
        estimate,
        level=round(estimate.level, PLACES),
        low=round(estimate.low, PLACES),
        high=round(estimate.high, PLACES),
        probability=round(estimate.probability, PLACES),
    )


def _fields(estimate: Estimate) -> dict[str, Any]:
    reasons = {
        name: round(value, PLACES) if isinstance(value, float) else value
        for name, value in asdict(estimate.reasons).items()
    }
    return {
        "level": estimate.level,
        "low": estimate.low,
        "high": estimate.high,
        "probability": estimate.probability,
        "start": estimate.start,
        "start_low": estimate.start_low,
        "start_high": estimate.start_high,
        "state": estimate.state.value,
        "alarm": estimate.alarm,
        "confirmed": estimate.confirmed,
        "reasons": reasons,
    }


def _keep_signals(
    institution: Institution, leaf: str, past: LeafPast | None, told: Iterable[Episode], now: datetime
) -> None:
    known = {
        signal.raised_week: signal
        for signal in Signal.objects.filter(institution=institution, leaf=leaf).exclude(stage=Stage.WITHDRAWN)
    }
    unmatched = [episode for episode in told if episode.raised not in known]
    alarms = {episode.raised for episode in told}
    unfounded = [signal for week, signal in known.items() if week not in alarms and signal.stage in OPEN]
    for episode in told:
        if episode.raised in known:
            _follow(known[episode.raised], episode, past, now)
    for signal in unfounded:
        # The same decline, told from another week since a figure went: what people said about it still holds.
        same = next((episode for episode in unmatched if not episode.closed), None)
        if same is None:
            _withdraw(signal, now)
        else:
            unmatched.remove(same)
            signal.raised_week = same.raised
            _follow(signal, same, past, now)
    for episode in unmatched:
        _raise(institution, leaf, past, episode, now)


def _raise(institution: Institution, leaf: str, past: LeafPast | None, episode: Episode, now: datetime) -> None:
    signal = Signal(
        institution=institution,
        leaf=leaf,
        units=list(past.units if past else ()),
        stage=Stage.RAISED,
        raised_week=episode.raised,
        start=episode.start,
        start_low=episode.start_low,
        start_high=episode.start_high,
    )
    signal.fell = _fell(past, episode, figures.noise_of_items(signal.institution))
    signal.confirmed_week = episode.confirmed
    signal.save()
    _record(Tag.SIGNAL_RAISED, signal, now)
    _follow(signal, episode, past, now)


def _follow(signal: Signal, episode: Episode, past: LeafPast | None, now: datetime) -> None:
    """Bring an existing signal to what its episode says now. What is over stays as it ended."""
    if signal.stage not in OPEN:
        return
    before = Stage(signal.stage)
    signal.start, signal.start_low, signal.start_high = episode.start, episode.start_low, episode.start_high
    signal.fell = _fell(past, episode, figures.noise_of_items(signal.institution))
    if episode.confirmed and not signal.confirmed_week:
        _record(Tag.SIGNAL_CONFIRMED, signal, now)
    signal.confirmed_week = episode.confirmed
    signal.recovering_week = episode.recovering
    signal.closed_week = episode.closed
    signal.closed_why = episode.why.value if episode.why else ""
    after = Stage.CLOSED if episode.closed else Stage.RECOVERING if episode.recovering else signal.falling
    if after is not before:
        check_step(before, after)
        signal.stage = after
        if after is Stage.CLOSED:
            _record(Tag.SIGNAL_CLOSED, signal, now)
    signal.save()


def _withdraw(signal: Signal, now: datetime) -> None:
    check_step(Stage(signal.stage), Stage.WITHDRAWN)
    signal.stage = Stage.WITHDRAWN
    signal.save(update_fields=["stage"])
    _record(Tag.SIGNAL_WITHDRAWN, signal, now)


def _fell(past: LeafPast | None, episode: Episode, noise: float) -> dict[str, list[float]]:
    """Return by core question its change since the likely start and the interval, in points; those with figures enough."""
    found: dict[str, list[float]] = {}
    if past is None:
        return found
    for item in figures.CORE:
        series = [figure for figure in figures.item_of(past, item) if figure.week <= (episode.closed or date.max)]
        change = items.compare(series, episode.start, since=episode.start - LOOK_BACK, noise_scale=noise)
        if change:
            found[item] = [round(value, PLACES) for value in (change.change, change.low, change.high)]
    return found


@transaction.atomic
def acknowledge(*, by: Person, signal_id: int, now: datetime) -> Signal:
    """
    Say for a unit that who leads it has seen the signal. A second time changes nothing; the first name stays.

    :raises NoSuchSignal: if there is none, or it is over
    :raises NotYours: for anybody but a leader or a deputy of one of its units
    """
    signal = _open_signal(signal_id)
    check_may_acknowledge(by, signal.units, now=now)
    if signal.acknowledged_at is None:
        signal.acknowledged_at, signal.acknowledged_by = now, UUID(str(by.pk))
        _step_by_people(signal)
        audit.record(by=str(by.pk), tag=Tag.SIGNAL_ACKNOWLEDGED, about=f"signal {signal.pk}", now=now)
    return signal


@transaction.atomic
def mark_answered(*, signal_id: int, now: datetime) -> None:
    """
    Say that a published answer (a promise, or a refusal with its reason) covers the signal; once said, it stays.

    :raises NoSuchSignal: if there is none, or it is over
    """
    signal = _open_signal(signal_id)
    if signal.answered_at is None:
        signal.answered_at = now
        _step_by_people(signal)
        _record(Tag.SIGNAL_ANSWERED, signal, now)


@transaction.atomic
def mark_answered_about(*, institution: Institution, units: Iterable[str], now: datetime) -> int:
    """
    Say that a published answer about these units covers their open signals; return how many it covers for the first time.

    One whose figure was not published when the answer was given is not covered: nobody could have read of it.
    """
    about, last_week = set(units), institution.day(now) - timedelta(weeks=1)
    waiting = Signal.objects.filter(
        institution=institution, stage__in=OPEN, answered_at=None, raised_week__lte=last_week
    )
    covered = [signal.pk for signal in waiting.order_by("pk") if about & set(signal.units)]
    for signal_id in covered:
        mark_answered(signal_id=signal_id, now=now)
    return len(covered)


def _open_signal(signal_id: int) -> Signal:
    signal = Signal.objects.select_for_update().filter(pk=signal_id, stage__in=OPEN).first()
    if signal is None:
        raise NoSuchSignal
    return signal


def _step_by_people(signal: Signal) -> None:
    """Take the step that follows from what people said; a recovering signal stays one."""
    before = Stage(signal.stage)
    if before is not Stage.RECOVERING and signal.falling is not before:
        check_step(before, signal.falling)
        signal.stage = signal.falling
    signal.save()
    _changed(signal.institution)


def _record(tag: Tag, signal: Signal, now: datetime) -> None:
    details = {"leaf": signal.leaf, "week": signal.raised_week.isoformat()}
    audit.record(by=None, tag=tag, about=f"signal {signal.pk}", now=now, details=details)
