"""Addresses of the council, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.council.views import members, newcomers, page, proposals

app_name = "council"

urlpatterns = [
    path("council/", page.council, name="council"),
    path("council/members/", members.appoint, name="appoint"),
    path("council/name/", members.found, name="found"),
    path("council/another/", members.another, name="another"),
    path("council/newcomers/", newcomers.confirm, name="confirm"),
    path("council/key/", members.key, name="key"),
    path("council/propose/<slug:kind>/", proposals.propose, name="propose"),
    path("council/proposal/<int:proposal>/", proposals.proposal, name="proposal"),
    path("council/proposal/<int:proposal>/sign/", proposals.sign, name="sign"),
]
