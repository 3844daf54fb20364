"""Who gets how much of the server's time under ``/w/``: valid answers all of it, failed verifications little.

A hospital is one address, so nothing here knows addresses. Failures spend from one small budget of the process; while
it is spent, requests are verified one after the other, and those that fail again are told to go away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FAILURES_PER_SECOND: Final = 20.0
LARGEST_BUDGET: Final = 200.0
VERIFICATIONS_AT_ONCE: Final = 16
SEAT_SECONDS: Final = 2.0
"""So long a request waits for a seat: a verification takes a millisecond or two, unless a database does not answer."""


class NoSeat(Exception):
    """All seats were taken for too long: the answer was not looked at and may be sent again."""


class Doorkeeper:
    """Caps on failed verifications and on how many run at once, for the whole process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._one_by_one = threading.Lock()
        self._seats = threading.BoundedSemaphore(VERIFICATIONS_AT_ONCE)
        self._budget = LARGEST_BUDGET
        self._filled_at = time.monotonic()

    @contextmanager
    def verifying(self) -> Iterator[None]:
        """
        Hold a seat while verifying; one seat for all while failures have spent the budget.

        :raises NoSeat: if none is free
        """
        if not self._seats.acquire(timeout=SEAT_SECONDS):
            raise NoSeat
        try:
            if self._left() >= 1:
                yield
            else:
                with self._one_by_one:
                    yield
        finally:
            self._seats.release()

    def failed(self) -> bool:
        """Note a failed verification; true when there were too many lately."""
        with self._lock:
            left = self._fill()
            self._budget = max(0.0, left - 1)
            return left < 1

    def _left(self) -> float:
        with self._lock:
            return self._fill()

    def _fill(self) -> float:
        instant = time.monotonic()
        self._budget = min(LARGEST_BUDGET, self._budget + (instant - self._filled_at) * FAILURES_PER_SECOND)
        self._filled_at = instant
        return self._budget


doorkeeper = Doorkeeper()
