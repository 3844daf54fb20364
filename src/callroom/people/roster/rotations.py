"""
Rotations: memberships beside the home one, with their days. They decide who leads somebody meanwhile, and nothing else.

A rotations file holds all that are not over, so one that it does not name has ended. A people file ends the rotations of
whoever leaves, and keeps the others within the days on which somebody is here and counts elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from callroom.people.models import Institution, Membership, Person, RoleGrant
from callroom.people.roster.outcome import Kind, Line
from callroom.people.roster.plan import Edits, Plan
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.rotations_file import Known, Rotation, holds_later, overlap

DAY = timedelta(days=1)
FEW_ENDED: Final = 5
"""So many rotations, or a fifth of all, may end before their day in one import without being confirmed by number."""

Tie = Membership | RoleGrant


@dataclass(slots=True)
class Rotations:
    """What is stored, and what a file changes about it."""

    institution: Institution
    today: date
    stored: list[Membership]
    edits: Edits[Membership] = field(default_factory=Edits)
    events: list[tuple[Kind, Membership, Mapping[str, str]]] = field(default_factory=list)

    def say(self, kind: Kind, stay: Membership, *, began: bool = True) -> None:
        """Note what happens to a rotation."""
        self.events.append((kind, stay, days_said(stay, began=began)))


def known_people(institution: Institution) -> dict[str, Known]:
    """Return everybody by their id in the roster, with what decides on where and when they can rotate."""
    homes: dict[UUID, list[Tie]] = defaultdict(list)
    grants: dict[UUID, list[Tie]] = defaultdict(list)
    for home in Membership.objects.filter(institution=institution, home=True).order_by("from_on"):
        homes[home.person_id].append(home)
    for grant in RoleGrant.objects.filter(institution=institution):
        grants[grant.person_id].append(grant)
    found = {}
    for key, person, is_active in Person.objects.filter(institution=institution).values_list(
        "external_id", "pk", "is_active"
    ):
        first, last = days_here([*homes[person], *grants[person]])
        places = tuple((home.unit_id, home.from_on, home.to_on) for home in homes[person])
        found[key] = Known(person, is_active, first, last, places)
    return found


def days_here(ties: Collection[Tie]) -> tuple[date | None, date | None]:
    """Return the first and the last day on which these ties make somebody anything; ``None``: no end, or nothing at all."""
    if not ties:
        return None, None
    ends = [tie.to_on for tie in ties]
    return min(tie.from_on for tie in ties), None if None in ends else max(end for end in ends if end)


def plan_rotations(
    found: Iterable[Rotation], institution: Institution, today: date, *, rows: int, confirmed_ended: int | None
) -> tuple[list[Line], Edits[Membership], list[Problem]]:
    """Return what the file changes, in words and as rows; and the question whether so many end, where it must be asked."""
    stored = Membership.objects.filter(institution=institution, home=False).order_by("from_on", "pk")
    plan = Rotations(institution, today, list(stored))
    live = sum(holds_later(stay.to_on, today) for stay in plan.stored)
    missing = plan_changes(list(found), plan)
    people = {
        person.pk: person for person in Person.objects.filter(pk__in={stay.person_id for _k, stay, _s in plan.events})
    }
    lines = [
        Line(kind, people[stay.person_id].external_id, people[stay.person_id].name, said, str(stay.person_id))
        for kind, stay, said in plan.events
    ]
    lines.sort(key=lambda line: (line.key, sorted(line.said.items()), line.kind))
    few = max(FEW_ENDED, live // 5) if rows else 0
    problems = []
    if missing > few and missing != confirmed_ended:
        problems = [Problem(Code.MANY_ROTATIONS, said={"ended": missing, "live": live})]
    return lines, plan.edits, problems


def plan_changes(found: Collection[Rotation], plan: Rotations) -> int:
    """
    Add to ``plan`` what these rotations change; return how many stored ones would end because nothing names them.

    Not counted is whoever goes to another unit on these days instead: then the file was changed, and is not half of itself.
    The order of ``found`` does not matter, and the same rotations again change nothing.
    """
    starts = {(stay.person_id, stay.unit_id, stay.from_on): stay for stay in plan.stored}
    waiting = [stay for stay in plan.stored if holds_later(stay.to_on, plan.today)]
    wanted = sorted(
        (each for each in found if holds_later(each.to_on, plan.today)),
        key=lambda each: (each.from_on, each.unit, str(each.person)),
    )
    others = []
    for rotation in wanted:
        stay = starts.get((rotation.person, rotation.unit, rotation.from_on))
        if stay is None:
            others.append(rotation)
        else:
            _discard(waiting, stay)
            _keep(rotation, stay, plan)
    for over in (each for each in found if not holds_later(each.to_on, plan.today)):
        stay = starts.get((over.person, over.unit, over.from_on))
        if stay is not None and _discard(waiting, stay):
            _end(stay, over.to_on or plan.today - DAY, plan)
    new = [rotation for rotation in others if not _correct(rotation, waiting, plan)]
    for rotation in new:
        _begin(rotation, plan)
    return sum(_end_unnamed(stay, wanted, new, plan) for stay in waiting)


def end_rotations(stays: Iterable[Membership], last: date, plan: Plan) -> None:
    """End the rotations of somebody who has left on ``last``; what had not begun is removed."""
    for stay in stays:
        if stay.from_on > last:
            plan.homes.gone.append(stay)
        elif stay.to_on is None or stay.to_on > last:
            stay.to_on = last
            plan.homes.changed.append(stay)


def fit_rotations(person: Person, stays: Iterable[Membership], ties: Collection[Tie], plan: Plan) -> None:
    """
    Keep somebody's rotations within their days here, and out of the programme in which they count.

    ``ties`` are their homes and roles as the people file leaves them. Whoever is moved to where they rotate is no guest there
    any more: the rotation ends the day before.
    """
    first, last = days_here(ties)
    homes = [tie for tie in ties if isinstance(tie, Membership)]
    for stay in stays:
        begins, ends = stay.from_on, stay.to_on
        for home in homes:
            if home.unit_id == stay.unit_id and overlap(home.from_on, home.to_on, begins, ends):
                ends = home.from_on - DAY
        if holds_later(stay.to_on, plan.today):
            begins, ends = _within(begins, ends, first, last, plan.today)
        if (begins, ends) != (stay.from_on, stay.to_on):
            _set_days(person, stay, begins, ends, plan)


def days_said(stay: Membership, *, began: bool = True) -> dict[str, str]:
    """Return a rotation as a line says it: unit, first and last day; no last day for one that ended before it began."""
    last = stay.to_on.isoformat() if stay.to_on and began else ""
    return {"rotates": stay.unit_id, "first": stay.from_on.isoformat(), "last": last}


def _set_days(person: Person, stay: Membership, begins: date, ends: date | None, plan: Plan) -> None:
    was_over = not holds_later(stay.to_on, plan.today)
    began = ends is None or ends >= begins
    if began:
        stay.from_on, stay.to_on = begins, ends
        plan.homes.changed.append(stay)
    else:
        plan.homes.gone.append(stay)
    if not was_over:
        goes_on = began and holds_later(ends, plan.today)
        plan.say(Kind.CHANGED if goes_on else Kind.ROTATION_ENDED, person, **days_said(stay, began=began))


def _within(
    begins: date, ends: date | None, first: date | None, last: date | None, today: date
) -> tuple[date, date | None]:
    """Return a rotation's days without those before somebody comes and after they have left."""
    if first is None:
        return begins, begins - DAY
    if first > today:
        begins = max(begins, first)
    if last is not None and (ends is not None or last < today):
        ends = min(ends or last, last)
    return begins, begins - DAY if last is not None and begins > last else ends


