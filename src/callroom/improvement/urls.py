"""Addresses of promises and of the answers to clocks, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.improvement import views

app_name = "improvement"

urlpatterns = [
    path("answers/", views.desk, name="desk"),
    path("answers/<int:clock>/", views.answer, name="answer"),
    path("answers/<int:clock>/remind/", views.remind, name="remind"),
    path("answers/promises/<int:promise>/", views.keep, name="keep"),
    path("answers/commitment/", views.commit, name="commit"),
    path("answers/practice/", views.practise, name="practise"),
    path("answers/waiting/", views.waiting, name="waiting"),
    path("answers/waiting/waive/", views.waive, name="waive"),
    path("promises/", views.ledger, name="ledger"),
    path("promises/<slug:unit>/", views.history, name="history"),
]
