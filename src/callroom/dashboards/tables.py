"""The same published figures twice: as the table on the page and as a CSV file. Neither holds more than the other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import get_language, gettext

from callroom.core.anonymity.kept_promises import EFFECT, NOTICED
from callroom.core.instruments import weekly
from callroom.dashboards import burnout
from callroom.dashboards.wording import asked_period, last_day
from callroom.kit.wording import band, day, tenths, tenths_range
from callroom.pulse.aggregates import Figure, LeafWeek, Words
from callroom.pulse.states import WeekState

CORE: Final = tuple(item.id for item in weekly.CORE)
NOTHING: Final = "–"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in words: its caption, the heads of its columns, and rows whose first cell is a head."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One published week of one leaf, with what a CSV needs to know about it."""

    leaf: str
    weeks: int
    week: LeafWeek


def said(words: Words | None) -> str:
    """Return a text that is kept in both languages in the one that is active; empty for none."""
    if not words:
        return ""
    language = (get_language() or "en")[:2]
    return words.get(language) or words.get("en", "")


def state_words(week: LeafWeek) -> str:
    """Return what a week's state is called; nothing for a week with figures."""
    match week.state:
        case WeekState.SHOWN:
            return ""
        case WeekState.TOO_FEW:
            return gettext("Too few this week")
        case WeekState.NOT_ASKED:
            return gettext("Not asked")
        case WeekState.VOID:
            return gettext("Not counted")
        case WeekState.NOT_PUBLISHED:
            return gettext("Not published yet")
        case WeekState.NOT_BURNED:
            return gettext("Keys not deleted yet")


def week_name(week: LeafWeek, weeks: int) -> str:
    """Return a week's row head: "9 to 15 November 2026"."""
    return gettext("%(period)s %(year)d") % {
        "period": asked_period(week.week_of, weeks),
        "year": last_day(week.week_of).year,
    }


def of_leaf(lines: Iterable[Line]) -> Table:
    """Return the table behind a unit's chart, newest week first."""
    newest_first = sorted(lines, key=lambda line: line.week.week_of, reverse=True)
    has_scale = any(burnout.SCALE in (line.week.items or {}) for line in newest_first)
    header = (
        gettext("Week"),
        gettext("Answered"),
        gettext("All three"),
        gettext("Range"),
        *(short_name(item) for item in CORE),
        gettext("Question of the round"),
        *((burnout.column_head(),) if has_scale else ()),
        gettext("Note"),
    )
    caption = gettext("Figures from 0 to 10; in brackets the range.")
    return Table(
        caption=f"{caption} {burnout.caption()}" if has_scale else caption,
        header=header,
        rows=tuple(_row(line, has_scale=has_scale) for line in newest_first),
    )


def _row(line: Line, *, has_scale: bool) -> tuple[str, ...]:
    week, scale = line.week, (NOTHING,) if has_scale else ()
    head = week_name(week, line.weeks)
    if week.state is not WeekState.SHOWN or week.index is None or week.n is None:
        note = " ".join(part for part in (state_words(week), said(week.reason)) if part)
        return (head, NOTHING, NOTHING, NOTHING, *(NOTHING for _ in CORE), NOTHING, *scale, note)
    items = week.items or {}
    if burnout.SCALE in items:
        scale = (burnout.figure_words(items[burnout.SCALE]),)
    return (
        head,
        band(week.n[0], week.n[1], week.eligible or 0),
        tenths(week.index.mean),
        tenths_range(week.index.low, week.index.high),
        *(figure_words(items.get(item)) for item in CORE),
        _in_turn(week),
        *scale,
        gettext("Demonstration") if week.demo else "",
    )


def _in_turn(week: LeafWeek) -> str:
    """Return the question that took its turn and its figure, or what was asked about a promise instead; else nothing."""
    rotating = rotating_of(week)
    if rotating:
        item, figure = rotating, (week.items or {}).get(rotating)
    elif week.promise:
        item, figure = week.promise.item, week.promise.figure
    else:
        return NOTHING
    return gettext("%(question)s: %(figure)s") % {"question": short_name(item), "figure": figure_words(figure)}


LAST_ROUNDS: Final = 6


def of_leaves(lines: Mapping[str, Sequence[Line]]) -> Table:
    """Return the table behind a department's rows: each leaf's last six rounds, oldest first, A to Z."""
    header = (
        gettext("Unit"),
        *(gettext("%(count)d rounds ago") % {"count": back} for back in range(LAST_ROUNDS - 1, 1, -1)),
        gettext("The round before"),
        gettext("Latest round"),
        gettext("Until"),
    )
    rows = tuple((name, *_last_rounds(lines[name])) for name in sorted(lines, key=str.casefold))
    caption = gettext("All three questions together, from 0 to 10, in the last six rounds of each unit.")
    return Table(caption=caption, header=header, rows=rows)


