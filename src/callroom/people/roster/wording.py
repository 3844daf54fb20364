"""Problems and outcomes in words, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from callroom.people.roster.cells import FORMULA_STARTS
from callroom.people.roster.outcome import File, Kind, Line, Outcome
from callroom.people.roster.problems import Code, Problem
from callroom.people.states import Role

PROBLEMS: Final[dict[Code, Promise]] = {
    Code.NOT_UTF8: _(
        "byte %(byte)s (number %(position)s of the file) is not UTF-8. Save the file as “CSV UTF-8” and import it again."
    ),
    Code.UTF16: _("The file is UTF-16, not UTF-8. Save it as “CSV UTF-8” and import it again."),
    Code.NO_ACCESS: _("Callroom's own user cannot read the file."),
    Code.OTHER_FILE: _("By its columns this is not a file of %(kind)s."),
    Code.NOT_NAMED: _(
        "nobody has said yet what this column is. Import such a file once at the roster's desk: it is remembered."
    ),
    Code.NUL: _("there is a null byte: this is not a text file."),
    Code.NOT_CSV: _("this cannot be read as CSV; look for a quotation mark that is not closed."),
    Code.OLD_WORKBOOK: _("this is an old spreadsheet, or one with a password. Save it as .xlsx without a password."),
    Code.BROKEN_WORKBOOK: _("this cannot be read as a spreadsheet. Save it again as .xlsx, or as “CSV UTF-8”."),
    Code.TOO_LARGE: _("this spreadsheet unpacks to more than any roster needs. Save it as “CSV UTF-8”."),
    Code.TOO_MANY_ROWS: _("there are more than %(most)s rows."),
    Code.NO_ROWS: _("The file has no rows: nothing would be left. Nothing was changed."),
    Code.UNKNOWN_COLUMN: _("unknown column. Known are: %(known)s."),
    Code.MISSING_COLUMN: _("this column is missing."),
    Code.DOUBLE_COLUMN: _("there are two columns of this name."),
    Code.REASON_COLUMN: _(
        "this column is refused. Callroom keeps from when to when somebody is away, never why. Delete the column."
    ),
    Code.TOO_MANY_CELLS: _("there are more cells than columns."),
    Code.EMPTY: _("this must not be empty."),
    Code.TOO_LONG: _("this is longer than %(longest)s characters."),
    Code.UNPRINTABLE: _("there is a character that cannot be printed."),
    Code.FORMULA: _("this starts with %(start)s, which a spreadsheet would run as a formula."),
    Code.BAD_DATE: _("“%(value)s” is not a day. Write 2026-07-01."),
    Code.DATES_REVERSED: _("the last day, %(last)s, is before the first, %(first)s."),
    Code.DATE_NEEDS_START: _("there is a last day and no first: fill in %(start)s."),
    Code.BAD_EMAIL: _("“%(value)s” is not an e-mail address."),
    Code.BAD_LANGUAGE: _("“%(value)s” is not a language here. Write en or es."),
    # Each of these words is read as a role, in either language; a test tries them.
    Code.UNKNOWN_ROLE: _(
        "“%(value)s” is not a role. Write resident, chief, faculty, leader, deputy, executive, coordinator, counsellor, "
        "clinical-lead, peer, mentor, coach, triager, custodian, key-holder, privacy-officer or operator."
    ),
    Code.ROLES_AND_UNITS: _("there are %(roles)s roles and %(units)s units; write one unit for all, or one for each."),
    Code.UNIT_NEEDED: _("a leader needs a unit."),
    Code.HOME_NEEDED: _("a resident needs a programme: fill in home_unit."),
    Code.NOT_A_PROGRAMME: _("residents count in a programme, and “%(value)s” is not one."),
    Code.UNKNOWN_UNIT: _("there is no unit “%(value)s”."),
    Code.BAD_UNIT_ID: _("“%(value)s” cannot be a unit's id: use lower-case letters, digits and single hyphens."),
    Code.UNKNOWN_KIND: _("“%(value)s” is not a kind of unit. Write department, programme, site or community."),
    Code.BAD_PARENT: _("a unit of the kind %(kind)s cannot stand below “%(parent)s”, which is of the kind %(above)s."),
    Code.CYCLE: _("the units stand in a circle: %(way)s."),
    Code.SECOND_ROOT: _("only “%(root)s” is the institution, and it stands below nothing."),
    Code.IN_USE: _("“%(below)s” stands below “%(unit)s” and could not stay there."),
    Code.DOUBLE_ID: _("“%(value)s” is in row %(first)s already."),
    Code.DOUBLE_EMAIL: _("“%(value)s” is in row %(first)s already."),
    Code.EMAIL_TAKEN: _("“%(value)s” belongs to “%(key)s”, who is not in this file."),
    Code.DOUBLE_ASSIGNMENT: _("this pair is in row %(first)s already."),
    Code.UNKNOWN_PERSON: _("nobody has the id “%(value)s”."),
    Code.EVALUATES_SELF: _("nobody evaluates themselves."),
    Code.DOUBLE_ROTATION: _("the same person in the same unit: these days overlap with those of row %(first)s."),
    Code.NO_ROTATIONS_THERE: _("nobody rotates through “%(value)s”: write a programme, a department or a site."),
    Code.ROTATED_THROUGH: _(
        "somebody rotates through “%(value)s”, so it stays a programme, a department or a site. Bring in other rotations first."
    ),
    Code.COUNTS_THERE: _(
        "from %(first)s on this person counts in “%(value)s”. A rotation is in another unit, or on other days."
    ),
    Code.NOT_HERE: _("“%(value)s” is not here any more."),
    Code.BEFORE_FIRST_DAY: _("they come only on %(first)s."),
    Code.AFTER_LAST_DAY: _("their last day here is %(last)s."),
    Code.MANY_ROTATIONS: _(
        "%(ended)s of %(live)s rotations are not in the file and would end. If that is right, import it again with "
        "--ended %(ended)s."
    ),
    Code.MANY_LEAVERS: _(
        "%(leavers)s of %(active)s people are not in the file and would leave. If that is right, import it again with "
        "--leavers %(leavers)s."
    ),
    Code.NOBODY_LEFT: _(
        "After this import nobody would be coordinator or operator, and nobody could import the next roster. Add a row "
        "for one."
    ),
    Code.YOURSELF: _(
        "You are not in the file yourself, and would be signed out for good. Add your row; your id is “%(key)s”."
    ),
}

KINDS: Final[dict[Kind, Promise]] = {
    Kind.NEW: _("new"),
    Kind.CHANGED: _("changed"),
    Kind.TRANSFER: _("transferred"),
    Kind.ROLE_GIVEN: _("role given"),
    Kind.ROLE_ENDED: _("role ended"),
    Kind.PAIR_MADE: _("evaluator assigned"),
    Kind.PAIR_ENDED: _("evaluation ended"),
    Kind.ROTATION: _("rotation"),
    Kind.ROTATION_ENDED: _("rotation ended"),
    Kind.ON_LEAVE: _("on leave"),
    Kind.LEAVE_OVER: _("leave removed"),
    Kind.BACK: _("back"),
    Kind.LEAVER: _("leaving"),
}


def words_of(problem: Problem) -> str:
    """Return a problem without its place."""
    return str(PROBLEMS[problem.code]) % problem.said


def problem_in_words(problem: Problem) -> str:
    """Return a problem with its place: "Row 3, email: …"."""
    text = words_of(problem)
    if not problem.row:
        return text
    if not problem.column:
        return gettext("Row %(row)d: %(problem)s") % {"row": problem.row, "problem": text}
    return gettext("Row %(row)d, %(column)s: %(problem)s") % {
        "row": problem.row,
        "column": problem.column,
        "problem": text,
    }


def line_in_words(line: Line) -> str:
    """Return what happens to whom: "transferred: Ana Torres (ana), from emergency to surgery on 2026-11-22"."""
    return f"{KINDS[line.kind]}: {what_in_words(line)}"


def what_in_words(line: Line) -> str:
    """Return it without its kind: "Ana Torres (ana), from emergency to surgery on 2026-11-22"."""
    whom = gettext("%(name)s (%(key)s)") % {"name": line.name, "key": line.key}
    what = _detail(line)
    return f"{whom}{', ' if what else ''}{what}"


def outcome_in_words(outcome: Outcome) -> Iterator[str]:
    """Yield the summary: rows read, how many of each kind, and whether anything was changed."""
    yield ngettext("%(rows)d row read.", "%(rows)d rows read.", outcome.rows) % {"rows": outcome.rows}
    for kind, count in outcome.counts().items():
        yield f"{KINDS[kind]}: {count}"
    if not outcome.lines:
        yield gettext("Everything is as the file says. Nothing to change.")
    elif outcome.dry_run:
        yield gettext("This was a preview. Nothing was changed.")
    elif outcome.file is File.PEOPLE:
        yield gettext("Imported. Transfers act from the next key sheet.")
    else:
        yield gettext("Imported.")


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.startswith((*FORMULA_STARTS, "\t", "\r")) else cell


def _detail(line: Line) -> str:
    said = line.said
    match line.kind:
        case Kind.TRANSFER:
            return gettext("from %(away)s to %(to)s on %(on)s") % said
        case Kind.ON_LEAVE:
            return (gettext("from %(first)s to %(last)s") if said["last"] else gettext("from %(first)s on")) % said
        case Kind.LEAVER:
            return gettext("last day %(last)s") % said
        case Kind.PAIR_ENDED:
            return gettext("no longer evaluates %(evaluates)s") % said
        case Kind.ROTATION_ENDED if not said["last"]:
            return gettext("in %(rotates)s; it was to begin on %(first)s") % said
        case _:
            return _tie(said)


def _tie(said: Mapping[str, str]) -> str:
    if "role" in said:
        return gettext("%(role)s for %(unit)s") % {**said, "role": Role(said["role"]).label}
    if "evaluates" in said:
        return gettext("evaluates %(evaluates)s") % said
    if "rotates" in said:
        return _rotation(said)
    return said.get("what") or said.get("home") or ""


def _rotation(said: Mapping[str, str]) -> str:
    if said["last"]:
        return gettext("in %(rotates)s from %(first)s to %(last)s") % said
    return gettext("in %(rotates)s from %(first)s on") % said
