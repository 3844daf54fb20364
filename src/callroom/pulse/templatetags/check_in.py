"""What the home page shows of the check-in: the panel that fetches this round's ticket in the background."""

from __future__ import annotations

from typing import Any

from django import template

from callroom.people.queries import current_institution
from callroom.pulse import queries

register = template.Library()


@register.inclusion_tag("pulse/device_panel.html", takes_context=True)
def check_in_device(context: dict[str, Any]) -> dict[str, Any]:
    """
    Show the panel of a check-in device, for somebody who is asked.

    Around it, ``data-check-in-waits`` marks what hides once this browser has answered, ``data-check-in-done`` (put
    it there ``hidden``) what appears then, and ``<a data-check-in-link>`` leads to the set-up first where needed.
    """
    return {
        "person": str(context["request"].user.pk),
        "institution": queries.known_to_browsers(current_institution()),
        "csrf_token": context.get("csrf_token", ""),
    }
