"""Addresses of signals, mounted under /in/. What they say is read on the pages of results."""

from __future__ import annotations

from django.urls import path

from callroom.watch import views

app_name = "watch"

urlpatterns = [path("signals/<int:signal>/acknowledge/", views.acknowledge, name="acknowledge")]
