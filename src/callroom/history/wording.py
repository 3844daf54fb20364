"""Problems and outcomes of an import in words, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callroom.history.actions import GroupOutcome, Outcome, Questionnaire
from callroom.history.reading import Period, plain
from callroom.history.states import Code, Precision, Problem
from callroom.kit.wording import day_and_year, month_and_year

PROBLEMS: Final[dict[Code, Promise]] = {
    Code.UNREADABLE: _("this cannot be read as CSV in UTF-8."),
    Code.BROKEN_WORKBOOK: _(
        "this spreadsheet cannot be opened. Save it as XLSX without a password, or as “CSV UTF-8”."
    ),
    Code.NO_ROWS: _("there is nothing below the header."),
    Code.MISSING_COLUMN: _("this column is not in the file."),
    Code.NO_UNIT: _("the unit is missing."),
    Code.UNKNOWN_UNIT: _("there is no unit “%(value)s”. Write its id or its name, or say which unit is meant."),
    Code.BAD_PERIOD: _("“%(value)s” is not a period. Write 2024, 2024-03 or 2024-03-31, or say which one is meant."),
    Code.FUTURE_PERIOD: _("“%(value)s” has not begun yet."),
    Code.NOT_A_NUMBER: _("“%(value)s” is not a number."),
    Code.OFF_SCALE: _("%(value)s is not on the scale from %(lowest)s to %(highest)s."),
    Code.BAD_COUNT: _("“%(value)s” is not a number of people."),
    Code.BAD_SPREAD: _("%(value)s cannot be a standard deviation on this scale."),
    Code.FEWER_ASKED: _("fewer people were asked than answered."),
    Code.DOUBLE_GROUP: _("this unit and period are in row %(first)s already."),
    Code.DIFFERENT_ASKED: _("row %(first)s says another number of people asked for this unit and period."),
    Code.KNOWN_GROUP: _(
        "“%(unit)s” has a figure of this questionnaire and period already. Take that import back first."
    ),
    Code.NOTHING_LEFT: _("no row has a score."),
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One unit in one period, as the preview names it."""

    unit: str
    period: str
    shown: bool


def once_each(problems: Iterable[Problem]) -> list[Problem]:
    """Return what is wrong, each thing where it first is: a unit that nobody knows is in a hundred rows."""
    found: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        said = (problem.code, problem.column, *sorted(problem.said.items()))
        found.setdefault(said, problem)
    return list(found.values())


def problem_in_words(problem: Problem) -> str:
    """Return "Row 7, column cesd: “x” is not a number."."""
    words = {"row": problem.row, "column": problem.column, "what": PROBLEMS[problem.code] % problem.said}
    if problem.row and problem.column:
        return gettext("Row %(row)d, column %(column)s: %(what)s") % words
    if problem.row:
        return gettext("Row %(row)d: %(what)s") % words
    return gettext("The file: %(what)s") % words


def outcome_in_words(outcome: Outcome) -> Iterator[str]:
    """Yield what an import does, sentence by sentence."""
    groups = outcome.shown + outcome.too_few
    yield ngettext("%(count)d group of a unit in a period.", "%(count)d groups of a unit in a period.", groups) % {
        "count": groups
    }
    yield ngettext("%(count)d has a figure.", "%(count)d have a figure.", outcome.shown) % {"count": outcome.shown}
    if outcome.too_few:
        yield ngettext(
            "%(count)d is shown without a number: fewer than 8 people.",
            "%(count)d are shown without a number: fewer than 8 people.",
            outcome.too_few,
        ) % {"count": outcome.too_few}
    if outcome.without_score:
        yield ngettext(
            "%(count)d row has no score and is left out.",
            "%(count)d rows have no score and are left out.",
            outcome.without_score,
        ) % {"count": outcome.without_score}


def scale_in_words(asked: Questionnaire) -> str:
    """Return "Scale from 0 to 27; higher is worse."."""
    ends = {"lowest": plain(asked.scale.lowest), "highest": plain(asked.scale.highest)}
    if asked.higher_is_worse:
        return gettext("Scale from %(lowest)s to %(highest)s; higher is worse.") % ends
    return gettext("Scale from %(lowest)s to %(highest)s; higher is better.") % ends


def groups_in_words(groups: Iterable[GroupOutcome], names: Mapping[str, str]) -> tuple[GroupRow, ...]:
    """Return the groups of an import as the preview names them."""
    return tuple(
        GroupRow(names.get(group.unit, group.unit), period_in_words(group.period), group.shown) for group in groups
    )


def period_in_words(period: Period) -> str:
    """Return "2021", "March 2021" or "31 March 2021", as exactly as it is known."""
    match period.precision:
        case Precision.YEAR:
            return str(period.first.year)
        case Precision.MONTH:
            return month_and_year(period.first)
        case Precision.DAY:
            return day_and_year(period.first)
