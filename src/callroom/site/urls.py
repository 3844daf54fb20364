"""Addresses of the signed-in side. What is anonymous is in ``anonymous_urls`` behind a handler of its own."""

from __future__ import annotations

from django.urls import include, path

from callroom.site import views
from callroom.site.attack import views as attack
from callroom.site.demo import views as demo

urlpatterns = [
    path("", views.front_door, name="front-door"),
    path("in/", views.home, name="home"),
    path("in/known/", views.known, name="known"),
    path("in/demo/console/", demo.console, name="demo-console"),
    path("in/find-me/", attack.find_me, name="find-me"),
    path("in/", include("callroom.people.urls")),
    path("in/", include("callroom.pulse.urls")),
    path("in/", include("callroom.dashboards.urls")),
    path("in/", include("callroom.setup.urls")),
    path("in/", include("callroom.consent.urls")),
    path("in/", include("callroom.prompts.urls")),
    path("in/", include("callroom.watch.urls")),
    path("in/", include("callroom.rights.urls")),
    path("in/", include("callroom.history.urls")),
    path("in/", include("callroom.improvement.urls")),
    path("in/", include("callroom.council.urls")),
    path("in/", include("callroom.kit.urls")),
]
handler400 = "callroom.kit.pages.bad_request"
handler403 = "callroom.kit.pages.refused"
handler404 = "callroom.kit.pages.not_found"
handler500 = "callroom.kit.pages.failed"
