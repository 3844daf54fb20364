"""``POST /w/answers``: a sealed answer in, an acknowledgement out. No session, no name, no log."""

from __future__ import annotations

from typing import Final

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from callroom.core.anonymity import posts
from callroom.core.anonymity.posts import POST_LENGTH
from callroom.kit import clock
from callroom.kit.anonymous import failures
from callroom.pulse import queries
from callroom.pulse.actions import answers
from callroom.pulse.stores.doorkeeper import NoSeat
from callroom.pulse.stores.writer import Outcome, Verdict

CONTENT_TYPE: Final = "application/octet-stream"
REFUSALS: Final = {"wave": 404, "early": 425, "closed": 410, "group": 403, "token": 403, "signature": 403}
"""Status by code; every other refusal is 400."""


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """
    Take one answer.

    200 {"revision"} once it is durable · 409 {"error": "revision", "revision": the one that stands} · 410 closed ·
    425 early · 400, 403, 404 with the code of ``actions.answers.Refused`` · 429 too many failures · 503 disk, or busy: send it again.
    """
    if request.content_type != CONTENT_TYPE or request.headers.get("Content-Length") != str(POST_LENGTH):
        return JsonResponse({"error": "length"}, status=400)
    body = request.read(POST_LENGTH)
    try:
        outcome = answers.accept(body, now=clock.now())
    except answers.Refused as refused:
        return _refusal(refused, body)
    except NoSeat:
        return JsonResponse({"error": "busy"}, status=503)
    except (OSError, Error):
        return _trouble()
    return _acknowledgement(outcome)


def _refusal(refused: answers.Refused, body: bytes) -> HttpResponse:
    if refused.too_many:
        return JsonResponse({"error": refused.code}, status=429)
    if refused.code != "wave":
        return JsonResponse({"error": refused.code}, status=REFUSALS.get(refused.code, 400))
    wave_sha256 = posts.parse(body).wave_sha256
    if _is_open(wave_sha256):
        # Its store was made a moment ago, or its disk is gone: either way a phone must not give its answer up.
        return _trouble()
    code = queries.why_no_store(wave_sha256)
    return JsonResponse({"error": code}, status=REFUSALS[code])


def _is_open(wave_sha256: bytes) -> bool:
    known = queries.known_waves(now=clock.now())
    return any(wave.wave_sheet is not None and posts.wave_hash(wave.wave) == wave_sha256 for wave in known)


def _trouble() -> HttpResponse:
    failures.add()
    return JsonResponse({"error": "disk"}, status=503)


def _acknowledgement(outcome: Outcome) -> HttpResponse:
    match outcome.verdict:
        case Verdict.STORED:
            return JsonResponse({"revision": outcome.revision})
        case Verdict.CONFLICT:
            return JsonResponse({"error": "revision", "revision": outcome.revision}, status=409)
        case Verdict.EARLY:
            return JsonResponse({"error": "early"}, status=425)
        case Verdict.CLOSED:
            return JsonResponse({"error": "closed"}, status=410)
