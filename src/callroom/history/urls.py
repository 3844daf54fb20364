"""Addresses of importing earlier surveys, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.history import views

app_name = "history"

urlpatterns = [
    path("history/", views.surveys, name="surveys"),
    path("history/columns/", views.columns, name="columns"),
    path("history/preview/", views.preview, name="preview"),
    path("history/<int:survey>/take-back/", views.take_back, name="take-back"),
]
