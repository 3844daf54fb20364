"""
What a wave asks: the core, and what takes the rotating place: an item of the bank, the quarterly scale, or nothing.

In a leaf that has one to be asked about, a kept promise takes the place of the bank's item.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from callroom.core.anonymity import kept_promises
from callroom.core.anonymity.kept_promises import PromiseAsked, PromisesAsked
from callroom.core.anonymity.sheets import SheetItem
from callroom.core.instruments import scale, weekly
from callroom.core.timetable import waves
from callroom.core.timetable.waves import WaveTimes

CORE = tuple(item.id for item in weekly.CORE)


@dataclass(frozen=True, slots=True)
class Opening:
    """A wave that opens now: its length, its instant, and the leaves that are asked, each with its units."""

    wave: str
    weeks: int
    opens_at: datetime
    leaves: Mapping[str, tuple[str, ...]]


PromisesFor = Callable[[Opening], Collection[PromiseAsked]]
"""Which kept promises an opening wave asks about: at most one in each of its leaves."""


def no_promises(_opening: Opening) -> Collection[PromiseAsked]:
    """Ask about no promise: what a caller means who does not say otherwise."""
    return ()


def rotating_place(times: WaveTimes) -> str:
    """Return what a wave that is announced now will ask beside the core; empty for nothing."""
    wanted = scale.SCALE.id if settings.BURNOUT_SCALE else None
    return waves.rotating_place([item.id for item in weekly.ROTATING], times, wanted)


def carries_scale(rotating: str) -> bool:
    """Does a wave with this in its rotating place ask the quarterly scale?"""
    return rotating == scale.SCALE.id


def leaves_room(rotating: str) -> bool:
    """Can a promise take the rotating place? Where the bank's turn is: the scale needs it, and the weeks after rest."""
    return bool(rotating) and not carries_scale(rotating)


def asked(rotating: str, promises: PromisesAsked | None = None) -> tuple[str, ...]:
    """Return the ids of a wave's items, in order; of those after the core a leaf is asked one."""
    return (*CORE, *([rotating] if rotating else ()), *(promises.items if promises else ()))


def sheet_items(rotating: str, promises: PromisesAsked | None = None) -> tuple[SheetItem, ...]:
    """Return the items of a wave's sheet; each question has five worded options, also each of the scale's."""
    return tuple(SheetItem(item, weekly.OPTION_COUNT) for item in asked(rotating, promises))


def wording(rotating: str, promises: PromisesAsked | None = None) -> str:
    """Return what a wave's sheet says of its words."""
    usual = scale.wording() if carries_scale(rotating) else weekly.WORDING
    return kept_promises.wording(usual, promises.sha256) if promises else usual


def wordings() -> tuple[str, ...]:
    """Return all that this version knows to ask; a sheet that asks about promises names one of them, and their texts."""
    return (weekly.WORDING, scale.wording())
