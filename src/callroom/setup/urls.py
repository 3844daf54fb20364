"""Addresses of the check and of the start, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.setup.views import check, roster

app_name = "setup"

urlpatterns = [
    path("roster/", roster.roster, name="roster"),
    path("roster/columns/", roster.columns, name="roster-columns"),
    path("roster/preview/", roster.preview, name="roster-preview"),
    path("roster/apply/", roster.apply, name="roster-apply"),
    path("roster/cancel/", roster.cancel, name="roster-cancel"),
    path("check/", check.check, name="check"),
    path("check/<slug:topic>/", check.settle, name="settle"),
]
