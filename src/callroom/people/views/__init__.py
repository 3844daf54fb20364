"""Pages about oneself, one's ways in, and those of others."""

from __future__ import annotations

from callroom.people.views.access import access, approve_reset, invite
from callroom.people.views.doors import change_password, choose_persona, end_sessions, invitation, me
from callroom.people.views.factors import (
    add_app,
    add_passkey,
    code_again,
    factors,
    lost_factors,
    new_codes,
    passkey_again,
    passkeys,
    password_again,
    recovery_codes,
    remove_app,
    remove_passkey,
)
from callroom.people.views.provider import go_to_provider, provider_back, provider_metadata, provider_response

__all__ = [
    "access",
    "add_app",
    "add_passkey",
    "approve_reset",
    "change_password",
    "choose_persona",
    "code_again",
    "end_sessions",
    "factors",
    "go_to_provider",
    "invitation",
    "invite",
    "lost_factors",
    "me",
    "new_codes",
    "passkey_again",
    "passkeys",
    "password_again",
    "provider_back",
    "provider_metadata",
    "provider_response",
    "recovery_codes",
    "remove_app",
    "remove_passkey",
]
