"""Seconds to close a wave of 5,000 answers: verify again, open, tally, noise, sign, burn."""

from __future__ import annotations

import time

from benches import world
from benches.report import row
from callroom.core.anonymity import posts
from callroom.pulse.actions import closing
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.writer import Arrival, write

ANSWERS = 5000
BATCH = 200


def main(database: str) -> None:
    """Measure on the database of this environment."""
    world.prepare()
    opened = world.opened_wave(world.institution_with(10, 600))
    bodies = list(world.bodies(opened, ANSWERS))
    _store(opened, bodies)
    keys = world.public_keys(opened)
    began = time.perf_counter()
    for body in bodies:
        posts.verify(posts.parse(body), opened.wave.id, keys)
    bare = time.perf_counter() - began
    began = time.perf_counter()
    closing.close(opened.institution, opened.wave.closes_at, now=world.CLOSED)
    taken = time.perf_counter() - began
    wave = Wave.objects.get(pk=opened.wave.pk)
    assert wave.state == WaveState.TALLIED
    assert wave.burned_at == world.CLOSED
    row(
        f"closing a wave of {ANSWERS:,} answers in 10 leaves, {database}",
        f"{taken:.1f} s",
        baseline=f"bare verification of its answers: {bare:.1f} s",
        aim="<= 20 s",
    )


def _store(opened: world.Opened, bodies: list[bytes]) -> None:
    store = SealedStore(opened.wave.id)
    for start in range(0, len(bodies), BATCH):
        batch = [(posts.parse(body), body) for body in bodies[start : start + BATCH]]
        arrivals = (Arrival(opened.wave.id, post.message, 1, body, world.DURING.timestamp()) for post, body in batch)
        write(store, sorted(arrivals, key=lambda arrival: arrival.message))
    store.disconnect()
