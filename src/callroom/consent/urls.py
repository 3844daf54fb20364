"""Addresses of the notice and of one's own decision, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.consent import views

app_name = "consent"

urlpatterns = [
    path("notice/", views.notice, name="notice"),
    path("notice/version/<int:number>/", views.version, name="version"),
    path("notice/edit/", views.edit, name="edit"),
    path("notice/begin/", views.begin, name="begin"),
    path("notice/preview/", views.preview, name="preview"),
    path("decision/", views.mine, name="mine"),
]
