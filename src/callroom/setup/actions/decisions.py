"""Writing down what was decided, and that the worker is alive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.directory import actions as directory
from callroom.kit import keyring
from callroom.kit.errands import errand
from callroom.people.models import Person
from callroom.people.policy import Action, NotYours, check_may
from callroom.pulse import planning
from callroom.pulse.actions import endings
from callroom.setup.models import Decision, Heartbeat
from callroom.setup.states import Topic


@transaction.atomic
def decide(*, by: Person, topic: Topic, name: str, said: Mapping[str, str], now: datetime) -> None:
    """
    Keep what this person confirmed, with the name that they wrote under it and the day.

    :raises NotYours: unless they may set the installation up
    """
    check_may(by, Action.SET_UP, now=now)
    Decision.objects.create(
        institution_id=by.institution_id,
        topic=topic,
        decided_on=by.institution.day(now),
        person=by,
        name=name,
        said=dict(said),
    )
    audit.record(by=str(by.pk), tag=Tag.DECISION_RECORDED, about=topic.value, now=now)


@transaction.atomic
def confirm_lines(*, by: Person, name: str, codes: Iterable[str], now: datetime) -> None:
    """
    Keep that somebody tried these lines and services today; each is due again in a year.

    :raises NotYours: unless they may set the installation up
    :raises UnknownLine: when no line or service has one of these codes
    """
    decide(by=by, topic=Topic.LINES, name=name, said=dict.fromkeys(codes, "confirmed"), now=now)
    for code in codes:
        directory.confirm_line(code=code, source=name, by=str(by.pk), today=by.institution.day(now), now=now)


@errand(NotYours, endings.NotAMonday, endings.TooLateToSkip, keyring.NotMounted, OSError)
def begin_on(*, by: Person, monday: date, now: datetime) -> None:
    """
    Let the first round open on this Monday: the weeks before it are skipped, each with its reason, and no longer round
    begins in one of them. The first round of two or four weeks is the next in its own rhythm.

    :raises NotYours: unless they may skip weeks
    :raises TooLateToSkip: when a week before it has begun
    """
    today = by.institution.day(now)
    week = today + timedelta(days=7 - today.weekday())
    while week < monday:
        endings.skip_week(by=by, monday=week, reason=planning.BEFORE_THE_FIRST, now=now)
        week += timedelta(weeks=1)
    endings.begin_on(by=by, monday=monday, now=now)
    decide(by=by, topic=Topic.SCHEDULE, name=by.name, said={"monday": monday.isoformat()}, now=now)


def beat(*, now: datetime) -> None:
    """Keep that the worker is alive."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": now})
