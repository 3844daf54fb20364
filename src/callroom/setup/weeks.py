"""The weeks from which somebody chooses the first round's, with the holidays in them: those of the calendar of rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.translation import get_language

from callroom.kit.wording import joined, weekday_and_day
from callroom.people.models import Institution
from callroom.prompts import calendars
from callroom.prompts.holidays import Name

AHEAD: Final = 8


@dataclass(frozen=True, slots=True)
class FirstWeek:
    """
    A week in which the first round could open. ``holidays``: each day in words, with its name.

    ``suggestion``: why many rest in it, where the calendar offers to skip it; else empty. ``skipped``: nobody is asked in it.
    """

    monday: date
    holidays: tuple[tuple[str, Name], ...]
    suggestion: str
    skipped: bool

    @property
    def names(self) -> str:
        """Return what is celebrated, once each; empty for nothing."""
        return self.suggestion or joined(dict.fromkeys(name.text for _day, name in self.holidays))


def first_weeks(institution: Institution, *, now: datetime) -> tuple[FirstWeek, ...]:
    """Return the coming weeks, without this one."""
    language = (get_language() or "en")[:2]
    return tuple(
        FirstWeek(
            monday=week.monday,
            holidays=tuple((weekday_and_day(each.day), each.names[language]) for each in week.holidays),
            suggestion=week.suggestion[language] if week.suggestion else "",
            skipped=week.reason is not None,
        )
        for week in calendars.weeks(institution, now=now)[1 : AHEAD + 1]
    )
