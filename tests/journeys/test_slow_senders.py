"""Senders that stop in the middle of a body: the crisis lines and everything else are served meanwhile."""

from __future__ import annotations

import select
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from callroom.core.anonymity.posts import POST_LENGTH
from callroom.kit.bodies import SEATS

SENDERS = 60
"""More than all threads of both processes (24 each)."""


class Served(Protocol):
    """What of a site is needed here."""

    url: str


def stall(url: str, path: str) -> socket.socket:
    """Announce an answer, send its first byte and no more."""
    address = urlsplit(url)
    connection = socket.create_connection(("127.0.0.1", address.port or 80), timeout=30)
    head = f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/octet-stream\r\n"
    connection.sendall(f"{head}Content-Length: {POST_LENGTH}\r\n\r\n\1".encode())
    return connection


@pytest.fixture
def stalled(site: Served) -> Iterator[list[socket.socket]]:
    """Have more senders stall than there are threads, at both doors."""
    with ExitStack() as stack:
        paths = ("/w/answers", "/in/sign-in/")
        yield [stack.enter_context(closing(stall(site.url, paths[number % 2]))) for number in range(SENDERS)]


def test_crisis_lines_are_served_while_bodies_stall(site: Served, stalled: list[socket.socket]) -> None:
    for path in ("/help/en/", "/help/es/", "/w/en/", "/in/sign-in/") * 3:
        with urllib.request.urlopen(f"{site.url}{path}", timeout=10) as page:
            assert page.status == 200

    # All who found no seat were turned away at once.
    turned_away, _, _ = select.select(stalled, [], [], 5)
    assert len(turned_away) >= SENDERS - 2 * SEATS
    assert {connection.recv(200).split(b" ")[1] for connection in turned_away} == {b"503"}
