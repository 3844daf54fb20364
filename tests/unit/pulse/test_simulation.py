"""What a simulated device tells a server that stands behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from callroom.pulse.simulation import HttpAddress


@pytest.fixture
def heard() -> Iterator[tuple[str, list[Mapping[str, str]]]]:
    """Return a server's own address, and the headers of each request that it gets."""
    found: list[Mapping[str, str]] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.append(dict(self.headers))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Nothing of a request is written down."""

    with HTTPServer(("127.0.0.1", 0), Listening) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", found
        server.shutdown()


def test_behind_a_proxy_it_says_what_the_proxy_would(heard: tuple[str, list[Mapping[str, str]]]) -> None:
    here, requests = heard

    address = HttpAddress(here, known_as="https://callroom.example.org/")
    address.send("GET", "/w/en/", {})

    assert address.origin == "https://callroom.example.org"
    assert requests[0]["Host"] == "callroom.example.org"
    assert requests[0]["X-Forwarded-Proto"] == "https"


def test_without_one_it_says_nothing_of_it(heard: tuple[str, list[Mapping[str, str]]]) -> None:
    here, requests = heard

    HttpAddress(here).send("GET", "/w/en/", {})

    assert requests[0]["Host"] == here.removeprefix("http://")
    assert "X-Forwarded-Proto" not in requests[0]
