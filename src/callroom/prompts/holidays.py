"""
Which days are holidays here: the public ones of a country or region, and the institution's own.

The public ones come from the library ``holidays``, which follows each country's law; we keep no table of our own. Nothing is
skipped because of them: letters wait for a working day, and the calendar offers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from dateutil.easter import easter
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from callroom.kit.wording import joined
from callroom.people.models import Institution
from callroom.prompts.models import HolidayPlace, OwnDay

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise
    from holidays import HolidayBase

LANGUAGES: Final[Mapping[str, str]] = {"en": "en_US", "es": "es"}
"""Ours, and what the library calls them."""
COUNTRIES: Final[Mapping[str, StrPromise]] = {"MX": _("Mexico"), "US": _("United States"), "ES": _("Spain")}
WITH_HOLY_WEEK: Final = frozenset({"MX", "ES"})
"""Where Holy Week is a holiday for most, whatever the law says of its days."""
SATURDAY: Final = 5
LONGEST_REASON: Final = 200
_DAY = timedelta(days=1)
_OBSERVED: Final = " (observed)"
_WITHOUT_A_HOSPITAL: Final = frozenset({"UM"})
"""Islands on which nobody lives."""

# The library has the federal holidays of the United States in English only. States' own days stay as they are.
FEDERAL: Final = frozenset(
    {
        gettext_noop("New Year's Day"),
        gettext_noop("Martin Luther King Jr. Day"),
        gettext_noop("Washington's Birthday"),
        gettext_noop("Presidents' Day"),
        gettext_noop("Memorial Day"),
        gettext_noop("Juneteenth National Independence Day"),
        gettext_noop("Independence Day"),
        gettext_noop("Labor Day"),
        gettext_noop("Columbus Day"),
        gettext_noop("Veterans Day"),
        gettext_noop("Thanksgiving Day"),
        gettext_noop("Good Friday"),
        gettext_noop("Christmas Eve"),
        gettext_noop("Christmas Day"),
    }
)


@dataclass(frozen=True, slots=True)
class Where:
    """A country by ISO 3166 and a region of it; no country: nothing is known but the institution's own days."""

    country: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """What a day is called, and the language that these words are in: some states' days have no Spanish name."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which no letter goes out. ``names`` by the language of the reader."""

    day: date
    names: Mapping[str, Name]


@dataclass(frozen=True, slots=True)
class Own:
    """One of the institution's own days, as it was entered."""

    number: int
    day: date
    every_year: bool
    name: Mapping[str, str]


def where(institution: Institution) -> Where:
    """Return whose public holidays hold here: as somebody chose, else those of the country of the time zone."""
    row = HolidayPlace.objects.filter(institution=institution).first()
    if row is not None:
        return Where(row.country, row.region)
    country = _country_of_zones().get(institution.time_zone, "")
    return Where(country if country in COUNTRIES else "")


def regions(country: str) -> Mapping[str, str]:
    """Return the regions of a country whose days are known apart, by code, as they are called there."""
    aliases = _country(country).get_subdivision_aliases()
    called = {code: names[0] for code, names in aliases.items() if names and code not in _WITHOUT_A_HOSPITAL}
    return dict(sorted(called.items(), key=lambda each: each[1]))


def own_days(institution: Institution) -> tuple[Own, ...]:
    """Return the institution's own days, in order."""
    rows = OwnDay.objects.filter(institution=institution)
    return tuple(Own(row.pk, row.day, row.every_year, {"en": row.name_en, "es": row.name_es}) for row in rows)


def between(institution: Institution, first: date, until: date) -> Mapping[date, Holiday]:
    """Return the holidays from ``first`` to before ``until``, public and own, in order."""
    place = where(institution)
    years = range(first.year, until.year + 1)
    found: list[tuple[date, Mapping[str, Name]]] = [
        (day, names) for year in years for day, names in public(place, year).items()
    ]
    for own in own_days(institution):
        called = {language: Name(text, language) for language, text in own.name.items()}
        found += [(day, called) for day in _days_of(own, years)]
    merged: dict[date, Mapping[str, Name]] = {}
    for day, names in sorted(found, key=lambda each: each[0]):
        if first <= day < until:
            merged[day] = _both(merged[day], names) if day in merged else names
    return {day: Holiday(day, names) for day, names in merged.items()}


