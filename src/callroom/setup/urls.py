"""Addresses of the check and of the start, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.setup.views import check, guide, roster, start

app_name = "setup"

urlpatterns = [
    path("start/", start.start, name="start"),
    path("start/institution/", start.found, name="found"),
    path("start/coordinator/", start.first_coordinator, name="first-coordinator"),
    path("setup/", guide.guide, name="guide"),
    path("setup/look/", guide.look, name="look"),
    path("look/<slug:version>.css", guide.style_sheet, name="style-sheet"),
    path("look/<slug:version>.png", guide.logo, name="logo"),
    path("roster/<slug:kind>.csv", guide.template, name="roster-template"),
    path("roster/", roster.roster, name="roster"),
    path("roster/columns/", roster.columns, name="roster-columns"),
    path("roster/preview/", roster.preview, name="roster-preview"),
    path("roster/apply/", roster.apply, name="roster-apply"),
    path("roster/cancel/", roster.cancel, name="roster-cancel"),
    path("check/", check.check, name="check"),
    path("check/<slug:topic>/", check.settle, name="settle"),
]
