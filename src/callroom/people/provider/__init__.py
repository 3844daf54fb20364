"""
Signing in by the hospital's identity provider: one, by OpenID Connect or by SAML, named in the settings.

It answers with one thing that counts, the person's id in the roster. Addresses and names that it sends are not looked at.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from callroom.people.provider import oidc, saml
from callroom.people.provider.outcome import ProviderDown, Refused, Subject

__all__ = ["ProviderDown", "Refused", "Subject", "begin", "finish", "is_configured", "name"]


def is_configured() -> bool:
    """Return whether this hospital signs in by an identity provider as well."""
    return bool(settings.PROVIDER)


def name() -> str:
    """Return what the hospital calls the account with which its people sign in elsewhere."""
    return str(settings.PROVIDER_NAME)


def begin(request: HttpRequest, *, back: str) -> str:
    """
    Return the address of the provider to which the browser goes, with ``back`` as the address to which it returns.

    :raises ProviderDown: when the provider does not answer
    """
    return oidc.begin(request, back=back) if settings.PROVIDER == "oidc" else saml.begin(request)


def finish(request: HttpRequest) -> Subject:
    """
    Return whom the provider says the browser belongs to.

    :raises ProviderDown: when the provider does not answer
    :raises Refused: when what came back is not what this browser was sent for, or not the provider's word
    """
    return oidc.finish(request) if settings.PROVIDER == "oidc" else saml.finish(request)
