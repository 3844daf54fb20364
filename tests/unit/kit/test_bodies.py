"""Bodies that are slow, too long or many: the other requests are answered meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings

from callroom.kit import bodies
from callroom.kit.bodies import Bodies, NotRead


class Stalled:
    """A stream whose sender says nothing more until the test lets it."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def read(self, length: int) -> bytes:
        """Wait, then give the body."""
        self.goes_on.wait(10)
        return bytes(length)


@pytest.fixture
def stalled() -> Iterator[Stalled]:
    stream = Stalled()
    yield stream
    stream.goes_on.set()


def request(stream: Any, length: int = 4, method: str = "POST") -> dict[str, Any]:
    return {"REQUEST_METHOD": method, "CONTENT_LENGTH": str(length), "wsgi.input": stream}


def test_a_body_is_read_before_the_request_goes_on() -> None:
    environ = request(BytesIO(b"bodymore"))

    Bodies().read_ahead(environ)

    assert environ["wsgi.input"].read() == b"body"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "get"])
def test_a_request_for_a_page_waits_for_no_body(stalled: Stalled, method: str) -> None:
    Bodies().read_ahead(request(stalled, method=method))


@pytest.mark.parametrize("length", ["", "0", "-1", "many"])
def test_what_is_no_length_is_no_body(stalled: Stalled, length: str) -> None:
    Bodies().read_ahead({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": stalled})


def test_a_long_body_is_refused_unread(stalled: Stalled, settings: Any) -> None:
    with pytest.raises(NotRead) as refused:
        Bodies().read_ahead(request(stalled, settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))

    assert refused.value.status == 413


def test_there_are_seats_for_fewer_than_all_threads(stalled: Stalled) -> None:
    reading = Bodies()
    with ThreadPoolExecutor(bodies.SEATS) as pool:
        waiting = [pool.submit(reading.read_ahead, request(stalled)) for _ in range(bodies.SEATS)]
        while reading._seated < bodies.SEATS:
            time.sleep(0.001)

        with pytest.raises(NotRead) as refused:
            reading.read_ahead(request(BytesIO(b"body")))
        stalled.goes_on.set()

    assert refused.value.status == 503
    assert [each.result() for each in waiting] == [None] * bodies.SEATS
    reading.read_ahead(request(BytesIO(b"body")))


def with_a_file(stream: Any, length: int, *, signed_in: bool = True) -> dict[str, Any]:
    cookie = f"{settings.SESSION_COOKIE_NAME}=x" if signed_in else ""
    return {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(length),
        "PATH_INFO": "/in/roster/",
        "HTTP_COOKIE": cookie,
        "wsgi.input": stream,
    }


def test_a_file_is_read_where_one_is_expected_and_nowhere_else() -> None:
    length = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    environ = with_a_file(BytesIO(b"x" * length), length)

    Bodies().read_ahead(environ)

    assert environ["wsgi.input"].read() == b"x" * length
    for other in ({"PATH_INFO": "/in/me/"}, {"HTTP_COOKIE": ""}):
        with pytest.raises(NotRead, match="413"):
            Bodies().read_ahead({**with_a_file(BytesIO(), length), **other})


def test_a_file_that_is_too_large_is_read_to_its_end_and_dropped() -> None:
    length = settings.LARGE_BODIES["/in/roster/"] + 1
    sent = BytesIO(b"x" * length)

    with pytest.raises(NotRead, match="413"):
        Bodies().read_ahead(with_a_file(sent, length))

    assert sent.read() == b""


def test_two_files_at_a_time_and_no_third() -> None:
    reading = Bodies()
    reading._large = bodies.LARGE_SEATS

    with pytest.raises(NotRead, match="503"):
        reading.read_ahead(with_a_file(BytesIO(), settings.LARGE_BODIES["/in/roster/"]))
