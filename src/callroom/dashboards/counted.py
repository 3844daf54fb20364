"""
Where answers are counted, how often and why, in words.

Never says how many answers are expected: beside the number of people that would be a response rate of a unit.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from callroom.core.disclosure.plan_reasons import PlanReason, Shortfall, Why
from callroom.kit.wording import day, every_weeks, joined
from callroom.pulse.aggregates import ComingLeaf


def mine(reason: PlanReason, names: Mapping[str, str]) -> str:
    """Return what a resident is told at home: "This year your answer counts in Dermatology, every two weeks."."""
    if reason.leaf is None:
        return gettext("This year there is no check-in for %(unit)s: too few people to ask.") % _unit(reason, names)
    words = _unit(reason, names) | {"rhythm": every_weeks(reason.leaf.weeks)}
    if not reason.joined_with:
        return gettext("This year your answer counts in %(unit)s, %(rhythm)s.") % words
    words["others"] = _names(reason.joined_with, names)
    return gettext("This year your answer counts in %(unit)s together with %(others)s, %(rhythm)s.") % words


def soon(unit: str, coming: ComingLeaf | None, names: Mapping[str, str]) -> str:
    """Return what everybody is told before it happens: "From 7 December your answer counts in ..."; empty for nothing."""
    if coming is None:
        return ""
    words = {"day": day(coming.from_on), "unit": names.get(unit, unit), "rhythm": every_weeks(coming.weeks)}
    if not coming.joined_with:
        return gettext("From %(day)s your answer counts in %(unit)s, %(rhythm)s.") % words
    words["others"] = _names(coming.joined_with, names)
    return gettext("From %(day)s your answer counts in %(unit)s together with %(others)s, %(rhythm)s.") % words


def change(unit: str, coming: ComingLeaf | None, names: Mapping[str, str]) -> str:
    """Return the same for the unit's page: "From 7 December answers from ... are counted ..."; empty for nothing."""
    if coming is None:
        return ""
    words = {"day": day(coming.from_on), "unit": names.get(unit, unit), "rhythm": every_weeks(coming.weeks)}
    if not coming.joined_with:
        return gettext("From %(day)s answers from %(unit)s are counted on their own, %(rhythm)s.") % words
    words["others"] = _names(coming.joined_with, names)
    return gettext(
        "From %(day)s answers from %(unit)s are counted together with those from %(others)s, %(rhythm)s."
    ) % (words)


def here(reason: PlanReason, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the unit's page says: with whom, how often, why, and why not more often."""
    if reason.leaf is None:
        return (gettext("Nobody is asked in %(unit)s this year: there are too few people.") % _unit(reason, names),)
    return tuple(line for line in (_place(reason, names), _why(reason, names), _rhythm(reason), _settled()) if line)


def _unit(reason: PlanReason, names: Mapping[str, str]) -> dict[str, str]:
    return {"unit": names.get(reason.unit, reason.unit)}


def _names(units: tuple[str, ...], names: Mapping[str, str]) -> str:
    return joined(sorted(names.get(unit, unit) for unit in units))


def _place(reason: PlanReason, names: Mapping[str, str]) -> str:
    words = _unit(reason, names) | {"rhythm": every_weeks(reason.leaf.weeks if reason.leaf else 1)}
    if not reason.joined_with:
        return gettext("Answers from %(unit)s are counted on their own, %(rhythm)s.") % words
    words["others"] = _names(reason.joined_with, names)
    return gettext("Answers from %(unit)s are counted together with those from %(others)s, %(rhythm)s.") % words


def _why(reason: PlanReason, names: Mapping[str, str]) -> str:
    words = _unit(reason, names) | {"eligible": reason.eligible, "needed": reason.needed.eligible}
    match reason.why:
        case Why.TOO_FEW_PEOPLE:
            return (
                gettext("%(unit)s has %(eligible)d people to ask; a figure of its own needs at least %(needed)d.")
                % words
            )
        case Why.TOO_FEW_EXPECTED:
            return gettext("Too few answers are expected from %(unit)s alone, even in four weeks.") % words
        case Why.TAKES_IN:
            return gettext("%(unit)s takes in a smaller unit that could be counted nowhere else.") % words
        case Why.PUT_TOGETHER:
            return gettext(
                "They have been put together within this year, before anybody answered: a group had too few answers too "
                "often, or a unit is new."
            )
        case Why.ALONE | Why.NOBODY:
            return ""


def _rhythm(reason: PlanReason) -> str:
    if reason.leaf is None or reason.shorter_needs is None:
        return ""
    shorter = every_weeks(reason.leaf.weeks // 2)
    if reason.shorter is Shortfall.PEOPLE:
        return gettext("A figure %(rhythm)s would need at least %(needed)d people; there are %(eligible)d.") % {
            "rhythm": shorter,
            "needed": reason.shorter_needs.eligible,
            "eligible": reason.leaf_eligible,
        }
    return gettext("For a figure %(rhythm)s too few answers are expected.") % {"rhythm": shorter}


def _settled() -> str:
    return gettext(
        "This was settled before anybody answered. Groups are never put together or taken apart after the answers are "
        "in. It can change only every twelve weeks, and stands here a week before."
    )