def _last_rounds(lines: Sequence[Line]) -> tuple[str, ...]:
    last = [line.week for line in lines][-LAST_ROUNDS:]
    cells = [tenths(week.index.mean) if week.index else state_words(week) for week in last]
    until = day(last_day(last[-1].week_of)) if last else NOTHING
    return (*([NOTHING] * (LAST_ROUNDS - len(cells))), *cells, until)


def rotating_of(week: LeafWeek) -> str:
    """Return the id of the question that took its turn in this week; empty for none. The quarterly scale is none of them."""
    return next((item for item in week.items or {} if item not in CORE and item != burnout.SCALE), "")


def figure_words(figure: Figure | None) -> str:
    """Return "4.3 (2.3 to 6.3)", or that too few answered."""
    if figure is None:
        return gettext("too few")
    return f"{tenths(figure.mean)} ({tenths_range(figure.low, figure.high)})"


def short_name(item: str) -> str:
    """Return a question's name in two or three words, for heads of columns."""
    names = {
        "workload": gettext("Amount of work"),
        "support": gettext("Getting help"),
        "voice": gettext("Speaking up"),
        "learning-time": gettext("Time to learn"),
        "interruptions": gettext("Uninterrupted tasks"),
        "shift-say": gettext("Say in shifts"),
        "autonomy": gettext("Fitting independence"),
        "leave-on-time": gettext("Leaving on time"),
        "time-off": gettext("Time off when needed"),
        "respect": gettext("Respect"),
        "fair-chances": gettext("Fair chances to learn"),
        "computers": gettext("Computer systems"),
        "rest-place": gettext("A place to rest"),
        "privacy": gettext("Private conversations"),
        "useful-records": gettext("Useful records"),
        NOTICED: gettext("A promise, how much was noticed"),
        EFFECT: gettext("A promise, what it did to the work"),
    }
    return names.get(item, item)


# The file is for machines: its heads and codes are the same in both languages, numbers have a decimal point.
COLUMNS: Final = (
    "leaf", "wave", "week_of", "weeks", "state", "n_low", "n_high", "eligible", "index", "index_low", "index_high",
    *(f"{item}{part}" for item in CORE for part in ("", "_low", "_high")),
    "rotating_item", "rotating", "rotating_low", "rotating_high", "demo",
    "burnout", "burnout_low", "burnout_high", "burnout_definition",
    "promise_item", "promise_answer", "promise_low", "promise_high", "promise",
)  # fmt: skip


def as_csv(lines: Iterable[Line]) -> str:
    """Return the lines as CSV (RFC 4180), sorted by leaf and week, one row for each, gaps and their state included."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in sorted(lines, key=lambda line: (line.leaf, line.week.week_of)):
        writer.writerow([_plain(cell) for cell in _cells(line)])
    return out.getvalue()


def _cells(line: Line) -> list[str | int | date]:
    week, items = line.week, line.week.items or {}
    low, high = week.n if week.n else ("", None)
    rotating = rotating_of(week)
    return [
        line.leaf,
        week.wave,
        week.week_of,
        line.weeks,
        week.state.value,
        low,
        "" if high is None else high,
        "" if week.eligible is None else week.eligible,
        *_numbers(week.index),
        *(number for item in CORE for number in _numbers(items.get(item))),
        rotating,
        *_numbers(items.get(rotating)),
        int(week.demo),
        *_scale_numbers(items.get(burnout.SCALE)),
        burnout.for_machines() if burnout.SCALE in items else "",
        *_promise(week),
    ]


def _scale_numbers(figure: Figure | None) -> tuple[str, str, str]:
    """Return the scale's numbers in its own points, 0 to 100: never in the columns of those from 0 to 10."""
    return (str(figure.mean), str(figure.low), str(figure.high)) if figure else ("", "", "")


def _promise(week: LeafWeek) -> tuple[str, ...]:
    """Return what was asked about a promise, the figure, and the promise's own words; never in columns of other questions."""
    about = week.promise
    return (about.item, *_numbers(about.figure), about.text) if about else ("", "", "", "", "")


def _numbers(figure: Figure | None) -> tuple[str, str, str]:
    if figure is None:
        return ("", "", "")
    return (tenths(figure.mean), tenths(figure.low), tenths(figure.high))


def _plain(cell: str | int | date) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
