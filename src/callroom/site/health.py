"""
Is the service alive? Two addresses for machines: ``/healthz`` and ``/metrics``. Neither knows who asks.

Nothing here counts what people did while it can still change: no answers, no tokens, no visits.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from callroom.kit import clock, keyring
from callroom.kit.anonymous import failures
from callroom.pulse import leftovers
from callroom.setup import queries as setup
from callroom.setup.checks.machine import WORKER_SEEN_WITHIN

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HEALTH: Final = "/healthz"
METRICS: Final = "/metrics"


@dataclass(frozen=True, slots=True)
class Signs:
    """
    How the service is. ``worker_age``: seconds since the worker was seen, None when it never was.

    ``keys_left``: key folders of waves that should be gone, None when their volume is not there.
    """

    database: bool
    worker_age: int | None
    keys_left: int | None

    @property
    def well(self) -> bool:
        """Can people answer, and will the next wave close?"""
        seen = self.worker_age is not None and self.worker_age <= WORKER_SEEN_WITHIN.total_seconds()
        return self.database and seen


def signs(*, now: datetime) -> Signs:
    """Return how the service is; a database that does not answer is a sign, not an error."""
    try:
        seen = setup.worker_seen_at()
        left = _keys_left(now)
    except DatabaseError:
        return Signs(database=False, worker_age=None, keys_left=None)
    return Signs(True, None if seen is None else max(0, int((now - seen).total_seconds())), left)


def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one of the two addresses, with nothing of the request but its path and, for metrics, its token."""
    close_old_connections()
    try:
        if environ["PATH_INFO"] == HEALTH:
            return _health(start_response)
        return _metrics(environ, start_response)
    finally:
        close_old_connections()


def _health(start_response: StartResponse) -> Iterable[bytes]:
    found = signs(now=clock.now())
    body = {"web": True, "database": found.database, "worker": found.well}
    status = HTTPStatus.OK if found.well else HTTPStatus.SERVICE_UNAVAILABLE
    return _said(start_response, status, "application/json", json.dumps(body).encode())


def _metrics(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    given = environ.get("HTTP_AUTHORIZATION", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(
        given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        return _said(start_response, HTTPStatus.NOT_FOUND, "text/plain", b"")
    text = "".join(_lines(signs(now=clock.now())))
    return _said(start_response, HTTPStatus.OK, "text/plain; version=0.0.4", text.encode())


def _lines(found: Signs) -> Iterable[str]:
    yield _gauge("callroom_database_up", "1 while the database answers", int(found.database))
    if found.worker_age is not None:
        yield _gauge("callroom_worker_age_seconds", "since the worker did what is due every minute", found.worker_age)
    if found.keys_left is not None:
        yield _gauge("callroom_wave_keys_left", "key folders of waves that should be gone: must be 0", found.keys_left)
    yield _gauge(
        "callroom_anonymous_failures", "of this process since it started; nothing is kept of any", failures.total
    )


def _gauge(name: str, meaning: str, value: int) -> str:
    return f"# HELP {name} {meaning}\n# TYPE {name} gauge\n{name} {value}\n"


def _keys_left(now: datetime) -> int | None:
    if not leftovers.keys_were_made():
        return 0
    try:
        return len(leftovers.keys_left(now=now))
    except keyring.NotMounted:
        return None


def _said(start_response: StartResponse, status: HTTPStatus, kind: str, body: bytes) -> Iterable[bytes]:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


Door = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]
DOORS: Final[dict[str, Door]] = {HEALTH: answer, METRICS: answer}
"""Addresses that reach neither Django nor the anonymous handler."""
