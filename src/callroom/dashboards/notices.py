"""Where a leaf's rounds stand, in words: each state has its own, so that none is taken for another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from callroom.dashboards.tables import said
from callroom.dashboards.wording import asked_period, length_of
from callroom.kit.wording import band, moment, tenths, tenths_range, weeks
from callroom.pulse.aggregates import CurrentWave, LeafWeek
from callroom.pulse.states import WaveState, WeekState


@dataclass(frozen=True, slots=True)
class Notice:
    """One line about a round. ``hidden``: protected, hatched; ``unasked``: nobody was asked, dashed; else plain."""

    words: str
    hidden: bool = False
    unasked: bool = False


def of_week(week: LeafWeek, *, waves: Iterable[CurrentWave], zone: ZoneInfo) -> Notice:
    """Return what is to be said about one round of a leaf."""
    words = {"period": asked_period(week.week_of, length_of(week)), "why": said(week.reason)}
    match week.state:
        case WeekState.SHOWN:
            return Notice(_shown(week))
        case WeekState.TOO_FEW:
            return Notice(
                gettext("Hidden to protect privacy: fewer than 8 people answered from %(period)s.") % words, hidden=True
            )
        case WeekState.NOT_ASKED:
            return Notice((gettext("Not asked from %(period)s. %(why)s") % words).strip(), unasked=True)
        case WeekState.VOID:
            return Notice((gettext("Not counted: the round from %(period)s. %(why)s") % words).strip(), unasked=True)
        case WeekState.NOT_PUBLISHED:
            return _waiting(week, words, waves, zone)
        case WeekState.NOT_BURNED:
            return Notice(
                gettext(
                    "The round from %(period)s has closed, but its keys are not deleted yet. "
                    "Nobody can read a result before they are."
                )
                % words
            )
        case _:
            assert_never(week.state)


def _shown(week: LeafWeek) -> str:
    if week.index is None or week.n is None:
        return ""
    return gettext(
        "Latest figure: %(mean)s, range %(range)s (about all eligible people). %(people)s people answered from %(period)s."
    ) % {
        "mean": tenths(week.index.mean),
        "range": tenths_range(week.index.low, week.index.high),
        "people": band(week.n[0], week.n[1], week.eligible or 0),
        "period": asked_period(week.week_of, length_of(week)),
    }


def _waiting(week: LeafWeek, words: dict[str, str], waves: Iterable[CurrentWave], zone: ZoneInfo) -> Notice:
    known = next((wave for wave in waves if wave.wave == week.wave), None)
    if known is None:
        return Notice(gettext("The round from %(period)s is counted and not published yet.") % words)
    words["moment"] = moment(known.publishes_at, zone)
    return Notice(gettext("The round from %(period)s is counted. Everybody reads its result from %(moment)s.") % words)


def of_open_wave(wave: CurrentWave, zone: ZoneInfo) -> Notice:
    """Return until when a round is open, and when everybody reads its result."""
    return Notice(
        gettext("A round of %(length)s is open until %(closes)s. Everybody reads its result from %(publishes)s.")
        % {
            "length": weeks(wave.weeks),
            "closes": moment(wave.closes_at, zone),
            "publishes": moment(wave.publishes_at, zone),
        }
    )


def of_leaf(
    points: tuple[LeafWeek, ...], *, length: int, waves: tuple[CurrentWave, ...], zone: ZoneInfo
) -> tuple[Notice, ...]:
    """Return what to say about a leaf's latest rounds: the last one, the last with a figure, and the open one."""
    notices = []
    series = [wave for wave in waves if wave.weeks == length]
    if points:
        notices.append(of_week(points[-1], waves=series, zone=zone))
        shown = next((week for week in reversed(points) if week.state is WeekState.SHOWN), None)
        if shown is not None and shown is not points[-1]:
            notices.append(of_week(shown, waves=series, zone=zone))
    notices.extend(of_open_wave(wave, zone) for wave in series if wave.state is WaveState.OPEN)
    return tuple(notices)
