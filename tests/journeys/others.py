"""The other residents of an installation behind a proxy: each does over HTTP what their browser would.

``python -m tests.journeys.others URL agree [LEAVE_OUT …]`` lets them say yes to the check-in, with the name of a round
in place of ``agree`` they answer it; prints how many did. LEAVE_OUT: ids in the roster of those who have a browser.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from typing import Any

HANDS = 4
PROXIED = {"X-Forwarded-Proto": "https"}


class Proxy:
    """The site as its proxy hands requests on. Not for several threads."""

    def __init__(self, url: str) -> None:
        from callroom.pulse.simulation import HttpAddress

        self.origin = url
        self._address = HttpAddress(url)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Any:
        return self._address.send(method, path, {**headers, **PROXIED}, body)


def let_all(url: str, what: str, leave_out: Collection[str]) -> int:
    """Let everybody do it who counts in a programme; return how many did."""
    from concurrent.futures import ThreadPoolExecutor

    from callroom.people.models import Person

    residents = Person.objects.filter(memberships__isnull=False).exclude(external_id__in=leave_out).distinct()
    people = list(residents.order_by("external_id"))
    with ThreadPoolExecutor(HANDS) as hands:
        return sum(hands.map(lambda part: _each(url, what, part), [people[n::HANDS] for n in range(HANDS)]))


def _each(url: str, what: str, people: Collection[Any]) -> int:
    from callroom.pulse.simulation import Reader, SimulatedResident

    reader = Reader(Proxy(url))
    done = 0
    for person in people:
        resident = SimulatedResident.of(person, reader)
        done += _agrees(resident) if what == "agree" else _answers(resident, what)
    return done


def _agrees(resident: Any) -> bool:
    from django.conf import settings

    from callroom.pulse.simulation import CSRF_TOKEN

    headers = {
        "Cookie": f"{resident.cookie}; {settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": resident.reader.address.origin,
    }
    body = f"csrfmiddlewaretoken={CSRF_TOKEN}&said=yes".encode()
    reply = resident.reader.address.send("POST", "/in/decision/", headers, body)
    return reply.status == 302 and reply.headers["location"] == "/in/device/"


def _answers(resident: Any, wave: str) -> bool:
    entry = next((entry for entry in resident.offered() if entry["wave"] == wave), None)
    if entry is None:
        return False
    items = resident.reader.wave_sheet(entry["wave_sheet"], resident.cookie).items
    resident.answer(wave, {item.id: 1 + (number % 3) for number, item in enumerate(items)})
    return True


if __name__ == "__main__":
    import django

    django.setup()
    url, what, *leave_out = sys.argv[1:]
    sys.stdout.write(f"{let_all(url, what, leave_out)}\n")
