"""Addresses of the check and of the start, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.setup.views import check

app_name = "setup"

urlpatterns = [
    path("check/", check.check, name="check"),
    path("check/<slug:topic>/", check.settle, name="settle"),
]
