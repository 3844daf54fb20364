"""
What an engine of signals is given and what it says: the interface that pages and ``watch`` know.

``control_charts.ControlChart`` is the first engine; a better one replaces it behind the same protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class BadSeries(ValueError):
    """Points are not in the order of their weeks, or a figure lies off the scale."""


class State(StrEnum):
    """What can be said about a leaf now."""

    TOO_EARLY = "too early"
    QUIET = "quiet"
    FALLING = "falling"
    RISING = "rising"


class Side(StrEnum):
    """Which way a finding points. Low is worse: every published item is scored so that more is better."""

    LOW = "low"
    HIGH = "high"


class Rule(StrEnum):
    """
    The four rules of UX.md, in the order in which a sentence prefers them.

    A shift comes first, since it says since when; a figure beyond a limit before a trend, so that a unit that is
    recovering, but still far below, is not called rising.
    """

    SHIFT = "seven on one side of the average"
    OUTSIDE = "outside the limits"
    TREND = "seven in one direction"
    NEAR_LIMIT = "two of three near a limit"


@dataclass(frozen=True, slots=True)
class Point:
    """
    One wave of a leaf.

    ``week``: Monday of its last week; ``value_tenths``: 0 to 100, or None for a gap (too few, not asked, void);
    ``composition``: the units counted together, then the length in weeks, or whatever else must not change unseen.
    """

    week: date
    value_tenths: int | None
    composition: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The centre line and the limits, in hundredths of a point (0 to 1000), and the points they were made of.

    ``start`` and ``end``: first and last week of the baseline; ``count``: figures in it; ``few``: fewer than 20, so
    the limits may still move noticeably.
    """

    centre_hundredths: int
    lower_hundredths: int
    upper_hundredths: int
    start: date
    end: date
    count: int
    few: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A rule that holds: which, on which side, and over how many figures from ``start`` to ``end``.

    For a shift and a trend ``count`` is the length of the whole run so far ("for 9 weeks in a row"), for the others
    the number of figures that meet the rule.
    """

    rule: Rule
    side: Side
    start: date
    end: date
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of the chart: ``findings`` that it belongs to, in the order of ``Rule``; none for an ordinary point."""

    week: date
    value_tenths: int | None
    findings: tuple[Finding, ...]

    @property
    def side(self) -> Side | None:
        """Return the side of the first finding, by which a point is drawn; None for an ordinary point or a gap."""
        return self.findings[0].side if self.findings else None


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    What can be said about a leaf after its latest figure.

    ``figures``: those since the composition last changed; ``needed``: how many it takes for limits; ``limits``: None
    while it is too early; ``finding``: why the state is falling or rising; ``as_of``: the week of the latest figure;
    ``marks``: one for each point that was given; ``rebased_on``: the first week of the present composition where an
    earlier one differed.
    """

    state: State
    figures: int
    needed: int
    limits: Limits | None
    finding: Finding | None
    as_of: date | None
    marks: tuple[Mark, ...]
    rebased_on: date | None


class Engine(Protocol):
    """Anything that can assess a leaf's published figures."""

    def assess(self, points: Sequence[Point]) -> Assessment:
        """
        Return what can be said after the last of ``points``, which stand in the order of their weeks, gaps included.

        :raises BadSeries: if weeks do not rise or a figure lies off the scale
        """
