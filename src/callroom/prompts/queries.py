"""When letters go out, which are due, and to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from callroom.core.timetable.waves import local_instant
from callroom.people import queries as people
from callroom.people.models import Institution, Person
from callroom.prompts import holidays
from callroom.prompts.models import HandedOver, PromptTimes
from callroom.prompts.states import Arrived, Kind
from callroom.pulse import asking

QUIET_UNTIL: Final = time(7)
QUIET_FROM: Final = time(21)
"""No letter goes out at night, also when the mail server comes back then."""
LONGEST_ROUND: Final = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Times:
    """When letters go out. A reminder is a weekday (Monday 0) and a time."""

    opening_at: time
    reminders: tuple[tuple[int, time], ...]
    arrived: Arrived | None
    arrived_by: str
    arrived_on: date | None


@dataclass(frozen=True, slots=True)
class Due:
    """A kind of letter that is due in this week, and whose turn it is."""

    kind: Kind
    people: tuple[Person, ...]


def times_of(institution: Institution) -> Times | None:
    """Return when this institution's letters go out; None: they do not."""
    row = PromptTimes.objects.filter(institution=institution).first()
    if row is None:
        return None
    days = ((row.first_day, row.first_at), (row.second_day, row.second_at))
    reminders = tuple((day, at) for day, at in days if day is not None and at is not None)
    arrived = Arrived(row.arrived) if row.arrived else None
    return Times(row.opening_at, reminders, arrived, row.arrived_by, row.arrived_on)


def monday_of(institution: Institution, now: datetime) -> date:
    """Return the Monday of this week in the institution's time zone."""
    day = institution.day(now)
    return day - timedelta(days=day.weekday())


def due(institution: Institution, *, now: datetime) -> tuple[Due, ...]:
    """
    Return the letters to hand over now, with everybody who is asked and has not had theirs.

    Of each open round the newest kind that is due, so that nobody gets two letters at once when mail was down. Asked is
    whoever the round asks and who is not on leave today: whether they answered is not known, nor whether they said no
    to the check-in. In a skipped week, on a holiday, by night and during a freeze nothing is due.
    """
    times = times_of(institution)
    local = now.astimezone(institution.zone).time()
    if times is None or not QUIET_UNTIL <= local < QUIET_FROM or asking.nobody_is_asked(institution):
        return ()
    monday = monday_of(institution, now)
    resting = holidays.between(institution, monday - LONGEST_ROUND, monday + LONGEST_ROUND)
    if institution.day(now) in resting:
        return ()
    found: dict[Kind, set[UUID]] = {}
    for wave in asking.open_waves(institution, now=now):
        kind = _newest(wave, times, resting, institution, now)
        if kind is not None:
            found.setdefault(kind, set()).update(wave.people)
    here = {UUID(person) for persons in people.eligible_on(institution.day(now)).values() for person in persons}
    return tuple(Due(kind, _waiting(found[kind] & here, monday, kind)) for kind in Kind if kind in found)


def letter_day(day: date, mondays: Collection[date], resting: Mapping[date, holidays.Holiday]) -> date | None:
    """
    Return the day on which a letter goes out that was meant for ``day``: that day, on a holiday the next working day.

    ``mondays``: the weeks in which its round is open and asks. None: the round has no working day left.
    """
    if day not in resting:
        return day
    later = (monday + timedelta(days=number) for monday in sorted(mondays) for number in range(7))
    return next((each for each in later if each > day and holidays.is_working(each, resting)), None)


def _newest(
    wave: asking.Asking, times: Times, resting: Mapping[date, holidays.Holiday], institution: Institution, now: datetime
) -> Kind | None:
    """Return the newest letter of this round that is due in this week; skipped weeks have none."""
    monday = monday_of(institution, now)
    instants = {
        kind: max(wave.opens_at, local_instant(day, at, institution.zone))
        for kind, day, at in _letters(wave, times, resting)
        if day - timedelta(days=day.weekday()) == monday
    }
    passed = [kind for kind, instant in instants.items() if instant <= now]
    return max(passed, key=lambda kind: instants[kind], default=None)


def _letters(
    wave: asking.Asking, times: Times, resting: Mapping[date, holidays.Holiday]
) -> Iterator[tuple[Kind, date, time]]:
    """
    Yield the letters of a round, each with the day on which it goes out.

    One that a holiday moved, or that another was moved up to, does not follow it on the same day: they say the same.
    """
    before, was_moved = date.min, False
    for kind, meant, at in _meant(wave, times):
        day = letter_day(meant, wave.mondays, resting)
        if day is None or (day <= before and (was_moved or day != meant)):
            continue
        before, was_moved = day, day != meant
        yield kind, day, at


def _meant(wave: asking.Asking, times: Times) -> Iterator[tuple[Kind, date, time]]:
    for monday in wave.mondays[:1]:
        yield Kind.OPENING, monday, times.opening_at
    for monday in wave.mondays[-1:]:
        for kind, (day, at) in zip((Kind.FIRST, Kind.SECOND), times.reminders, strict=False):
            yield kind, monday + timedelta(days=day), at


def _waiting(persons: set[UUID], monday: date, kind: Kind) -> tuple[Person, ...]:
    had = HandedOver.objects.filter(monday=monday, kind=kind).values("person")
    found = Person.objects.filter(pk__in=persons, is_active=True).exclude(pk__in=had)
    return tuple(found.order_by("pk"))


def in_words(times: Times) -> Mapping[str, object]:
    """Return times as a form's initial values."""
    said: dict[str, object] = {"opening_at": times.opening_at}
    for name, reminder in zip(("first", "second"), times.reminders, strict=False):
        said |= {f"{name}_day": reminder[0], f"{name}_at": reminder[1]}
    return said
