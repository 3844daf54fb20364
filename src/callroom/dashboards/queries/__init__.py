"""What the pages of results hold, ready to be shown. The same for every reader: nothing here knows who is asking."""

from __future__ import annotations

from callroom.dashboards.queries.group import GroupPage, group_page
from callroom.dashboards.queries.headline import headline
from callroom.dashboards.queries.lines import edition_of, lines_within, page_key
from callroom.dashboards.queries.unit import UnitPage, unit_page
from callroom.dashboards.queries.why import WhyPage, why_page

__all__ = [
    "GroupPage",
    "UnitPage",
    "WhyPage",
    "edition_of",
    "group_page",
    "headline",
    "lines_within",
    "page_key",
    "unit_page",
    "why_page",
]
