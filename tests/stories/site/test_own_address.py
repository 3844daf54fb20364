"""The address that people open: the start says it, and another one is refused with the setting's name."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from callroom.kit.logs import JSONFormatter
from callroom.site.management.commands import serve

PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("hosts", "plain", "proxy", "address"),
    [
        (["localhost", "127.0.0.1", "[::1]"], True, None, "http://localhost:8123/"),
        (["10.0.0.5"], True, None, "http://10.0.0.5:8123/"),
        (["callroom.hospital.example", "localhost"], False, PROXY, "https://callroom.hospital.example/"),
        (["localhost", "callroom.hospital.example"], True, PROXY, "https://callroom.hospital.example/"),
        ([".hospital.example"], False, None, "https://hospital.example/"),
        (["*"], True, None, "http://localhost:8123/"),
    ],
)
def test_the_start_says_the_address_that_people_open(
    settings: LazySettings, hosts: list[str], plain: bool, proxy: tuple[str, str] | None, address: str
) -> None:
    settings.ALLOWED_HOSTS, settings.PLAIN_HTTP, settings.SECURE_PROXY_SSL_HEADER = hosts, plain, proxy

    assert serve.own_address(8123) == address


@pytest.mark.django_db(databases=["default", "issuing", "sealed"])
def test_the_code_stands_beside_the_address(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_PROXY_SSL_HEADER = ["callroom.hospital.example"], PROXY
    out = io.StringIO()

    serve.Command(stdout=out)._say_the_code(serve.own_address(8000))

    assert "Open https://callroom.hospital.example/ and type this code" in out.getvalue()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what the site's log says of refused hosts."""
    said = io.StringIO()
    handler, logger = logging.StreamHandler(said), logging.getLogger("django.security.DisallowedHost")
    handler.setFormatter(JSONFormatter())
    logger.addHandler(handler)
    yield said
    logger.removeHandler(handler)


@pytest.mark.django_db(databases=["default", "issuing", "sealed"])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "does not answer at this address"), ("es", "no responde en esta")]
)
def test_another_address_is_refused_with_the_settings_name_and_without_a_trace(
    settings: LazySettings, log: io.StringIO, language: str, words: str
) -> None:
    settings.ALLOWED_HOSTS = ["callroom.hospital.example"]

    answer = Client(HTTP_HOST="other.example", HTTP_ACCEPT_LANGUAGE=language).get("/", secure=True)

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "CALLROOM_HOSTS" in answer.content.decode()
    assert "CALLROOM_HOSTS" in log.getvalue()
    assert "exception" not in log.getvalue()
    assert "other.example" not in log.getvalue() + answer.content.decode()
