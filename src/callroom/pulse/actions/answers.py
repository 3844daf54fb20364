"""Taking a sealed answer: verify everything, then have it written in a group commit."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from callroom.core.anonymity import posts, tokens
from callroom.pulse.stores.doorkeeper import doorkeeper
from callroom.pulse.stores.sealed import SealedStore, StoreGone, waves_with_store
from callroom.pulse.stores.writer import Arrival, Outcome, the_writer

LOOK_EVERY_SECONDS: Final = 1.0
"""After a look for an unknown wave in vain, the next look waits: looking costs more than sending nonsense."""


class Refused(Exception):
    """
    The answer was not taken.

    ``code``: length, version, revision, wave, group, token, point, signature. ``too_many``: failures came too fast.
    """

    def __init__(self, code: str, *, too_many: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.too_many = too_many


@dataclass(frozen=True, slots=True)
class Verifier:
    """What checking an answer of one wave needs; read once from the window row of its store."""

    wave: str
    keys: tuple[RSAPublicKey, ...]
    asked: frozenset[int]

    def check(self, post: posts.Post) -> None:
        """:raises posts.BadPost: unless this is an answer of this wave by somebody with a token of its group"""
        if post.group not in self.asked:
            raise posts.BadPost("group")
        posts.verify(post, self.wave, self.keys)


def accept(body: bytes, *, now: datetime) -> Outcome:
    """
    Verify an answer and store it durably; see ``stores.writer.Verdict`` for what can become of it.

    :raises Refused: if it is malformed, forged, of no wave that takes answers, or of a group that is not asked
    :raises NoSeat: if too many are being verified
    :raises OSError, django.db.Error: if the disk refuses; the answer was not acknowledged and may be sent again
    """
    writer = the_writer()
    with writer.expecting():
        try:
            with doorkeeper.verifying():
                post, wave = _verified(body)
        except posts.BadPost as error:
            raise Refused(error.code, too_many=doorkeeper.failed()) from None
        arrival = Arrival(wave, post.message, post.revision, body, now.timestamp())
        outcome = writer.submit(arrival)
    try:
        return outcome.result()
    except StoreGone:
        _verifiers.forget(post.wave_sha256)
        raise Refused("wave") from None


def _verified(body: bytes) -> tuple[posts.Post, str]:
    post = posts.parse(body)
    verifier = _verifiers.of(post.wave_sha256)
    if verifier is None:
        raise posts.BadPost("wave")
    verifier.check(post)
    return post, verifier.wave


class _Verifiers:
    """The verifiers of the waves that have a store, by the hash that stands for the wave in a post."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[bytes, Verifier] = {}
        self._looked_at = -LOOK_EVERY_SECONDS

    def of(self, wave_sha256: bytes) -> Verifier | None:
        """Return the verifier of this wave; None if it has no store."""
        known = self._known.get(wave_sha256)
        if known is not None:
            return known
        with self._lock:
            if time.monotonic() - self._looked_at < LOOK_EVERY_SECONDS:
                return None
            for wave in waves_with_store():
                if posts.wave_hash(wave) == wave_sha256:
                    return self._known.setdefault(wave_sha256, _verifier(wave))
            self._looked_at = time.monotonic()
        return None

    def forget(self, wave_sha256: bytes) -> None:
        """Let go of a wave whose store is gone."""
        self._known.pop(wave_sha256, None)

    def forget_all(self) -> None:
        """Let go of everything (for a world that is made anew in the same process)."""
        self._known.clear()
        self._looked_at = -LOOK_EVERY_SECONDS


def _verifier(wave: str) -> Verifier:
    try:
        window = SealedStore(wave).window()
    except StoreGone:
        raise posts.BadPost("wave") from None
    keys = tuple(tokens.load_public_key(base64.b64decode(key)) for key in window.keys)
    return Verifier(wave, keys, frozenset(window.asked))


_verifiers = _Verifiers()


def forget_waves() -> None:
    """Let go of what is known about waves (for a world that is made anew in the same process)."""
    _verifiers.forget_all()
