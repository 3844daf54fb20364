"""The chain through both doors: payloads and headers, bytes as signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from callroom.core.anonymity.words import ten_words
from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people.policy import Action, may, permission
from callroom.people.requests import Request
from callroom.pulse import bundle, exports, queries
from callroom.pulse.states import PayloadKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


KINDS: Final[Mapping[PayloadKind, _StrPromise]] = {
    PayloadKind.KEY_SHEET: _("Key sheet: who is counted together, and with which keys"),
    PayloadKind.WAVE_SHEET: _("Wave sheet: the rules of a round, as it opened"),
    PayloadKind.CLOSING: _("Closing: the result is fixed, as a fingerprint"),
    PayloadKind.BURN: _("Burned: the keys of the round are deleted"),
    PayloadKind.RELEASE: _("Release: the result, published"),
    PayloadKind.VOID: _("Void: the round is not counted"),
    PayloadKind.SUPERSEDE: _("Withdrawn: an announced round does not open"),
    PayloadKind.KEY_ROTATION: _("New signing key"),
    PayloadKind.COUNCIL: _("Council: whose keys decide on the rules, named by the institution"),
    PayloadKind.COUNCIL_ACT: _("Decided by the council, with its signatures"),
}
"""What each kind of header says, for readers."""


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One header as the page shows it."""

    seq: int
    words: str
    wave: str
    at: str
    sha256: str
    readable: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The wave sheet of an open wave and its ten words."""

    wave: str
    sha256: str
    words: tuple[str, ...]


@require_safe
@never_cache
@permission(Action.READ_CHAIN)
def page(request: HttpRequest) -> HttpResponse:
    """Show what was signed, newest first, and what people compare: the fingerprints of the rounds that are open."""
    now = clock.now()
    reader = cast(Request, request).user
    releases = may(reader, Action.SEE_RESULTS, now=now)
    number = request.GET.get("page", "1")
    wanted = int(number) if number.isdecimal() and 0 < int(number) < 10_000 else 1
    found = queries.chain_page(reader.institution, now=now, with_releases=releases, page=wanted)
    zone = reader.institution.zone
    lines = [
        ChainLine(
            row.seq,
            str(KINDS[row.kind]),
            row.wave,
            date_format(row.at.astimezone(zone), "SHORT_DATETIME_FORMAT"),
            row.payload_sha256,
            readable=row.readable,
        )
        for row in found.headers
    ]
    has_group = may(reader, Action.FETCH_TOKEN, now=now)
    context = {
        "chain": found,
        "lines": lines,
        "rules": _rules(now),
        "has_group": has_group,
        "has_results": releases,
        "bundle": bundle.served(),
    }
    return render(request, "pulse/chain.html", context)


def _rules(now: datetime) -> list[Rules]:
    language = (get_language() or "en")[:2]
    return [
        Rules(wave.wave, wave.wave_sheet, ten_words(wave.wave_sheet, language))
        for wave in queries.known_waves(now=now)
        if wave.wave_sheet is not None
    ]


@require_GET
@never_cache
@permission(Action.SEE_RESULTS)
def archive(request: HttpRequest) -> HttpResponse:
    """Give everything that was signed and published as one file, to be checked elsewhere."""
    name = {"Content-Disposition": 'attachment; filename="callroom-chain.zip"'}
    packed = exports.archive(cast(Request, request).user.institution)
    return HttpResponse(packed, content_type="application/zip", headers=name)


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
