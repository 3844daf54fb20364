"""The other residents, as a program in a site's environment: each answers a wave over HTTP as their device would.

``python -m tests.journeys.crowd URL WAVE [MARKER]`` prints how many answers were acknowledged. With MARKER (hex), the
bytes stand at the end of every second plaintext, where zeros should be. Everybody comes from an address of their own.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callroom.pulse.simulation import SimulatedResident

HANDS = 4
ADDRESSES = "127.77."
"""What the addresses of the crowd begin with: all of 127.0.0.0/8 is this machine."""


def answer_all(url: str, wave: str, marker: bytes) -> int:
    """Let everybody who is asked in the wave answer it, apart from the personas; return how many did."""
    from callroom.people.models import Person

    residents = Person.objects.filter(persona__isnull=True, memberships__isnull=False).distinct()
    people = list(residents.order_by("external_id"))
    turns = [(person, f"{ADDRESSES}{number // 250}.{number % 250 + 1}") for number, person in enumerate(people)]
    with ThreadPoolExecutor(HANDS) as hands:
        return sum(
            hands.map(lambda part: _answer_each(url, wave, marker, part), [turns[n::HANDS] for n in range(HANDS)])
        )


def _answer_each(url: str, wave: str, marker: bytes, turns: Sequence[tuple[Any, str]]) -> int:
    from callroom.pulse.simulation import HttpAddress, Reader, SimulatedResident

    reader = Reader(HttpAddress(url))
    answered = 0
    for turn, (person, source) in enumerate(turns):
        reader.address = _from(url, source)
        resident = SimulatedResident.of(person, reader)
        if wave in {entry["wave"] for entry in resident.offered()}:
            body = _body(resident, wave, person.external_id, marker if turn % 2 else b"")
            answered += resident.post(body).status == 200
    return answered


def _from(url: str, source: str) -> Any:
    """Return the site as reached from one address of this machine."""
    from callroom.pulse.simulation import HttpAddress

    address = HttpAddress(url)
    host = url.removeprefix("http://localhost:")
    address._connection = HTTPConnection("127.0.0.1", int(host), timeout=120, source_address=(source, 0))
    return _NamedLocalhost(address, host)


class _NamedLocalhost:
    """Reached by number, called by name, as cookies and origins know it."""

    def __init__(self, address: Any, port: str) -> None:
        self._address = address
        self.origin = f"http://localhost:{port}"

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Any:
        return self._address.send(method, path, {**headers, "Host": self.origin.removeprefix("http://")}, body)


def _body(resident: SimulatedResident, wave: str, who: str, marker: bytes) -> bytes:
    """Return this person's answer: options drawn from their id, the marker in place of the last zeros."""
    from callroom.core.anonymity import posts, sealing

    token = resident.fetch_token(wave)
    entry = next(entry for entry in resident.offered() if entry["wave"] == wave)
    sheet = resident.reader.wave_sheet(entry["wave_sheet"], resident.cookie)
    drawn = hashlib.sha256(who.encode()).digest()
    plain = sealing.encode_answers({item.id: drawn[n] % 5 for n, item in enumerate(sheet.items)}, sheet.items)
    info = sealing.answer_info(resident.institution.bytes, wave, token.group, token.message, 1)
    return posts.pack(
        wave_id=wave,
        group=token.group,
        prefix=token.prefix,
        one_time_key=token.one_time_key,
        token_signature=token.signature,
        revision=1,
        sealed=sealing.seal(sheet.hpke_public_key, plain[: len(plain) - len(marker)] + marker, info),
    )


if __name__ == "__main__":
    import django

    django.setup()
    url, wave, *planted = sys.argv[1:]
    sys.stdout.write(f"{answer_all(url, wave, bytes.fromhex(''.join(planted)))}\n")
