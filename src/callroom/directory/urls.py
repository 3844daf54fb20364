"""Addresses of the help page; they stand behind the anonymous handler, under ``/help/``."""

from __future__ import annotations

from django.urls import path

from callroom.directory import views

app_name = "directory"
urlpatterns = [
    path("sw.js", views.service_worker, name="service-worker"),
    path("<str:language>/", views.help_page, name="help"),
]
