"""Who is there: residents who come and go, and the files that ``callroom roster import`` is given every Monday."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from lab.year.scale import Scale

TURNOVER = 0.01
"""So many of a hundred leave in a week, and as many come."""
ON_LEAVE = 0.008
MOVES = 0.002
COORDINATOR = "coordinator"
COLUMNS = ("external_id", "name", "email", "role", "unit", "home_unit", "from", "leave_from", "leave_to")


@dataclass(slots=True)
class Resident:
    """One row of the roster. ``leave``: first and last day, or none."""

    key: str
    home: str
    since: date
    leave: tuple[date, date] | None = None

    @property
    def email(self) -> str:
        """Return the address by which this person signs in."""
        return f"{self.key}@lab.example"

    def is_away(self, day: date) -> bool:
        """Return whether this person is on leave on this day."""
        return self.leave is not None and self.leave[0] <= day <= self.leave[1]


@dataclass(slots=True)
class Roster:
    """The residents of today, and the staff that stays."""

    scale: Scale
    chance: random.Random
    residents: dict[str, Resident] = field(default_factory=dict)
    came: int = 0
    left: int = 0
    moved: int = 0
    leaves: int = 0
    _owed: float = 0.0

    def begin(self) -> None:
        """Fill the programmes."""
        for programme in self.scale.programmes:
            for _each in range(programme.residents):
                self._add(programme.unit, self.scale.first - timedelta(days=200))

    def a_week_passes(self, monday: date) -> tuple[list[Resident], list[Resident]]:
        """Let some leave and as many come, on leave or to another programme; return who left and who came."""
        self._owed += TURNOVER * len(self.residents)
        count, self._owed = int(self._owed), self._owed - int(self._owed)
        gone = self.chance.sample(sorted(self.residents), count)
        left = [self.residents.pop(key) for key in gone]
        came = [self._add(resident.home, monday) for resident in left]
        self.left, self.came = self.left + len(left), self.came + len(came)
        for resident in self.residents.values():
            if resident.leave and resident.leave[1] < monday:
                resident.leave = None
            elif resident.leave is None and self.chance.random() < ON_LEAVE:
                weeks = self.chance.choice((1, 2, 6, 12))
                resident.leave = (monday, monday + timedelta(days=7 * weeks - 1))
                self.leaves += 1
            elif self.chance.random() < MOVES:
                resident.home = self.chance.choice([each.unit for each in self.scale.programmes])
                self.moved += 1
        return left, came

    def write_units(self, file: Path) -> Path:
        """Write the file of the units."""
        departments = sorted({programme.department for programme in self.scale.programmes})
        rows = [(unit, unit.capitalize(), "department", "") for unit in departments]
        rows += [(each.unit, each.unit.capitalize(), "programme", each.department) for each in self.scale.programmes]
        return _write(file, ("unit", "name_en", "kind", "parent"), rows)

    def write_people(self, file: Path) -> Path:
        """Write the file of everybody who is here now."""
        rows: list[tuple[str, ...]] = [_staff(COORDINATOR, "coordinator", "")]
        rows += [_staff(leader_of(unit), "leader", unit) for unit in led_units(self.scale)]
        for resident in self.residents.values():
            first, last = (day.isoformat() for day in resident.leave) if resident.leave else ("", "")
            since = resident.since.isoformat()
            who = (resident.key, f"Resident {resident.key}", resident.email, "resident")
            rows.append((*who, resident.home, resident.home, since, first, last))
        return _write(file, COLUMNS, rows)

    def _add(self, home: str, since: date) -> Resident:
        key = f"r{len(self.residents) + self.left + 1:04}-{self.chance.randrange(10**6):06}"
        self.residents[key] = Resident(key, home, since)
        return self.residents[key]


def led_units(scale: Scale) -> list[str]:
    """Return the units that have a leader of their own: the departments, then some programmes."""
    departments = sorted({programme.department for programme in scale.programmes})
    return [*departments, *(programme.unit for programme in scale.programmes if programme.led)]


def leader_of(unit: str) -> str:
    """Return the roster's key of the person who leads a unit."""
    return f"leader-{unit}"


def _staff(key: str, role: str, unit: str) -> tuple[str, ...]:
    return key, f"Staff {key}", f"{key}@lab.example", role, unit, "", "", "", ""


def _write(file: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([columns, *rows])
    return file
