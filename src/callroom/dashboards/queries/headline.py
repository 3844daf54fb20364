"""The sentence that a unit's page opens with, for pages that only point at it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from callroom.dashboards.queries.group import group_page
from callroom.dashboards.queries.unit import unit_page
from callroom.dashboards.sentences import Sentence
from callroom.dashboards.tree import COUNTED, Tree
from callroom.people.queries import UnitRow


def headline(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> Sentence:
    """Return the sentence of a programme's page, or of a department's."""
    if row.kind.value in COUNTED:
        return unit_page(row, tree, now=now, zone=zone).sentence
    return group_page(row, tree, now=now, zone=zone).sentence
