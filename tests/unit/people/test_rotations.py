"""Any two files of rotations, one after the other: what is stored is what the second says, and again is no change."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from callroom.people.models import Institution, Membership
from callroom.people.roster.reading import Row, Sheet
from callroom.people.roster.rotations import Rotations, plan_changes
from callroom.people.roster.rotations_file import Known, Rotation, holds_later, overlap, read_rotations
from callroom.people.states import UnitKind

TODAY = date(2026, 11, 29)
SPACE = UUID("00000000-0000-4000-8000-000000000000")
PEOPLE = {key: uuid5(SPACE, key) for key in ("ana", "bruno")}
UNITS = ("surgery", "urology")
KINDS = dict.fromkeys(UNITS, UnitKind.PROGRAMME)
KNOWN = {key: Known(person, True, date(2020, 1, 1), None) for key, person in PEOPLE.items()}
DAYS = st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))
Place = tuple[UUID, str]


@st.composite
def files(draw: st.DrawFn) -> list[Rotation]:
    """Draw rotations of which no two of one person in one unit have a day in common, unless both are over."""
    found: list[Rotation] = []
    for row in range(2, 2 + draw(st.integers(0, 7))):
        first = draw(DAYS)
        last = draw(st.none() | st.integers(0, 40).map(lambda days, first=first: first + timedelta(days=days)))
        place = (draw(st.sampled_from(sorted(PEOPLE.values()))), draw(st.sampled_from(UNITS)))
        rotation = Rotation(row, *place, first, last)
        if not any(clash(rotation, other) for other in found):
            found.append(rotation)
    return found


def clash(one: Rotation, other: Rotation) -> bool:
    same = (one.person, one.unit) == (other.person, other.unit)
    return same and overlap(one.from_on, one.to_on, other.from_on, other.to_on)


def imported(found: list[Rotation], stored: list[Membership], today: date = TODAY) -> tuple[list[Membership], bool]:
    """Return what is stored after a file, and whether anything was changed."""
    plan = Rotations(Institution(), today, sorted(stored, key=lambda stay: stay.from_on))
    plan_changes(found, plan)
    gone = {id(stay) for stay in plan.edits.gone}
    assert not gone & {id(stay) for stay in plan.edits.changed}
    kept = [stay for stay in stored if id(stay) not in gone]
    return [*kept, *plan.edits.new], bool(plan.edits.new or plan.edits.changed or plan.edits.gone or plan.events)


def said(stays: list[Membership] | list[Rotation], today: date = TODAY) -> set[tuple[Place, date, date | None]]:
    """Return what is not over: who, where, from when to when."""
    return {
        (
            (stay.person, stay.unit) if isinstance(stay, Rotation) else (stay.person_id, stay.unit_id),
            stay.from_on,
            stay.to_on,
        )
        for stay in stays
        if holds_later(stay.to_on, today)
    }


@settings(max_examples=300)
@given(files(), files(), st.integers(0, 30), st.randoms())
def test_the_last_file_is_what_holds_and_brought_in_again_it_changes_nothing(
    first: list[Rotation], second: list[Rotation], days: int, chance: object
) -> None:
    later = TODAY + timedelta(days=days)
    stored, _changed = imported(first, [])
    assert said(stored) == said(first)
    stored, _changed = imported(second, stored, later)

    starts = [(stay.person_id, stay.unit_id, stay.from_on) for stay in stored]
    assert said(stored, later) == said(second, later)
    assert len(starts) == len(set(starts))  # the database refuses two that begin on one day
    assert all(stay.to_on is None or stay.to_on >= stay.from_on for stay in stored)
    shuffled = sorted(second, key=lambda _row: chance.random())  # type: ignore[attr-defined]
    assert imported(shuffled, stored, later)[1] is False


@given(files(), files(), st.randoms())
def test_the_order_of_rows_does_not_matter(first: list[Rotation], second: list[Rotation], chance: object) -> None:
    shuffled = sorted(second, key=lambda _row: chance.random())  # type: ignore[attr-defined]

    one, _changed = imported(second, imported(first, [])[0])
    other, _changed = imported(shuffled, imported(first, [])[0])

    def rows(stays: list[Membership]) -> list[tuple[str, str, date, str]]:
        return sorted((str(stay.person_id), stay.unit_id, stay.from_on, str(stay.to_on)) for stay in stays)

    assert rows(one) == rows(other)


@given(st.lists(st.tuples(st.sampled_from(sorted(PEOPLE)), st.sampled_from(UNITS), DAYS, st.none() | DAYS), max_size=8))
def test_the_reader_lets_nothing_through_that_shares_a_day(
    rows: list[tuple[str, str, date, date | None]],
) -> None:
    sheet = Sheet(
        ("external_id", "unit", "from", "to"),
        tuple(
            Row(
                number,
                {"external_id": key, "unit": unit, "from": first.isoformat(), "to": last.isoformat() if last else ""},
            )
            for number, (key, unit, first, last) in enumerate(rows, start=2)
        ),
    )

    found, problems = read_rotations(sheet, KNOWN, KINDS, TODAY)

    live = [rotation for rotation in found if holds_later(rotation.to_on, TODAY)]
    shared = any(clash(one, other) for one in live for other in live if one is not other)
    reversed_rows = {number for number, (*_who, first, last) in enumerate(rows, start=2) if last and last < first}
    assert {problem.row for problem in problems} >= reversed_rows
    assert shared == any(problem.row not in reversed_rows for problem in problems)
