"""Setting the times of letters, and keeping how a test letter's link arrived."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.kit import mail
from callroom.people.models import Person
from callroom.people.policy import Action, check_may
from callroom.prompts import letters, links
from callroom.prompts.models import PromptTimes
from callroom.prompts.states import Kind

Reminder = tuple[int, time]


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
