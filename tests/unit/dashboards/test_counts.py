"""How many tickets were used, in words; and in words, too, where it is not published."""

from __future__ import annotations

from datetime import date

from django.utils import translation

from callroom.dashboards.queries import group
from callroom.pulse.aggregates import Counts, InstitutionCounts

SUNDAY = date(2026, 11, 22)


def test_counts_are_said_where_they_are_published() -> None:
    with translation.override("en"):
        words = group._counts([InstitutionCounts(SUNDAY, Counts(issued=230, replaced=5, redeemed=200))])

    assert "230 tickets were fetched, 5 replaced and 200 used" in words


def test_where_they_are_not_the_page_says_why() -> None:
    with translation.override("en"):
        words = group._counts([InstitutionCounts(SUNDAY, None)])

    assert "is not published: fewer than three groups closed then" in words
    assert group._counts([]) == ""
