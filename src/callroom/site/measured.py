"""The lab's last figures: measured by ``make lab``, shipped with the release, shown on the page about privacy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("measured.json")
VERSION: Final = 1


class OtherVersion(ValueError):
    """The file of figures is of a version that this code does not read."""


@dataclass(frozen=True, slots=True)
class Leaver:
    """How much of what is not known about somebody is left, in percent, after a year beside a leaf that they left."""

    weeks: int
    people: int
    left_percent: int


@dataclass(frozen=True, slots=True)
class AllButOne:
    """What all others of a group of eight who tell each other everything know about the last answer, in percent."""

    options: int
    surest_percent: int
    guessed_percent: int
    by_chance_percent: int
    waves: int | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the attack on published figures found, and the constants it was measured with."""

    measured_on: date
    constants: dict[str, Any]
    years: int
    weeks: int
    answers: int
    pinned: int
    narrowed: int
    pinned_by_two: int
    largest_gain_hundredths: int
    leavers: tuple[Leaver, ...]
    all_but_one: tuple[AllButOne, ...]
    planted_faults: int
    faults_found: int


@cache
def measured() -> Measured:
    """
    Return the figures that this release ships with.

    :raises OtherVersion: if the file is of another version
    """
    content = json.loads(FILE.read_text(encoding="utf-8"))
    if content["version"] != VERSION:
        raise OtherVersion(f"{FILE.name} has version {content['version']}, not {VERSION}; run `make lab`")
    return Measured(
        measured_on=date.fromisoformat(content["measured_on"]),
        leavers=tuple(Leaver(**each) for each in content["leavers"]),
        all_but_one=tuple(AllButOne(**each) for each in content["all_but_one"]),
        **{name: content[name] for name in _PLAIN},
    )


_PLAIN: Final = (
    "constants", "years", "weeks", "answers", "pinned", "narrowed", "pinned_by_two", "largest_gain_hundredths",
    "planted_faults", "faults_found",
)  # fmt: skip
