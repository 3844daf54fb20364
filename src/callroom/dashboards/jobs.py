"""What the worker does after it has looked at a release: draw its pages, so that the first reader waits no longer than the next."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import translation

from callroom.dashboards import pages, queries, shelf
from callroom.dashboards.tree import Tree
from callroom.people import queries as people

PAGES_AT_ONCE: Final = 60
"""Drawn in one go, about ten seconds of work: the worker has waves to close as well. The next minute goes on."""


def tick(now: datetime) -> None:
    """Draw pages of what can be read now that are not drawn yet, the institution's first. Costs little when all are there."""
    try:
        institution = people.current_institution()
    except people.NoInstitution:
        return
    trees = {}
    editions = {}
    for language in institution.languages:
        with translation.override(language):
            trees[language] = Tree.read()
            editions[language] = queries.edition_of(trees[language], now=now, zone=institution.zone)
    if shelf.is_finished(editions.values()):
        return
    missing = [
        (row, language)
        for row in trees[institution.languages[0]].shown_rows()
        for language in institution.languages
        if not shelf.holds(editions[language], row.id)
    ]
    for row, language in missing[:PAGES_AT_ONCE]:
        with translation.override(language):
            page = pages.draw(row, trees[language], now=now, zone=institution.zone)
            shelf.put(editions[language], row.id, title=page.title, content=page.content)
    if len(missing) <= PAGES_AT_ONCE:
        shelf.finish(editions.values())
