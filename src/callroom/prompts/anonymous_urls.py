"""The calendar's feed: the same bytes for everybody, without a name in its address."""

from __future__ import annotations

from django.urls import path

from callroom.prompts import views

app_name = "prompts"

urlpatterns = [path("<str:language>/calendar.ics", views.feed, name="feed")]
