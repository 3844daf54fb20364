"""What a leader owes on a page of results. It stands beside the page, never in it: the page is the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callroom.dashboards.tree import Tree
from callroom.kit.wording import joined
from callroom.people import queries as people
from callroom.people.queries import UnitRow
from callroom.people.requests import Request
from callroom.watch import aggregates as watch
from callroom.watch.permissions import may_acknowledge


@dataclass(frozen=True, slots=True)
class Duty:
    """A signal that this reader can say they have seen, and the names of its units."""

    signal: int
    units: str


def of_reader(request: Request, row: UnitRow, tree: Tree, *, now: datetime) -> Duty | None:
    """Return the oldest signal of this unit, or below it, that nobody has acknowledged and this person can."""
    inside = {programme.id for programme in tree.programmes(row.id)}
    for signal in watch.unacknowledged(people.current_institution()):
        if inside & set(signal.units) and may_acknowledge(request.user, signal.units, now=now):
            return Duty(signal.id, joined(sorted(tree.names.get(unit, unit) for unit in signal.units)))
    return None
