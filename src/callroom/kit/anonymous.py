"""The handler for ``/w/`` and ``/help/``: it knows no session, no person and no log.

It shares the process with the signed-in side and nothing else: its own short list of middleware, its own addresses,
no authentication, no messages, no language detection (the language stands in the address). A request that brings a
cookie or a password is refused, so that no page can come to depend on one. Failures are counted, never described.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import set_urlconf
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from callroom.kit.headers import PERMISSIONS, STRICT_TRANSPORT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Respond = Callable[[HttpRequest], HttpResponseBase]

REFUSED_HEADERS: Final = ("HTTP_COOKIE", "HTTP_AUTHORIZATION")
HELP: Final = "/help/"
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}


class FailureCount:
    """How many anonymous requests failed in this process: a number, and nothing about any of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.total = 0

    def add(self) -> None:
        """Count one more and say so in one line that is the same for every failure."""
        with self._lock:
            self.total += 1
        sys.stderr.write("callroom: an anonymous request failed; nothing about it is kept\n")


failures = FailureCount()


class AnonymousHandler(WSGIHandler):
    """Django's WSGI handler without its logging, its middleware and its signed-in addresses."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the short list: refuse what names a person, say the language, answer errors, add headers."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        chain = with_plain_errors(self._get_response)  # type: ignore[attr-defined]  # BaseHandler has it
        for middleware in (in_language_of_address, without_credentials, with_headers):
            chain = middleware(chain)
        self._middleware_chain: Respond = chain

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Answer without ``log_response``, which would write the path."""
        request.urlconf = settings.ANONYMOUS_URLCONF
        set_urlconf(settings.ANONYMOUS_URLCONF)
        try:
            response = self._middleware_chain(request)
        finally:
            set_urlconf(None)
        response._resource_closers.append(request.close)  # type: ignore[attr-defined]  # what BaseHandler does
        return response

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:  # type: ignore[override]
        """Answer one request; even a request that cannot be parsed leaves no trace."""
        try:
            return cast(Iterable[bytes], super().__call__(environ, start_response))
        except Exception:  # counted without a word about the request
            failures.add()
            start_response("500 Internal Server Error", [("Content-Type", "text/plain"), *HEADERS.items()])
            return [b"error"]


def with_headers(respond: Respond) -> Respond:
    """Add the security headers; nothing is kept by caches unless a view says so."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = respond(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(cast(HttpResponse, response).content)))
        if not settings.PLAIN_HTTP:
            response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        response.cookies.clear()
        return response

    return middleware


def without_credentials(respond: Respond) -> Respond:
    """
    Refuse a request that could say who sends it, except for help.

    Nobody is turned away from a crisis line for the cookie of another application on the same host: there it is
    dropped unread.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        sent = [name for name in REFUSED_HEADERS if request.META.pop(name, "")]
        if sent and not request.path_info.startswith(HELP):
            return plain_page(_cookie_sent, status=400)
        return respond(request)

    return middleware


def in_language_of_address(respond: Respond) -> Respond:
    """Speak the language that stands in the address: ``/w/es/…``; English where none does."""
    known = {code for code, _name in settings.LANGUAGES}

    def middleware(request: HttpRequest) -> HttpResponseBase:
        part = [*request.path_info.split("/"), "", ""][2]
        with translation.override(part if part in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            return respond(request)

    return middleware


def with_plain_errors(respond: Respond) -> Respond:
    """Turn every error into a page that says no more than its kind."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            return respond(request)
        except Http404:
            return not_found(request)
        except RequestDataTooBig:
            return plain_page(_not_understood, status=413)
        except (BadRequest, SuspiciousOperation, UnicodeDecodeError):
            return bad_request(request)
        except Exception:  # counted without a word about the request
            failures.add()
            return failed(request)

    return middleware


def bad_request(_request: HttpRequest, _exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return plain_page(_not_understood, status=400)


def not_found(_request: HttpRequest, _exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return plain_page(_no_such_page, status=404)


def failed(_request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    return plain_page(_our_fault, status=500)


def not_read(status: int, start_response: StartResponse) -> list[bytes]:
    """Answer a request whose body was not read: nothing is known about it, and the connection is of no more use."""
    messages = {HTTPStatus.SERVICE_UNAVAILABLE: _try_again, HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _too_large}
    message = messages.get(HTTPStatus(status), _not_understood)
    page = plain_page(message, status=status).content
    about = {**HEADERS, "Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(page))}
    about |= {"Cache-Control": "no-store", "Connection": "close", "Retry-After": "5"}
    start_response(f"{status} {HTTPStatus(status).phrase}", list(about.items()))
    return [page]


def plain_page(message: Callable[[], str], *, status: int) -> HttpResponse:
    """
    Return a page that says one sentence in every language, with a way to the help page in each.

    :param message: returns the sentence in the language that is active
    """
    page = format_html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<title>Callroom</title>{}</head><body><main class="narrow main stack stack-l"><h1>Callroom</h1>{}</main></body></html>',
        format_html_join("", '<link rel="stylesheet" href="{}">', ((address,) for address in _style_sheets())),
        format_html_join(
            "", '<section lang="{}"><p>{}</p><p><a href="/help/{}/">{}</a></p></section>', _in_each(message)
        ),
    )
    return HttpResponse(page, status=status)


def _in_each(message: Callable[[], str]) -> Iterable[tuple[str, str, str, str]]:
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            yield code, message(), code, gettext("Get help")


def _style_sheets() -> tuple[str, ...]:
    names = ("kit/css/tokens.css", "kit/css/callroom.css")
    try:
        return tuple(settings.ANONYMOUS_STATIC_URL + static(name).removeprefix(settings.STATIC_URL) for name in names)
    except ValueError:  # the manifest is not there yet: a page without style is better than none
        return ()


def _cookie_sent() -> str:
    return gettext("This address takes no cookies and no passwords. Open the page again without them.")


def _not_understood() -> str:
    return gettext("The request could not be understood.")


def _too_large() -> str:
    return gettext("What was sent is too large. Nothing was changed: go back and choose something smaller.")


def _try_again() -> str:
    return gettext("Too much is arriving at once. Nothing was changed: please send it again.")


def _no_such_page() -> str:
    return gettext("There is no page at this address.")


def _our_fault() -> str:
    return gettext("Something failed on our side. Nothing about you was written down.")
