"""``POST /w/answers``: a sealed answer in, an acknowledgement out. No session, no name, no log."""

from __future__ import annotations

from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callroom.core.anonymity.posts import POST_LENGTH
from callroom.kit import clock
from callroom.kit.anonymous import failures
from callroom.pulse.actions import answers
from callroom.pulse.stores.writer import Verdict

CONTENT_TYPE: Final = "application/octet-stream"
REFUSALS: Final = {"wave": 404, "group": 403, "token": 403, "signature": 403}
"""Status by code; every other refusal is 400."""


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """
    Take one answer.

    200 {"revision"} once it is durable · 409 {"error": "revision", "revision": the one that stands} · 410 closed ·
    425 early · 400, 403, 404 with the code of ``actions.answers.Refused`` · 429 too many failures · 503 disk.
    """
    if request.content_type != CONTENT_TYPE or request.headers.get("Content-Length") != str(POST_LENGTH):
        return JsonResponse({"error": "length"}, status=400)
    try:
        outcome = answers.accept(request.read(POST_LENGTH), now=clock.now())
    except answers.Refused as refused:
        status = 429 if refused.too_many else REFUSALS.get(refused.code, 400)
        return JsonResponse({"error": refused.code}, status=status)
    except (OSError, DatabaseError):
        failures.add()
        return JsonResponse({"error": "disk"}, status=503)
    match outcome.verdict:
        case Verdict.STORED:
            return JsonResponse({"revision": outcome.revision})
        case Verdict.CONFLICT:
            return JsonResponse({"error": "revision", "revision": outcome.revision}, status=409)
        case Verdict.EARLY:
            return JsonResponse({"error": "early"}, status=425)
        case Verdict.CLOSED:
            return JsonResponse({"error": "closed"}, status=410)
