"""``python -m benches.load PORT CLIENTS FILE``: post the requests of a file as fast as the server takes them.

A process of its own and one thread over non-blocking sockets, so that measuring costs the two cores little. Prints
JSON: seconds in all, the times of the requests in milliseconds (p50, p99), and how often each status came.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benches.report import quantile

LENGTH = struct.Struct(">I")


def write_requests(file: Path, requests: list[bytes]) -> None:
    """Keep whole HTTP requests for a later run of this program."""
    file.write_bytes(b"".join(LENGTH.pack(len(request)) + request for request in requests))


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return one POST request as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Client:
    """One connection, kept open, with one request at a time."""

    link: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, message: bytes) -> None:
        """Send a request (it fits into the socket's buffer)."""
        self.received.clear()
        self.sent_at = time.perf_counter()
        self.link.sendall(message)

    def status(self) -> str | None:
        """Take what has arrived; the status once the answer is complete."""
        part = self.link.recv(65536)
        if not part:
            raise ConnectionError
        self.received += part
        head, separator, rest = bytes(self.received).partition(b"\r\n\r\n")
        if not separator:
            return None
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        return head.split(b" ", 2)[1].decode() if len(rest) >= length else None


def run(port: int, clients: int, requests: list[bytes]) -> dict[str, object]:
    """Send all requests, each client its next one as soon as it has its answer."""
    times: list[float] = []
    statuses: Counter[str] = Counter()
    waiting = iter(requests)
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            link = socket.create_connection(("127.0.0.1", port))
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(link, selectors.EVENT_READ, Client(link))
        began = time.perf_counter()
        for key in list(selector.get_map().values()):
            _next(selector, key.data, waiting)
        while selector.get_map():
            for key, _events in selector.select():
                status = key.data.status()
                if status is not None:
                    times.append(time.perf_counter() - key.data.sent_at)
                    statuses[status] += 1
                    _next(selector, key.data, waiting)
        seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "p50": quantile(times, 0.5) * 1000,
        "p99": quantile(times, 0.99) * 1000,
        "statuses": dict(statuses),
    }


def _next(selector: selectors.BaseSelector, client: Client, waiting: Iterator[bytes]) -> None:
    message = next(waiting, None)
    if message is None:
        selector.unregister(client.link)
        client.link.close()
    else:
        client.send(message)


def read_requests(file: Path) -> list[bytes]:
    """Return the requests that ``write_requests`` kept."""
    content = file.read_bytes()
    found, start = [], 0
    while start < len(content):
        (length,) = LENGTH.unpack_from(content, start)
        start += LENGTH.size
        found.append(content[start : start + length])
        start += length
    return found


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), read_requests(Path(sys.argv[3])))))
