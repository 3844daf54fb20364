"""Setting the times of letters and the days on which they wait, and keeping how a test letter's link arrived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.kit import mail
from callroom.people.models import Person
from callroom.people.policy import Action, NotYours, check_may
from callroom.prompts import calendars, letters, links
from callroom.prompts.holidays import Where
from callroom.prompts.models import HolidayPlace, OwnDay, PromptTimes
from callroom.prompts.states import Kind
from callroom.pulse.actions import endings

Reminder = tuple[int, time]
MOST_OWN_DAYS: Final = 60


@transaction.atomic
def set_times(*, by: Person, opening_at: time, reminders: tuple[Reminder, ...], now: datetime) -> None:
    """
    Let letters go out at these times: at the opening, and at most two reminders, the second on a later day.

    :raises NotYours: unless this person may set it
    """
    check_may(by, Action.SET_PROMPTS, now=now)
    days = dict(zip(("first", "second"), reminders, strict=False))
    fields = {
        f"{name}_{part}": days[name][number] if name in days else None
        for name in ("first", "second")
        for number, part in enumerate(("day", "at"))
    }
    PromptTimes.objects.update_or_create(institution=by.institution, defaults={"opening_at": opening_at, **fields})
    audit.record(by=str(by.pk), tag=Tag.PROMPTS_SET, about=str(by.institution_id), now=now)


@transaction.atomic
def stop(*, by: Person, now: datetime) -> None:
    """
    Let no letters go out any more.

    :raises NotYours: unless this person may set it
    """
    check_may(by, Action.SET_PROMPTS, now=now)
    PromptTimes.objects.filter(institution=by.institution).delete()
    audit.record(by=str(by.pk), tag=Tag.PROMPTS_SET, about=str(by.institution_id), now=now, details={"stopped": 1})


def send_test(*, by: Person, now: datetime) -> None:
    """
    Send this person the letter that everybody would get, whatever is open.

    :raises NotYours: unless this person may set it
    :raises mail.NotSent: when mail is not set up, or the server does not take it
    """
    check_may(by, Action.SET_PROMPTS, now=now)
    mail.send(letters.letter_for(by, Kind.OPENING))


@transaction.atomic
def keep_how_it_arrived(*, by: Person, link: str, now: datetime) -> links.Seen:
    """
    Return how the link of a test letter arrived, and keep it beside the times.

    :raises NotYours: unless this person may set it
    :raises links.NoLink: if it is no web address
    """
    check_may(by, Action.SET_PROMPTS, now=now)
    seen = links.look_at(link, letters.address(by.language))
    PromptTimes.objects.filter(institution=by.institution).update(
        arrived=seen.arrived, arrived_by=seen.by, arrived_on=by.institution.day(now)
    )
    return seen


class DayIsOver(Exception):
    """A day that does not come again lies in the past."""


class DayIsKnown(Exception):
    """The institution's own days hold this one already."""


class TooManyDays(Exception):
    """There are as many own days as a calendar can bear."""


class NotOffered(Exception):
    """The calendar does not offer to skip this week: it has begun, is skipped already, or its days have changed."""


@transaction.atomic
def set_place(*, by: Person, place: Where, now: datetime) -> None:
    """
    Let the public holidays of this country and region hold.

    :raises NotYours: unless this person may set it
    """
    check_may(by, Action.SET_PROMPTS, now=now)
    HolidayPlace.objects.update_or_create(
        institution=by.institution, defaults={"country": place.country, "region": place.region}
    )
    _record_days(by, now, place=f"{place.country}-{place.region}")


@transaction.atomic
def add_day(*, by: Person, day: date, every_year: bool, name: Mapping[str, str], now: datetime) -> None:
    """
    Let the institution rest on a day of its own.

    :raises NotYours: unless this person may set it
    :raises DayIsOver, DayIsKnown, TooManyDays: see there
    """
    check_may(by, Action.SET_PROMPTS, now=now)
    if not every_year and day < by.institution.day(now):
        raise DayIsOver
    if OwnDay.objects.filter(institution=by.institution).count() >= MOST_OWN_DAYS:
        raise TooManyDays
    _row, made = OwnDay.objects.get_or_create(
        institution=by.institution,
        day=day,
        defaults={"every_year": every_year, "name_en": name["en"], "name_es": name["es"]},
    )
    if not made:
        raise DayIsKnown
    _record_days(by, now, added=day.isoformat())


@transaction.atomic
def remove_day(*, by: Person, number: int, now: datetime) -> None:
    """
    Take one of the institution's own days off the calendar.

    :raises NotYours: unless this person may set it, and it is one of theirs
    """
    check_may(by, Action.SET_PROMPTS, now=now)
    row = OwnDay.objects.filter(institution=by.institution, pk=number).first()
    if row is None:
        raise NotYours
    row.delete()
    _record_days(by, now, removed=row.day.isoformat())


def skip_offered(*, by: Person, monday: date, now: datetime) -> None:
    """
    Skip a week that the calendar offers to skip, for the reason that stands there.

    :raises NotYours: unless this person may skip weeks
    :raises NotOffered: see there
    :raises endings.TooLateToSkip: when the week has begun
    """
    check_may(by, Action.SKIP_WEEK, now=now)
    reason = calendars.suggestion(by.institution, monday, now=now)
    if reason is None:
        raise NotOffered
    endings.skip_week(by=by, monday=monday, reason=reason, now=now)


def _record_days(by: Person, now: datetime, **details: str) -> None:
    audit.record(by=str(by.pk), tag=Tag.HOLIDAYS_SET, about=str(by.institution_id), now=now, details=details)