def _discard(waiting: list[Membership], stay: Membership) -> bool:
    """Take this very row out of the list; return whether it was in it."""
    place = next((number for number, each in enumerate(waiting) if each is stay), None)
    if place is not None:
        del waiting[place]
    return place is not None


def _keep(rotation: Rotation, stay: Membership, plan: Rotations) -> None:
    if (stay.from_on, stay.to_on) == (rotation.from_on, rotation.to_on):
        return
    taken_up = not holds_later(stay.to_on, plan.today)
    stay.from_on, stay.to_on = rotation.from_on, rotation.to_on
    plan.edits.changed.append(stay)
    plan.say(Kind.ROTATION if taken_up else Kind.CHANGED, stay)


def _correct(rotation: Rotation, waiting: list[Membership], plan: Rotations) -> bool:
    """Give a stored rotation another first day, where the file means the same one; return whether there was one."""
    for stay in waiting:
        same_place = (stay.person_id, stay.unit_id) == (rotation.person, rotation.unit)
        if same_place and _goes_on(rotation, stay, plan.today):
            _discard(waiting, stay)
            _keep(rotation, stay, plan)
            return True
    return False


def _goes_on(rotation: Rotation, stay: Membership, today: date) -> bool:
    """Return whether a rotation is a stored one with other days, and not a second one after it."""
    both_begun_or_not = rotation.from_on <= today or stay.from_on >= today
    return both_begun_or_not and overlap(stay.from_on, stay.to_on, rotation.from_on, rotation.to_on)


def _begin(rotation: Rotation, plan: Rotations) -> None:
    stay = Membership(
        institution=plan.institution,
        person_id=rotation.person,
        unit_id=rotation.unit,
        from_on=rotation.from_on,
        to_on=rotation.to_on,
        home=False,
    )
    plan.edits.new.append(stay)
    plan.say(Kind.ROTATION, stay)


def _end(stay: Membership, last: date, plan: Rotations) -> None:
    began = stay.from_on <= last
    if began:
        stay.to_on = last
        plan.edits.changed.append(stay)
    else:
        plan.edits.gone.append(stay)
    plan.say(Kind.ROTATION_ENDED, stay, began=began)


def _end_unnamed(stay: Membership, wanted: Collection[Rotation], new: Collection[Rotation], plan: Rotations) -> bool:
    """End a rotation that nothing names; return whether it is missing, and not replaced by another."""
    mine = [each for each in wanted if (each.person, each.unit) == (stay.person_id, stay.unit_id)]
    if any(_goes_on(each, stay, plan.today) for each in mine):
        plan.edits.gone.append(stay)  # another row holds its days already
        return False
    rest = max(stay.from_on, plan.today)
    replaced = any(
        each.person == stay.person_id and overlap(rest, stay.to_on, each.from_on, each.to_on) for each in new
    )
    _end(stay, plan.today - DAY, plan)
    return not replaced
