"""``/in/tokens/``: which tokens a person may fetch, and the blind signature itself."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from callroom.consent import queries as consent
from callroom.kit import clock, keyring
from callroom.people.policy import Action, permission
from callroom.people.requests import Request
from callroom.pulse import queries, rules
from callroom.pulse.actions import tokens

LARGEST_BODY: Final = 2048
STATUS: Final = {"malformed": 400, "not-agreed": 403, "not-asked": 404, "fetched": 409, "over": 410, "disk": 503}


@never_cache
@require_http_methods(["GET", "POST"])
@permission(Action.FETCH_TOKEN)
def fetch(request: HttpRequest) -> HttpResponse:
    """List the waves this person may fetch a token for, or sign one blinded message."""
    signed_in = cast(Request, request)
    try:
        return _offered(signed_in) if request.method == "GET" else _sign(signed_in)
    except OSError:  # among others, the keys' volume is not there: a phone must not take that for the end of a round
        return _error("disk")


@require_GET
@permission(Action.FETCH_TOKEN)
def group(request: HttpRequest) -> HttpResponse:
    """Show who counts together with the reader, and what the signed list of them is."""
    reader, now = cast(Request, request).user, clock.now()
    context = {
        "groups": queries.own_groups(reader.pk, now=now),
        "has_council": rules.council(reader.institution, now=now) is not None,
        "language": (get_language() or "en")[:2],
    }
    return render(request, "pulse/group.html", context)


@require_POST
@permission(Action.FETCH_TOKEN)
def ask_again(request: HttpRequest) -> HttpResponse:
    """Ask for a second token in the open wave, because the first is on no device any more."""
    try:
        tokens.ask_for_replacement(by=cast(Request, request).user, now=clock.now())
    except tokens.NotReplaceable:
        messages.error(
            request,
            gettext("There is no ticket that could be replaced: none was given out, or it was replaced before."),
        )
    except OSError:
        messages.error(request, gettext("That did not work just now. Nothing was changed. Try again in a few minutes."))
    else:
        messages.success(
            request, gettext("Asked. Once the coordinator has approved it, open this page again on this phone.")
        )
    return redirect("pulse:device")


def _offered(request: Request) -> HttpResponse:
    now = clock.now()
    if queries.known_waves(now=now):
        keyring.require_waves_folder()
    if not consent.may_be_given_tokens(request.user):
        return _error("not-agreed")
    offered = queries.waves_offered_to(request.user.pk, now=now)
    return JsonResponse(
        [
            {
                "wave": each.wave,
                "state": each.state.value,
                "group": each.group,
                "key_sheet": each.key_sheet,
                "wave_sheet": each.wave_sheet,
                "opens_at": each.opens_at,
                "closes_at": each.closes_at,
                "replacement": each.replacement,
            }
            for each in offered
        ],
        safe=False,
        headers={"X-Callroom-Now": str(int(now.timestamp()))},
    )


def _sign(request: Request) -> HttpResponse:
    try:
        wave, blinded, replace = _asked_for(request)
        signature = tokens.issue(by=request.user, wave=wave, blinded=blinded, now=clock.now(), replace=replace)
    except (ValueError, tokens.BadBlinded):
        return _error("malformed")
    except tokens.NotAgreed:
        return _error("not-agreed")
    except tokens.NotAsked:
        return _error("not-asked")
    except tokens.AlreadyFetched:
        return _error("fetched")
    except tokens.NotNow:
        return _error("over")
    return JsonResponse({"signature": base64.b64encode(signature).decode()})


def _asked_for(request: Request) -> tuple[str, bytes, bool]:
    """:raises ValueError: unless the body is {"wave": text, "blinded": base64}, and perhaps "replace": true"""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise ValueError("too long")
    try:
        body = json.loads(request.body)
    except RecursionError:
        raise ValueError("nested") from None
    match body:
        case {"wave": str(wave), "blinded": str(blinded)}:
            try:
                return wave, base64.b64decode(blinded, validate=True), body.get("replace") is True
            except binascii.Error:
                raise ValueError("not base64") from None
    raise ValueError("other fields")


def _error(code: str) -> HttpResponse:
    return JsonResponse({"error": code}, status=STATUS[code])
