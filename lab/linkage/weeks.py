"""An institution that answers wave after wave over HTTP, each person from an address of their own, and who answered what."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from benches import world
from django.contrib.auth.hashers import make_password

from callroom.consent import actions as consent
from callroom.kit import clock, database
from callroom.people.models import Institution, Person
from callroom.pulse import jobs, planning
from callroom.pulse.models import Wave
from callroom.pulse.simulation import HttpAddress, Reader, Refused, SimulatedResident
from callroom.pulse.states import WaveState
from callroom.pulse.stores.register import Register
from callroom.pulse.stores.sealed import SealedStore, is_postgresql
from callroom.pulse.stores.wave_keys import WaveKeys
from lab import doors

SHARE: Final = 0.7
AHEAD: Final = 0.5
"""So many people fetch their token before the wave opens; the others in the visit in which they answer."""
AGREED: Final = 0.3
"""So many people said yes to the check-in before the first wave."""
PASSWORD: Final = "a long sentence for the lab"
DAYS: Final = 5
LOOKS_AT_REGISTER: Final = 85
"""Hours of a week in which people are awake: how often somebody who copies the keys' folder would look."""
ADDRESSES: Final = "127.78."


@dataclass(slots=True)
class Answered:
    """One wave and the truth about it. ``truth``: (group, person) -> message of the token; ``same_visit``: who fetched it then."""

    wave: str
    monday: datetime
    truth: dict[tuple[int, UUID], bytes] = field(default_factory=dict)
    same_visit: set[UUID] = field(default_factory=set)
    signed_in: set[UUID] = field(default_factory=set)
    register_looks: list[frozenset[UUID]] = field(default_factory=list)
    """Who had fetched a token at each of the looks into the register."""
    said_yes: set[UUID] = field(default_factory=set)
    """Who said yes to the check-in for the first time in the visit in which they answered."""
    empty_store: bytes = b""
    """The sealed store's file before the first answer (SQLite)."""


@dataclass(slots=True)
class House:
    """The institution, its people with their devices, and the address that they use."""

    institution: Institution
    address: str
    chance: random.Random
    devices: dict[UUID, SimulatedResident] = field(default_factory=dict)
    sources: dict[UUID, str] = field(default_factory=dict)
    agreed: set[UUID] = field(default_factory=set)

    def move_in(self) -> None:
        """Give everybody a device, an address and a password."""
        Person.objects.update(password=make_password(PASSWORD))
        reader = Reader(HttpAddress(self.address))
        for number, person in enumerate(Person.objects.order_by("external_id")):
            self.devices[person.pk] = SimulatedResident.of(person, reader)
            self.sources[person.pk] = f"{ADDRESSES}{number // 250}.{number % 250 + 1}"
        doors.publish_notice(self.institution)
        self.agreed.update(self.chance.sample(sorted(self.devices), round(len(self.devices) * AGREED)))
        consent.agree_beforehand(self.institution, sorted(self.agreed))

    def week(self, monday: datetime) -> Answered:
        """Open the weekly wave of this Monday and let people answer, one after the other, from Monday to Friday."""
        clock.move_to(monday)
        jobs.tick(monday)
        wave = Wave.objects.get(state=WaveState.OPEN, weeks=1)
        week = Answered(wave.id, monday)
        if not is_postgresql():
            SealedStore(wave.id).checkpoint()
            week.empty_store = database.bytes_of(SealedStore(wave.id).file)
        visitors = self._visitors(week)
        coming = self._announced()
        every = max(1, len(visitors) // LOOKS_AT_REGISTER)
        for number, person in enumerate(visitors):
            if number % -(-len(visitors) // DAYS) == 0:
                clock.move_to(monday + timedelta(days=DAYS * number // len(visitors), hours=1))
            self._visit(person, week)
            if number % every == 0 or number == len(visitors) - 1:
                week.register_looks.append(self._fetched(week.wave))
        for person in self.chance.sample(sorted(self.devices), round(len(self.devices) * AHEAD)):
            self._fetch_ahead(person, coming)
        return week

    def _visitors(self, week: Answered) -> list[UUID]:
        groups = {slot.person: slot.group for slot in Register(WaveKeys(week.wave).register_file, week.wave).slots()}
        return self.chance.sample(sorted(groups), round(len(groups) * SHARE))

    def _visit(self, person: UUID, week: Answered) -> None:
        device = self._at_own_address(person)
        if self._says_yes(person):
            week.said_yes.add(person)
        if week.wave not in device.tokens:
            week.same_visit.add(person)
            if self.chance.random() < 0.5:  # the session lasts two weeks
                self._sign_in(person)
                week.signed_in.add(person)
        if self.chance.random() < 0.5:
            self._look_around(device)
        device.answer(week.wave, self._given())
        token = device.tokens[week.wave]
        week.truth[token.group, person] = token.message

    def _look_around(self, device: SimulatedResident) -> None:
        for path in ("/in/", "/in/results/"):
            reply = device.reader.address.send("GET", path, {"Cookie": device.cookie})
            if reply.status != 200:
                raise Refused(reply)

    def _says_yes(self, person: UUID) -> bool:
        """Let somebody who has not said yes do so on the page, as in a first visit; return whether they did."""
        if person in self.agreed:
            return False
        self._send_form(person, "/in/decision/", {"said": "yes"}, cookie=self.devices[person].cookie)
        self.agreed.add(person)
        return True

    def _sign_in(self, person: UUID) -> None:
        email = Person.objects.values_list("email", flat=True).get(pk=person)
        self._send_form(person, "/in/sign-in/", {"login": email, "password": PASSWORD})

    def _send_form(self, person: UUID, path: str, said: Mapping[str, str], cookie: str = "") -> None:
        reply = doors.send_form(self.devices[person].reader.address, path, said, cookie=cookie)
        if reply.status != 302:
            raise Refused(reply)

    def _fetch_ahead(self, person: UUID, waves: Sequence[str]) -> None:
        device = self._at_own_address(person)
        self._says_yes(person)
        for wave in waves:
            device.fetch_token(wave)

    def _at_own_address(self, person: UUID) -> SimulatedResident:
        device = self.devices[person]
        device.reader.address = HttpAddress(self.address, self.sources[person])
        return device

    def _given(self) -> dict[str, int]:
        return {item: self.chance.randrange(5) for item in ("workload", "support", "voice")}

    @staticmethod
    def _announced() -> list[str]:
        return list(Wave.objects.filter(state=WaveState.ANNOUNCED, weeks=1).values_list("pk", flat=True))

    @staticmethod
    def _fetched(wave: str) -> frozenset[UUID]:
        return frozenset(Register(WaveKeys(wave).register_file, wave).fetchers())


def mondays(institution: Institution, count: int) -> Iterator[datetime]:
    """Yield the instants just after the opening of the coming waves."""
    calendar = planning.calendar_of(institution)
    year = calendar.academic_year_of(world.MONDAY)
    coming = [times.opens_at for times in calendar.waves_of_year(year, "pulse") if times.monday >= world.MONDAY]
    for opens_at in coming[:count]:
        yield opens_at.astimezone(UTC) + timedelta(seconds=1)
