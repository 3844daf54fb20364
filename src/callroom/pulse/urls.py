"""Addresses of check-in devices, tokens and the chain, under ``/in/``."""

from __future__ import annotations

from django.urls import path

from callroom.pulse import converters as _registered  # noqa: F401  # <sha256:…>
from callroom.pulse.views import chain, manage, pages, tokens

app_name = "pulse"
urlpatterns = [
    path("device/", pages.device, name="device"),
    path("device/again/", tokens.ask_again, name="ask-again"),
    path("tokens/", tokens.fetch, name="tokens"),
    path("group/", tokens.group, name="group"),
    path("waves/", manage.waves, name="waves"),
    path("waves/skip/", manage.skip, name="skip-week"),
    path("waves/replacement/", manage.approve_replacement, name="approve-replacement"),
    path("waves/void/", manage.void, name="void-wave"),
    path("waves/freeze/", manage.freeze, name="freeze"),
    path("waves/resume/", manage.resume, name="resume"),
    path("chain/", chain.page, name="chain"),
    path("chain/callroom-chain.zip", chain.archive, name="chain-archive"),
    path("chain/<sha256:sha256>", chain.member_payload, name="member-payload"),
]
