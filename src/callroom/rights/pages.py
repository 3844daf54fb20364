"""What the trail calls a page, in words that its reader knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callroom.audit.states import SIGN_IN

_BY_KEY: Final = MappingProxyType(
    {
        SIGN_IN: gettext_lazy("Signed in"),
        "trail/rows": gettext_lazy("Rows of the trail"),
        "trail/looks": gettext_lazy("Who looked at which page"),
        "roster/as-it-stands": gettext_lazy("The roster, as a file"),
        "roster/rotations-as-they-stand": gettext_lazy("The rotations, as a file"),
    }
)


def title_of(page: str, units: Mapping[str, str]) -> str:
    """
    Return the title of a page as it is kept in the trail: a key of its own, or the address of a page of results.

    ``units``: the names of units by id. What is unknown (a unit that was renamed away, a page of an earlier release) is
    returned as it stands, so that nothing that was kept is hidden.
    """
    if page in _BY_KEY:
        return str(_BY_KEY[page])
    try:
        found = resolve(page)
    except Resolver404:
        return page
    unit = units.get(found.kwargs.get("unit", ""), "")
    match found.view_name:
        case "dashboards:institution":
            return _("Results of the whole institution")
        case "dashboards:unit" if unit:
            return _("Results: %(unit)s") % {"unit": unit}
        case "dashboards:why" if unit:
            return _("Results, and why: %(unit)s") % {"unit": unit}
        case "dashboards:csv" if unit:
            return _("Results as a file: %(unit)s") % {"unit": unit}
        case _:
            return page
