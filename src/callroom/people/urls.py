"""Addresses of signing in, of oneself and of the demo's doors, mounted under /in/. Nothing else of allauth has one."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path

from callroom.people import views

own = [
    path("me/", views.me, name="me"),
    path("me/sign-out-everywhere/", views.end_sessions, name="end-sessions"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("demo/", views.choose_persona, name="choose-persona"),
    path("sign-in/second/lost/", views.lost_factors, name="lost-factors"),
    path("sign-in/hospital/", views.go_to_provider, name="go-to-provider"),
    path("sign-in/hospital/back/", views.provider_back, name="provider-back"),
    path("sign-in/hospital/response/", views.provider_response, name="provider-response"),
    path("sign-in/hospital/metadata/", views.provider_metadata, name="provider-metadata"),
    path("access/", views.access, name="access"),
    path("access/invite/", views.invite, name="invite"),
    path("access/reset/<uuid:person>/", views.approve_reset, name="approve-reset"),
]

# The names are allauth's: its views look for each other by them.
password = [
    path("", views.change_password, name="account_change_password"),
    path("forgotten/", account.password_reset, name="account_reset_password"),
    path("forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("new/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
second_factors = [
    path("", views.factors, name="mfa_index"),
    path("passkey/", views.passkeys, name="mfa_list_webauthn"),
    path("passkey/new/", views.add_passkey, name="mfa_add_webauthn"),
    path("passkey/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("app/new/", views.add_app, name="mfa_activate_totp"),
    path("app/remove/", views.remove_app, name="mfa_deactivate_totp"),
    path("codes/", views.recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", views.new_codes, name="mfa_generate_recovery_codes"),
]
urlpatterns = [
    path("", include((own, "people"))),
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/second/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/again/", views.password_again, name="account_reauthenticate"),
    path("sign-in/again/code/", views.code_again, name="mfa_reauthenticate"),
    path("sign-in/again/passkey/", views.passkey_again, name="mfa_reauthenticate_webauthn"),
    path("sign-out/", account.logout, name="account_logout"),
    path("password/", include(password)),
    path("second-factors/", include(second_factors)),
]
