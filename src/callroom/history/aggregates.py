"""What pages may show of earlier surveys: figures that passed the disclosure rules, marked as imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from math import hypot

from django.db.models import Count, Max

from callroom.core.disclosure.imported import Scale
from callroom.history.models import HistoricFigure, ImportedSurvey
from callroom.history.states import Precision
from callroom.people.models import Institution


@dataclass(frozen=True, slots=True)
class PastFigure:
    """One period of a unit; ``n`` None: too few. Mean and range in tenths of the scale (0 to 100)."""

    period: date
    precision: Precision
    n: tuple[int, int | None] | None
    mean: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class PastSeries:
    """What one unit gave to one questionnaire, oldest period first."""

    name: str
    scale: Scale
    higher_is_worse: bool
    imported_on: date
    figures: tuple[PastFigure, ...]

    def change(self) -> tuple[int, int, int] | None:
        """
        Return the change from the first to the last figure with its range, in tenths of the scale; None without two.

        The halves of the two ranges are added as independent errors: sqrt(a^2 + b^2).
        """
        shown = [figure for figure in self.figures if figure.n]
        if len(shown) < 2:
            return None
        first, last = shown[0], shown[-1]
        half = round(hypot(_half(first), _half(last)))
        change = last.mean - first.mean
        return change, change - half, change + half


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """An import, for the people who manage them."""

    id: int
    name: str
    imported_on: date
    groups: int
    without_number: int


def series_of(institution: Institution, unit: str) -> tuple[PastSeries, ...]:
    """Return the earlier surveys in which this unit has figures, by the questionnaires' names."""
    rows = HistoricFigure.objects.filter(survey__institution=institution, unit=unit).select_related("survey")
    ordered = sorted(rows, key=lambda row: (row.instrument, row.period))
    found = [_series(institution, list(group)) for _, group in groupby(ordered, key=lambda row: row.instrument)]
    return tuple(sorted(found, key=lambda series: series.name))


def surveys(institution: Institution) -> tuple[SurveyRow, ...]:
    """Return all imports, the latest first."""
    rows = ImportedSurvey.objects.filter(institution=institution).order_by("-imported_at", "-pk")
    rows = rows.annotate(groups=Count("figures"), numbers=Count("figures__mean_tenths"))
    return tuple(
        SurveyRow(row.pk, row.name, institution.day(row.imported_at), row.groups, row.groups - row.numbers)
        for row in rows
    )


def edition(institution: Institution) -> str:
    """Return a name for all imports that can be read now: equal names, equal answers."""
    known = ImportedSurvey.objects.filter(institution=institution).aggregate(last=Max("pk"), count=Count("pk"))
    return f"{known['last'] or 0}-{known['count']}"


def _series(institution: Institution, rows: Sequence[HistoricFigure]) -> PastSeries:
    survey = rows[-1].survey
    return PastSeries(
        name=survey.name,
        scale=Scale(Fraction(survey.lowest), Fraction(survey.highest)),
        higher_is_worse=survey.higher_is_worse,
        imported_on=institution.day(max(row.survey.imported_at for row in rows)),
        figures=tuple(_figures(rows)),
    )


def _figures(rows: Iterable[HistoricFigure]) -> Iterable[PastFigure]:
    for row in rows:
        n = (row.n_low, row.n_high) if row.n_low else None
        yield PastFigure(
            period=row.period,
            precision=Precision(row.precision),
            n=n,
            mean=row.mean_tenths or 0,
            low=row.low_tenths or 0,
            high=row.high_tenths or 0,
        )


def _half(figure: PastFigure) -> float:
    # A range that was cut at an end of the scale is wider on the other side.
    return max(figure.high - figure.mean, figure.mean - figure.low)
