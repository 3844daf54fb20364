"""A wire between browser and site that remembers every request as it was sent, the service worker's as well."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. Names of headers in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Listens on a port of its own and passes everything on."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._heard: list[bytearray] = []
        self.url = f"http://localhost:{self._listener.getsockname()[1]}"

    def requests(self) -> list[Sent]:
        """Return what was sent so far, in the order of connections."""
        return [sent for heard in list(self._heard) for sent in _parsed(bytes(heard))]

    def forget(self) -> None:
        """Forget what was sent so far; nothing may be under way."""
        for heard in self._heard:
            heard.clear()

    def listen(self) -> None:
        """Take connections until the wire is cut."""
        with suppress(OSError):
            while True:
                browser, _address = self._listener.accept()
                heard = bytearray()
                self._heard.append(heard)
                site = socket.create_connection(self._target)
                for source, sink, record in ((browser, site, heard), (site, browser, None)):
                    threading.Thread(target=_pass_on, args=(source, sink, record), daemon=True).start()

    def cut(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def wire_to(url: str) -> Iterator[Wire]:
    """Give a wire to the site at this address for the block."""
    wire = Wire(int(url.rpartition(":")[2]))
    thread = threading.Thread(target=wire.listen, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.cut()
        thread.join(10)


def _pass_on(source: socket.socket, sink: socket.socket, record: bytearray | None) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if record is not None:
                record += data
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def _parsed(heard: bytes) -> Iterator[Sent]:
    while END_OF_HEAD in heard:
        head, _, rest = heard.partition(END_OF_HEAD)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        method, path, _version = first.split(" ")
        yield Sent(method, path, headers, rest[:length])
        heard = rest[length:]
