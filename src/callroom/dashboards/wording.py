"""When a wave was open and when it is published, in words."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext, ngettext

from callroom.kit.wording import day
from callroom.pulse.aggregates import LeafWeek

DAYS_IN_WEEK = 7


def length_of(week: LeafWeek) -> int:
    """Return how many weeks a wave took, from the name of its series: ``pulse``, ``pulse-2`` or ``pulse-4``."""
    _, _, length = week.wave.partition("/")[0].partition("-")
    return int(length or 1)


def first_day(week_of: date, weeks: int) -> date:
    """Return the Monday on which a wave of this many weeks opened, from the Monday of its last week."""
    return week_of - timedelta(days=DAYS_IN_WEEK * (weeks - 1))


def last_day(week_of: date) -> date:
    """Return the Sunday on which the wave closed."""
    return week_of + timedelta(days=DAYS_IN_WEEK - 1)


def asked_period(week_of: date, weeks: int) -> str:
    """
    Return the days in which a wave was open: "9 to 15 November", "26 October to 8 November".

    :param week_of: the Monday of the wave's last week
    :param weeks: how long the wave was: 1, 2 or 4
    """
    first, last = first_day(week_of, weeks), last_day(week_of)
    if first.month == last.month:
        return gettext("%(first)d to %(last)s") % {"first": first.day, "last": day(last)}
    return gettext("%(first)s to %(last)s") % {"first": day(first), "last": day(last)}


def rounds(count: int, weeks: int) -> str:
    """Return "7 weeks" for a weekly leaf, "7 rounds" for one that is counted every two or four weeks."""
    if weeks == 1:
        return ngettext("%(count)d week", "%(count)d weeks", count) % {"count": count}
    return ngettext("%(count)d round", "%(count)d rounds", count) % {"count": count}
