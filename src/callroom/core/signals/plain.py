"""
Any series of means: brought to the scale on which the engine works, and back.

The engine's variances are those of answers from 0 to 10 whose SD between answers is about two points. A plain series is
moved and stretched so that its own SD becomes that. The scale is fixed by the first week that has figures, so what is
said about a week never depends on later ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import sqrt
from typing import Final

from callroom.core.signals import model
from callroom.core.signals.estimates import Estimate, Reasons
from callroom.core.signals.model import Sighting

ANSWER_SD: Final = 2.0
"""SD between the answers of one week on the engine's scale."""

USUAL_TOPS: Final = (1.0, 4.0, 5.0, 7.0, 10.0, 100.0, 1000.0)
"""Where no SD is given: the scale is taken to end at the first of these that holds the first week's means."""
USUAL_SD: Final = 0.2
"""... and the SD to be this share of it."""


@dataclass(frozen=True, slots=True)
class PlainFigure:
    """A mean of ``n`` answers in a period; ``sd`` between the answers, None where it is not known."""

    period: date
    n: int
    mean: float
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The engine's value is the centre of its scale + (mean - ``middle``) / ``point``."""

    middle: float
    point: float

    @classmethod
    def of(cls, figures: Sequence[PlainFigure]) -> Scale:
        """Return the scale of a file whose first week holds these figures."""
        total = sum(figure.n for figure in figures)
        middle = sum(figure.n * figure.mean for figure in figures) / total
        known = [figure for figure in figures if figure.sd]
        if known:
            answers = sum(figure.n for figure in known)
            deviation = sqrt(sum(figure.n * (figure.sd or 0) ** 2 for figure in known) / answers)
        else:
            largest = max(abs(figure.mean) for figure in figures)
            deviation = USUAL_SD * next((top for top in USUAL_TOPS if largest <= top), largest)
        return cls(middle, deviation / ANSWER_SD)

    def sighting(self, department: str, figures: Sequence[PlainFigure]) -> Sighting:
        """Return what the engine sees of one week's figures of a unit: their mean, without release noise."""
        n = sum(figure.n for figure in figures)
        mean = sum(figure.n * figure.mean for figure in figures) / n
        return Sighting(department, model.CENTRE + (mean - self.middle) / self.point, float(n), 0.0)

    def told(self, estimate: Estimate) -> Estimate:
        """Return an estimate on the series' own scale."""
        level, low, high = (
            self.middle + self.point * (value - model.CENTRE) for value in (estimate.level, estimate.low, estimate.high)
        )
        reasons = estimate.reasons
        return replace(
            estimate,
            level=level,
            low=low,
            high=high,
            reasons=Reasons(
                self.point * reasons.own_change,
                self.point * reasons.institution_shock,
                self.point * reasons.department_shock,
                self.point * reasons.season,
                self.point * reasons.turnover,
                reasons.figures,
                reasons.figures_since,
            ),
        )
