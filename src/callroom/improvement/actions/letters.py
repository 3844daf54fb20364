"""Letters to leaders about a clock: written once for each person and kind, sent when mail goes out, never at night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.improvement.leadership import Leadership
from callroom.improvement.models import Clock, Reminder
from callroom.improvement.states import TIME_TO_ANSWER, ClockState, Letter
from callroom.kit import mail
from callroom.people.models import Institution, Person
from callroom.people.policy import Action, NotYours, check_may
from callroom.prompts import holidays

Resting = Mapping[date, holidays.Holiday]
"""The holidays of the weeks around."""
QUIET_UNTIL: Final = time(8)
QUIET_FROM: Final = time(18)
STALE_AFTER: Final = 5
"""Working days: a letter that mail could not take for so long is not sent any more. The page has said it all the time."""
LONGEST_REST: Final = timedelta(days=40)
"""So far back a letter may have waited for a working day."""


class AskedToday(Exception):
    """The coordinator reminded these leaders today already."""


class NobodyToAsk(Exception):
    """Nobody holds the office, up to the institution itself."""


@transaction.atomic
def write_due(*, institution: Institution, now: datetime) -> int:
    """Write the letters that are due about running clocks; return how many are new. Repeating it writes none twice."""
    day = institution.day(now)
    resting = _resting(institution, day)
    leadership = Leadership.on(day)
    written = 0
    for clock in Clock.objects.filter(institution=institution, state=ClockState.RUNNING):
        letter = letter_due(clock.due_on, day, resting)
        for person in leadership.asked_for(clock.holder_id).persons:
            written += _write(clock, person, letter, day)
    return written


def letter_due(due_on: date, day: date, resting: Resting) -> Letter:
    """
    Return the latest letter whose day has come: who is asked for the first time gets that one alone.

    All but one can wait for a working day. The last before the end cannot, so where its day is none it is written on the
    working day before, at most as early as the one at half time. The end itself never moves.
    """
    half = due_on - TIME_TO_ANSWER / 2
    if day > due_on:
        return Letter.OVER
    if day >= _last_call(due_on - timedelta(days=2), half, resting):
        return Letter.LAST_DAYS
    return Letter.HALF if day >= half else Letter.STARTED


def _last_call(meant: date, earliest: date, resting: Resting) -> date:
    if holidays.is_working(meant, resting):
        return meant
    return holidays.working_days_before(meant, 1, resting, at_most=meant - earliest)


@transaction.atomic
def remind(*, clock_id: int, by: Person, now: datetime) -> int:
    """
    Let the coordinator ask whoever is asked for this answer, once a day; return how many people.

    :raises NotYours: for anybody but a coordinator, and for a clock that does not wait
    :raises NobodyToAsk: when nobody could answer
    :raises AskedToday: for the second time on one day
    """
    check_may(by, Action.REMIND_LEADERS, now=now)
    clock = Clock.objects.filter(pk=clock_id, institution=by.institution, state=ClockState.RUNNING).first()
    if clock is None:
        raise NotYours
    day = by.institution.day(now)
    persons = Leadership.on(day).asked_for(clock.holder_id).persons
    if not persons:
        raise NobodyToAsk
    if not sum(_write(clock, person, Letter.COORDINATOR, day) for person in persons):
        raise AskedToday
    audit.record(by=str(by.pk), tag=Tag.LEADER_REMINDED, about=f"clock/{clock.pk}", now=now)
    return len(persons)


def send_waiting(*, institution: Institution, now: datetime) -> int:
    """
    Send what was written, on working days between 8 and 18, never on a holiday; return how many letters went out.

    A clock that was answered meanwhile sends nothing any more. When mail is down the rest waits for the next time.
    """
    local = now.astimezone(institution.zone)
    if not QUIET_UNTIL <= local.time() < QUIET_FROM or not holidays.works_on(institution, local.date()):
        return 0
    return mail.hand_over(
        mail.Waiting(
            letter=partial(_letter, person, waiting),
            take=partial(_mark, waiting, sent=True),
            give_back=partial(_mark, waiting, sent=False),
        )
        for person, waiting in _by_person(institution, institution.day(now)).items()
    )


def forget_reminders(*, institution: Institution, before: date) -> int:
    """Delete the notes of letters written before this day about clocks that were answered; return how many."""
    # While a clock runs its notes stay: without them the same letter would be written again.
    over = Reminder.objects.filter(institution=institution, written_on__lt=before, clock__state=ClockState.ANSWERED)
    return over.delete()[0]


def _mark(reminders: Sequence[Reminder], *, sent: bool) -> bool:
    """Note that these go now, or not yet; return whether any was noted otherwise before."""
    rows = Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders], sent=not sent)
    return bool(rows.update(sent=sent))


def _resting(institution: Institution, day: date) -> Resting:
    return holidays.between(institution, day - LONGEST_REST, day + LONGEST_REST)


def _by_person(institution: Institution, day: date) -> dict[Person, list[Reminder]]:
    """Return what waits, by reader: whoever is asked for several units gets one letter."""
    rows = Reminder.objects.filter(
        institution=institution,
        sent=False,
        written_on__gte=holidays.working_days_before(
            day, STALE_AFTER, _resting(institution, day), at_most=LONGEST_REST
        ),
        clock__state=ClockState.RUNNING,
        person__is_active=True,
    )
    found: dict[Person, list[Reminder]] = {}
    for reminder in rows.select_related("clock", "clock__unit", "person").order_by("pk"):
        found.setdefault(reminder.person, []).append(reminder)
    return found


def _write(clock: Clock, person: UUID, letter: Letter, day: date) -> int:
    same = {"clock": clock, "person_id": person, "letter": letter}
    once = {**same, "written_on": day} if letter is Letter.COORDINATOR else {**same, "holder": clock.holder}
    _reminder, made = Reminder.objects.get_or_create(
        **once, defaults={"institution": clock.institution, "written_on": day, "holder": clock.holder}
    )
    return int(made)


def _letter(person: Person, waiting: Sequence[Reminder]) -> mail.Letter:
    clocks = {reminder.clock.pk: reminder.clock for reminder in waiting}
    clock = next(iter(clocks.values()))
    with translation.override(person.language):
        one = len(clocks) == 1
        path = reverse("improvement:answer", args=[clock.pk]) if one else reverse("improvement:desk")
        said = {
            "letter": waiting[-1].letter if one else "several",
            "name": person.name,
            "unit": clock.unit.name,
            "due_on": clock.due_on,
            "address": mail.address_of(path),
            "institution": person.institution.short_name,
        }
        subject = gettext("Your residents wait for an answer: %(unit)s") % {"unit": clock.unit.name}
        return mail.Letter(
            to=person.email,
            subject=subject if one else gettext("Several units wait for your answer"),
            text=render_to_string("improvement/letter.txt", said),
        )
