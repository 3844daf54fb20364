"""``python -m benches.paced PORT CLIENTS RATE SECONDS FILE``: send requests at a rate, whatever the answers are.

Requests of a file are sent again and again. A request's time runs from the instant at which it was due, so waiting for a
free connection counts. Prints JSON: sent and answered, rate reached, times in milliseconds (p50, p99), statuses.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import Counter, deque
from itertools import cycle
from pathlib import Path

from benches.load import Client, read_requests
from benches.report import quantile

BEHIND = 1.0
"""Seconds after which what could not be sent is left out: the rate that was reached is printed."""


def connected(port: int) -> Client:
    """Return a client with an open connection."""
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Client(link)


def run(port: int, clients: int, rate: float, seconds: float, requests: list[bytes]) -> dict[str, object]:
    """Send for so many seconds, then wait for what is under way."""
    times: list[float] = []
    statuses: Counter[str] = Counter()
    waiting = cycle(requests)
    free = deque(connected(port) for _ in range(clients))
    sent = skipped = 0
    with selectors.DefaultSelector() as selector:
        began = due = time.perf_counter()
        end, most = began + seconds, round(rate * seconds)
        while (due < end and sent + skipped < most) or selector.get_map():
            now = time.perf_counter()
            if now > end + 60:
                break
            while due <= now and due < end and free and sent + skipped < most:
                if now - due > BEHIND:
                    skipped += int((now - due) * rate)
                    due = now
                client = free.popleft()
                client.send(next(waiting))
                client.sent_at = due
                selector.register(client.link, selectors.EVENT_READ, client)
                sent += 1
                due += 1 / rate
            idle = max(0.0, due - time.perf_counter()) if free and due < end else 0.05
            for key, _events in selector.select(idle) if selector.get_map() else _nothing(idle):
                status = _status(key.data)
                if status is None:
                    continue
                statuses[status] += 1
                times.append(time.perf_counter() - key.data.sent_at)
                selector.unregister(key.fileobj)
                if status == "closed":
                    key.data.link.close()
                    free.append(connected(port))
                else:
                    free.append(key.data)
        taken = time.perf_counter() - began
    return {
        "sent": sent, "skipped": skipped, "answered": len(times), "rate": sent / seconds, "seconds": taken,
        "p50": quantile(times, 0.5) * 1000, "p99": quantile(times, 0.99) * 1000, "statuses": dict(statuses),
    }  # fmt: skip


def _status(client: Client) -> str | None:
    """Return the status of a complete answer, "closed" if the server hung up, None while it is under way."""
    try:
        return client.status()
    except (ConnectionError, StopIteration):
        return "closed"


def _nothing(seconds: float) -> list[tuple[selectors.SelectorKey, int]]:
    time.sleep(seconds)
    return []


if __name__ == "__main__":
    port, clients, rate, seconds, file = sys.argv[1:]
    print(json.dumps(run(int(port), int(clients), float(rate), float(seconds), read_requests(Path(file)))))
