"""Unit and department pages at 100 units x 104 weeks, through the whole application without a socket."""

from __future__ import annotations

import os
import sys
import time

import django

LOOKS = 200


def main() -> None:
    django.setup()
    from django.test import Client

    from benches import world
    from benches.history import two_years
    from benches.report import quantile, row
    from callroom.kit import clock
    from callroom.people.models import Person
    from callroom.site.cli import _prepare_folders
    from callroom.site.management.commands.serve import prepare

    _prepare_folders()
    prepare()
    institution = world.institution_with(100, 24)
    clock.move_to(world.DURING)
    two_years(institution, now=world.DURING)
    client = Client(SERVER_NAME="localhost")
    client.force_login(Person.objects.first())  # type: ignore[arg-type]
    began = time.perf_counter()
    for _ in range(LOOKS):
        assert client.get("/in/me/").status_code == 200
    bare = (time.perf_counter() - began) / LOOKS
    for what, address in (("unit page", "/in/results/p000/"), ("department page over 100 units", "/in/results/bench/")):
        times = []
        for _ in range(LOOKS):
            began = time.perf_counter()
            answer = client.get(address)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.status_code
        row(
            f"{what}, 100 units x 104 weeks, p95, {sys.argv[1]}",
            f"{quantile(times, 0.95) * 1000:.0f} ms",
            baseline=f"a page without results {bare * 1000:.0f} ms",
            aim="<= 150 ms",
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
    main()
