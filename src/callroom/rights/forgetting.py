"""
The nightly look for what is over: it deletes what ``retention`` says, once a day, in the small hours.

Killed anywhere and started again it ends the same: each step deletes by days that are stored, and the night is noted last.
A clock that jumps deletes nothing at first (``WAITS``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.improvement.actions import letters as reminders
from callroom.people import actions as people
from callroom.people.models import Institution
from callroom.pulse.actions import forgetting as tickets
from callroom.rights.models import Request, Sweep
from callroom.rights.retention import LETTERS_KEPT, RECORD_KEPT, REQUEST_KEPT, TICKETS_KEPT, TIES_KEPT
from callroom.watch import letters as digests

FROM: Final = time(3)
"""Local time: nobody works at a desk, and the day's rounds have not opened."""
LONGEST_GAP: Final = timedelta(days=14)
"""Between two looks. After a longer one, and when the day goes back, the clock may be wrong."""
WAITS: Final = timedelta(days=3)
"""So long nothing is deleted after that, and after the very first look: ``callroom check`` says so meanwhile."""

Counts = Mapping[str, int]


def forget_what_is_over(institution: Institution, *, now: datetime) -> None:
    """Delete what is over, once a day from 3 o'clock on. Safe to repeat, and to interrupt."""
    if now.astimezone(institution.zone).time() < FROM:
        return
    today = institution.day(now)
    sweep, _made = Sweep.objects.get_or_create(pk=1, defaults={"looked_on": today, "waits_until": today + WAITS})
    if not timedelta(0) <= today - sweep.looked_on <= LONGEST_GAP:
        sweep.waits_until = today + WAITS
    elif sweep.done_on == today:
        return
    if sweep.waits_until is None or today >= sweep.waits_until:
        for what, step in _steps(institution, now):
            _until_nothing_is_left(what, step, now)
        sweep.done_on, sweep.waits_until = today, None
    sweep.looked_on = today
    sweep.save()


def _steps(institution: Institution, now: datetime) -> Iterator[tuple[str, Callable[[], Counts]]]:
    today = institution.day(now)
    people.note_leavers(institution=institution, today=today)
    yield "tickets", lambda: _count(tickets.forget_tickets(before=now - TICKETS_KEPT))
    yield "requests", lambda: _count(_forget_requests(institution, today - REQUEST_KEPT))
    yield "roles", lambda: _count(people.forget_ended(institution=institution, before=today - TIES_KEPT))
    yield "invitations", lambda: _count(people.forget_invitations(institution=institution, now=now))
    letters = today - LETTERS_KEPT
    yield (
        "letters",
        lambda: _count(
            digests.forget_digests(institution=institution, before=letters)
            + reminders.forget_reminders(institution=institution, before=letters)
        ),
    )
    yield "people", partial(_forget_leavers, institution, today - RECORD_KEPT)


def _until_nothing_is_left(what: str, step: Callable[[], Counts], now: datetime) -> None:
    while True:
        with transaction.atomic():
            counts = step()
            if not any(counts.values()):
                return
            # How many of what, and nothing of whom.
            audit.record(by=None, tag=Tag.RECORDS_DELETED, about=what, now=now, details=dict(counts))


def _count(deleted: int) -> Counts:
    return {"deleted": deleted}


def _forget_requests(institution: Institution, before: date) -> int:
    over = Request.objects.filter(institution=institution, closed_on__lt=before, waits_to_tell=False)
    gone = over.count()
    over.delete()
    return gone


def _forget_leavers(institution: Institution, before: date) -> Counts:
    # Who has asked is kept whole until that is over as well: the desk must know whom it answered.
    asked = set(Request.objects.filter(institution=institution).values_list("person", flat=True))
    forgotten = people.forget_leavers(institution=institution, before=before, keep=asked)
    return {"deleted": forgotten.deleted, "without name": forgotten.blanked}
