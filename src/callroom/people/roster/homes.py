"""Where a resident counts: coming, staying, moving, leaving, as changes of home memberships."""

from __future__ import annotations

from datetime import date, timedelta

from callroom.people.models import Membership, Person
from callroom.people.roster.outcome import Kind
from callroom.people.roster.people_file import PersonRow
from callroom.people.roster.plan import Plan
from callroom.people.roster.problems import Code, Problem

DAY = timedelta(days=1)


def plan_home(row: PersonRow, person: Person, homes: list[Membership], plan: Plan, *, is_new: bool) -> list[Problem]:
    """Add to ``plan`` what the row changes about where this person counts; return what makes that impossible."""
    live = [home for home in homes if home.to_on is None or home.to_on >= plan.today]
    if row.home is None:
        end_homes(live, plan.today - DAY, plan)
        return []
    match = next((home for home in live if home.unit_id == row.home), None)
    if match is not None:
        return _stay(row, person, match, homes, plan)
    if live:
        return _move(row, person, live, plan)
    begins = row.from_on or plan.today
    if homes and homes[-1].to_on is not None and begins <= homes[-1].to_on:
        begins = plan.today
    if not is_new and not homes:
        plan.say(Kind.CHANGED, person, what="home_unit")
    return _begin(row, person, begins, plan)


def end_homes(homes: list[Membership], last: date, plan: Plan) -> None:
    """End these memberships on ``last``; what had not begun is removed."""
    for home in homes:
        if home.to_on is not None and home.to_on < plan.today:
            continue
        if home.from_on >= plan.today:
            plan.homes.gone.append(home)
        else:
            home.to_on = max(last, home.from_on)
            plan.homes.changed.append(home)


def _stay(row: PersonRow, person: Person, match: Membership, homes: list[Membership], plan: Plan) -> list[Problem]:
    plan.homes.gone += [home for home in homes if home.from_on > match.from_on]
    # For somebody who was transferred earlier, ``from`` is when they came, not when they moved: it is left alone.
    came_here_first = all(home.from_on >= match.from_on for home in homes)
    from_on = row.from_on if row.from_on is not None and came_here_first else match.from_on
    if row.to_on is not None and row.to_on < from_on:
        return [_reversed(row, from_on)]
    if (match.from_on, match.to_on) != (from_on, row.to_on):
        match.from_on, match.to_on = from_on, row.to_on
        plan.homes.changed.append(match)
        plan.say(Kind.CHANGED, person, what="from, to")
    return []


def _move(row: PersonRow, person: Person, live: list[Membership], plan: Plan) -> list[Problem]:
    current, *planned = live
    plan.homes.gone += planned
    on = row.from_on if row.from_on is not None and row.from_on > current.from_on else plan.today
    plan.say(Kind.TRANSFER, person, away=current.unit_id, to=row.home or "", on=max(on, current.from_on).isoformat())
    if on <= current.from_on:
        # It began today or has not begun: the earlier file was wrong about where.
        current.unit_id, current.to_on = row.home or current.unit_id, row.to_on
        plan.homes.changed.append(current)
        return []
    current.to_on = min(current.to_on or on, on - DAY)
    plan.homes.changed.append(current)
    return _begin(row, person, on, plan)


def _begin(row: PersonRow, person: Person, begins: date, plan: Plan) -> list[Problem]:
    if row.to_on is not None and row.to_on < begins:
        return [_reversed(row, begins)]
    plan.homes.new.append(
        Membership(
            institution=plan.institution,
            person=person,
            unit_id=row.home or "",
            from_on=begins,
            to_on=row.to_on,
            home=True,
        )
    )
    return []


def _reversed(row: PersonRow, begins: date) -> Problem:
    said = {"first": begins.isoformat(), "last": row.to_on.isoformat() if row.to_on else ""}
    return Problem(Code.DATES_REVERSED, row.row, "to", said)
