"""Addresses of the results, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.dashboards import views

app_name = "dashboards"

urlpatterns = [
    path("results/", views.institution, name="institution"),
    path("results/<slug:unit>.csv", views.figures, name="csv"),
    path("results/<slug:unit>/", views.unit, name="unit"),
    path("results/<slug:unit>/why/", views.why, name="why"),
]
