"""Addresses of letters, of what can be passed on, and of the calendar, mounted under /in/."""

from __future__ import annotations

from django.urls import path

from callroom.prompts import views

app_name = "prompts"

urlpatterns = [
    path("invite/", views.invite, name="invite"),
    path("invite/ward/", views.ward, name="ward"),
    path("letters/", views.times, name="times"),
    path("letters/stop/", views.stop, name="stop"),
    path("letters/test/", views.test, name="test"),
    path("letters/link/", views.link, name="link"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/skip/", views.skip, name="skip"),
    path("calendar/days/", views.days, name="days"),
    path("calendar/days/place/", views.place, name="place"),
    path("calendar/days/<int:number>/remove/", views.remove_day, name="remove-day"),
]
