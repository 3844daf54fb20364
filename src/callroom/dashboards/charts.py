"""Published weeks as pictures: the run chart, the row of a table, one question on its scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from callroom.dashboards.declines import sureness
from callroom.dashboards.sentences import rounded
from callroom.dashboards.states import Sureness
from callroom.dashboards.wording import asked_period
from callroom.kit.charts import (
    Dot,
    Gap,
    Level,
    Limits,
    Mark,
    Missing,
    Point,
    RunChart,
    RunWords,
    Slot,
    Span,
    Sparkline,
    dot,
    run_chart,
)
from callroom.kit.wording import day, short_day, tenths, tenths_range
from callroom.pulse.aggregates import Figure, LeafWeek
from callroom.pulse.states import WeekState
from callroom.watch.aggregates import Estimate, Side, SignalRow, Standing, Trend
from callroom.watch.states import Stage

CHART_WEEKS: Final = 52
"""Weeks that stay readable in one chart; the table and the CSV hold everything."""
ROW_WEEKS: Final = 26
GAPS: Final = {WeekState.TOO_FEW: Gap.HIDDEN, WeekState.NOT_ASKED: Gap.UNASKED, WeekState.VOID: Gap.VOID}
MARKS: Final = {Side.LOW: Mark.DOWN, Side.HIGH: Mark.UP}


def told_slots(points: Sequence[LeafWeek], trend: Trend | None, standing: Standing | None) -> tuple[Slot, ...]:
    """Return the last 52 weeks as places in a chart, shaped by what the engine says; while it has not looked, by ``trend``."""
    if standing is None:
        return slots(points, trend)
    falling = standing.signal if standing.signal and standing.signal.stage is not Stage.RECOVERING else None
    mark = Mark.DOWN if sureness(standing.estimate) in {Sureness.VERY_LIKELY, Sureness.PROBABLY} else Mark.UNSURE
    return tuple(
        replace(slot, mark=mark) if isinstance(slot, Point) and falling and slot.at >= falling.start else slot
        for slot in slots(points, None)
    )


def slots(points: Sequence[LeafWeek], trend: Trend | None) -> tuple[Slot, ...]:
    """Return the last 52 published weeks as places in a chart; what waits for its publication has none yet."""
    drawn: list[Slot] = []
    for week in points[-CHART_WEEKS:]:
        if week.state is WeekState.SHOWN and week.index is not None:
            drawn.append(point(week.week_of, week.index, trend.sides.get(week.week_of) if trend else None))
        elif week.state in GAPS:
            drawn.append(Missing(week.week_of, GAPS[week.state], short_day(week.week_of)))
    return tuple(drawn)


def point(at: date, figure: Figure, side: Side | None = None) -> Point:
    """Return a figure as a point of a chart, with the shape of the side on which it stands out."""
    mark = MARKS[side] if side else Mark.FLAT
    return Point(at, figure.mean, figure.low, figure.high, short_day(at), mark)


def declining(
    places: Sequence[Slot], estimates: Iterable[Estimate], signal: SignalRow | None, *, name: str, weeks: int
) -> SafeString:
    """Return the run chart of the last 52 weeks with the leaf's level, its interval, and when a decline began."""
    shown = tuple(places)[-CHART_WEEKS // weeks :]
    if not any(isinstance(slot, Point) for slot in shown):
        return SafeString("")
    began = Span(signal.start_low, signal.start, signal.start_high, "A") if signal else None
    return run_chart(
        RunChart(
            name="run",
            title=gettext("%(unit)s: all three questions together, 0 to 10") % {"unit": name},
            description=" ".join([_described(shown, None, weeks), *_began_words(signal)]),
            points=shown,
            words=_words(shown[-1], None),
            levels=tuple(_level(estimate) for estimate in estimates),
            began=began,
        )
    )


def _level(estimate: Estimate) -> Level:
    low, level, high = (max(0, min(100, round(10 * value))) for value in (estimate.low, estimate.level, estimate.high))
    return Level(estimate.week, low, level, high)


def _began_words(signal: SignalRow | None) -> Iterable[str]:
    if signal:
        yield gettext("A decline began about %(day)s, between %(first)s and %(last)s.") % {
            "day": day(signal.start),
            "first": day(signal.start_low),
            "last": day(signal.start_high),
        }


def run(places: Sequence[Slot], trend: Trend | None, *, name: str, weeks: int, chart: str = "run") -> SafeString:
    """
    Return the run chart of the last 52 weeks; nothing when none of them has a figure. Roll-ups have no trend.

    ``chart``: a name that no other chart of the page has
    """
    shown = tuple(places)[-CHART_WEEKS // weeks :]
    if not any(isinstance(slot, Point) for slot in shown):
        return SafeString("")
    return run_chart(
        RunChart(
            name=chart,
            title=gettext("%(unit)s: all three questions together, 0 to 10") % {"unit": name},
            description=_described(shown, trend, weeks),
            points=shown,
            words=_words(shown[-1], trend),
            limits=_limits(shown, trend),
        )
    )


def _limits(shown: Sequence[Slot], trend: Trend | None) -> tuple[Limits, ...]:
    """Return the usual range over the weeks it belongs to: those since its baseline began."""
    usual = usual_range(trend)
    if usual is None or trend is None or trend.assessment.limits is None:
        return ()
    start = trend.assessment.limits.start
    first = next((index for index, slot in enumerate(shown) if slot.at >= start), 0)
    return (Limits(usual.low, usual.mean, usual.high, first=first),)


def usual_range(trend: Trend | None) -> Limits | None:
    """Return average and usual range in tenths; None while it is too early."""
    limits = trend.assessment.limits if trend else None
    if limits is None:
        return None
    low, mean, high = limits.lower_hundredths, limits.centre_hundredths, limits.upper_hundredths
    return Limits(rounded(low), rounded(mean), rounded(high))


def _words(latest: Slot, trend: Trend | None) -> RunWords:
    last = gettext("%(figure)s, latest") % {"figure": tenths(latest.mean)} if isinstance(latest, Point) else ""
    usual = usual_range(trend)
    return RunWords(
        usual_high=gettext("usual high %(figure)s") % {"figure": tenths(usual.high)} if usual else "",
        average=gettext("average %(figure)s") % {"figure": tenths(usual.mean)} if usual else "",
        usual_low=gettext("usual low %(figure)s") % {"figure": tenths(usual.low)} if usual else "",
        last=last,
        hidden=gettext("too few"),
        unasked=gettext("not asked"),
        void=gettext("not counted"),
    )


def _described(shown: Sequence[Slot], trend: Trend | None, weeks: int) -> str:
    figures = [slot for slot in shown if isinstance(slot, Point)]
    words = ngettext(
        "%(count)d figure, from the round of %(first)s to that of %(last)s, between %(lowest)s and %(highest)s.",
        "%(count)d figures, from the round of %(first)s to that of %(last)s, between %(lowest)s and %(highest)s.",
        len(figures),
    ) % {
        "count": len(figures),
        "first": asked_period(figures[0].at, weeks),
        "last": asked_period(figures[-1].at, weeks),
        "lowest": tenths(min(figure.mean for figure in figures)),
        "highest": tenths(max(figure.mean for figure in figures)),
    }
    missing = len(shown) - len(figures)
    gaps = ngettext("%(count)d round has no figure.", "%(count)d rounds have no figure.", missing) % {"count": missing}
    usual = usual_range(trend)
    limits = gettext("Average %(mean)s, usual range %(range)s.") % {
        "mean": tenths(usual.mean if usual else 0),
        "range": tenths_range(usual.low if usual else 0, usual.high if usual else 0),
    }
    return " ".join(part for part in (words, gaps if missing else "", limits if usual else "") if part)


def row(places: Sequence[Slot], trend: Trend | None, *, label: str, weeks: int) -> Sparkline:
    """Return the last 26 weeks for a row of a table; rounds of two and four weeks stand further apart."""
    room = ROW_WEEKS // weeks
    return Sparkline(label=label, points=tuple(places)[-room:], limits=usual_range(trend), room=room)


def question(figure: Figure, *, label: str) -> SafeString:
    """Return one question's figure with its range on the whole scale."""
    return dot(Dot(label=label, mean=figure.mean, low=figure.low, high=figure.high))
