"""Taking the roster out: everybody's names and addresses in a file, so it is known who did."""

from __future__ import annotations

from datetime import date, datetime

from callroom.audit import actions as audit
from callroom.people.models import Person
from callroom.people.policy import Action, check_may, is_asked
from callroom.people.roster.standing import people_as_they_stand, rotations_as_they_stand


def take_roster(*, by: Person, now: datetime) -> list[list[str]]:
    """
    Return the roster of people as it stands, and keep on which day who took it; nothing of who is asked (decision 0005).

    :raises NotYours: unless this person may import the next one
    """
    return people_as_they_stand(by.institution, today=_taken_on(by, "roster/as-it-stands", now))


def take_rotations(*, by: Person, now: datetime) -> list[list[str]]:
    """
    Return the rotations as they stand; otherwise as ``take_roster``.

    :raises NotYours: unless this person may import the next ones
    """
    return rotations_as_they_stand(by.institution, today=_taken_on(by, "roster/rotations-as-they-stand", now))


def _taken_on(by: Person, page: str, now: datetime) -> date:
    check_may(by, Action.IMPORT_ROSTER, now=now)
    today = by.institution.day(now)
    if not is_asked(by, today):
        audit.look(str(by.pk), page, today)
    return today
