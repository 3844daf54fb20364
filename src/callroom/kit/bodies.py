"""Reading what a request brings before anything else happens, so that slow senders cannot hold all threads.

The web server hands a request over when its headers are there; reading the rest waits for the sender. Only some of the
threads may wait so: the others go on showing pages, the crisis lines first of all. There is no deadline here, because
Granian's read cannot be given up: with 2.8, answering while another thread still read held up every other thread until
the senders went away. A proxy in front that collects bodies before it passes them on keeps slow senders out altogether.
"""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SEATS: Final = 16
"""How many requests of one process may be waiting for their bodies; fewer than its threads (24, ``callroom serve``)."""
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

    def read_ahead(self, environ: WSGIEnvironment) -> None:
        """
        Put the whole body in the place of the stream it comes from.

        :raises NotRead: and then the request is to be answered with that status
        """
        length = _length(environ)
        if length == 0 or environ.get("REQUEST_METHOD", "").upper() in WITHOUT_BODY:
            return  # nobody reads it
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise NotRead(413)
        with self._lock:
            if self._seated >= SEATS:
                raise NotRead(503)
            self._seated += 1
        try:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length))
        except OSError:
            raise NotRead(400) from None
        finally:
            with self._lock:
                self._seated -= 1


def _length(environ: WSGIEnvironment) -> int:
    """Return how many bytes are announced, as Django reads it: what is no number is nothing."""
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
