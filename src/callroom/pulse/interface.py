"""
The interface without a name, described for machines: OpenAPI 3.1, made from the constants that the views use.

Whoever writes a checker of their own, or another phone, reads what each address under ``/w/`` takes and answers. The
generated file stands in ``docs/reference``; a test sends generated requests and holds every answer to it.
"""

from __future__ import annotations

from typing import Any, Final

from callroom.core.anonymity.posts import POST_LENGTH
from callroom.pulse.views.answers import CONTENT_TYPE, REFUSALS

VERSION: Final = "1"
CONFLICT: Final = 409
_SHA256: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_SECONDS: Final = {"type": "integer", "description": "seconds since 1970-01-01T00:00Z"}
_REVISION: Final = {"type": "integer", "minimum": 1}
_PAGE: Final = {"text/html": {"schema": {"type": "string"}}}


def openapi() -> dict[str, Any]:
    """Return the description as an OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callroom, the addresses without a name",
            "version": VERSION,
            "description": "No session, no cookie, no name: what is read here is the same for everybody.",
        },
        "paths": {
            "/w/answers": {"post": _answers()},
            "/w/waves.json": {"get": _waves()},
            "/w/chain/headers/{segment}.jsonl": {"get": _headers()},
            "/w/chain/{sha256}": {"get": _payload()},
        },
    }


def _answers() -> dict[str, Any]:
    codes = {status: [code for code, each in REFUSALS.items() if each == status] for status in REFUSALS.values()}
    refused = {
        **{status: f"refused: {', '.join(found)}" for status, found in codes.items()},
        400: "not a sealed answer of this protocol",
        CONFLICT: "another revision of this ticket's answer stands; it is named",
        429: "too many posts failed their checks in the last minute, from everybody together",
        503: "the disk or the queue: send the same bytes again",
    }
    return {
        "operationId": "answer",
        "summary": "Hand in a sealed answer",
        "requestBody": {
            "required": True,
            "content": {
                CONTENT_TYPE: {
                    "schema": {
                        "type": "string",
                        "contentMediaType": CONTENT_TYPE,
                        "minLength": POST_LENGTH,
                        "maxLength": POST_LENGTH,
                        "description": f"{POST_LENGTH} bytes: version, wave, group, token, revision, sealed answer, signature",
                    }
                }
            },
        },
        "responses": {
            "200": _answered("it is durable", _object(revision=_REVISION)),
            **{str(status): _answered(refused[status], _refusal(status)) for status in sorted(refused)},
        },
    }


def _waves() -> dict[str, Any]:
    wave = _object(
        wave={"type": "string"},
        opens_at=_SECONDS,
        closes_at=_SECONDS,
        wave_sheet={**_SHA256, "type": ["string", "null"]},
    )
    read = _answered("open and announced rounds", {"type": "array", "items": wave})
    read["headers"] = {"X-Callroom-Now": {"description": "the server's clock", "required": True, "schema": _SECONDS}}
    return {"operationId": "waves", "summary": "The rounds that are open or announced", "responses": {"200": read}}


def _headers() -> dict[str, Any]:
    return {
        "operationId": "headers",
        "summary": "64 headers of the chain, one a line, as signed",
        "parameters": [_in_path("segment", {"type": "integer", "minimum": 0})],
        "responses": {
            "200": _text("application/jsonl"),
            "404": {"description": "there are not so many", "content": _PAGE},
        },
    }


def _payload() -> dict[str, Any]:
    return {
        "operationId": "payload",
        "summary": "What a header of the chain stands for, as signed",
        "parameters": [_in_path("sha256", _SHA256)],
        "responses": {
            "200": _answered("the payload", {"type": "object"}),
            "404": {
                "description": "there is none, it is not published yet, or only members may read it",
                "content": _PAGE,
            },
        },
    }


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _refusal(status: int) -> dict[str, Any]:
    if status == CONFLICT:
        return _object(error={"const": "revision"}, revision=_REVISION)
    return _object(error={"type": "string"})


def _answered(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _text(media_type: str) -> dict[str, Any]:
    return {"description": "as it stands", "content": {media_type: {"schema": {"type": "string"}}}}