@lru_cache(maxsize=64)
def public(place: Where, year: int) -> Mapping[date, Mapping[str, Name]]:
    """Return the public holidays of a year, with their names by the language of the reader."""
    if not place.country:
        return {}
    found: dict[date, dict[str, Name]] = {}
    for language, code in LANGUAGES.items():
        days = _country(place.country, region=place.region, year=year, language=code)
        spoken = code in days.supported_languages
        for day, name in days.items():
            found.setdefault(day, {})[language] = Name(name, language) if spoken else _in_spanish(name)
    return found


def years_unknown(place: Where, first: date, until: date) -> tuple[int, ...]:
    """Return the years between these days for which the library knows nothing of this country."""
    if not place.country:
        return ()
    known = _country(place.country)
    return tuple(year for year in range(first.year, until.year + 1) if not known.start_year <= year <= known.end_year)


def is_working(day: date, found: Mapping[date, Holiday]) -> bool:
    """Return whether a day is from Monday to Friday and no holiday."""
    return day.weekday() < SATURDAY and day not in found


def works_on(institution: Institution, day: date) -> bool:
    """Return whether this day is from Monday to Friday and no holiday here: for letters that can wait."""
    return day.weekday() < SATURDAY and not rests_on(institution, day)


def rests_on(institution: Institution, day: date) -> bool:
    """Return whether this day is a holiday here."""
    return bool(between(institution, day, day + _DAY))


def working_days_before(day: date, count: int, found: Mapping[date, Holiday], *, at_most: timedelta) -> date:
    """Return the day that lies so many working days before this one; no further back than ``at_most``, however many rest."""
    earlier = day
    while count and day - earlier < at_most:
        earlier -= _DAY
        count -= is_working(earlier, found)
    return earlier


def worth_skipping(place: Where, monday: date, found: Mapping[date, Holiday]) -> Mapping[str, str] | None:
    """
    Return why this week could be skipped, in both languages: the words that everybody would read. None as a rule.

    Holy Week where most rest in it, the weeks of Christmas and New Year, and a week with two holidays on its working days.
    """
    week = [monday + number * _DAY for number in range(7)]
    if place.country in WITH_HOLY_WEEK and easter(week[-1].year) == week[-1]:
        return _said(gettext_noop("Holy Week"))
    if any((day.month, day.day) in {(12, 25), (1, 1)} for day in week):
        return _said(gettext_noop("The year's end"))
    resting = [found[day] for day in week[:SATURDAY] if day in found]
    if len(resting) < 2:
        return None
    reasons = {}
    for language in LANGUAGES:
        with translation.override(language):
            reasons[language] = joined(dict.fromkeys(each.names[language].text for each in resting))[:LONGEST_REASON]
    return reasons


def _said(words: str) -> Mapping[str, str]:
    reasons = {}
    for language in LANGUAGES:
        with translation.override(language):
            reasons[language] = gettext(words)
    return reasons


def _days_of(own: Own, years: range) -> Iterator[date]:
    """Yield the days of these years on which it falls: 29 February only where there is one."""
    for year in years if own.every_year else (own.day.year,):
        try:
            yield own.day.replace(year=year)
        except ValueError:
            continue


def _both(one: Mapping[str, Name], other: Mapping[str, Name]) -> Mapping[str, Name]:
    return {
        language: Name(f"{name.text}; {other[language].text}", name.language)
        if name.text != other[language].text
        else name
        for language, name in one.items()
    }


def _in_spanish(name: str) -> Name:
    """Return an American holiday's name in Spanish, or as it is where one of its parts has none."""
    parts = name.split("; ")
    if not all(part.removesuffix(_OBSERVED) in FEDERAL for part in parts):
        return Name(name, "en")
    with translation.override("es"):
        said = [
            gettext("%(holiday)s (observed)") % {"holiday": gettext(part.removesuffix(_OBSERVED))}
            if part.endswith(_OBSERVED)
            else gettext(part)
            for part in parts
        ]
    return Name("; ".join(said), "es")


def _country(code: str, *, region: str = "", year: int | None = None, language: str | None = None) -> HolidayBase:
    """Return the library's holidays of a country; it is loaded for the first calendar only: 20 MB and half a second."""
    from holidays import country_holidays

    return country_holidays(code, subdiv=region or None, years=year, language=language)


@lru_cache(maxsize=1)
def _country_of_zones() -> Mapping[str, str]:
    """Return the country of each time zone, by the table that comes with the time zones themselves."""
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
