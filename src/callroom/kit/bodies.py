"""Reading what a request brings before anything else happens, so that slow senders cannot hold all threads.

The web server hands a request over when its headers are there; reading the rest waits for the sender. Only some of the
threads may wait so: the others go on showing pages, the crisis lines first of all. There is no deadline here, because
Granian's read cannot be given up: with 2.8, answering while another thread still read held up every other thread until
the senders went away. A proxy in front that collects bodies before it passes them on keeps slow senders out altogether.
"""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LARGE_SEATS: Final = 2
"""How many of them may bring a file: each holds some megabytes."""
DRAINED: Final = 64 * 1024 * 1024
"""A file that is too large is read to its end and dropped, up to this: a browser shows no answer before."""
SEATS: Final = 16
"""How many requests of one process may be waiting for their bodies; fewer than its threads (24, ``callroom serve``)."""
PIECE: Final = 64 * 1024
WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class NotRead(Exception):
    """The body was not read. ``status``: 400 cut off, 413 too long, 503 too many are being waited for."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Bodies:
    """Reads the bodies of one process's requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seated = 0
        self._large = 0

    def read_ahead(self, environ: WSGIEnvironment) -> None:
        """
        Put the whole body in the place of the stream it comes from.

        :raises NotRead: and then the request is to be answered with that status
        """
        length = _length(environ)
        if length == 0 or environ.get("REQUEST_METHOD", "").upper() in WITHOUT_BODY:
            return  # nobody reads it
        large = length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        largest = _largest(environ)
        if large and (not largest or length > DRAINED):
            raise NotRead(413)
        with self._lock:
            if self._seated >= SEATS or (large and self._large >= LARGE_SEATS):
                raise NotRead(503)
            self._seated += 1
            self._large += large
        try:
            if large and length > largest:
                _drain(environ["wsgi.input"], length)
                raise NotRead(413)
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length))
        except OSError:
            raise NotRead(400) from None
        finally:
            with self._lock:
                self._seated -= 1
                self._large -= large


def _largest(environ: WSGIEnvironment) -> int:
    """Return how long a body with a file may be here: nothing where no file is taken, or nobody is signed in."""
    if settings.SESSION_COOKIE_NAME not in environ.get("HTTP_COOKIE", ""):
        return 0
    return settings.LARGE_BODIES.get(environ.get("PATH_INFO", ""), 0)


def _drain(stream: Any, length: int) -> None:
    while length > 0:
        piece = stream.read(min(length, PIECE))
        if not piece:
            return
        length -= len(piece)


def _length(environ: WSGIEnvironment) -> int:
    """Return how many bytes are announced, as Django reads it: what is no number is nothing."""
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
