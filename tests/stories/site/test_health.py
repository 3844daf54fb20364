"""Machines ask whether the service is well: through the real entry, knowing nobody, told nothing about people."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from callroom.kit import keyring
from callroom.people.models import Person
from callroom.pulse import jobs
from callroom.setup import actions as setup
from callroom.site import health
from tests.world.waves import MONDAY, SUNDAY

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Ask = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what sends one request to the WSGI entry."""
    from callroom.site.wsgi import application

    # A request's end would close the connection that holds the test's transaction.
    monkeypatch.setattr(health, "close_old_connections", lambda: None)

    def send(path: str, **environ: str) -> tuple[int, dict[str, str], str]:
        started: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
            started.update(status=int(status[:3]), headers=dict(headers))
            return lambda _data: None

        given = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "SERVER_NAME": "x",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
        }
        body = b"".join(application({**given, **environ}, start))
        return started["status"], started["headers"], body.decode()

    return send


def test_it_is_well_while_the_worker_is_seen(ask: Ask, at: Callable[[datetime], None]) -> None:
    at(MONDAY)
    assert ask("/healthz")[0] == 503, "the worker was never seen"

    setup.beat(now=MONDAY)
    status, headers, body = ask("/healthz")
    assert (status, json.loads(body)) == (200, {"web": True, "database": True, "worker": True})
    assert "Set-Cookie" not in headers

    at(MONDAY + timedelta(minutes=10))
    assert json.loads(ask("/healthz")[2]) == {"web": True, "database": True, "worker": False}


def test_metrics_are_there_for_who_knows_the_word(
    ask: Ask, settings: LazySettings, at: Callable[[datetime], None]
) -> None:
    at(MONDAY)
    assert ask("/metrics")[0] == 404
    assert ask("/metrics", HTTP_AUTHORIZATION="Bearer ")[0] == 404, "no word is set: none opens it"

    settings.METRICS_TOKEN = "a-long-word"
    assert ask("/metrics")[0] == 404
    assert ask("/metrics", HTTP_AUTHORIZATION="Bearer another")[0] == 404
    status, _headers, body = ask("/metrics", HTTP_AUTHORIZATION="Bearer a-long-word")
    assert status == 200
    assert "callroom_database_up 1\n" in body


def test_metrics_say_nothing_new_when_somebody_answers(
    ask: Ask,
    settings: LazySettings,
    opened: dict[str, list[Person]],
    everyone_answers: Callable[..., object],
) -> None:
    settings.METRICS_TOKEN = "a-long-word"
    before = ask("/metrics", HTTP_AUTHORIZATION="Bearer a-long-word")[2]
    everyone_answers(opened["emergency"][:9])

    assert ask("/metrics", HTTP_AUTHORIZATION="Bearer a-long-word")[2] == before


def test_keys_that_stayed_are_counted(
    ask: Ask, settings: LazySettings, opened: object, at: Callable[[datetime], None]
) -> None:
    settings.METRICS_TOKEN = "a-long-word"
    at(SUNDAY + timedelta(hours=1))
    assert "callroom_wave_keys_left 0\n" not in ask("/metrics", HTTP_AUTHORIZATION="Bearer a-long-word")[2]

    jobs.tick(SUNDAY + timedelta(hours=1))
    assert "callroom_wave_keys_left 0\n" in ask("/metrics", HTTP_AUTHORIZATION="Bearer a-long-word")[2]

    (keyring.waves_folder() / keyring.MARKER).unlink()
    assert "callroom_wave_keys_left" not in ask("/metrics", HTTP_AUTHORIZATION="Bearer a-long-word")[2]
