"""From a leaf's estimates to its declines: when each was first told, confirmed, recovering, over. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from callroom.core.signals.estimates import Estimate, State
from callroom.watch.states import Ending

QUIET_BEFORE_CLOSING: Final = timedelta(weeks=4)
"""A decline is over once nothing has pointed to it for so long: four weekly figures, or one of four weeks."""

FALLING: Final = frozenset({State.WATCH, State.DECLINING})


@dataclass(frozen=True, slots=True)
class Episode:
    """
    One decline of a leaf, as told week by week.

    ``raised``: the week whose figure raised the alarm; ``confirmed``: the first in which it held against the whole
    institution; ``start`` between ``start_low`` and ``start_high``: as last estimated while it fell; ``recovering``:
    since when, while it does; ``told``: the last week in which anything pointed to it; ``closed`` and ``why``: its end.
    """

    raised: date
    told: date
    start: date
    start_low: date
    start_high: date
    confirmed: date | None = None
    recovering: date | None = None
    closed: date | None = None
    why: Ending | None = None


def episodes(estimates: Iterable[Estimate]) -> tuple[Episode, ...]:
    """Return a leaf's declines, oldest first; only the last can be open. ``estimates``: in the order of their weeks."""
    found: list[Episode] = []
    current: Episode | None = None
    for estimate in estimates:
        current = _begun(estimate) if current is None else _continued(current, estimate)
        if current and current.closed:
            found.append(current)
            current = None
    return (*found, current) if current else tuple(found)


def regrouped(told: tuple[Episode, ...], last: date) -> tuple[Episode, ...]:
    """Return the episodes of a leaf that is not counted any more: an open one ends with its last figure."""
    if not told or told[-1].closed:
        return told
    return (*told[:-1], replace(told[-1], closed=last, why=Ending.REGROUPED))


def _begun(estimate: Estimate) -> Episode | None:
    if not (estimate.alarm or estimate.confirmed) or estimate.state is State.TOO_EARLY:
        return None
    start = estimate.start or estimate.week
    return Episode(
        raised=estimate.week,
        told=estimate.week,
        start=start,
        start_low=estimate.start_low or start,
        start_high=estimate.start_high or start,
        confirmed=estimate.week if estimate.confirmed else None,
    )


def _continued(episode: Episode, estimate: Estimate) -> Episode:
    week = estimate.week
    if estimate.state is State.TOO_EARLY:
        return replace(episode, closed=week, why=Ending.REGROUPED)
    if estimate.state in FALLING:
        start = estimate.start or episode.start
        return replace(
            episode,
            told=week,
            start=start,
            start_low=estimate.start_low or min(start, episode.start_low),
            start_high=estimate.start_high or max(start, episode.start_high),
            confirmed=episode.confirmed or (week if estimate.confirmed else None),
            recovering=None,
        )
    if estimate.state is State.RECOVERING:
        return replace(episode, told=week, recovering=episode.recovering or week)
    if week - episode.told >= QUIET_BEFORE_CLOSING:
        return replace(episode, closed=week, why=Ending.QUIET)
    return episode
