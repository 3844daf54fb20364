"""
The roster as it stands, as a file that can be imported again; and what the coming academic year will change in it.

The roster holds no year of training, on purpose: programme, year and site together would name people. So nobody is
moved up. Who graduates has a last day, who comes has a first one, and both act on their day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from callroom.people.models import Institution, Leave, Membership, Person, RoleGrant
from callroom.people.models.ties import Dated
from callroom.people.roster.wording import harmless
from callroom.people.states import Role

COLUMNS: Final = (
    "external_id",
    "name",
    "email",
    "role",
    "unit",
    "home_unit",
    "from",
    "to",
    "role_to",
    "language",
    "leave_from",
    "leave_to",
)
ROTATION_COLUMNS: Final = ("external_id", "unit", "from", "to")
SOON: Final = timedelta(weeks=6)
"""Before the first day of an academic year, whoever keeps the roster is reminded."""
FIRST_DAYS: Final = timedelta(days=14)
"""Who begins so soon after the first day comes with the new year."""


@dataclass(frozen=True, slots=True)
class TurnOfYear:
    """What is known about the coming academic year: its first day, and how many residents leave by then, come, and are here."""

    starts_on: date
    here: int
    leave: int
    come: int
    is_near: bool


@dataclass(frozen=True, slots=True)
class Rotating:
    """How many people rotate on a day, and how many rotations begin later."""

    now: int
    planned: int


def people_as_they_stand(institution: Institution, *, today: date) -> list[list[str]]:
    """
    Return the header and a row for everybody who is here or will be: imported on the same day, they change nothing.

    Left out are members' seats on the residents' council, which no roster decides on, and people who are nothing here.
    """
    homes, grants, leaves = _homes(institution, today), _grants(institution, today), _leaves(institution, today)
    rows = [list(COLUMNS)]
    for person in Person.objects.filter(institution=institution, is_active=True).order_by("external_id"):
        row = _row(person, homes.get(person.pk), grants[person.pk], leaves.get(person.pk))
        if row:
            rows.append([harmless(cell) for cell in row])
    return rows


def rotations_as_they_stand(institution: Institution, *, today: date) -> list[list[str]]:
    """Return the header and a row for each rotation that is not over: imported on the same day, they change nothing."""
    stays = _rotations(institution, today).select_related("person").order_by("person__external_id", "from_on", "unit")
    cells = ([stay.person.external_id, stay.unit_id, _day(stay.from_on), _day(stay.to_on)] for stay in stays)
    return [list(ROTATION_COLUMNS), *([harmless(cell) for cell in row] for row in cells)]


def rotating(institution: Institution, *, today: date) -> Rotating:
    """Return how many people rotate today, and how many rotations are planned."""
    stays = _rotations(institution, today)
    return Rotating(
        now=stays.on(today).values("person").distinct().count(), planned=stays.filter(from_on__gt=today).count()
    )


def turn_of_year(institution: Institution, *, today: date) -> TurnOfYear:
    """Return what is known today about the academic year that begins next."""
    month, day = institution.academic_year_month, institution.academic_year_day
    starts_on = date(today.year, month, day)
    if starts_on <= today:
        starts_on = date(today.year + 1, month, day)
    homes = Membership.objects.filter(institution=institution, home=True, person__is_active=True)
    here = homes.on(today)
    still = homes.not_over(starts_on).values("person")
    elsewhere = homes.filter(from_on__lte=today).values("person")
    come = homes.filter(from_on__gt=today, from_on__lte=starts_on + FIRST_DAYS).exclude(person__in=elsewhere)
    return TurnOfYear(
        starts_on=starts_on,
        here=here.count(),
        leave=here.exclude(person__in=still).count(),
        come=come.count(),
        is_near=starts_on - today <= SOON,
    )


def _rotations(institution: Institution, today: date) -> Dated[Membership]:
    return Membership.objects.filter(institution=institution, home=False, person__is_active=True).not_over(today)


def _homes(institution: Institution, today: date) -> dict[UUID, tuple[Membership, date]]:
    """Return each person's programme, the planned one where a move is planned, and the day that the file gives as ``from``."""
    found: dict[UUID, tuple[Membership, date]] = {}
    for home in Membership.objects.filter(institution=institution, home=True).order_by("from_on"):
        first = found[home.person_id][1] if home.person_id in found and home.from_on <= today else home.from_on
        found[home.person_id] = (home, first)
    return {person: said for person, said in found.items() if said[0].to_on is None or said[0].to_on >= today}


def _grants(institution: Institution, today: date) -> dict[UUID, list[RoleGrant]]:
    found: dict[UUID, list[RoleGrant]] = defaultdict(list)
    rows = RoleGrant.objects.filter(institution=institution).not_over(today).exclude(role=Role.KEY_HOLDER)
    for grant in rows.order_by("role", "unit"):
        found[grant.person_id].append(grant)
    return found


def _leaves(institution: Institution, today: date) -> dict[UUID, Leave]:
    rows = Leave.objects.filter(institution=institution).not_over(today).order_by("-from_on")
    return {leave.person_id: leave for leave in rows}


def _row(
    person: Person, home: tuple[Membership, date] | None, grants: list[RoleGrant], leave: Leave | None
) -> list[str]:
    held = [(Role(grant.role).value, grant.unit_id) for grant in grants]
    if home and Role.CHIEF.value not in dict(held):
        held.insert(0, (Role.RESIDENT.value, home[0].unit_id))
    if not held:
        return []
    ends = {grant.to_on for grant in grants}
    role_to = max((end for end in ends if end), default=None) if None not in ends else None
    return [
        person.external_id,
        person.name,
        person.email,
        ";".join(role for role, _unit in held),
        ";".join(unit for _role, unit in held),
        home[0].unit_id if home else "",
        _day(home[1] if home else None),
        _day(home[0].to_on if home else None),
        _day(role_to),
        person.language,
        _day(leave.from_on if leave else None),
        _day(leave.to_on if leave else None),
    ]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
