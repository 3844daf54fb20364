"""OpenID Connect: the code flow with PKCE, state and nonce; the signed token is checked against the provider's keys."""

from __future__ import annotations

from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest
from joserfc.errors import JoseError
from requests import RequestException

from callroom.people.provider.outcome import ProviderDown, Refused, Subject

SECONDS = 10
"""So long the provider may take to answer."""


def _client() -> Any:
    # Made anew each time: it asks for the provider's configuration and keys, so one that is down is found out before the
    # browser is sent there, and keys that were changed are known.
    return OAuth().register(
        name="hospital",
        client_id=settings.OIDC_CLIENT,
        client_secret=settings.OIDC_SECRET_FILE.read_text().strip(),
        server_metadata_url=f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid", "code_challenge_method": "S256", "default_timeout": SECONDS},
    )


def begin(request: HttpRequest, *, back: str) -> str:
    """
    Return the provider's address at which the person says yes.

    :raises ProviderDown: when the provider does not answer
    """
    try:
        return str(_client().authorize_redirect(request, back)["Location"])
    except (RequestException, AuthlibBaseError, ValueError, OSError, RuntimeError) as error:
        raise ProviderDown from error


def finish(request: HttpRequest) -> Subject:
    """
    Return whom the provider's token names.

    :raises ProviderDown: when the provider does not answer
    :raises Refused: for a token that is not its word for this browser
    """
    try:
        token = _client().authorize_access_token(request)
    except (RequestException, OSError) as error:
        raise ProviderDown from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError) as error:
        raise Refused from error
    claims = token.get("userinfo") or {}
    if claims.get("iss") != settings.OIDC_ISSUER:
        raise Refused
    subject = claims.get(settings.OIDC_CLAIM)
    if not isinstance(subject, str) or not subject:
        raise Refused
    return Subject(subject)
