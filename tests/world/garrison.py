"""The people of ``multilevel_univbct.csv``: 495 soldiers of 43 companies in 16 battalions (Bliese & Ployhart 2002).

Each company stands for a programme, each battalion for a department. Job satisfaction, commitment and readiness at
three times, rounded onto five options, stand for the three core items; a missing value for a skip.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data" / "multilevel_univbct.csv"
COLUMNS = {"workload": "JSAT", "support": "COMMIT", "voice": "READY"}
TIMES = 3

Steps = Mapping[str, int | None]
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA.name} is not on this machine")


@dataclass(frozen=True)
class Soldier:
    """One person of the file: where they serve, and their steps (0-4) and exact values (1.0-5.0) at each time."""

    company: str
    steps: tuple[Steps, ...]
    values: tuple[Mapping[str, float | None], ...]

    def answers(self, time: int) -> bool:
        """Return whether this person has any value at this time."""
        return any(step is not None for step in self.steps[time].values())


def soldiers() -> dict[str, Soldier]:
    """Return the people of the file by their number."""
    rows: dict[str, list[dict[str, str]]] = {}
    with DATA.open(newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["SUBNUM"], []).append(row)
    found = {}
    for number, of_one in rows.items():
        of_one.sort(key=lambda row: int(row["TIME"]))
        values = tuple({item: _value(row[column]) for item, column in COLUMNS.items()} for row in of_one)
        steps = tuple({item: _step(value) for item, value in at.items()} for at in values)
        found[number] = Soldier(f"b{of_one[0]['BTN']}-{of_one[0]['COMPANY'].lower()}", steps, values)
    return found


def _value(cell: str) -> float | None:
    return None if cell in {"", "NA"} else float(cell)


def _step(value: float | None) -> int | None:
    return None if value is None else int(value + 0.5) - 1


def of_units(units: Collection[str], people: Mapping[str, Soldier]) -> list[Soldier]:
    """Return the people of these companies."""
    return [soldier for soldier in people.values() if soldier.company in units]


def least_answered(members: Sequence[Soldier], time: int) -> int:
    """Return how many answered the core item that fewest answered."""
    return min(sum(soldier.steps[time][item] is not None for soldier in members) for item in COLUMNS)


def true_mean(values: Sequence[float | None], lowest: int) -> float:
    """Return the mean of those who have a value, from a scale of five steps brought to 0-10."""
    return mean((value - lowest) * 2.5 for value in values if value is not None)
