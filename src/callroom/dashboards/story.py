"""Why in numbers that everybody can follow: the unit's own part, what everybody shares, and who answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext

from callroom.kit.wording import band, day
from callroom.pulse.aggregates import LeafWeek
from callroom.pulse.states import WeekState
from callroom.watch.aggregates import Estimate, SignalRow, Standing
from callroom.watch.states import Ending, Stage

SHARED_FROM: Final = 0.3
"""Points from which a week that everybody shares is worth a line: below it, it is part of the usual ups and downs."""
SEASON_FROM: Final = 0.2
ROUNDS_BEFORE: Final = 8
"""Rounds before the likely start whose bands of answers are compared with those since."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the story: what it is about, and what is to be said."""

    head: str
    words: str


@dataclass(frozen=True, slots=True)
class SignalBox:
    """Where a signal is in its life, as everybody reads it."""

    heading: str
    lines: tuple[str, ...]
    answer: str
    """Where the answer that covers it is read; empty while there is none."""


def of_leaf(name: str, standing: Standing | None, points: Sequence[LeafWeek]) -> tuple[Line, ...]:
    """Return the parts of a leaf's story; none while there is no signal and nothing shared stands out."""
    if standing is None:
        return ()
    lines = [*_own(name, standing), *_shared(standing.estimate)]
    if standing.signal:
        lines += _answered(points, standing.signal.start)
    return tuple(lines)


def points_of(value: float) -> str:
    """Return a change in points without its sign: "0.8"."""
    return f"{abs(value):.1f}"


def _own(name: str, standing: Standing) -> Iterable[Line]:
    change = standing.estimate.reasons.own_change
    if standing.signal is None or round(change, 1) == 0:
        return
    words = {"unit": name, "points": points_of(change), "day": day(standing.signal.start)}
    told = (
        gettext(
            "Everything that is shared taken out, the ratings of %(unit)s are about %(points)s points lower than before %(day)s."
        )
        if change < 0
        else gettext(
            "Everything that is shared taken out, the ratings of %(unit)s are about %(points)s points higher than before %(day)s."
        )
    )
    yield Line(gettext("The unit's own part"), told % words)


def _shared(estimate: Estimate) -> Iterable[Line]:
    reasons = estimate.reasons
    words = {"day": day(estimate.week)}
    if abs(reasons.institution_shock) >= SHARED_FROM:
        told = (
            gettext(
                "The whole hospital fell in the week of %(day)s, by about %(points)s points. This is not counted as the unit's own."
            )
            if reasons.institution_shock < 0
            else gettext(
                "The whole hospital rose in the week of %(day)s, by about %(points)s points. This is not counted as the unit's own."
            )
        )
        yield Line(gettext("The whole hospital"), told % (words | {"points": points_of(reasons.institution_shock)}))
    if abs(reasons.department_shock) >= SHARED_FROM:
        told = (
            gettext(
                "The department as a whole fell in the week of %(day)s, by about %(points)s points more than the hospital."
            )
            if reasons.department_shock < 0
            else gettext(
                "The department as a whole rose in the week of %(day)s, by about %(points)s points more than the hospital."
            )
        )
        yield Line(gettext("The department"), told % (words | {"points": points_of(reasons.department_shock)}))
    if abs(reasons.season) >= SEASON_FROM:
        told = (
            gettext(
                "At this time of the year ratings lie about %(points)s points below the year's mean. This is taken out."
            )
            if reasons.season < 0
            else gettext(
                "At this time of the year ratings lie about %(points)s points above the year's mean. This is taken out."
            )
        )
        yield Line(gettext("The season"), told % {"points": points_of(reasons.season)})


def _answered(points: Sequence[LeafWeek], start: date) -> Iterable[Line]:
    """Yield how many answer, before and since, as bands, and what it could do to the figures."""
    shown = [week for week in points if week.state is WeekState.SHOWN and week.n]
    before = _usual_band([week for week in shown if week.week_of < start][-ROUNDS_BEFORE:])
    since = _usual_band([week for week in shown if week.week_of >= start])
    if before is None or since is None:
        return
    words = {"before": _band(before), "since": _band(since)}
    if since.n == before.n:
        told = gettext(
            "As many people answer as before: mostly %(since)s. Whether they are the same people, nobody can know."
        )
    elif (since.n or (0,))[0] < (before.n or (0,))[0]:
        told = gettext(
            "Fewer people answer: mostly %(before)s before it, %(since)s since. If those who stopped feel worse than the "
            "others, the fall is larger than it looks; if they feel better, it is smaller."
        )
    else:
        told = gettext(
            "More people answer: mostly %(before)s before it, %(since)s since. If those who joined feel worse than the "
            "others, part of the fall is only that they are heard now."
        )
    yield Line(gettext("Who answered"), told % words)


def _usual_band(weeks: Sequence[LeafWeek]) -> LeafWeek | None:
    """Return a week with the most frequent band; of equals, the latest."""
    counts = Counter(week.n for week in weeks)
    return max(weeks, key=lambda week: (counts[week.n], week.week_of), default=None)


def _band(week: LeafWeek) -> str:
    low, high = week.n or (0, None)
    return band(low, high, week.eligible or 0)


def box(signal: SignalRow, *, zone_day: date | None, answers: str = "") -> SignalBox:
    """
    Return where a signal is in its life.

    :param zone_day: the day, in the institution's zone, on which it was acknowledged; None while it is not
    :param answers: where the answers of its unit are read
    """
    raised = gettext("Raised on the figures of the week of %(day)s.") % {"day": day(signal.raised_week)}
    lines = [raised]
    if signal.confirmed_week:
        lines.append(
            gettext("It has held against the whole institution since the week of %(day)s.")
            % {"day": day(signal.confirmed_week)}
        )
    if signal.acknowledged_at and zone_day:
        lines.append(
            gettext("%(name)s said on %(day)s that they have seen it.")
            % {"name": signal.acknowledged_by or gettext("A leader"), "day": day(zone_day)}
        )
    if signal.answered_at:
        lines.append(gettext("A published answer covers it."))
    if signal.unseen and signal.answered_at:
        lines.append(gettext("That answer came before the decline was confirmed."))
    if signal.unseen:
        lines.append(gettext("No leader of the unit has said yet that they have seen it."))
    lines += _ended(signal)
    return SignalBox(stage_words(signal), tuple(lines), answers if signal.answered_at else "")


def stage_words(signal: SignalRow) -> str:
    """Return the name of a signal's stage."""
    match signal.stage:
        case Stage.RAISED:
            return gettext("Signal raised")
        case Stage.ACKNOWLEDGED:
            return gettext("Signal seen by those who lead the unit")
        case Stage.ANSWERED:
            return gettext("Signal answered")
        case Stage.RECOVERING:
            return gettext("Signal: coming back")
        case Stage.CLOSED:
            return gettext("Signal closed")
        case Stage.WITHDRAWN:
            return gettext("Signal withdrawn")


def _ended(signal: SignalRow) -> Iterable[str]:
    if signal.stage is Stage.WITHDRAWN:
        yield gettext("The figures that raised it are not counted any more, so it is taken back.")
    elif signal.closed_week and signal.closed_why is Ending.QUIET:
        yield gettext("Closed with the week of %(day)s: for four weeks nothing pointed to a decline.") % {
            "day": day(signal.closed_week)
        }
    elif signal.closed_week:
        yield gettext("Closed with the week of %(day)s: other people are counted together now.") % {
            "day": day(signal.closed_week)
        }
