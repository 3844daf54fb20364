"""The residents and their devices: who comes when, what they find, and how they come back when a ticket is gone."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Final

from callroom.core.anonymity.sealing import DidNotWork
from callroom.core.timetable.waves import parse_wave_id
from callroom.people.models import Person
from callroom.pulse import queries
from callroom.pulse.models import SkippedWeek, Wave
from callroom.pulse.simulation import HttpAddress, Refused, SimulatedResident, seal_answer, session_cookie
from callroom.pulse.states import WaveState
from lab import doors
from lab.year.accounts import Accounts
from lab.year.device import BROKEN_OFF, Device, NoConnection
from lab.year.installation import Installation
from lab.year.records import Case, Kind, Nothing, Reason, Records, Way
from lab.year.roster import Resident, Roster

SHARES: Final = ((Kind.APP, 0.55), (Kind.TAB, 0.2), (Kind.PRIVATE, 0.1), (Kind.WARD, 0.15))
COMES: Final = 0.74
LOOKS_IN: Final = 0.35
"""So many open the home page once more in a week, and fetch tickets of later rounds then, where storage lasts."""
CHANGES_MIND: Final = 0.5
CLEARS: Final = 0.004
SLOTS: Final = 4
MOST_LATE: Final = 2


@dataclass(slots=True)
class People:
    """Everybody's devices, and what happens to them. ``waiting``: who comes again at the next opportunity."""

    installation: Installation
    roster: Roster
    records: Records
    chance: random.Random
    devices: dict[str, Device] = field(default_factory=dict)
    computers: dict[str, Device] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    away_at_opening: dict[str, frozenset[str]] = field(default_factory=dict)
    newcomers: set[str] = field(default_factory=set)
    movers: set[str] = field(default_factory=set)
    accounts: Accounts = field(init=False)

    def __post_init__(self) -> None:
        """Let everybody share what one address was read for."""
        self.accounts = Accounts(self.installation, self.records)

    def move_in(self, residents: Iterable[Resident], *, invited: bool) -> None:
        """Give newcomers an account and a device. ``invited``: through the link of their letter; else they have one."""
        links = self.accounts.invitations([each.key for each in residents]) if invited else {}
        for resident in residents:
            person = Person.objects.get(external_id=resident.key)
            client = SimulatedResident(person.institution_id, "", self.accounts.reader())
            if invited:
                client.cookie = self.accounts.follow(links[resident.key])
            else:
                client.cookie = session_cookie(person)
            self._give_device(resident.key, client)

    def move_out(self, residents: Iterable[Resident]) -> None:
        """Let some go: their accounts end with the roster, and tickets that they still have may be used."""
        for resident in residents:
            device = self.devices.pop(resident.key)
            self.waiting.discard(resident.key)
            self.records.found(resident.key, Way.LEFT)
            if device.owner == resident.key and device.kind is not Kind.PRIVATE:
                self._last_answer(device)

    def slots_of_the_week(self) -> list[list[str]]:
        """Return who means to come, by the four times of a week."""
        slots: list[list[str]] = [[] for _slot in range(SLOTS)]
        for key in sorted(self.devices):
            if self.chance.random() < COMES:
                slots[self.chance.choices(range(SLOTS), (5, 3, 2, 2))[0]].append(key)
            if self.chance.random() < LOOKS_IN:
                slots[self.chance.randrange(1, SLOTS)].append(key)
        return slots

    def come(self, keys: Iterable[str], now: datetime) -> None:
        """Let these people come, one after the other, and whoever waits for something."""
        coming = [*dict.fromkeys([*sorted(self.waiting), *keys])]
        self.waiting.clear()
        for key in coming:
            if key in self.devices:
                self._come(key, now)

    def gets_new_phone(self, key: str) -> None:
        """Replace somebody's phone by a new one, on which nothing is."""
        device = self.devices[key]
        device.forget(Reason.NEW_PHONE)
        device.client.cookie, device.new = "", True
        self.waiting.add(key)
        self.records.events["new phones"] += 1

    def phones_that_are_needed(self, waves: Iterable[str]) -> list[str]:
        """Return whose phone holds a ticket of an open round that was not used yet."""
        return [key for key in self.owners_of_phones() if any(self._has_unused_ticket(key, wave) for wave in waves)]

    def owners_of_phones(self) -> list[str]:
        """Return who has a phone of their own."""
        return [key for key, device in sorted(self.devices.items()) if device.kind in {Kind.APP, Kind.TAB}]

    def come_too_late(self, closed: Iterable[Wave]) -> None:
        """Let some who hold a ticket and have not answered come after the round has closed."""
        for wave in closed:
            late = [
                key
                for key in self.phones_that_are_needed([wave.pk])
                if self.devices[key].sheets.get(wave.pk) == wave.key_sheet  # not one that a restore took back
            ]
            for key in self.chance.sample(late, min(MOST_LATE, len(late))):
                device = self.devices[key]
                client = device.client
                client.reader = self.accounts.reader()
                sheet = self.accounts.reader().wave_sheet(wave.wave_sheet, client.cookie)
                status = client.post(
                    seal_answer(client.institution, sheet, client.tokens[wave.pk], DidNotWork())
                ).status
                self.records.events["late answers refused"] += 1
                self.records.note(Case(key, wave.pk, device.kind, Reason.OVER))
                if status != 410:
                    self.records.faults.append(f"{wave.pk}: an answer after the closing was answered with {status}")

    def fetch_only(self) -> None:
        """Let those who found no ticket look once more at what is offered, in the quiet weeks after the year."""
        for case in list(self.records.cases.values()):
            device = self.devices.get(case.person)
            if case.way is not None or device is None:
                continue
            if self.roster.residents[case.person].leave:
                case.way = Way.AWAY
                continue
            if device.owner != case.person:
                device.forget(Reason.OTHER_PERSON)
                device.owner, device.client.cookie = case.person, ""
            device.client.reader = self.accounts.reader()
            offered = self.accounts.offered(device)
            device.learns(offered)
            for entry in offered:
                if device.fetches(entry, self.records, replace=not entry["wave_sheet"]):
                    self._has_ticket(case.person, entry)

    def _has_unused_ticket(self, key: str, wave: str) -> bool:
        return wave in self.devices[key].client.tokens and not self.records.has_answered(key, wave)

    def _come(self, key: str, now: datetime) -> None:
        device = self.devices[key]
        if device.owner != key:
            device.forget(Reason.OTHER_PERSON)
            device.owner, device.client.cookie = key, ""
        if self.chance.random() < CLEARS:
            device.forget(Reason.CLEARED)
        device.is_opened(now)
        device.client.reader = self.accounts.reader()
        self.records.visits[device.kind] += 1
        try:
            self._visit(device, now)
        except (NoConnection, OSError, HTTPException):
            self.waiting.add(key)
            self.records.events["visits that met no server"] += 1
        device.is_closed()

    def _visit(self, device: Device, now: datetime) -> None:
        offered = self.accounts.offered(device)
        device.learns(offered)
        rounds = [entry for entry in offered if entry["wave_sheet"]]
        if not rounds:
            self._nothing(device, now)
        for entry in rounds:
            if self._wants_to_answer(device, entry, now):
                self._answer(device, entry)
        later = [entry for entry in offered if not entry["wave_sheet"]]
        if device.kind is Kind.APP and all(entry["wave"] in device.answered for entry in rounds):
            for entry in later:
                self._fetch_ahead(device, entry)
            device.new = False

    def _wants_to_answer(self, device: Device, entry: dict[str, Any], now: datetime) -> bool:
        wave = entry["wave"]
        if not self.records.has_answered(device.owner, wave):
            return True
        last_week = entry["closes_at"] - now.timestamp() < timedelta(days=7).total_seconds()
        return parse_wave_id(wave)[0] != "pulse" and last_week and self.chance.random() < CHANGES_MIND

    def _answer(self, device: Device, entry: dict[str, Any]) -> None:
        wave, key = entry["wave"], device.owner
        if not device.fetches(entry, self.records, replace=entry["replacement"] == "approved"):
            self._find_a_way(device, entry)
            return
        self._has_ticket(key, entry)
        if wave not in device.outbox and self.chance.random() < BROKEN_OFF:
            self.records.events["visits broken off after the ticket"] += 1
            self.waiting.add(key)
            return
        status = device.answers(entry, self.records, self.chance)
        if status == 200:
            self.records.found(key, Way.APPROVED, only=wave)
        elif status == 503:
            self.waiting.add(key)
        else:
            self.records.faults.append(f"{wave}: an answer in time was answered with {status}")

    def _fetch_ahead(self, device: Device, entry: dict[str, Any]) -> None:
        if device.fetches(entry, self.records, replace=device.new or device.lost_by is Reason.CLEARED):
            self._has_ticket(device.owner, entry)

    def _find_a_way(self, device: Device, entry: dict[str, Any]) -> None:
        """Without a ticket in an open round: who has answered leaves it at that, the others ask for a second one."""
        wave, key = entry["wave"], device.owner
        if self.records.has_answered(key, wave):
            self.records.found(key, Way.STANDS, only=wave)
            return
        if entry["replacement"]:
            self.waiting.add(key)
            return
        doors.send_form(self.accounts.reader().address, "/in/device/again/", {}, device.client.cookie)
        asked = any(each["wave"] == wave and each["replacement"] for each in self.accounts.offered(device))
        self.records.events["second tickets asked for" if asked else "second tickets that could not be asked for"] += 1
        if asked:
            self.waiting.add(key)

    def _has_ticket(self, key: str, entry: dict[str, Any]) -> None:
        for case in self.records.cases.values():
            if case.person == key and case.way is None and _opens(entry["wave"]) > _opens(case.wave):
                case.way = Way.NEXT

    def _nothing(self, device: Device, now: datetime) -> None:
        key = device.owner
        resident = self.roster.residents[key]
        why = Nothing.NO_ROUND
        if Wave.objects.filter(state=WaveState.VOIDED, opens_at__lte=now, closes_at__gt=now).exists():
            why = Nothing.VOID
        elif SkippedWeek.objects.filter(monday__lte=now.date(), monday__gt=now.date() - timedelta(days=7)).exists():
            why = Nothing.HOLIDAY
        elif resident.leave or any(key in away for away in self.away_at_opening.values()):
            why = Nothing.AWAY
        elif key in self.newcomers:
            why = Nothing.NEWCOMER
        elif key in self.movers:
            why = Nothing.MOVED
        elif device.new:
            why = Nothing.NOT_YET
        elif not _is_asked(resident.home, now):
            why = Nothing.BETWEEN
            self.records.between.add((resident.home, now.date()))
        self.records.found_nothing[device.kind, why] += 1

    def _give_device(self, key: str, client: SimulatedResident) -> None:
        kind = self.chance.choices([each for each, _share in SHARES], [share for _each, share in SHARES])[0]
        if kind is not Kind.WARD:
            self.devices[key] = Device(key, kind, client)
            return
        home = self.roster.residents[key].home
        shared = self.computers.pop(home, None)
        if shared is None:
            shared = self.computers[home] = Device(key, kind, client)
        self.devices[key] = shared

    def _last_answer(self, device: Device) -> None:
        """Let somebody who has left use a ticket of an open round: it still counts, and no account is needed."""
        device.client.reader = self.accounts.reader()
        for wave, entry in list(device.client.entries.items()):
            unused = wave in device.client.tokens and not self.records.has_answered(device.owner, wave)
            if unused and entry["wave_sheet"] and self.chance.random() < 0.5:
                with suppress(NoConnection, Refused):
                    status = device.answers(entry, self.records, self.chance)
                    self.records.events[f"answers of people who had left: {status}"] += 1


def _is_asked(unit: str, now: datetime) -> bool:
    """Is a round open that counts this unit?"""
    sheets = map(
        queries.wave_sheet_of, Wave.objects.filter(opens_at__lte=now, closes_at__gt=now).exclude(wave_sheet="")
    )
    return any(unit in leaf.units for sheet in sheets for leaf in sheet.leaves)


def approve_second_tickets(installation: Installation, cookie: str) -> int:
    """Let the coordinator approve everybody who stands on the page of rounds; return how many."""
    address = HttpAddress(installation.address)
    page = doors.read(address, "/in/waves/", cookie)
    waiting = set(re.findall(r'name="wave" value="([^"]+)"[^<]*<input[^>]*name="person" value="([^"]+)"', page))
    for wave, person in sorted(waiting):
        doors.send_form(address, "/in/waves/replacement/", {"wave": wave, "person": person}, cookie)
    return len(waiting)


def _opens(wave: str) -> Any:
    return parse_wave_id(wave)[1]
