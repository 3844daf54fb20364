"""The handler without names: no cookie, no log, no session, its own headers; an error says no more than its kind."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import Http404, HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils.translation import get_language

from callroom.kit.anonymous import HEADERS, AnonymousHandler, failures


def explode(_request: HttpRequest) -> HttpResponse:
    raise ValueError("kanarienvogel in the message")


def missing(_request: HttpRequest) -> HttpResponse:
    raise Http404


def language(request: HttpRequest, language: str) -> HttpResponse:
    # What the signed-in side has and this one must not.
    names = [name for name in ("session", "user", "_messages", "csrf_processing_done") if hasattr(request, name)]
    return HttpResponse(f"{get_language()} {names}")


def setting_a_cookie(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse("x")
    response.set_cookie("who", "ana")
    return response


urlpatterns = [
    path("w/explode", explode),
    path("w/missing", missing),
    path("w/cookie", setting_a_cookie),
    path("w/<str:language>/", language),
]


@pytest.fixture
def ask() -> Any:
    """Return what sends one request to the handler and gives status, headers and body."""

    def send(address: str, **environ: Any) -> tuple[int, dict[str, str], str]:
        started: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
            started.update(status=int(status[:3]), headers=dict(headers))
            return lambda _data: None

        base = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": address,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": "http",
            "QUERY_STRING": "",
        }
        # As Django's own test client does: no test's connection ends with this request.
        request_started.disconnect(close_old_connections)
        try:
            with override_settings(ANONYMOUS_URLCONF=__name__):
                body = b"".join(AnonymousHandler()({**base, **environ}, start))
        finally:
            request_started.connect(close_old_connections)
        return started["status"], started["headers"], body.decode()

    return send


def test_it_speaks_the_language_of_the_address_and_knows_nobody(ask: Any) -> None:
    assert ask("/w/es/", HTTP_ACCEPT_LANGUAGE="en")[2] == "es []"
    assert ask("/w/en/", HTTP_ACCEPT_LANGUAGE="es")[2] == "en []"


@pytest.mark.parametrize("header", ["HTTP_COOKIE", "HTTP_AUTHORIZATION"])
def test_a_cookie_or_password_is_refused_in_both_languages(ask: Any, header: str) -> None:
    status, _headers, body = ask("/w/es/", **{header: "session=ana"})

    assert status == 400
    assert 'lang="en"' in body
    assert 'lang="es"' in body
    assert "ana" not in body


def test_every_answer_has_the_headers(ask: Any) -> None:
    for address in ("/w/es/", "/w/missing", "/w/explode"):
        _status, headers, _body = ask(address)
        assert HEADERS.items() <= headers.items()
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in headers


def test_no_view_can_set_a_cookie(ask: Any) -> None:
    assert "Set-Cookie" not in ask("/w/cookie")[1]


def test_an_error_is_counted_and_not_described(
    ask: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    before = failures.total
    with caplog.at_level(logging.DEBUG):
        status, _headers, body = ask("/w/explode", QUERY_STRING="who=ana", REMOTE_ADDR="10.1.2.3")

    assert status == 500
    assert failures.total == before + 1
    said = body + caplog.text + "".join(capfd.readouterr())
    for word in ("kanarienvogel", "explode", "ana", "10.1.2.3", "Traceback"):
        assert word not in said


def test_a_missing_page_is_not_logged(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert ask("/w/missing")[0] == 404
        assert ask("/nowhere")[0] == 404

    assert caplog.records == []
