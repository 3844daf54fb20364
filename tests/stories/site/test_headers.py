"""Every answer of every address carries its headers: pages, redirects, refusals, errors, files; over http and over https."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from callroom.kit.headers import of_static_file
from callroom.people.models import Person
from tests.rules.house import Route, routes
from tests.stories.site.test_every_page import SIGNED_IN, address_of

pytestmark = [pytest.mark.django_db(databases=["default", "issuing", "sealed"]), pytest.mark.one_store]

SignIn = Callable[[Person], Client]
KEPT_ON_PURPOSE = {"setup:style-sheet", "setup:logo"}
"""Public files whose address changes with them."""
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
DIRECTIVES = ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action", "script-src 'self'")
WORDS = {"<language:language>": "en", "<int:segment>": "0", "<sha256:sha256>": "0" * 64}
ANONYMOUS = routes(settings.ANONYMOUS_URLCONF)
YEAR = 365 * 24 * 3600


def check(headers: Any, referrer: str, what: object) -> None:
    for name, value in EVERYWHERE.items():
        assert headers.get(name) == value, (what, name)
    assert headers.get("Referrer-Policy") == referrer, what
    for directive in DIRECTIVES:
        assert directive in headers["Content-Security-Policy"], (what, directive)
    assert "unsafe" not in headers["Content-Security-Policy"], what
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(headers), what


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["ana", "fernando", "oscar", None])
def test_signed_in_addresses(request: pytest.FixtureRequest, sign_in: SignIn, method: str, who: str | None) -> None:
    client = sign_in(request.getfixturevalue(who)) if who else Client(headers={"host": "localhost"})
    for route in SIGNED_IN:
        if route.name in {"account_logout"} and method == "post":
            continue  # it would end the session that the walk needs
        answer = getattr(client, method)(address_of(route))
        check(answer.headers, "same-origin", (route, method, who))
        kept = answer.headers.get("Cache-Control", "")
        assert "no-store" in kept or route.name in KEPT_ON_PURPOSE, (route, method, kept)


def test_what_is_not_there_and_what_is_no_host_carries_them_too(ana: Person, sign_in: SignIn) -> None:
    client = sign_in(ana)
    check(client.get("/in/nothing-here/").headers, "same-origin", "404")
    check(client.post("/in/waves/void/", {}).headers, "same-origin", "not yours")
    check(client.get("/in/", headers={"host": "elsewhere.example"}).headers, "same-origin", "another host")


def anonymous_address(route: Route) -> str:
    path = route.path
    for place, word in WORDS.items():
        path = path.replace(place, word)
    return path.replace("<str:language>", "en").replace("<slug:language>", "en")


@pytest.fixture
def call() -> Iterable[Callable[..., tuple[str, dict[str, str]]]]:
    """Give what asks the real WSGI entry, as the web server does."""
    from callroom.site.wsgi import application

    def ask(address: str, method: str = "GET", body: bytes = b"", **extra: str) -> tuple[str, dict[str, str]]:
        got: list[Any] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": address, "SCRIPT_NAME": "", "QUERY_STRING": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "443", "HTTP_HOST": "localhost", "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "https", "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False,
            "wsgi.run_once": False, **extra,
        }  # fmt: skip
        answer = application(environ, lambda status, headers, _error=None: got.extend((status, dict(headers))))
        b"".join(answer)
        getattr(answer, "close", lambda: None)()
        return got[0], got[1]

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield ask
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("route", ANONYMOUS, ids=str)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_anonymous_addresses(call: Callable[..., tuple[str, dict[str, str]]], route: Route, method: str) -> None:
    address = anonymous_address(route)
    assert "<" not in address, f"WORDS has no word for a place of {address}"
    for extra in ({}, {"HTTP_COOKIE": "who=ana"}):
        status, headers = call(address, method, **extra)
        assert not status.startswith("5"), (route, status)
        check(headers, "no-referrer", (route, method, extra))
        assert "Set-Cookie" not in headers, route
        assert headers.get("Cache-Control"), route


def test_over_https_everything_asks_for_https_for_a_year(
    call: Callable[..., tuple[str, dict[str, str]]], ana: Person, sign_in: SignIn, settings: LazySettings
) -> None:
    settings.PLAIN_HTTP, settings.SECURE_HSTS_SECONDS = False, YEAR
    _status, headers = call("/w/en/")
    static: dict[str, str] = {}
    of_static_file(static, "", "")

    for said in (headers["Strict-Transport-Security"], static["Strict-Transport-Security"]):
        assert f"max-age={YEAR}" in said
    client = sign_in(ana)
    client.handler._middleware_chain = None  # made anew, with these settings
    assert f"max-age={YEAR}" in client.get("/in/", secure=True).headers["Strict-Transport-Security"]


def test_over_plain_http_nothing_does(call: Callable[..., tuple[str, dict[str, str]]], settings: LazySettings) -> None:
    settings.PLAIN_HTTP = True

    assert "Strict-Transport-Security" not in call("/w/en/")[1]


def test_static_files_are_what_they_say_and_ours_alone() -> None:
    headers: dict[str, str] = {}
    of_static_file(headers, "", "")

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
