"""
SAML 2.0: the request goes by the browser's address, the signed response comes back by a form.

That form is posted from the provider's page, so no cookie of ours comes with it (they are ``SameSite=Lax``). Its signature,
audience and times are checked at once; a signed note of a minute's life then carries subject and request to an address of
ours, where the session says whether this browser was sent for it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from callroom.people.provider.outcome import ProviderDown, Refused, Subject

NOTE = "__Secure-callroom-saml"
"""The cookie with the note: set where the response arrives, read and deleted at the next address."""

SECONDS = 60
ASKED = "saml_asked"
"""Where the session keeps the id of the request that this browser was sent away with."""


@cache
def _metadata(file: Path, changed: int) -> dict[str, Any]:
    parsed: dict[str, Any] = OneLogin_Saml2_IdPMetadataParser.parse(file.read_bytes())["idp"]
    return parsed


def _settings(request: HttpRequest) -> dict[str, Any]:
    file = settings.SAML_METADATA
    arrival = request.build_absolute_uri(reverse("people:provider-response"))
    return {
        "strict": True,
        "idp": _metadata(file, file.stat().st_mtime_ns),
        "sp": {
            "entityId": request.build_absolute_uri(reverse("people:provider-metadata")),
            "assertionConsumerService": {"url": arrival, "binding": OneLogin_Saml2_Constants.BINDING_HTTP_POST},
            "NameIDFormat": OneLogin_Saml2_Constants.NAMEID_UNSPECIFIED,
        },
        "security": {
            "wantAssertionsSigned": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "wantAttributeStatement": bool(settings.SAML_ATTRIBUTE),
            "signatureAlgorithm": OneLogin_Saml2_Constants.RSA_SHA256,
            "digestAlgorithm": OneLogin_Saml2_Constants.SHA256,
            "allowSingleLabelDomains": settings.PLAIN_HTTP,  # localhost
        },
    }


def _auth(request: HttpRequest) -> Any:
    said = {
        "https": "on" if request.is_secure() else "off",
        "http_host": request.get_host(),
        "script_name": request.path_info,
        "get_data": request.GET.dict(),
        "post_data": request.POST.dict(),
    }
    try:
        return OneLogin_Saml2_Auth(said, _settings(request))
    except (OSError, OneLogin_Saml2_Error, LxmlError, KeyError, ValueError) as error:
        raise ProviderDown from error


def begin(request: HttpRequest) -> str:
    """
    Return the provider's address at which the person says yes, with our request in it.

    :raises ProviderDown: when its metadata cannot be read
    """
    auth = _auth(request)
    address = str(auth.login(return_to=""))
    request.session[ASKED] = auth.get_last_request_id()
    return address


def note_of_response(request: HttpRequest) -> str:
    """
    Return a signed note about the response that was posted here: whom it names, and which request it answers.

    :raises Refused: unless the provider signed it, for us, now
    """
    auth = _auth(request)
    try:
        auth.process_response(request_id=None)  # which request it may answer, the session knows: see finish
    except (OneLogin_Saml2_Error, LxmlError, ValueError, TypeError) as error:
        raise Refused from error
    answered = auth.get_last_response_in_response_to()
    if auth.get_errors() or not auth.is_authenticated() or not answered:
        raise Refused
    subject = _subject(auth)
    if not subject:
        raise Refused
    return signing.dumps({"subject": subject, "answers": answered}, salt=NOTE)


def finish(request: HttpRequest) -> Subject:
    """
    Return whom the note names, once, if it answers the request that this browser was sent away with.

    :raises Refused: for any other note, an old one, and none
    """
    asked = request.session.pop(ASKED, "")
    try:
        note = signing.loads(request.COOKIES.get(NOTE, ""), salt=NOTE, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Refused from error
    if not asked or not constant_time_compare(note["answers"], asked):
        raise Refused
    return Subject(note["subject"])


def own_metadata(request: HttpRequest) -> bytes:
    """Return what the provider must know about us, as XML."""
    ours = OneLogin_Saml2_Settings(_settings(request), sp_validation_only=True)
    metadata = ours.get_sp_metadata()
    return metadata if isinstance(metadata, bytes) else metadata.encode()


def _subject(auth: Any) -> str:
    if not settings.SAML_ATTRIBUTE:
        return str(auth.get_nameid() or "")
    values = auth.get_attribute(settings.SAML_ATTRIBUTE) or []
    return str(values[0]) if len(values) == 1 else ""
