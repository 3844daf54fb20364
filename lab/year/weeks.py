"""The weeks of the year: who comes, what the worker does, and what goes wrong in which of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from callroom.core.anonymity import posts
from callroom.kit import clock
from callroom.people.models import Institution, Person
from callroom.pulse import leftovers
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.sealed import SealedStore
from lab.year import audit, crashes
from lab.year.crashes import Moment
from lab.year.installation import RESULTS, Failed, Installation
from lab.year.leaders import Leaders
from lab.year.people import People, approve_second_tickets
from lab.year.records import Records, Way
from lab.year.roster import COORDINATOR, Roster
from lab.year.scale import ZONE, Scale

VISITS = ((1, 12), (3, 19), (5, 11), (6, 18))
"""Days after Monday and hours at which people come."""
ANNOUNCED_BEFORE = 4
"""So many weeks before, a holiday is put into the calendar: its rounds are announced already."""


@dataclass(slots=True)
class Year:
    """Everything that the weeks are made of."""

    scale: Scale
    folder: Path
    installation: Installation
    roster: Roster
    people: People
    leaders: Leaders
    records: Records
    chance: random.Random
    new_phone_weeks: list[int] = field(default_factory=list)

    def week(self, number: int, *, quiet: bool = False) -> None:
        """Let one week pass. ``quiet``: nobody comes; rounds that are open are brought to their end."""
        monday = self.scale.first + timedelta(weeks=number)
        self._monday(number, monday, quiet=quiet)
        if quiet:
            self.people.fetch_only()
            self._sunday(number, monday)
            return
        slots = self.people.slots_of_the_week()
        for place, (days, hour) in enumerate(VISITS):
            instant = self._at(monday, days, hour)
            clock.move_to(instant)
            if place == 1 and number % 2:
                self._new_phones(number)
            if number == self.scale.restore and place == 2:
                self._lose_the_machine(number)
            with self._crash_while_answering(number in self.scale.crash_while_answering and place == 0):
                self.people.come(slots[place], instant)
            if place in {0, 2}:
                self._approve()
            if place == 1:
                self._thursday(number)
        self._sunday(number, monday)

    def day(self) -> date:
        """Return today."""
        return clock.now().astimezone(ZoneInfo(ZONE)).date()

    def opening(self, number: int) -> datetime:
        """Return the moment after which rounds of this week are open."""
        return self._at(self.scale.first + timedelta(weeks=number), 0, 6) + timedelta(seconds=1)

    def publication(self, number: int) -> datetime:
        """Return the moment after which the results of the week before are published."""
        return self._at(self.scale.first + timedelta(weeks=number), 0, 8) + timedelta(seconds=1)

    def open_waves(self) -> list[str]:
        """Return the rounds that are open."""
        return sorted(Wave.objects.filter(state=WaveState.OPEN).values_list("pk", flat=True))

    def note(self, number: int, what: str) -> None:
        """Write into the diary."""
        self.records.diary.append((f"{number}", what))

    def _monday(self, number: int, monday: date, *, quiet: bool) -> None:
        clock.move_to(self._at(monday, 0, 5))
        if number and not quiet:
            self._roster(monday)
        for skipped in self.scale.skipped:
            if number == max(0, skipped - ANNOUNCED_BEFORE):
                self.leaders.skip(self.scale.first + timedelta(weeks=skipped))
        # The worker looks every minute: a new academic year's plan and rounds are made in the night before they open.
        self.installation.works()
        opening = self.opening(number)
        if number in self.scale.crash_while_opening:
            due = Wave.objects.filter(state=WaveState.ANNOUNCED, opens_at__lte=opening).values_list("pk", flat=True)
            clock.move_to(opening)
            crashes.kill_while_opening(self.installation, sorted(due))
            self._after_the_crash(number, "while rounds were opened", opening)
        self.installation.passes(opening)
        self.people.newcomers.clear()
        self._note_absent()
        self.installation.passes(self.publication(number))
        self.installation.works(RESULTS)

    def _thursday(self, number: int) -> None:
        self.leaders.answer(self.day())
        if number == self.scale.backup:
            self.installation.back_up(self.folder / "backup.age")
        if number == self.scale.upgrade_in_an_open_round:
            self._upgrade("one", is_open=True)

    def _sunday(self, number: int, monday: date) -> None:
        closing = self._at(monday, 6, 20) + timedelta(seconds=5)
        clock.move_to(closing)
        closed = list(Wave.objects.filter(state=WaveState.OPEN, closes_at__lte=closing).order_by("pk"))
        due = [wave.pk for wave in closed]
        for wave in due:
            rows = {posts.parse(body).message: posts.parse(body).revision for body in SealedStore(wave).bodies()}
            self.records.faults += audit.held(wave, self.records.of(wave), rows)
        if number < self.scale.weeks:  # in the quiet weeks nobody comes
            self.people.come_too_late(closed)
        if number in self.scale.crash_while_closing and due:
            moment = self.chance.choice(list(Moment))
            crashes.kill_while_closing(self.installation, due, moment)
            self._after_the_crash(number, f"while rounds were closed ({moment})", closing)
        self.installation.passes(closing)
        if number in self.scale.upgrade_between_rounds:
            self._upgrade("two", is_open=False)
        if not number % 2:
            self._new_phones(number)
        clock.move_to(self._at(monday, 6, 20) + timedelta(minutes=16))
        for name in leftovers.keys_left(now=clock.now()):
            self.records.faults.append(f"week {number}: keys were left after the closing: {name}")

    def _roster(self, monday: date) -> None:
        homes = {key: resident.home for key, resident in self.roster.residents.items()}
        left, came = self.roster.a_week_passes(monday)
        self.installation.calls("roster", "import", str(self.roster.write_people(self.folder / "people.csv")))
        self.people.movers |= {
            key for key, each in self.roster.residents.items() if homes.get(key, each.home) != each.home
        }
        self.people.move_out(left)
        if came:
            self.people.move_in(came, invited=True)
        self.people.newcomers |= {resident.key for resident in came}

    def _note_absent(self) -> None:
        """Keep who is away while a round opens: nobody on leave is asked in it."""
        today = self.day()
        away = frozenset(key for key, resident in self.roster.residents.items() if resident.is_away(today))
        for wave in self.open_waves():
            self.people.away_at_opening.setdefault(wave, away)
        for wave in set(self.people.away_at_opening) - set(self.open_waves()):
            del self.people.away_at_opening[wave]

    def _approve(self) -> None:
        count = approve_second_tickets(self.installation, self.leaders.sign_in(COORDINATOR))
        self.records.events["second tickets approved"] += count

    def _new_phones(self, number: int) -> None:
        count = self.new_phone_weeks.count(number)
        owners = self.people.owners_of_phones()
        # In an odd week it happens while a round is open, to somebody who has not answered it, if there is one.
        if number % 2 and len(self.people.phones_that_are_needed(self.open_waves())) >= count:
            owners = self.people.phones_that_are_needed(self.open_waves())
        for key in self.chance.sample(owners, min(count, len(owners))):
            self.people.gets_new_phone(key)

    # --- what goes wrong ---

    @contextmanager
    def _crash_while_answering(self, due: bool) -> Iterator[None]:
        """Kill the server at a moment of its own while people answer."""
        if not due:
            yield
            return
        before = len(self.records.receipts)
        timer = threading.Timer(self.chance.uniform(0.5, 2.0), self.installation.kill)
        timer.start()
        yield
        timer.join()
        now = clock.now()
        self.records.events["crashes"] += 1
        self.installation.start()
        clock.move_to(now)
        self.note(
            self._number(),
            f"killed while people answered; {len(self.records.receipts) - before} were acknowledged before",
        )

    def _after_the_crash(self, number: int, when: str, instant: datetime) -> None:
        states = Wave.objects.filter(opens_at__lte=instant, burned_at=None).values_list("pk", "state")
        found = ", ".join(f"{wave} {state}" for wave, state in sorted(states))
        self.records.events["crashes"] += 1
        self.note(number, f"killed {when}; found afterwards: {found or 'nothing left to do'}")
        self.installation.start()
        clock.move_to(instant)

    def _upgrade(self, version: str, *, is_open: bool) -> None:
        now = clock.now()
        self.installation.stop()
        if is_open:
            said = self.installation.is_refused("other_protocol")
            if "cannot take its answers" not in said:
                self.records.faults.append(
                    f"a version that cannot take an open round's answers was not refused: {said}"
                )
            self.note(self._number(), f"a version of another protocol was refused: {said[:64]}…")
        self.installation.version = version
        self.installation.start()
        clock.move_to(now)
        backups = sorted((self.folder / "data" / "backups").glob("before-upgrade-*.age"))
        if not backups:
            self.records.faults.append("an upgrade that changed tables wrote no backup first")
        self.records.events["upgrades"] += 1
        going_on = ", ".join(self.open_waves()) or "none"
        self.note(self._number(), f"upgraded to version {version}; a backup was written first; open rounds: {going_on}")

    def _lose_the_machine(self, number: int) -> None:
        now, export = clock.now(), self.folder / "export-before"
        self.installation.calls("release", "export", str(export))
        opened = self.open_waves()
        self.installation.is_lost()
        said = self.installation.restore(self.folder / "backup.age", export)
        self.installation.start()
        clock.move_to(now)
        self.installation.calls("roster", "import", str(self.roster.write_people(self.folder / "people.csv")))
        self._come_to_again()
        self.installation.passes(now)
        void = sorted(Wave.objects.filter(pk__in=opened, state=WaveState.VOIDED).values_list("pk", flat=True))
        if void != opened:
            self.records.faults.append(f"after the restore {opened} should be void, and {void} are")
        for case in self.records.cases.values():
            if case.way is None and case.wave in void:
                case.way = Way.VOID
        self.records.events["restores"] += 1
        self.note(number, f"machine lost and restored; void: {', '.join(void)}; {' '.join(said.split())[:160]}")

    def _come_to_again(self) -> None:
        """Find everybody's account again: who came after the backup has another one, and no password."""
        institution = Institution.objects.get()
        for key, device in self.people.devices.items():
            if device.client.institution != institution.pk:
                raise Failed("the restored institution is another one")
            if (
                device.owner == key
                and not Person.objects.filter(external_id=key).exclude(password__startswith="!").exists()
            ):
                device.client.cookie = ""

    def _number(self) -> int:
        return (self.day() - self.scale.first).days // 7

    def _at(self, monday: date, days: int, hour: int) -> datetime:
        return datetime.combine(monday + timedelta(days=days), datetime.min.time(), ZoneInfo(ZONE)) + timedelta(
            hours=hour
        )
