"""Earlier surveys on a unit's page: marked as imported, each on its own scale, with the change between first and last."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from callroom.history import aggregates as history
from callroom.history.aggregates import PastFigure, PastSeries
from callroom.history.states import Precision
from callroom.kit.charts import Dot, dot
from callroom.kit.wording import day_and_year, month_and_year
from callroom.people import queries as people

SCALE = 100
LONG = 10
"""Points from which one decimal of a scale is exact enough."""


@dataclass(frozen=True, slots=True)
class Row:
    """One period: when, the figure on its scale as a picture and in words, how many answered; no picture where too few."""

    period: str
    picture: SafeString
    words: str
    people: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """One questionnaire's earlier results of a unit."""

    name: str
    sentence: str
    note: str
    rows: tuple[Row, ...]


def of_unit(unit: str) -> tuple[Earlier, ...]:
    """Return the earlier surveys of a unit."""
    return tuple(_earlier(series) for series in history.series_of(people.current_institution(), unit))


def edition() -> str:
    """Return a name for everything imported that can be read now."""
    return history.edition(people.current_institution())


def _earlier(series: PastSeries) -> Earlier:
    ends = {"lowest": f"{float(series.scale.lowest):g}", "highest": f"{float(series.scale.highest):g}"}
    worse = (
        gettext("Scale from %(lowest)s to %(highest)s; higher is worse.")
        if series.higher_is_worse
        else gettext("Scale from %(lowest)s to %(highest)s; higher is better.")
    )
    imported = gettext("Imported on %(day)s; not part of the signed chain, and not comparable with the weekly figures.")
    return Earlier(
        name=series.name,
        sentence=_change(series),
        note=f"{worse % ends} {imported % {'day': day_and_year(series.imported_on)}}",
        rows=tuple(_row(figure, series) for figure in reversed(series.figures)),
    )


def _change(series: PastSeries) -> str:
    change = series.change()
    shown = [figure for figure in series.figures if figure.n]
    if change is None:
        return (
            gettext("There are too few figures to speak of a change.") if shown else gettext("No figure can be shown.")
        )
    value, low, high = change
    words = {
        "first": period_words(shown[0]),
        "last": period_words(shown[-1]),
        "points": _points(abs(value), series),
        "range": gettext("%(low)s to %(high)s") % {"low": _points(low, series), "high": _points(high, series)},
    }
    if low <= 0 <= high:
        return gettext("From %(first)s to %(last)s there is no clear change (%(range)s points).") % words
    if (value > 0) is series.higher_is_worse:
        return gettext("From %(first)s to %(last)s it became worse by about %(points)s points (%(range)s).") % words
    return gettext("From %(first)s to %(last)s it became better by about %(points)s points (%(range)s).") % words


def _row(figure: PastFigure, series: PastSeries) -> Row:
    period = period_words(figure)
    if figure.n is None:
        return Row(period, SafeString(""), gettext("Hidden to protect privacy: fewer than 8 people"), "")
    words = gettext("%(mean)s, range %(low)s to %(high)s") % {
        "mean": _figure(series.scale.score(figure.mean), series),
        "low": _figure(series.scale.score(figure.low), series),
        "high": _figure(series.scale.score(figure.high), series),
    }
    picture = dot(Dot(label=f"{period}: {words}", mean=figure.mean, low=figure.low, high=figure.high))
    return Row(period, picture, words, _people(*figure.n))


def period_words(figure: PastFigure) -> str:
    """Return "2021", "March 2021" or "31 March 2021", as exactly as it is known."""
    match figure.precision:
        case Precision.YEAR:
            return str(figure.period.year)
        case Precision.MONTH:
            return month_and_year(figure.period)
        case Precision.DAY:
            return day_and_year(figure.period)


def _people(low: int, high: int | None) -> str:
    return (
        gettext("%(low)d or more") % {"low": low}
        if high is None
        else gettext("%(low)d to %(high)d") % {"low": low, "high": high}
    )


def _points(tenths: int, series: PastSeries) -> str:
    return _figure(series.scale.range * tenths / SCALE, series)


def _figure(value: Fraction, series: PastSeries) -> str:
    """Return a figure with as many decimals as all of its scale: one, or two where the whole scale is short."""
    return f"{float(value):.{1 if series.scale.range >= LONG else 2}f}".replace("-", "−")
