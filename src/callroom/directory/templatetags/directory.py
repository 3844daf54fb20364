"""The crisis strip: one number and the way to the rest, for any page."""

from __future__ import annotations

from typing import Any

from django import template

from callroom.directory import queries

register = template.Library()


@register.inclusion_tag("directory/strip.html")
def crisis_strip(language: str) -> dict[str, Any]:
    """Show the number to call now, in ``en`` or ``es``, with the way to the help page."""
    return {"line": queries.first_line(language), "language": language}
