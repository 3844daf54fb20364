"""What every signed-in page's template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return ``demo`` (is this the demo?) for the banner."""
    return {"demo": settings.DEMO}
