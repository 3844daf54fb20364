"""What a wave asks: the core, and what takes the rotating place: an item of the bank, the quarterly scale, or nothing."""

from __future__ import annotations

from django.conf import settings

from callroom.core.anonymity.sheets import SheetItem
from callroom.core.instruments import scale, weekly
from callroom.core.timetable import waves
from callroom.core.timetable.waves import WaveTimes

CORE = tuple(item.id for item in weekly.CORE)


def rotating_place(times: WaveTimes) -> str:
    """Return what a wave that is announced now will ask beside the core; empty for nothing."""
    wanted = scale.SCALE.id if settings.BURNOUT_SCALE else None
    return waves.rotating_place([item.id for item in weekly.ROTATING], times, wanted)


def carries_scale(rotating: str) -> bool:
    """Does a wave with this in its rotating place ask the quarterly scale?"""
    return rotating == scale.SCALE.id


def asked(rotating: str) -> tuple[str, ...]:
    """Return the ids of a wave's items, in order."""
    return (*CORE, rotating) if rotating else CORE


def sheet_items(rotating: str) -> tuple[SheetItem, ...]:
    """Return the items of a wave's sheet; each question has five worded options, also each of the scale's."""
    return tuple(SheetItem(item, weekly.OPTION_COUNT) for item in asked(rotating))


def wording(rotating: str) -> str:
    """Return what a wave's sheet says of its words."""
    return scale.wording() if carries_scale(rotating) else weekly.WORDING


def wordings() -> tuple[str, ...]:
    """Return all that this version knows to ask."""
    return (weekly.WORDING, scale.wording())
