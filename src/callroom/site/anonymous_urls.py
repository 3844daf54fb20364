"""Addresses without a name: the check-in and the help page. Nothing here knows a session."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("w/", include("callroom.prompts.anonymous_urls")),
    path("w/", include("callroom.pulse.anonymous_urls")),
    path("help/", include("callroom.directory.urls")),
]
handler400 = "callroom.kit.anonymous.bad_request"
handler404 = "callroom.kit.anonymous.not_found"
handler500 = "callroom.kit.anonymous.failed"
