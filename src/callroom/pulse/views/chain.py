"""The chain through both doors: payloads and headers, bytes as signed."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people.policy import Action, may, permission
from callroom.people.requests import Request
from callroom.pulse import queries


@require_GET
@permission(Action.READ_CHAIN)
def member_payload(request: HttpRequest, sha256: str) -> HttpResponse:
    """Answer with a payload; with a release body only once it is published, and to members only."""
    now = clock.now()
    releases = may(cast(Request, request).user, Action.SEE_RESULTS, now=now)
    return _bytes(queries.member_payload(sha256, now=now, with_releases=releases))


@require_GET
def public_payload(_request: HttpRequest, sha256: str) -> HttpResponse:
    """Answer with a payload that anybody may read."""
    return _bytes(queries.public_payload(sha256))


@require_GET
def headers(_request: HttpRequest, segment: int) -> HttpResponse:
    """Answer with 64 headers, one a line."""
    return _bytes(queries.header_segment(segment), content_type="application/jsonl")


@require_GET
def waves(_request: HttpRequest) -> HttpResponse:
    """Answer with the open and announced waves, the same for everybody, and with the server's clock."""
    now = clock.now()
    known = queries.known_waves(now=now)
    return JsonResponse(
        [
            {
                "wave": each.wave,
                "opens_at": each.opens_at,
                "closes_at": each.closes_at,
                "wave_sheet": each.wave_sheet,
            }
            for each in known
        ],
        safe=False,
        headers={"X-Callroom-Now": str(int(now.timestamp()))},
    )


def _bytes(data: bytes | None, content_type: str = "application/json") -> HttpResponse:
    if data is None:
        not_there("no such part of the chain, or not yet")
    return HttpResponse(data, content_type=content_type, headers={"Cache-Control": "no-store"})
