"""Words for dates, lists, numbers and bands, in the language that is active."""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext, pgettext


def day(value: date) -> str:
    """Return "30 November" or "30 de noviembre"."""
    return date_format(value, pgettext("format of a day", "j F"))


def short_day(value: date) -> str:
    """Return "30 Nov" or "30 nov", for chart axes and stubs."""
    return date_format(value, pgettext("format of a short day", "j M"))


def day_and_year(value: date) -> str:
    """Return "30 November 2026" or "30 de noviembre de 2026"."""
    return date_format(value, pgettext("format of a day with its year", "j F Y"))


def month_and_year(value: date) -> str:
    """Return "March 2021" or "marzo de 2021"."""
    return date_format(value, pgettext("format of a month", "F Y"))


def weekday_and_day(value: date) -> str:
    """Return "Monday 30 November" or "lunes 30 de noviembre"."""
    return date_format(value, pgettext("format of a day with its weekday", "l j F"))


def moment(value: datetime, zone: ZoneInfo) -> str:
    """Return "Monday 23 November, 08:00" or "lunes 23 de noviembre, 08:00", in the time of this zone."""
    return date_format(value.astimezone(zone), pgettext("format of a day with weekday and time", "l j F, H:i"))


def written_in(language: str) -> str:
    """Return " · in Spanish" behind words that somebody wrote in another language than the active one; else nothing."""
    if (get_language() or "").startswith(language):
        return ""
    return " · " + {"en": gettext("in English"), "es": gettext("in Spanish")}[language]


def joined(words: Iterable[str]) -> str:
    """Return "A, B and C" or "A, B y C" (with "e" before an i sound); an empty string for no words."""
    parts = [str(word) for word in words]
    if len(parts) < 2:
        return "".join(parts)
    *first, last = parts
    join = _before_i if _is_spanish() and _starts_with_i(last) else _before_others
    return join() % {"first": ", ".join(first), "last": last}


def _before_others() -> str:
    return gettext("%(first)s and %(last)s")


def _before_i() -> str:
    return pgettext("before a word that starts with an i sound", "%(first)s and %(last)s")


def _is_spanish() -> bool:
    return (get_language() or "").startswith("es")


def _starts_with_i(word: str) -> bool:
    """Does "y" become "e" before this word? "Iris", "hijos"; not "hierro", "iones" nor "yodo"."""
    letters = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    letters = letters.removeprefix("h")
    return letters.startswith("i") and letters[1:2] not in tuple("aeou")


def tenths(value: int) -> str:
    """Return tenths as a number with one decimal: 43 gives "4.3" (Mexico writes the same point)."""
    whole, rest = divmod(abs(value), 10)
    return f"{'-' if value < 0 else ''}{whole}.{rest}"


def tenths_range(low: int, high: int) -> str:
    """Return "2.3 to 6.3" or "2.3 a 6.3"."""
    return gettext("%(low)s to %(high)s") % {"low": tenths(low), "high": tenths(high)}


def band(low: int, high: int | None, eligible: int) -> str:
    """Return how many answered as a band: "8 to 11 of 13", "24 or more of 31", "8 of 8"."""
    if high is None:
        return gettext("%(low)d or more of %(eligible)d") % {"low": low, "eligible": eligible}
    if low == high:
        return gettext("%(low)d of %(eligible)d") % {"low": low, "eligible": eligible}
    return gettext("%(low)d to %(high)d of %(eligible)d") % {"low": low, "high": high, "eligible": eligible}


def weeks(count: int) -> str:
    """Return "1 week" or "4 weeks"."""
    return ngettext("%(count)d week", "%(count)d weeks", count) % {"count": count}


def every_weeks(length: int) -> str:
    """Return how often a leaf is counted: "every week", "every two weeks", "every four weeks"."""
    match length:
        case 1:
            return gettext("every week")
        case 2:
            return gettext("every two weeks")
        case 4:
            return gettext("every four weeks")
        case _:
            return gettext("every %(count)d weeks") % {"count": length}


def percent(value: Fraction) -> str:
    """Return a share as a whole percentage, rounded half up: 2/3 gives "67 %"."""
    return gettext("%(number)d %%") % {"number": int(value * 100 + Fraction(1, 2))}
