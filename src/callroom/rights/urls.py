"""Addresses of one's own data, the desk and the trail, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.rights import views

app_name = "rights"

urlpatterns = [
    path("my-data/", views.mine, name="mine"),
    path("my-data/copy/", views.copy, name="copy"),
    path("my-data/<int:request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("requests/", views.desk, name="desk"),
    path("requests/take-in/", views.take_in, name="take-in"),
    path("requests/<int:request_id>/", views.answer, name="answer"),
    path("requests/<int:request_id>/copy/", views.copy_for, name="copy-for"),
    path("trail/", views.trail, name="trail"),
    path("trail/looks/", views.looks, name="looks"),
    path("trail/check/", views.check_trail, name="check-trail"),
]
