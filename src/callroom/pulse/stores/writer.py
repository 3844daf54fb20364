"""The group commit: answers that arrive together are written in key order in one durable transaction.

One thread per process writes. It takes whatever has queued up while the last commit was under way, waits for requests
that are just being verified (20 ms at most), commits once, and only then lets their acknowledgements out. A request
that comes alone does not wait for anybody.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callroom.pulse.models import SealedAnswer, Window
from callroom.pulse.stores.sealed import SealedStore, StoreGone

COLLECT_SECONDS: Final = 0.020
LARGEST_BATCH: Final = 200
IDLE_SECONDS: Final = 5.0


class Verdict(StrEnum):
    """What became of one answer."""

    STORED = "stored"
    CONFLICT = "conflict"
    """Another answer with this or a higher revision stands."""
    EARLY = "early"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One verified answer. ``at``: epoch seconds of its arrival."""

    wave: str
    message: bytes
    revision: int
    body: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """``revision``: the one that stands now (0: none)."""

    verdict: Verdict
    revision: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    arrival: Arrival
    outcome: Future[Outcome]


class Writer:
    """Collects verified answers of one process and commits them in groups."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._queue: list[_Waiting] = []
        self._coming = 0
        self._thread: threading.Thread | None = None
        self._resting = False

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Tell the writer that a request is being verified and may submit an answer in this block."""
        with self._condition:
            self._coming += 1
        try:
            yield
        finally:
            with self._condition:
                self._coming -= 1
                if not self._coming:
                    self._condition.notify()

    def submit(self, arrival: Arrival) -> Future[Outcome]:
        """
        Queue the answer; the result is there once it is durable.

        The result raises StoreGone if the wave has no store, OSError or DatabaseError if the disk refuses.
        """
        waiting = _Waiting(arrival, Future())
        with self._condition:
            self._queue.append(waiting)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="sealed-writer", daemon=True)
                self._thread.start()
            # Woken once per batch, not once per answer: only the first, the last and the one that fills it matter.
            if len(self._queue) in {1, LARGEST_BATCH}:
                self._condition.notify()
        return waiting.outcome

    def rest(self) -> None:
        """End the thread and its connections now; the next answer starts them again."""
        with self._condition:
            thread, self._resting = self._thread, True
            self._condition.notify_all()
        if thread is not None:
            thread.join()
        self._resting = False

    def _run(self) -> None:
        stores: dict[str, SealedStore] = {}
        # Idle for a while, the thread ends: an open connection would keep the file of a store that was deleted.
        while batch := self._collect():
            for wave in sorted({waiting.arrival.wave for waiting in batch}):
                store = stores.setdefault(wave, SealedStore(wave))
                self._commit(store, [waiting for waiting in batch if waiting.arrival.wave == wave])
            for store in stores.values():
                store.disconnect_if_deleted()
        for store in stores.values():
            store.disconnect()

    def _collect(self) -> list[_Waiting]:
        """Return the next batch; nothing when there was none for a while, and then the thread is no longer this one."""
        with self._condition:
            if not self._queue and not self._resting:
                self._condition.wait_for(lambda: self._queue or self._resting, IDLE_SECONDS)
            deadline = time.monotonic() + COLLECT_SECONDS
            while self._queue and self._coming and len(self._queue) < LARGEST_BATCH:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._condition.wait(left)
            batch, self._queue = self._queue[:LARGEST_BATCH], self._queue[LARGEST_BATCH:]
            if not batch:
                self._thread = None
            return batch

    @staticmethod
    def _commit(store: SealedStore, batch: list[_Waiting]) -> None:
        batch.sort(key=lambda waiting: (waiting.arrival.message, waiting.arrival.revision))
        try:
            outcomes = write(store, [waiting.arrival for waiting in batch])
        except BaseException as error:  # handed to each request that waits for it
            store.disconnect()
            for waiting in batch:
                waiting.outcome.set_exception(error)
            return
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.outcome.set_result(outcome)


def write(store: SealedStore, arrivals: Sequence[Arrival]) -> list[Outcome]:
    """
    Write answers in the given order, in one transaction that reads the window row first.

    An answer whose instant is past the closing shuts the window: it never opens again, whatever the clock does next.

    :raises StoreGone: if there is no such store
    """
    with store.writing() as window:
        keys = {arrival.message for arrival in arrivals}
        rows = SealedAnswer.objects.using(store.alias).filter(message__in=keys)
        standing = {bytes(message): (revision, bytes(body)) for message, revision, body in rows.values_list()}
        changed: dict[bytes, SealedAnswer] = {}
        outcomes = []
        for arrival in arrivals:
            outcome = _judge(window, arrival, standing.get(arrival.message))
            if outcome.verdict is Verdict.STORED and standing.get(arrival.message) != (arrival.revision, arrival.body):
                standing[arrival.message] = (arrival.revision, arrival.body)
                changed[arrival.message] = SealedAnswer(
                    message=arrival.message, revision=arrival.revision, body=arrival.body
                )
            outcomes.append(outcome)
        if changed:
            SealedAnswer.objects.using(store.alias).bulk_create(
                [changed[key] for key in sorted(changed)],
                update_conflicts=True,
                unique_fields=["message"],
                update_fields=["revision", "body"],
            )
        if window.is_open and any(arrival.at >= window.closes_at for arrival in arrivals):
            window.is_open = False
            window.save(using=store.alias)
    return outcomes


def _judge(window: Window, arrival: Arrival, standing: tuple[int, bytes] | None) -> Outcome:
    if standing == (arrival.revision, arrival.body):
        return Outcome(Verdict.STORED, arrival.revision)
    if not window.is_open or arrival.at >= window.closes_at:
        return Outcome(Verdict.CLOSED)
    if arrival.at < window.opens_at:
        return Outcome(Verdict.EARLY)
    if standing is None or arrival.revision > standing[0]:
        return Outcome(Verdict.STORED, arrival.revision)
    return Outcome(Verdict.CONFLICT, standing[0])


_writers: dict[int, Writer] = {}
_writers_lock = threading.Lock()


def the_writer() -> Writer:
    """Return this process's writer; a forked child gets its own."""
    with _writers_lock:
        return _writers.setdefault(os.getpid(), Writer())


__all__ = ["Arrival", "Outcome", "StoreGone", "Verdict", "Writer", "the_writer", "write"]
