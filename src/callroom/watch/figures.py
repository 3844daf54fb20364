"""Published weeks as the engine takes them: the index of each leaf, its questions one by one, the settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Final

from callroom import __version__
from callroom.core.disclosure.policy import CALLROOM_MINIMUM
from callroom.core.instruments import weekly
from callroom.core.signals.estimates import Figure, Leaf, Settings
from callroom.people.models import Institution
from callroom.people.queries import UnitRow
from callroom.people.states import UnitKind
from callroom.pulse import rules
from callroom.pulse.aggregates import Figure as Published
from callroom.pulse.aggregates import LeafPast, LeafWeek
from callroom.pulse.states import WeekState

CORE: Final = tuple(item.id for item in weekly.CORE)


def noise_of_items(institution: Institution) -> float:
    """Return the most noise that any published figure has on one question, in points of the scale."""
    return rules.in_force(institution).most_noise / 10


def settings_of(institution: Institution) -> Settings:
    """Return what the engine is told about an institution. The index is the mean of core items with noise each."""
    start = (institution.academic_year_month, institution.academic_year_day)
    return Settings(noise_scale=noise_of_items(institution) / sqrt(len(CORE)), academic_year_start=start)


def leaves_of(pasts: Iterable[LeafPast], units: Mapping[str, UnitRow]) -> tuple[Leaf, ...]:
    """Return the leaves that ever had a figure, with all their figures."""
    found = (Leaf(past.leaf, department_of(past.units, units), index_of(past)) for past in pasts)
    return tuple(leaf for leaf in found if leaf.figures)


def index_of(past: LeafPast) -> tuple[Figure, ...]:
    """Return a leaf's index, week by week; weeks without a figure are absent."""
    return tuple(_figure(week, week.index) for week in past.points if week.index and _counts(week))


def item_of(past: LeafPast, item: str) -> tuple[Figure, ...]:
    """Return one question of a leaf, week by week."""
    shown = ((week, (week.items or {}).get(item)) for week in past.points if _counts(week))
    return tuple(_figure(week, figure) for week, figure in shown if figure)


def department_of(units: Iterable[str], tree: Mapping[str, UnitRow]) -> str:
    """Return the department that holds all these units; empty where none does."""
    above = {_department(unit, tree) for unit in units}
    return above.pop() if len(above) == 1 else ""


def fingerprint(leaves: Iterable[Leaf], present: Iterable[str], settings: Settings) -> str:
    """Return a name for all that signals follow from, the engine's version included: equal names, equal signals."""
    return hashlib.sha256(repr((__version__, settings, tuple(leaves), sorted(present))).encode()).hexdigest()


def _department(unit: str, tree: Mapping[str, UnitRow]) -> str:
    here = tree.get(unit)
    while here is not None and here.kind is not UnitKind.DEPARTMENT:
        here = tree.get(here.parent or "")
    return here.id if here else ""


def _counts(week: LeafWeek) -> bool:
    return week.state is WeekState.SHOWN and week.n is not None


def _figure(week: LeafWeek, published: Published) -> Figure:
    low, high = week.n or (CALLROOM_MINIMUM, None)
    return Figure(
        week=week.week_of,
        n_low=low,
        n_high=high,
        mean_tenths=published.mean,
        weeks=length_of(week.wave),
        composition=(*week.units, questionnaire_of(week.wave)),
    )


def questionnaire_of(wave: str) -> str:
    """Return what was asked, from a wave's id: other questions are a new beginning, whatever the answers do."""
    return wave.partition("/")[0].partition("-")[0]


def length_of(wave: str) -> int:
    """Return how many weeks a wave takes, from its id: ``pulse-2/2026-W46`` takes two."""
    return int(wave.partition("/")[0].partition("-")[2] or 1)
