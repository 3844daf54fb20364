"""
The sentence a page opens with: careful, short, and about ratings, never about people.

A run of figures on one side of the average is "below its average", not "below the usual range";
that is said only of a figure outside the limits. Nothing is said about causes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from callroom.core.signals.engine import Rule
from callroom.dashboards.states import Direction
from callroom.dashboards.wording import rounds
from callroom.kit.wording import joined, tenths, tenths_range
from callroom.watch.aggregates import Finding, Side, State, Trend


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a page says first: a headline, what it rests on, and the words of the chip beside it."""

    headline: str
    detail: str
    direction: Direction
    chip: str


def about(name: str, trend: Trend | None) -> Sentence:
    """
    Return what may be said about a leaf.

    :param name: the leaf's name, or the names that are counted together
    :param trend: what the engine found; None when no figure was ever shown
    """
    if trend is None:
        headline = gettext("There is no result for %(unit)s yet.") % {"unit": name}
        return Sentence(headline, "", Direction.NONE, "")
    finding = trend.assessment.finding
    if trend.assessment.state is State.TOO_EARLY:
        return _too_early(name, trend)
    if finding is None:
        return _quiet(name, trend)
    return _changed(name, trend, finding)


def _too_early(name: str, trend: Trend) -> Sentence:
    words = ngettext(
        "There is %(count)d figure of this group so far. An average and a usual range need %(needed)d.",
        "There are %(count)d figures of this group so far. An average and a usual range need %(needed)d.",
        trend.assessment.figures,
    )
    return Sentence(
        headline=gettext("It is too early to tell for %(unit)s.") % {"unit": name},
        detail=words % {"count": trend.assessment.figures, "needed": trend.assessment.needed},
        direction=Direction.EARLY,
        chip=gettext("Too early to tell"),
    )


def _quiet(name: str, trend: Trend) -> Sentence:
    return Sentence(
        headline=gettext("Ratings in %(unit)s show no clear change.") % {"unit": name},
        detail=gettext("The latest figure is part of the usual ups and downs. %(usual)s") % {"usual": usual(trend)},
        direction=Direction.STEADY,
        chip=gettext("No clear change"),
    )


def _changed(name: str, trend: Trend, finding: Finding) -> Sentence:
    lower = finding.side is Side.LOW
    words = {"unit": name, "run": rounds(finding.count, trend.weeks)}
    return Sentence(
        headline=_said_of(finding) % words,
        detail=_detail(trend, finding),
        direction=Direction.LOWER if lower else Direction.HIGHER,
        chip=_chip(finding),
    )


def _said_of(finding: Finding) -> str:
    return _said_low(finding.rule) if finding.side is Side.LOW else _said_high(finding.rule)


def _said_low(rule: Rule) -> str:
    match rule:
        case Rule.SHIFT:
            return gettext("Ratings in %(unit)s have been below their average for %(run)s in a row.")
        case Rule.TREND:
            return gettext("Ratings in %(unit)s have gone down step by step over %(run)s.")
        case Rule.NEAR_LIMIT:
            return gettext(
                "At least two of the last three ratings in %(unit)s were near the low end of their usual range."
            )
        case Rule.OUTSIDE:
            return gettext("The latest rating in %(unit)s is below its usual range.")


def _said_high(rule: Rule) -> str:
    match rule:
        case Rule.SHIFT:
            return gettext("Ratings in %(unit)s have been above their average for %(run)s in a row.")
        case Rule.TREND:
            return gettext("Ratings in %(unit)s have gone up step by step over %(run)s.")
        case Rule.NEAR_LIMIT:
            return gettext(
                "At least two of the last three ratings in %(unit)s were near the high end of their usual range."
            )
        case Rule.OUTSIDE:
            return gettext("The latest rating in %(unit)s is above its usual range.")


def _chip(finding: Finding) -> str:
    lower = finding.side is Side.LOW
    match finding.rule:
        case Rule.SHIFT:
            return gettext("Below its average") if lower else gettext("Above its average")
        case Rule.TREND:
            return gettext("Going down") if lower else gettext("Going up")
        case Rule.NEAR_LIMIT:
            return gettext("Near its low end") if lower else gettext("Near its high end")
        case Rule.OUTSIDE:
            return gettext("Below its usual range") if lower else gettext("Above its usual range")


