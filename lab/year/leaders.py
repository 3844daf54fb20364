"""Those who lead: some answer, some pass on, some are silent; and what became of every clock in the end."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from callroom.improvement import ledger
from callroom.improvement.models import Clock
from callroom.improvement.states import AnswerKind
from callroom.people import actions as people
from callroom.people.models import Person
from callroom.pulse.simulation import HttpAddress
from lab import doors
from lab.year.installation import Installation
from lab.year.records import Records
from lab.year.roster import COORDINATOR, leader_of, led_units
from lab.year.scale import PASSES_ON, SILENT, Scale

HEARD = "Pages break up teaching."
PROMPT = 0.4
"""So many of those who answer do so in the week in which they first see a clock; so some are late."""
DECLINES = 0.3


class Fate(StrEnum):
    """What became of a clock."""

    PROMISED = "answered: we will"
    DECLINED = "answered: we will not"
    PASSED_AND_ANSWERED = "passed on, then answered"
    PASSED = "passed on, waits there"
    SILENT = "not answered, and everybody reads that"
    WAITS = "waits, its time is not over"
    NONE = "none of these"


@dataclass(frozen=True, slots=True)
class Ended:
    """A clock at the end of the year."""

    unit: str
    started_on: date
    fate: Fate
    days_late: int = 0


@dataclass(slots=True)
class Leaders:
    """Staff with their doors into the demo: two factors are not simulated here."""

    installation: Installation
    scale: Scale
    records: Records
    chance: random.Random
    cookies: dict[str, str] = field(default_factory=dict)

    def move_in(self) -> None:
        """Give staff their doors."""
        words = dict.fromkeys(("part_en", "part_es", "sees_en", "sees_es", "never_en", "never_es"), "Lab")
        for number, key in enumerate((COORDINATOR, *map(leader_of, led_units(self.scale)))):
            person = Person.objects.get(external_id=key)
            people.add_persona(person=person, slug=key, position=number, words=words)

    def sign_in(self, key: str) -> str:
        """Return somebody's session."""
        if key not in self.cookies:
            self.cookies[key] = doors.enter(self._address(), "/in/demo/", {"persona": key})
        return self.cookies[key]

    def commit(self, today: date) -> None:
        """Publish a first commitment for every department; the last department's units are waived instead."""
        departments = sorted({each.department for each in self.scale.programmes})
        due_on = (today + timedelta(weeks=20)).isoformat()
        for unit in [*departments[: max(1, len(departments) - 1)], *led_units(self.scale)[len(departments) :]]:
            said = {"unit": unit, "heard": "", "what": "A rota six weeks ahead.", "due_on": due_on, "who": "The chair"}
            self._post(leader_of(unit), "/in/answers/commitment/", said)
        page = doors.read(self._address(), "/in/answers/waiting/", self.sign_in(COORDINATOR))
        units = re.findall(r'name="units" value="([^"]+)"', page)
        if units:
            reasons = [("units", unit) for unit in units] + [("reason_en", "They begin."), ("reason_es", "Empiezan.")]
            self._post(COORDINATOR, "/in/answers/waiting/waive/", reasons)

    def skip(self, monday: date) -> None:
        """Let the coordinator skip a week."""
        said = {"monday": monday.isoformat(), "reason_es": "Vacaciones", "reason_en": "Holidays"}
        self._post(COORDINATOR, "/in/waves/skip/", said)

    def answer(self, today: date) -> None:
        """Let everybody who leads look at their desk, and say something or not, each in their own way."""
        ways = {programme.unit: programme.led for programme in self.scale.programmes}
        for unit in led_units(self.scale):
            desk = doors.read(self._address(), "/in/answers/", self.sign_in(leader_of(unit)))
            for clock in sorted(set(map(int, re.findall(r"/in/answers/(\d+)/", desk)))):
                row = Clock.objects.get(pk=clock)
                if row.asked_unit_id != unit or ways.get(unit) == SILENT:
                    continue
                if ways.get(unit) == PASSES_ON and row.holder_id == unit:
                    self._pass_on(unit, row)
                elif self.chance.random() < PROMPT:
                    self._answer(unit, row, today)

    def _pass_on(self, unit: str, clock: Clock) -> None:
        path = f"/in/answers/{clock.pk}/"
        page = doors.read(self._address(), path, self.sign_in(leader_of(unit)))
        receivers = sorted(set(re.findall(r'<option value="([a-z-]+)"', page)))
        said = {
            "heard": HEARD,
            "because": "It is not ours.",
            "to_unit": self.chance.choice(receivers),
            "from_unit": unit,
        }
        self._post(leader_of(unit), path, {"kind": "passed", **{f"passed-{key}": text for key, text in said.items()}})

    def _answer(self, unit: str, clock: Clock, today: date) -> None:
        """Promise something; sometimes say no, and why."""
        path = f"/in/answers/{clock.pk}/"
        if self.chance.random() < DECLINES:
            said = {"heard": HEARD, "because": "There is no money for it this year."}
            self._post(
                leader_of(unit), path, {"kind": "will-not", **{f"not-{key}": text for key, text in said.items()}}
            )
            return
        due_on = (today + timedelta(weeks=6)).isoformat()
        said = {"heard": HEARD, "what": "The float holds the pagers.", "due_on": due_on, "who": "The chair"}
        self._post(leader_of(unit), path, {"kind": "will", **{f"will-{key}": text for key, text in said.items()}})

    def fates(self, today: date, reader: str) -> list[Ended]:
        """Return what became of every clock. ``reader``: the session of a resident, who must see who is silent."""
        page = doors.read(self._address(), "/in/promises/", reader)
        return [_ended(clock, page) for clock in ledger.clocks_in(Clock.objects.order_by("started_on", "pk"), today)]

    def _post(self, key: str, path: str, said: dict[str, str] | Iterable[tuple[str, str]]) -> None:
        reply = doors.send_form(self._address(), path, said, self.sign_in(key))
        if reply.status != 302:
            self.records.faults.append(f"{path} of {key} was answered with {reply.status}")

    def _address(self) -> HttpAddress:
        return HttpAddress(self.installation.address)


def _ended(clock: ledger.ClockRow, page: str) -> Ended:
    said = [answer.kind for answer in clock.answers]
    fate = Fate.NONE
    if clock.is_running:
        if clock.is_late:
            fate = Fate.SILENT if f"{clock.holder_name} has not answered" in page else Fate.NONE
        elif AnswerKind.PASSED in said:
            fate = Fate.PASSED
        elif clock.due_on >= clock.started_on and clock.days_left >= 0:
            fate = Fate.WAITS
    elif said and said[-1] is not AnswerKind.PASSED and clock.ended_on is not None:
        fate = {AnswerKind.WILL: Fate.PROMISED, AnswerKind.WILL_NOT: Fate.DECLINED}[said[-1]]
        if AnswerKind.PASSED in said:
            fate = Fate.PASSED_AND_ANSWERED
    return Ended(clock.unit, clock.started_on, fate, clock.days_late)
