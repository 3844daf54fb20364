"""Sealed answers accepted and tokens issued per second over HTTP under Granian, and what all of it holds when idle."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import psycopg
from django.conf import settings

from benches import world
from benches.load import request
from benches.report import median_of, row
from benches.server import Server, serving
from callroom.core.anonymity import posts, tokens
from callroom.kit import clock
from callroom.people.models import Person
from callroom.pulse import simulation

CLIENTS = 32
ANSWERS = 6000
BARE = 1500
ROUNDS = 3
TOKENS = 300
TOKEN_CLIENTS = 8


def main(database: str) -> None:
    """Measure on the database of this environment."""
    world.prepare()
    opened = world.opened_wave(world.institution_with(4, 100))
    clock.move_to(world.DURING)
    bodies = list(world.bodies(opened, ANSWERS * ROUNDS))
    inserts = median(_bare_inserts(bodies[:BARE], number) for number in range(ROUNDS))
    verified = median(_bare_verifications(opened, bodies[:BARE]) for _ in range(ROUNDS))
    with serving() as server:
        _idle(database, server)
        rounds = [_accepted(server, bodies[start * ANSWERS : (start + 1) * ANSWERS]) for start in range(ROUNDS)]
        row(
            f"sealed answers accepted, {CLIENTS} clients, each durable, {database}",
            f"{median_of(rounds, 'rate'):,.0f}/s",
            baseline=f"bare insert, a durable commit each: {inserts:,.0f}/s; bare verification: {verified:,.0f}/s a core",
            aim=">= 1,000/s",
        )
        row(f"... 99 % of them within (p99), {database}", f"{median_of(rounds, 'p99'):.0f} ms", aim="<= 150 ms")
        row(f"... half of them within, {database}", f"{median_of(rounds, 'p50'):.0f} ms")
        row(
            f"... processor time of the server for each, {database}",
            f"{median_of(rounds, 'processor'):.2f} ms",
            baseline=f"bare verification: {1000 / verified:.2f} ms",
        )
        _tokens(database, server, opened)


def _bare_inserts(bodies: list[bytes], number: int) -> float:
    """Return rows per second written one by one, each durable before the next, into an otherwise empty table."""
    rows = [(posts.parse(body).message, 1, body) for body in bodies]
    if settings.DATABASE_URL:
        with psycopg.connect(settings.DATABASE_URL, autocommit=True) as link:
            link.execute(f"CREATE TABLE bare{number} (message bytea PRIMARY KEY, revision smallint, body bytea)")
            began = time.perf_counter()
            for each in rows:
                link.execute(f"INSERT INTO bare{number} VALUES (%s, %s, %s)", each)
            return len(rows) / (time.perf_counter() - began)
    link_to_file = sqlite3.connect(Path(settings.DATA_DIR) / f"bare{number}.sqlite3", isolation_level=None)
    link_to_file.execute("PRAGMA journal_mode=WAL")
    link_to_file.execute("PRAGMA synchronous=FULL")
    link_to_file.execute("CREATE TABLE bare (message blob PRIMARY KEY, revision int, body blob) WITHOUT ROWID")
    began = time.perf_counter()
    for each in rows:
        link_to_file.execute("INSERT INTO bare VALUES (?, ?, ?)", each)
    taken = time.perf_counter() - began
    link_to_file.close()
    return len(rows) / taken


def _bare_verifications(opened: world.Opened, bodies: list[bytes]) -> float:
    """Return answers per second whose token and signature one core verifies, without web server and database."""
    keys = world.public_keys(opened)
    began = time.perf_counter()
    for body in bodies:
        posts.verify(posts.parse(body), opened.wave.id, keys)
    return len(bodies) / (time.perf_counter() - began)


def _accepted(server: Server, bodies: list[bytes]) -> dict[str, float]:
    headers = {"Content-Type": "application/octet-stream"}
    return server.load([request("/w/answers", body, headers) for body in bodies], clients=CLIENTS)


def _idle(database: str, server: Server) -> None:
    for _ in range(8):  # both processes have shown the first pages
        for path in ("/in/sign-in/", "/w/en/", "/help/en/"):
            server.get(path)
    time.sleep(3)
    bare = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django.core.handlers.wsgi as _, os; print(open('/proc/self/smaps_rollup').read())",
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    alone = next(int(line.split()[1]) for line in bare.stdout.splitlines() if line.startswith("Pss:")) / 1024
    row(
        f"idle memory of all processes (proportional set size), {database}",
        f"{server.memory():.0f} MB",
        baseline=f"one Python with Django imported: {alone:.0f} MB",
        aim="<= 300 MB",
    )


def _tokens(database: str, server: Server, opened: world.Opened) -> None:
    """Measure blind signatures over HTTP, each noted durably in the register, beside the primitive alone."""
    keys = world.group_keys(opened)
    requests = []
    asked = []
    for person in Person.objects.order_by("external_id")[:TOKENS]:
        group = world.group_of(opened, person)
        prepared = tokens.prepare(os.urandom(32), os.urandom)
        blinded, _inverse = tokens.blind(keys[group].public_key(), prepared, os.urandom)
        asked.append((group, blinded))
        body = json.dumps({"wave": opened.wave.id, "blinded": base64.b64encode(blinded).decode()}).encode()
        requests.append(request("/in/tokens/", body, _signed_in(person)))
    began = time.perf_counter()
    for group, blinded in asked:
        tokens.blind_sign(keys[group], blinded)
    bare = len(asked) / (time.perf_counter() - began)
    # The same message is signed and noted again at the same cost, so the rounds are alike.
    rounds = [server.load(requests, clients=TOKEN_CLIENTS) for _ in range(ROUNDS)]
    row(
        f"tokens issued, {TOKEN_CLIENTS} clients, each noted durably, {database}",
        f"{median_of(rounds, 'rate'):,.0f}/s",
        baseline=f"bare blind signature: {bare:,.0f}/s a core",
    )
    row(
        f"... processor time of the server for each, {database}",
        f"{median_of(rounds, 'processor'):.1f} ms",
        baseline=f"bare blind signature: {1000 / bare:.1f} ms",
    )


def _signed_in(person: Person) -> dict[str, str]:
    """Return the headers of a request by this person; its CSRF token is sent as cookie and as header."""
    token = simulation.CSRF_TOKEN
    return {
        "Cookie": f"{simulation.session_cookie(person)}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token,
        "Content-Type": "application/json",
        "Origin": "http://localhost",
    }
