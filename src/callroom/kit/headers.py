"""Headers of the signed-in side that Django and django-csp do not send, and those of static files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

PERMISSIONS: Final = "camera=(self), geolocation=(), microphone=()"
"""The camera compares the code on the ward with the round's sheet."""
OWN_ONLY: Final = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "X-Frame-Options": "DENY",  # also where a request is refused before Django's own middleware for it
}
STRICT_TRANSPORT: Final = "max-age=31536000; includeSubDomains"


def with_headers(respond: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Say that no other site may embed what is answered, and that nobody keeps it unless the view says so."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = respond(request)
        for name, value in OWN_ONLY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def of_static_file(headers: dict[str, str], _path: str, _url: str) -> None:
    """Add to a static file what pages carry: it is what it says, and for our own pages only."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if not settings.PLAIN_HTTP:
        headers["Strict-Transport-Security"] = STRICT_TRANSPORT
