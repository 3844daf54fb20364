"""The sentence that a unit's page opens with, for pages that only point at it."""

from __future__ import annotations

from datetime import datetime

from callroom.dashboards import sentences
from callroom.dashboards.queries.lines import distinct, leaf_name, series_within
from callroom.dashboards.sentences import Sentence
from callroom.dashboards.tree import COUNTED, Tree
from callroom.people.queries import UnitRow
from callroom.watch.aggregates import trend_of


def headline(row: UnitRow, tree: Tree, *, now: datetime) -> Sentence:
    """Return the sentence of a programme's leaf, or of a department's leaves."""
    leaves = distinct(series_within(tree, row.id, now=now).values())
    if row.kind.value in COUNTED:
        return (
            sentences.about(leaf_name(leaves[0], tree), trend_of(leaves[0]))
            if leaves
            else sentences.about(row.name, None)
        )
    return sentences.of_several(row.name, {leaf_name(leaf, tree): trend_of(leaf) for leaf in leaves})
