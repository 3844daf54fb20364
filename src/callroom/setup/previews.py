"""What a roster file in work would do, or what is wrong with it, as a page shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callroom.people import actions as people
from callroom.people.models import Person
from callroom.people.policy import Action, check_may
from callroom.people.roster import wording
from callroom.people.roster.outcome import Kind, Outcome
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Row, Sheet
from callroom.setup import drafts
from callroom.setup.models import RosterDraft

ROWS_AT_ONCE: Final = 15
LINES_AT_ONCE: Final = 12
ASKED: Final = {Code.MANY_LEAVERS: "leavers", Code.MANY_ROTATIONS: "ended"}
"""What has to be confirmed by its number, and where a problem says it."""


@dataclass(frozen=True, slots=True)
class CellToFix:
    """A cell that cannot stay as it is. ``field`` is the name of its form's field."""

    field: str
    label: str
    value: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowToFix:
    """A row with such cells; ``whose`` says whom it is about."""

    number: int
    whose: str
    cells: tuple[CellToFix, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Everything of one kind that would happen: the first lines, and how many more."""

    label: str
    count: int
    lines: tuple[str, ...]

    @property
    def more(self) -> int:
        """Return how many lines are not shown."""
        return self.count - len(self.lines)


@dataclass(frozen=True, slots=True)
class Preview:
    """
    A file in work.

    With ``whole`` or ``rows`` it cannot be imported yet. ``more_rows`` are wrong, too, and shown after these.
    ``leavers`` and ``ended`` are numbers to confirm, 0 where that is not asked; ``seen`` is what ``apply_draft`` wants back.
    """

    file_name: str
    count: int
    whole: tuple[str, ...] = ()
    rows: tuple[RowToFix, ...] = ()
    more_rows: int = 0
    groups: tuple[Group, ...] = ()
    leavers: int = 0
    ended: int = 0
    seen: str = ""


def preview(reader: Person, *, now: datetime) -> Preview | None:
    """
    Return what the reader's file in work would do; nothing where they have none.

    :raises NotYours: unless they may import
    """
    check_may(reader, Action.IMPORT_ROSTER, now=now)
    draft = RosterDraft.objects.filter(person=reader).first()
    if draft is None:
        return None
    sheet, sha256 = drafts.sheet_in(draft)
    asked: dict[Code, int] = {}
    try:
        try:
            outcome = _dry_run(reader, sheet, sha256, now, asked)
        except people.RosterRefused as refused:
            asked = _only_a_number(refused.problems)
            if not asked:
                raise
            outcome = _dry_run(reader, sheet, sha256, now, asked)
    except people.RosterRefused as refused:
        return _refused(draft, sheet, refused.problems)
    return Preview(
        file_name=draft.file_name,
        count=len(draft.rows),
        groups=_groups(outcome),
        leavers=asked.get(Code.MANY_LEAVERS, 0),
        ended=asked.get(Code.MANY_ROTATIONS, 0),
        seen=drafts.digest_of(outcome),
    )


def columns_of(reader: Person) -> tuple[tuple[str, str, str], ...]:
    """Return the columns of the reader's file in work: its own word, what it is here, an example from its rows."""
    draft = RosterDraft.objects.filter(person=reader).first()
    if draft is None:
        return ()
    return tuple(
        (cell, column, next((cells[place] for _n, cells in draft.rows if place < len(cells) and cells[place]), ""))
        for place, (cell, column) in enumerate(zip(draft.header, draft.columns, strict=True))
    )


def _dry_run(reader: Person, sheet: Sheet, sha256: str, now: datetime, asked: Mapping[Code, int]) -> Outcome:
    return people.import_sheet(
        sheet=sheet,
        sha256=sha256,
        institution=reader.institution,
        by=reader,
        now=now,
        dry_run=True,
        confirmed_leavers=asked.get(Code.MANY_LEAVERS),
        confirmed_ended=asked.get(Code.MANY_ROTATIONS),
        importer_stays=True,
    )


def _only_a_number(problems: tuple[Problem, ...]) -> dict[Code, int]:
    """Return the number that has to be confirmed, where nothing else is wrong."""
    found = {each.code: int(each.said[ASKED[each.code]]) for each in problems if each.code in ASKED}
    return found if len(problems) == 1 else {}


def _refused(draft: RosterDraft, sheet: Sheet, problems: tuple[Problem, ...]) -> Preview:
    by_row: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    whole = []
    rows = {row.number: row for row in sheet.rows}
    for problem in problems:
        if problem.row in rows and problem.column in drafts.COLUMNS:
            by_row[problem.row][problem.column].append(wording.words_of(problem))
        elif problem.code not in ASKED:
            whole.append(wording.problem_in_words(problem))
    shown = sorted(by_row)[:ROWS_AT_ONCE]
    return Preview(
        file_name=draft.file_name,
        count=len(draft.rows),
        whole=tuple(whole),
        rows=tuple(_row_to_fix(rows[number], by_row[number]) for number in shown),
        more_rows=len(by_row) - len(shown),
    )


def _row_to_fix(row: Row, wrong: dict[str, list[str]]) -> RowToFix:
    whose = " · ".join(word for word in (row["name"] or row["name_en"], row["external_id"] or row["unit"]) if word)
    return RowToFix(
        number=row.number,
        whose=whose,
        cells=tuple(
            CellToFix(f"c-{row.number}-{column}", str(drafts.COLUMNS[column]), row[column], tuple(sentences))
            for column, sentences in wrong.items()
        ),
    )


def _groups(outcome: Outcome) -> tuple[Group, ...]:
    lines: dict[Kind, list[str]] = defaultdict(list)
    for line in outcome.lines:
        if len(lines[line.kind]) < LINES_AT_ONCE:
            lines[line.kind].append(wording.what_in_words(line))
    return tuple(Group(str(wording.KINDS[kind]), count, tuple(lines[kind])) for kind, count in outcome.counts().items())
