"""
Pages drawn once for all readers: no request, no reader and no cookie is there when a page of results is drawn.

The worker draws them beforehand (``jobs``, ``shelf``); one that is not there yet is drawn for its first reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from callroom.dashboards import queries, shelf
from callroom.dashboards.memory import Memory
from callroom.dashboards.tree import COUNTED, Tree
from callroom.people.queries import UnitRow


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page's title, and what stands in its <main>."""

    title: str
    content: SafeString


_PAGES: Memory[DrawnPage] = Memory()
_WHY: Memory[DrawnPage] = Memory()


def drawn(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> DrawnPage:
    """Return the page of a unit in the active language, drawn now if nobody has drawn it yet."""
    edition = queries.edition_of(tree, now=now, zone=zone)

    def made() -> DrawnPage:
        kept = shelf.get(edition, row.id)
        if kept is None:
            return draw(row, tree, now=now, zone=zone)
        title, content = kept
        return DrawnPage(title, SafeString(content))  # written by the worker from the same templates

    return _PAGES.page((row.id, edition), made)


def why_drawn(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> DrawnPage:
    """Return the page that explains a programme's sentence, drawn now if it is not in memory."""
    return _WHY.page(queries.page_key(row, tree, now=now, zone=zone), lambda: _draw_why(row, tree, now, zone))


def _draw_why(row: UnitRow, tree: Tree, now: datetime, zone: ZoneInfo) -> DrawnPage:
    page = queries.why_page(row, tree, now=now, zone=zone)
    return DrawnPage(
        gettext("Why this is said of %(unit)s") % {"unit": page.name},
        render_to_string("dashboards/why.html", {"page": page}),
    )


def draw(row: UnitRow, tree: Tree, *, now: datetime, zone: ZoneInfo) -> DrawnPage:
    """Draw the page of a unit in the active language."""
    if row.kind.value in COUNTED:
        unit = queries.unit_page(row, tree, now=now, zone=zone)
        return DrawnPage(unit.name, render_to_string("dashboards/unit.html", {"page": unit}))
    group = queries.group_page(row, tree, now=now, zone=zone)
    return DrawnPage(group.name, render_to_string("dashboards/group.html", {"page": group}))
