"""Addresses of signing in, of oneself and of the demo's doors, mounted under /in/. Nothing else of allauth has one."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path, re_path

from callroom.people import views

own = [
    path("me/", views.me, name="me"),
    path("me/sign-out-everywhere/", views.end_sessions, name="end-sessions"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("demo/", views.choose_persona, name="choose-persona"),
]

# The names are allauth's: its views look for each other by them.
urlpatterns = [
    path("", include((own, "people"))),
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("password/", views.change_password, name="account_change_password"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
