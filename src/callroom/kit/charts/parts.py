"""What charts are made of: points, gaps, limits, events, and the shapes that stand for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final, TypeAlias

SCALE: Final = 100  # tenths: the scale runs from 0 to 10


class Mark(StrEnum):
    """What a point says; each has its own shape before it has a colour."""

    FLAT = "flat"  # circle: no clear change
    UP = "up"  # triangle pointing up: higher than usual
    DOWN = "down"  # triangle pointing down: lower than usual
    UNSURE = "unsure"  # diamond: not sure yet


class Gap(StrEnum):
    """Why a week has no figure. Three different things, drawn differently."""

    HIDDEN = "hidden"  # too few answers: hatched, as everything that is protected
    UNASKED = "unasked"  # nobody was asked: an empty dashed frame
    VOID = "void"  # not counted: an empty dashed frame, crossed out


@dataclass(frozen=True, slots=True)
class Point:
    """A published figure: mean and range in tenths, 0 to 100; ``tick`` is its short date for the axis."""

    at: date
    mean: int
    low: int
    high: int
    tick: str = ""
    mark: Mark = Mark.FLAT


@dataclass(frozen=True, slots=True)
class Missing:
    """A wave without a figure. Lines break here, and runs do not count across it."""

    at: date
    why: Gap
    tick: str = ""


Slot: TypeAlias = Point | Missing


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The usual range and its average, in tenths, over the slots ``first`` to ``last`` (indexes, both included;
    ``last`` None: to the end). A second one follows where the limits were computed anew.
    """

    low: int
    mean: int
    high: int
    first: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """Where a series lies at one date when its ups and downs are smoothed: level and interval, in tenths."""

    at: date
    low: int
    level: int
    high: int


@dataclass(frozen=True, slots=True)
class Span:
    """Between which dates something began: a letter at the likeliest one, ``at``, explained in the text below."""

    first: date
    at: date
    last: date
    letter: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a letter in the chart, explained in the text below it."""

    at: date
    letter: str


def unbroken(slots: Sequence[Slot]) -> Iterator[list[tuple[int, Point]]]:
    """Yield the runs of neighbouring points with their indexes; a missing slot ends a run."""
    run: list[tuple[int, Point]] = []
    for index, slot in enumerate(slots):
        if isinstance(slot, Point):
            run.append((index, slot))
        elif run:
            yield run
            run = []
    if run:
        yield run


def moving(run: Sequence[tuple[int, Point]]) -> Iterator[tuple[Mark, list[tuple[int, Point]]]]:
    """Yield the stretches of two or more neighbouring points that are marked up, or down."""
    for mark, group in groupby(run, key=lambda numbered: numbered[1].mark):
        stretch = list(group)
        if mark in (Mark.UP, Mark.DOWN) and len(stretch) > 1:
            yield mark, stretch


def shape(mark: Mark, x: float, y: float, size: float) -> str:
    """Return the shape of a mark around a centre; ``size`` is the radius of the circle, in pixels."""
    wide = size * 1.3
    match mark:
        case Mark.FLAT:
            return f'<circle class="p-flat" cx="{x:.1f}" cy="{y:.1f}" r="{size:g}"/>'
        case Mark.UP:
            return f'<path class="p-up" d="M{x - wide:.1f} {y + wide:.1f}h{2 * wide:.1f}L{x:.1f} {y - wide:.1f}z"/>'
        case Mark.DOWN:
            return f'<path class="p-down" d="M{x - wide:.1f} {y - wide:.1f}h{2 * wide:.1f}L{x:.1f} {y + wide:.1f}z"/>'
        case Mark.UNSURE:
            return f'<path class="p-flat" d="M{x:.1f} {y - wide:.1f}l{wide:.1f} {wide:.1f}-{wide:.1f} {wide:.1f}-{wide:.1f}-{wide:.1f}z"/>'


def polyline(class_name: str, places: Sequence[tuple[float, float]]) -> str:
    """Return a line through places; nothing for fewer than two."""
    if len(places) < 2:
        return ""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline class="{class_name}" points="{points}"/>'


def clipped(value: int) -> int:
    """Return a value cut to the scale: limits of a control chart may lie outside it."""
    return max(0, min(SCALE, value))
