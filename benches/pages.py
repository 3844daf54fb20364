"""Result pages at 100 units x 104 weeks, through the whole application without a socket."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.conf import settings
from django.test import Client

from benches import world
from benches.history import publish_weeks
from benches.report import quantile, row
from callroom.dashboards import jobs as dashboards
from callroom.dashboards import shelf
from callroom.kit import clock
from callroom.people.models import Person
from callroom.watch import actions as watch

UNITS = 100
RESIDENTS = 24
WEEKS = 104
LOOKS = 200
SOME = 20
LANGUAGES = 2
BARE = "/in/me/"
SIZE = f"{UNITS} units x {WEEKS} weeks"


def main(database: str) -> None:
    """Measure on the database of this environment."""
    world.prepare()
    institution = world.institution_with(UNITS, RESIDENTS)
    assert publish_weeks(institution, WEEKS, now=world.DURING) == WEEKS
    began = time.perf_counter()
    watch.look(institution=institution, now=world.DURING)
    looked = time.perf_counter() - began
    clock.move_to(world.DURING)
    client = Client(SERVER_NAME="localhost")
    client.force_login(Person.objects.earliest("external_id"))
    units = [f"/in/results/p{number:03}/" for number in range(UNITS)]
    department, whole = "/in/results/d00/", "/in/results/"
    bare = f"a page without results, p95: {_p95(client, [BARE] * LOOKS)}"
    drawn_for_a_reader = [_p95(client, [department]), _p95(client, units[:SOME])]
    ticks = _ticks()
    looks = {
        "unit page, each unit for the first time since it was published": units[SOME:],
        "unit page, again": units * (LOOKS // UNITS),
        f"department page over {UNITS} units": [department] * LOOKS,
        "institution page": [whole] * LOOKS,
    }
    for what, addresses in looks.items():
        row(f"{what}, {SIZE}, p95, {database}", _p95(client, addresses), baseline=bare, aim="<= 150 ms")
    row(f"looking at everything published for signals, {SIZE}, {database}", f"{looked:.1f} s")
    row(f"drawing the pages of everything published, in two languages, {SIZE}, {database}", _told(ticks))
    for what, measured in zip(("department page", f"unit page, {SOME} units"), drawn_for_a_reader, strict=True):
        row(f"... {what}, first look, before the worker has drawn it, p95, {database}", measured)


def _ticks() -> list[float]:
    """Let the worker draw all pages; return the seconds of each of its minutes."""
    found: list[float] = []
    pages = settings.DATA_DIR / shelf.FOLDER
    while not found or len(list(pages.glob(f"*/{shelf.COMPLETE}"))) < LANGUAGES:
        began = time.perf_counter()
        dashboards.tick(world.DURING)
        found.append(time.perf_counter() - began)
    return found


def _told(ticks: list[float]) -> str:
    return f"{sum(ticks):.0f} s in {len(ticks)} goes, the longest {max(ticks):.0f} s"


def _p95(client: Client, addresses: Iterable[str]) -> str:
    return f"{quantile(_times(client, addresses), 0.95) * 1000:.0f} ms"


def _times(client: Client, addresses: Iterable[str]) -> list[float]:
    """Return the seconds of each look."""
    found = []
    for address in addresses:
        began = time.perf_counter()
        answer = client.get(address)
        found.append(time.perf_counter() - began)
        assert answer.status_code == 200, (address, answer.status_code)
    return found
