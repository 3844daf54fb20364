"""What residents said of a promise that was kept, in words: beside the promise, for everybody alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language, gettext

from callroom.core.anonymity.kept_promises import EFFECT, NOTICED
from callroom.core.instruments import weekly
from callroom.improvement.ledger import NotAsked, PromiseRow
from callroom.improvement.states import WhyNotAsked
from callroom.kit.wording import day, tenths, tenths_range
from callroom.pulse.promises import Reading, ReadingState


@dataclass(frozen=True, slots=True)
class Noticed:
    """One line: what was asked, of whom where that is not just the unit that promised, and what came of it."""

    label: str
    words: str


def lines(row: PromiseRow, readings: Iterable[Reading], not_asked: Iterable[NotAsked] = ()) -> tuple[Noticed, ...]:
    """
    Return what is known: leaves from A to Z, in each first how much was noticed, then what it did to the work.

    Last comes what will not be asked, and why.
    """
    language = (get_language() or "en")[:2]
    ordered = sorted(readings, key=lambda each: (each.label[language].casefold(), each.leaf, each.opened_on))
    known = (Noticed(_label(row, each, language), _words(each, language)) for each in ordered)
    left_out = (Noticed(_label(row, each, language), _why(each)) for each in not_asked)
    return (*known, *left_out)


def _label(row: PromiseRow, about: Reading | NotAsked, language: str) -> str:
    asked = gettext("Noticed by residents") if about.item == NOTICED else gettext("What it did to their work")
    if about.label is None or about.units == (row.unit,):
        return gettext("%(asked)s:") % {"asked": asked}
    return gettext("%(asked)s, %(unit)s:") % {"asked": asked, "unit": about.label[language]}


def _why(about: NotAsked) -> str:
    match about.why:
        case WhyNotAsked.NO_ROUND:
            return gettext("not asked. No round came for it in time.")
        case WhyNotAsked.TOGETHER:
            return gettext("not asked. They are counted together with others, to whom this was not promised.")


def _words(reading: Reading, language: str) -> str:
    match reading.state:
        case ReadingState.ASKED:
            return gettext("asked in the round until %(day)s.") % {"day": day(reading.last_day)}
        case ReadingState.TOO_FEW:
            return gettext(
                "too few answered. Nothing is shown from fewer than eight people, and it is not asked again."
            )
        case _:
            return _figure(reading, language)


def _figure(reading: Reading, language: str) -> str:
    known = weekly.PROMISE_EFFECT if reading.item == EFFECT else weekly.PROMISE_NOTICED
    figure = reading.figure
    if figure is None:
        return ""
    words = {
        "mean": tenths(figure.mean),
        "range": tenths_range(figure.low, figure.high),
        "option": weekly.nearest_option(figure.mean, known.options[language]),
        "day": day(reading.last_day),
    }
    return gettext("near “%(option)s”: %(mean)s of 10, range %(range)s, in the round until %(day)s.") % words
