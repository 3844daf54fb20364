"""The calendar of rounds, for its page and as a feed: the same for everybody, and without anybody's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.utils import translation
from django.utils.translation import gettext, ngettext

from callroom.core.timetable.waves import OPENS, local_instant
from callroom.kit.wording import joined
from callroom.people.models import Institution
from callroom.prompts import holidays, queries
from callroom.prompts.holidays import Holiday
from callroom.pulse import asking

WEEKS_BACK: Final = 4
WEEKS_AHEAD: Final = 26
FOLDED_AT: Final = 73
"""Bytes of a line before it is folded: RFC 5545 allows 75."""


@dataclass(frozen=True, slots=True)
class Week:
    """
    One week. ``opens``: the lengths in weeks of the rounds that open in it; ``closes``: those of the ones that close;
    ``scale``: those of the ones that open and carry the quarterly burnout scale.

    ``reason``: why nobody is asked, None as a rule. ``holidays``: those of its days, in order. ``letter_on``: the working day on
    which the letter goes out where the Monday on which a round opens is a holiday. ``suggestion``: why it could be skipped,
    where nothing is skipped and it has not begun.
    """

    monday: date
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    scale: tuple[int, ...]
    reason: Mapping[str, str] | None
    holidays: tuple[Holiday, ...]
    letter_on: date | None
    suggestion: Mapping[str, str] | None

    @property
    def opens_on_a_holiday(self) -> bool:
        """Whether a round opens on a holiday."""
        return bool(self.opens) and any(each.day == self.monday for each in self.holidays)

    @property
    def closes_on_a_holiday(self) -> bool:
        """Whether a round closes on a holiday, a Sunday as always."""
        return bool(self.closes) and any(each.day == self.monday + timedelta(days=6) for each in self.holidays)


def weeks(institution: Institution, *, now: datetime) -> tuple[Week, ...]:
    """Return this week and the coming half year."""
    today = institution.day(now)
    return tuple(_weeks(institution, today - timedelta(days=today.weekday()), WEEKS_AHEAD, now))


def suggestion(institution: Institution, monday: date, *, now: datetime) -> Mapping[str, str] | None:
    """Return why this week could be skipped, as the calendar offers it; None where it does not."""
    return next((week.suggestion for week in weeks(institution, now=now) if week.monday == monday), None)


def years_unknown(institution: Institution, *, now: datetime) -> tuple[int, ...]:
    """Return the years on the calendar whose public holidays are not known yet."""
    today = institution.day(now)
    return holidays.years_unknown(holidays.where(institution), today, today + timedelta(weeks=WEEKS_AHEAD))


def _weeks(institution: Institution, first: date, count: int, now: datetime) -> Iterator[Week]:
    until = first + timedelta(weeks=count)
    place = holidays.where(institution)
    resting = holidays.between(institution, first, until)
    planned = asking.planned(institution, first, until, now=now)
    reasons = asking.skipped(institution, first, until)
    carrying = asking.with_scale(institution, planned)
    for number in range(count):
        monday = first + timedelta(weeks=number)
        opening = [wave for wave in planned if wave.monday == monday]
        closing = (wave.weeks for wave in planned if wave.last_monday == monday)
        scale = sorted(wave.weeks for wave in opening if wave.wave in carrying)
        opens = sorted(wave.weeks for wave in opening)
        days = [monday + timedelta(days=day) for day in range(7)]
        begun = now >= local_instant(monday, OPENS, institution.zone)
        yield Week(
            monday=monday,
            opens=tuple(opens),
            closes=tuple(sorted(closing)),
            scale=tuple(scale),
            reason=reasons.get(monday),
            holidays=tuple(resting[day] for day in days if day in resting),
            letter_on=queries.letter_day(monday, [monday], resting) if opens and monday in resting else None,
            suggestion=None if begun or monday in reasons else holidays.worth_skipping(place, monday, resting),
        )


def feed(institution: Institution, language: str, *, now: datetime) -> str:
    """Return the feed of a language: RFC 5545, whole days, one event a round's week, skipped week or holiday."""
    today = institution.day(now)
    first = today - timedelta(days=today.weekday(), weeks=WEEKS_BACK)
    with translation.override(language):
        name = gettext("Check-ins")
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Callroom//Rounds//EN",
            "METHOD:PUBLISH",
            f"X-WR-CALNAME:{_text(name)}",
            "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        ]
        for week in _weeks(institution, first, WEEKS_BACK + WEEKS_AHEAD, now):
            lines += _event(institution, week, language)
            for holiday in week.holidays:
                name = holiday.names[language].text
                said = gettext("Holiday: %(name)s") % {"name": name}
                lines += _whole_days(institution, "holiday", holiday.day, 1, said)
        return "\r\n".join([*(_folded(line) for line in lines), "END:VCALENDAR", ""])


def opening_words(opens: tuple[int, ...]) -> str:
    """Return which rounds open: "Rounds of 1 and 2 weeks open"."""
    if len(opens) == 1:
        return ngettext("A round of %(count)d week opens", "A round of %(count)d weeks opens", opens[0]) % {
            "count": opens[0]
        }
    return gettext("Rounds of %(lengths)s weeks open") % {"lengths": joined(map(str, opens))}


def scale_words(scale: tuple[int, ...]) -> str:
    """Return which of the rounds that open ask the quarterly burnout scale; empty for none."""
    if not scale:
        return ""
    if len(scale) == 1:
        return ngettext(
            "The round of %(count)d week asks the quarterly burnout scale: about two minutes.",
            "The round of %(count)d weeks asks the quarterly burnout scale: about two minutes.",
            scale[0],
        ) % {"count": scale[0]}
    return gettext("The rounds of %(lengths)s weeks ask the quarterly burnout scale: about two minutes.") % {
        "lengths": joined(map(str, scale))
    }


def _event(institution: Institution, week: Week, language: str) -> list[str]:
    if week.reason is not None:
        said = gettext("Nobody is asked: %(reason)s") % {"reason": week.reason[language]}
        what, days = "skipped", 7
    elif week.opens:
        said = ". ".join(filter(None, (opening_words(week.opens), scale_words(week.scale))))
        what, days = "opens", 1
    else:
        return []
    return _whole_days(institution, what, week.monday, days, said)


def _whole_days(institution: Institution, what: str, first: date, days: int, said: str) -> list[str]:
    stamp = datetime.combine(first, datetime.min.time(), tzinfo=UTC)
    return [
        "BEGIN:VEVENT",
        f"UID:{what}-{first.isoformat()}@{institution.pk}",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{first + timedelta(days=days):%Y%m%d}",
        "TRANSP:TRANSPARENT",
        f"SUMMARY:{_text(said)}",
        "END:VEVENT",
    ]


def _text(said: str) -> str:
    for plain in "\\;,":
        said = said.replace(plain, f"\\{plain}")
    return " ".join(said.split())


def _folded(line: str) -> str:
    """Break a line of more than 75 bytes, never inside a letter."""
    pieces, piece, size = [], "", 0
    for letter in line:
        length = len(letter.encode())
        if size + length > FOLDED_AT:
            pieces.append(piece)
            piece, size = "", 0
        piece, size = piece + letter, size + length
    return "\r\n ".join([*pieces, piece])