def _detail(trend: Trend, finding: Finding) -> str:
    parts = [_also(other, trend) for other in trend.also]
    outside = Rule.OUTSIDE in {finding.rule, *(other.rule for other in trend.also)}
    if finding.rule is Rule.OUTSIDE and not any(parts):
        parts.append(gettext("A single figure can be chance; see whether the next one agrees."))
    elif finding.rule is Rule.SHIFT and not outside:
        parts.append(
            gettext("Each of these figures may lie within the usual range; so many in a row are rarely chance.")
        )
    parts.append(usual(trend))
    parts.append(gettext("It is a reason to ask what changed at work, not proof of a cause."))
    return " ".join(part for part in parts if part)


def _also(finding: Finding, trend: Trend) -> str:
    """Return what else holds at the latest figure, as a second sentence."""
    words = {"run": rounds(finding.count, trend.weeks)}
    if finding.side is Side.LOW:
        match finding.rule:
            case Rule.OUTSIDE:
                return gettext("The latest one is below their usual range as well.")
            case Rule.TREND:
                return gettext("They have gone down step by step over %(run)s.") % words
            case _:
                return ""
    match finding.rule:
        case Rule.OUTSIDE:
            return gettext("The latest one is above their usual range as well.")
        case Rule.TREND:
            return gettext("They have gone up step by step over %(run)s.") % words
        case _:
            return ""


def usual(trend: Trend) -> str:
    """Return "Their average is 6.4 and their usual range 5.1 to 7.7, from 21 figures."; empty without limits."""
    limits = trend.assessment.limits
    if limits is None:
        return ""
    low, mean, high = (
        rounded(value) for value in (limits.lower_hundredths, limits.centre_hundredths, limits.upper_hundredths)
    )
    words = gettext("Their average is %(mean)s and their usual range %(range)s, from %(count)d figures.") % {
        "mean": tenths(mean),
        "range": tenths_range(low, high),
        "count": limits.count,
    }
    return f"{words} {gettext('Both may still move a little.')}" if limits.few else words


def rounded(hundredths: int) -> int:
    """Return hundredths of a point as tenths, rounded half up."""
    return (hundredths + 5) // 10


def of_several(name: str, trends: Mapping[str, Trend | None]) -> Sentence:
    """
    Return what may be said about a department or the institution: which of its leaves changed, and that is all.

    :param trends: by the leaf's name; None where no figure was ever shown
    """
    found = {leaf: trend.assessment.finding for leaf, trend in trends.items() if trend and trend.assessment.finding}
    if len(found) == 1:
        leaf = next(iter(found))
        said = about(leaf, trends[leaf])
        return Sentence(said.headline, gettext("No other unit shows a clear change."), said.direction, said.chip)
    if found:
        return _several_changed(name, found)
    known = [trend for trend in trends.values() if trend]
    if not known:
        return about(name, None)
    if all(trend.assessment.state is State.TOO_EARLY for trend in known):
        headline = gettext("It is too early to tell for %(unit)s.") % {"unit": name}
        return Sentence(headline, "", Direction.EARLY, gettext("Too early to tell"))
    headline = gettext("%(unit)s: no unit shows a clear change.") % {"unit": name}
    return Sentence(headline, "", Direction.STEADY, gettext("No clear change"))


def _several_changed(name: str, found: Mapping[str, Finding]) -> Sentence:
    lower = sorted(leaf for leaf, finding in found.items() if finding.side is Side.LOW)
    higher = sorted(leaf for leaf, finding in found.items() if finding.side is Side.HIGH)
    parts = []
    if lower:
        parts.append(gettext("Lower than usual: %(units)s.") % {"units": joined(lower)})
    if higher:
        parts.append(gettext("Higher than usual: %(units)s.") % {"units": joined(higher)})
    headline = ngettext(
        "%(count)d unit of %(unit)s shows a clear change.",
        "%(count)d units of %(unit)s show a clear change.",
        len(found),
    )
    direction = Direction.LOWER if not higher else Direction.HIGHER if not lower else Direction.NONE
    chip = {Direction.LOWER: gettext("Lower than usual"), Direction.HIGHER: gettext("Higher than usual")}
    return Sentence(headline % {"count": len(found), "unit": name}, " ".join(parts), direction, chip.get(direction, ""))
