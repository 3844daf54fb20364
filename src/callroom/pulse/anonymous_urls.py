"""Addresses without a name, under ``/w/``."""

from __future__ import annotations

from django.urls import path

from callroom.pulse import converters as _registered  # noqa: F401  # <sha256:…>
from callroom.pulse.views import answers, chain, pages

app_name = "pulse"
urlpatterns = [
    path("answers", answers.receive, name="answers"),
    path("waves.json", chain.waves, name="waves"),
    path("sw.js", pages.service_worker, name="service-worker"),
    path("chain/headers/<int:segment>.jsonl", chain.headers, name="headers"),
    path("chain/<sha256:sha256>", chain.public_payload, name="public-payload"),
    path("<str:language>/", pages.check_in, name="check-in"),
    path("<str:language>/manifest.webmanifest", pages.manifest, name="manifest"),
]
