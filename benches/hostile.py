"""Honest answers beside a thousand hostile requests a second on ``/w/``: do they get through, and how soon?"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from benches import world
from benches.load import request, write_requests
from benches.report import row
from benches.server import Server, serving
from callroom.kit import clock

HONEST_RATE = 20
HONEST_CLIENTS = 8
HOSTILE_RATE = 1000
HOSTILE_CLIENTS = 64
SECONDS = 20
OCTETS = {"Content-Type": "application/octet-stream"}


def main(database: str) -> None:
    """Measure on the database of this environment."""
    world.prepare()
    opened = world.opened_wave(world.institution_with(4, 100))
    clock.move_to(world.DURING)
    each = HONEST_RATE * SECONDS
    bodies = list(world.bodies(opened, 2 * each + 1))
    with serving() as server:
        alone = _paced(
            server,
            "alone",
            [request("/w/answers", body, OCTETS) for body in bodies[:each]],
            HONEST_CLIENTS,
            HONEST_RATE,
        )
        attack = _started(server, "hostile", _hostile(bodies[-1]), HOSTILE_CLIENTS, HOSTILE_RATE, SECONDS + 4)
        beside = _paced(
            server,
            "beside",
            [request("/w/answers", body, OCTETS) for body in bodies[each : 2 * each]],
            HONEST_CLIENTS,
            HONEST_RATE,
        )
        reached = json.loads(attack.communicate(timeout=200)[0])
    _told(database, alone, beside, reached)


def _told(database: str, alone: dict[str, object], beside: dict[str, object], reached: dict[str, object]) -> None:
    statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(dict(reached["statuses"]).items()))  # type: ignore[call-overload]
    row(
        f"hostile requests on /w/ reached, {HOSTILE_CLIENTS} clients, {database}",
        f"{reached['rate']:,.0f}/s",
        baseline=f"answered with {statuses}",
        aim=f"{HOSTILE_RATE:,}/s, or what two cores produce",
    )
    row(
        f"... an honest answer beside them within (p99), {HONEST_RATE}/s, {database}",
        f"{beside['p99']:,.0f} ms",
        baseline=f"alone: {alone['p99']:,.0f} ms",
        aim="<= 1,000 ms",
    )
    row(f"... half of them within, {database}", f"{beside['p50']:,.0f} ms", baseline=f"alone: {alone['p50']:,.0f} ms")
    row(
        f"... honest answers accepted, {database}",
        f"{dict(beside['statuses']).get('200', 0):,} of {HONEST_RATE * SECONDS:,}",  # type: ignore[call-overload]
        baseline=f"others: { {status: count for status, count in dict(beside['statuses']).items() if status != '200'} or 'none' }",  # type: ignore[call-overload]
        aim="all",
    )


def _hostile(accepted: bytes) -> list[bytes]:
    """
    Return what an attacker sends: forged answers that must be verified to be refused, noise, replays, cookies, wrong sizes.

    The dearest is an answer whose token does not verify: half of them are that.
    """
    forged = []
    for _ in range(32):
        body = bytearray(accepted)
        body[200] ^= 1 + secrets.randbelow(255)  # in the token's signature
        forged.append(request("/w/answers", bytes(body), OCTETS))
    length = len(accepted)
    others = [
        *(request("/w/answers", secrets.token_bytes(length), OCTETS) for _ in range(8)),
        *(request("/w/answers", accepted, OCTETS) for _ in range(6)),
        *(request("/w/answers", secrets.token_bytes(10), OCTETS) for _ in range(6)),
        *(request("/w/answers", accepted, {**OCTETS, "Cookie": "who=ana"}) for _ in range(6)),
        *(request(f"/w/{secrets.token_hex(4)}", b"x", OCTETS) for _ in range(6)),
    ]
    return [each for pair in zip(forged, others, strict=True) for each in pair]


def _started(
    server: Server, name: str, requests: list[bytes], clients: int, rate: int, seconds: int
) -> subprocess.Popen[str]:
    file = Path(os.environ["CALLROOM_DATA"]) / f"requests-{name}"
    write_requests(file, requests)
    command = [
        sys.executable,
        "-m",
        "benches.paced",
        *(str(each) for each in (server.port, clients, rate, seconds)),
        str(file),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _paced(server: Server, name: str, requests: list[bytes], clients: int, rate: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        _started(server, name, requests, clients, rate, SECONDS).communicate(timeout=200)[0]
    )
    return found
