"""Rotations: a file of who works in another unit for a while, who evaluates them meanwhile, and all that stays as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from callroom.audit.models import AuditRow, Look
from callroom.people import actions, jobs, queries
from callroom.people.models import EvaluatorAssignment, Institution, Leave, Membership, Person, RoleGrant, Unit
from callroom.people.policy import (
    Action,
    NotYours,
    Role,
    check_may_help,
    evaluates,
    is_asked,
    may,
    may_help,
    standings_of,
)
from callroom.people.roster.outcome import File, Kind, Outcome
from callroom.people.roster.problems import Code
from callroom.people.roster.reading import Sheet
from callroom.people.roster.standing import people_as_they_stand, rotating, rotations_as_they_stand, turn_of_year
from callroom.people.states import HELPING, UnitKind
from callroom.rights.queries import own_copy
from tests.world.people import SINCE, person_in, residents_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
TODAY = date(2026, 11, 22)
YESTERDAY = date(2026, 11, 21)
DAY = timedelta(days=1)
HEADER = "external_id,unit,from,to\n"
SignIn = Callable[[Person], Client]
Span = tuple[str, str, str, str]


def load(institution: Institution, text: str, *, now: datetime = NOW, **options: object) -> Outcome:
    return actions.import_roster(content=text.encode(), institution=institution, by=None, now=now, **options)  # type: ignore[arg-type]


def rotate(institution: Institution, *rows: str, now: datetime = NOW, **options: object) -> Outcome:
    return load(institution, HEADER + "".join(f"{row}\n" for row in rows), now=now, **options)


def refused(institution: Institution, *rows: str, **options: object) -> list[tuple[Code, int, str]]:
    """Bring in what must be refused; return code, row and column of each problem."""
    before = snapshot()
    with pytest.raises(actions.RosterRefused) as refusal:
        rotate(institution, *rows, **options)
    assert snapshot() == before
    return [(problem.code, problem.row, problem.column) for problem in refusal.value.problems]


def snapshot() -> list[object]:
    models = (Person, Membership, RoleGrant, Leave, EvaluatorAssignment, Unit, AuditRow)
    return [list(model.objects.order_by("pk").values()) for model in models]


def stored() -> list[Span]:
    """Return every rotation as who, where, first and last day."""
    found = Membership.objects.filter(home=False).order_by("person__external_id", "from_on", "unit")
    return [
        (key, unit, first.isoformat(), last.isoformat() if last else "")
        for key, unit, first, last in found.values_list("person__external_id", "unit_id", "from_on", "to_on")
    ]


def people_file(institution: Institution, *, today: date = TODAY) -> list[dict[str, str]]:
    header, *rows = people_as_they_stand(institution, today=today)
    return [dict(zip(header, row, strict=True)) for row in rows]


def of(rows: list[dict[str, str]], key: str) -> dict[str, str]:
    return next(row for row in rows if row["external_id"] == key)


def bring(institution: Institution, rows: list[dict[str, str]], *, now: datetime = NOW, **options: object) -> Outcome:
    out = io.StringIO()
    sheet = csv.DictWriter(out, fieldnames=list(rows[0]))
    sheet.writeheader()
    sheet.writerows(rows)
    return load(institution, out.getvalue(), now=now, **options)


@pytest.fixture
def house(
    hospital: Institution, ana: Person, bruno: Person, ines: Person, elena: Person, fernando: Person
) -> Institution:
    """Return the hospital with Ana and Bruno in Emergency, Inés in Surgery, Elena, who leads Medicine, and Fernando."""
    return hospital


@pytest.fixture
def hugo(hospital: Institution) -> Person:
    """Return who leads Surgery, and is a mentor of the house beside it."""
    person = person_in(hospital, "Hugo Marín", role=Role.LEADER, unit="surgery")
    actions.give_role(by=None, person=person, role=Role.MENTOR, unit="san-rafael", from_on=SINCE, now=NOW)
    return person


class TestWhatAFileDoes:
    """Added, changed, ended, taken up again; the same again does nothing."""

    def test_rotations_are_added_each_on_its_days(self, house: Institution) -> None:
        outcome = rotate(
            house, "ana,surgery,2026-11-01,2027-01-31", "ana,urology,2026-12-01,", "bruno,surgery,2027-02-01,"
        )

        assert outcome.file is File.ROTATIONS
        assert outcome.counts() == {Kind.ROTATION: 3}
        assert stored() == [
            ("ana", "surgery", "2026-11-01", "2027-01-31"),
            ("ana", "urology", "2026-12-01", ""),
            ("bruno", "surgery", "2027-02-01", ""),
        ]
        assert rotating(house, today=TODAY).now == 1
        assert rotating(house, today=TODAY).planned == 2

    def test_the_same_file_again_changes_nothing_in_any_order(self, house: Institution) -> None:
        rows = ["ana,surgery,2026-11-01,2027-01-31", "ana,urology,2026-12-01,", "bruno,surgery,2026-01-01,2026-02-01"]
        rotate(house, *rows)
        before = snapshot()

        outcomes = [
            rotate(house, *rows),
            rotate(house, *reversed(rows)),
            rotate(house, *rows, now=NOW + timedelta(days=5)),
        ]

        assert [outcome.lines for outcome in outcomes] == [(), (), ()]
        assert snapshot() == before

    def test_a_preview_says_the_same_and_changes_nothing(self, house: Institution) -> None:
        before = snapshot()

        preview = rotate(house, "ana,surgery,2026-11-01,2027-01-31", dry_run=True)

        assert snapshot() == before
        assert preview.lines == rotate(house, "ana,surgery,2026-11-01,2027-01-31").lines

    def test_headers_may_be_spanish_and_units_in_capitals(self, house: Institution) -> None:
        load(house, "Matrícula;Unidad;Desde;Hasta\nana;SURGERY;2026-11-01;2027-01-31\n")

        assert stored() == [("ana", "surgery", "2026-11-01", "2027-01-31")]

    def test_another_last_day_changes_it(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,2027-01-31")

        outcome = rotate(house, "ana,surgery,2026-11-01,2026-12-24")

        assert outcome.counts() == {Kind.CHANGED: 1}
        assert stored() == [("ana", "surgery", "2026-11-01", "2026-12-24")]

    @pytest.mark.parametrize(("was", "is_"), [("2026-11-01", "2026-10-15"), ("2026-12-01", "2026-12-15")])
    def test_another_first_day_corrects_it(self, house: Institution, was: str, is_: str) -> None:
        rotate(house, f"ana,surgery,{was},2027-01-31")

        rotate(house, f"ana,surgery,{is_},2027-01-31")

        assert stored() == [("ana", "surgery", is_, "2027-01-31")]

    def test_one_that_goes_on_later_ends_now_and_begins_again(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,")

        rotate(house, "ana,surgery,2026-12-15,")

        assert stored() == [("ana", "surgery", "2026-11-01", "2026-11-21"), ("ana", "surgery", "2026-12-15", "")]

    def test_one_that_is_missing_has_ended_and_one_that_had_not_begun_is_gone(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,", "ana,urology,2026-12-01,", f"bruno,surgery,{TODAY},")

        outcome = rotate(house, "ana,dermatology,2028-01-01,")

        assert outcome.counts() == {Kind.ROTATION: 1, Kind.ROTATION_ENDED: 3}
        assert stored() == [("ana", "surgery", "2026-11-01", "2026-11-21"), ("ana", "dermatology", "2028-01-01", "")]

    def test_a_row_that_is_over_ends_it_on_its_own_last_day(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,")

        rotate(house, "ana,surgery,2026-11-01,2026-11-10")

        assert stored() == [("ana", "surgery", "2026-11-01", "2026-11-10")]

    def test_one_that_had_ended_is_taken_up_again(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,", "ana,urology,2026-11-01,")
        rotate(house, "ana,urology,2026-11-01,")

        outcome = rotate(house, "ana,surgery,2026-11-01,2026-12-01", "ana,urology,2026-11-01,", now=NOW + 9 * DAY)

        assert outcome.counts() == {Kind.ROTATION: 1}
        assert stored()[0] == ("ana", "surgery", "2026-11-01", "2026-12-01")
        assert len(stored()) == 2

    def test_two_that_become_one(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,2026-11-30", "ana,surgery,2026-12-10,2027-01-31")

        rotate(house, "ana,surgery,2026-11-01,2027-01-31")

        assert stored() == [("ana", "surgery", "2026-11-01", "2027-01-31")]

    def test_rows_that_are_over_name_whom_they_like(self, house: Institution, ana: Person) -> None:
        actions.offboard(by=None, person=ana, now=NOW)

        outcome = rotate(house, "ana,surgery,2026-01-01,2026-02-01", "nobody,nowhere,2026-01-01,2026-02-01")

        assert outcome.lines == ()
        assert stored() == []

    def test_a_file_without_rows_says_that_nobody_rotates(self, house: Institution) -> None:
        assert rotate(house).lines == ()
        rotate(house, "ana,surgery,2026-11-01,")

        assert refused(house) == [(Code.MANY_ROTATIONS, 0, "")]
        rotate(house, confirmed_ended=1)

        assert stored() == [("ana", "surgery", "2026-11-01", "2026-11-21")]

    def test_it_is_in_the_trail_as_a_whole(self, house: Institution, fernando: Person) -> None:
        content = (HEADER + "ana,surgery,2026-11-01,\n").encode()

        actions.import_roster(content=content, institution=house, by=fernando, now=NOW)

        row = AuditRow.objects.get(tag="rotations-imported")
        assert (row.by, row.details) == (str(fernando.pk), {"rows": 1, "rotation": 1})
        assert not AuditRow.objects.filter(about=str(Person.objects.get(external_id="ana").pk)).exists()

    def test_who_may_not_import_cannot(self, house: Institution, ana: Person) -> None:
        with pytest.raises(NotYours):
            actions.import_roster(content=HEADER.encode(), institution=house, by=ana, now=NOW)

    def test_many_people_need_no_query_each(self, house: Institution, django_assert_max_num_queries: object) -> None:
        residents_in(house, "emergency", 60)
        rows = [f"emergency-{number:03},surgery,2026-11-01,2026-12-31" for number in range(60)]

        with django_assert_max_num_queries(25):  # type: ignore[operator]
            rotate(house, *rows)

        assert len(stored()) == 60


class TestWhatIsRefused:
    """Each with its row and column, and nothing is changed."""

    @pytest.mark.parametrize(
        ("row", "code", "column"),
        [
            ("nobody,surgery,2026-11-01,", Code.UNKNOWN_PERSON, "external_id"),
            (",surgery,2026-11-01,", Code.EMPTY, "external_id"),
            ("ana,nowhere,2026-11-01,", Code.UNKNOWN_UNIT, "unit"),
            ("ana,,2026-11-01,", Code.EMPTY, "unit"),
            ("ana,san-rafael,2026-11-01,", Code.NO_ROTATIONS_THERE, "unit"),
            ("ana,mentors,2026-11-01,", Code.NO_ROTATIONS_THERE, "unit"),
            ("ana,emergency,2026-11-01,", Code.COUNTS_THERE, "unit"),
            ("ana,surgery,,2026-12-01", Code.EMPTY, "from"),
            ("ana,surgery,2026-13-01,", Code.BAD_DATE, "from"),
            ("ana,surgery,2026-11-01,soon", Code.BAD_DATE, "to"),
            ("ana,surgery,2026-12-01,2026-11-30", Code.DATES_REVERSED, "to"),
            ("gone,surgery,2026-11-01,", Code.NOT_HERE, "external_id"),
            ("dario,surgery,2026-11-01,", Code.NOT_HERE, "external_id"),
            ("comes,surgery,2027-02-28,", Code.BEFORE_FIRST_DAY, "from"),
            ("leaves,surgery,2026-11-01,2027-03-01", Code.AFTER_LAST_DAY, "to"),
            ("leaves,surgery,2027-03-01,", Code.AFTER_LAST_DAY, "from"),
        ],
    )
    def test_a_bad_cell_is_named(self, house: Institution, dario: Person, row: str, code: Code, column: str) -> None:
        actions.place_unit(institution=house, unit="mentors", name_en="Mentors", kind=UnitKind.COMMUNITY)
        actions.offboard(by=None, person=person_in(house, "Gone Away", home="urology"), now=NOW)
        person_in(house, "Comes Later", home="urology", since=date(2027, 3, 1))
        actions.join(person=person_in(house, "Leaves Soon"), unit="urology", from_on=SINCE, to_on=date(2027, 2, 28))

        assert refused(house, "bruno,surgery,2026-11-01,", row) == [(code, 3, column)]

    @pytest.mark.parametrize(
        "row",
        [
            "comes,surgery,2027-03-01,",
            "leaves,surgery,2026-11-01,2027-02-28",
            "leaves,surgery,2026-11-01,",
            "ana,surgery,2019-01-01,",
            "ana,medicine,2026-11-01,",
            "ana,north,2026-11-01,",
            "fernando,surgery,2026-11-01,",
        ],
    )
    def test_at_the_edge_it_is_taken(self, house: Institution, row: str) -> None:
        person_in(house, "Comes Later", home="urology", since=date(2027, 3, 1))
        actions.join(person=person_in(house, "Leaves Soon"), unit="urology", from_on=SINCE, to_on=date(2027, 2, 28))

        rotate(house, row)

        assert len(stored()) == 1

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("ana,surgery,2026-11-01,2026-12-31", "ana,surgery,2026-12-31,"),
            ("ana,surgery,2026-11-01,", "ana,surgery,2027-12-31,2028-01-01"),
            ("ana,surgery,2026-11-01,", "ana,surgery,2026-11-01,"),
            ("ana,surgery,2027-01-01,", "ana,surgery,2026-11-01,2027-01-01"),
        ],
    )
    def test_the_same_unit_twice_on_one_day_names_both_rows(self, house: Institution, first: str, second: str) -> None:
        with pytest.raises(actions.RosterRefused) as refusal:
            rotate(house, first, "bruno,surgery,2026-11-01,", second)

        (problem,) = refusal.value.problems
        assert (problem.code, problem.row, problem.said) == (Code.DOUBLE_ROTATION, 4, {"first": 2})

    def test_a_long_one_is_found_behind_a_short_one(self, house: Institution) -> None:
        rows = ("ana,surgery,2026-11-01,2027-06-01", "ana,surgery,2026-12-01,2026-12-02", "ana,surgery,2027-01-01,")

        assert refused(house, *rows) == [(Code.DOUBLE_ROTATION, 3, "from"), (Code.DOUBLE_ROTATION, 4, "from")]

    def test_one_after_the_other_and_two_units_at_once_are_fine(self, house: Institution) -> None:
        rotate(
            house,
            "ana,surgery,2026-11-01,2026-12-31",
            "ana,surgery,2027-01-01,",
            "ana,urology,2026-11-01,2026-12-31",
        )

        assert len(stored()) == 3

    @pytest.mark.parametrize("column", ["motivo", "reason", "tipo_ausencia"])
    def test_a_column_that_asks_why_is_refused(self, house: Institution, column: str) -> None:
        with pytest.raises(actions.RosterRefused) as refusal:
            load(house, f"external_id,unit,from,to,{column}\nana,surgery,2026-11-01,,x\n")

        assert [(each.code, each.column) for each in refusal.value.problems] == [(Code.REASON_COLUMN, column)]

    def test_unknown_and_missing_columns_are_named_together(self, house: Institution) -> None:
        with pytest.raises(actions.RosterRefused) as refusal:
            load(house, "unit,to,shift\nsurgery,,night\n")

        assert [(each.code, each.column) for each in refusal.value.problems] == [
            (Code.UNKNOWN_COLUMN, "shift"),
            (Code.MISSING_COLUMN, "external_id"),
            (Code.MISSING_COLUMN, "from"),
        ]

    @pytest.mark.parametrize(
        ("header", "file"),
        [
            ("external_id,unit,from", File.ROTATIONS),
            ("external_id,unit,from,to", File.ROTATIONS),
            ("unit,external_id", File.ROTATIONS),
            ("external_id,unit,from,to,name", File.PEOPLE),
            ("external_id,unit,from,to,role", File.PEOPLE),
            ("external_id,unit,from,to,home_unit", File.PEOPLE),
            ("external_id,unit,from,to,leave_from", File.PEOPLE),
            ("external_id,from,to", File.PEOPLE),
            ("evaluator,external_id,from,to", File.EVALUATORS),
            ("unit,name_en,kind", File.UNITS),
        ],
    )
    def test_the_four_files_are_told_apart_by_their_header(self, header: str, file: File) -> None:
        assert actions.file_of(Sheet(tuple(header.split(",")), ())) is file

    def test_when_many_are_missing_their_number_is_asked_for(self, house: Institution) -> None:
        residents_in(house, "emergency", 20)
        rows = [f"emergency-{number:03},surgery,2026-11-01," for number in range(20)]
        rotate(house, *rows)

        assert refused(house, *rows[6:]) == [(Code.MANY_ROTATIONS, 0, "")]
        assert refused(house, *rows[6:], confirmed_ended=5) == [(Code.MANY_ROTATIONS, 0, "")]
        assert refused(house, *rows[6:], confirmed_leavers=6) == [(Code.MANY_ROTATIONS, 0, "")]
        rotate(house, *rows[5:])
        rotate(house, *rows[11:], confirmed_ended=6)
        assert sum(last == "" for *_who, last in stored()) == 9

    def test_a_new_plan_and_a_merged_unit_ask_nothing(self, house: Institution) -> None:
        residents_in(house, "emergency", 20)
        rotate(house, *(f"emergency-{number:03},surgery,2026-11-01," for number in range(20)))

        outcome = rotate(house, *(f"emergency-{number:03},urology,2026-11-22," for number in range(20)))

        assert outcome.counts() == {Kind.ROTATION: 20, Kind.ROTATION_ENDED: 20}

    def test_a_unit_that_is_rotated_through_becomes_no_community(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-12-01,")
        with pytest.raises(actions.RosterRefused) as refusal:
            load(house, "unit,name_en,kind\nsurgery,Surgery,community\n")
        assert [(each.code, each.row) for each in refusal.value.problems] == [(Code.ROTATED_THROUGH, 2)]

        rotate(house, "ana,urology,2026-12-01,")
        load(house, "unit,name_en,kind\nsurgery,Surgery,community\n")


class TestWhoEvaluates:
    """Whoever leads the rotation's unit, on its days and on no other."""

    def test_from_the_first_to_the_last_day_they_help_in_no_role(
        self, house: Institution, ana: Person, bruno: Person, hugo: Person
    ) -> None:
        for role in HELPING - {Role.MENTOR}:
            actions.give_role(by=None, person=hugo, role=role, unit="san-rafael", from_on=SINCE, now=NOW)
        rotate(house, "ana,surgery,2026-12-01,2026-12-31")

        for day, helps in ((-1, True), (0, False), (30, False), (31, True)):
            then = datetime(2026, 12, 1, 15, tzinfo=UTC) + timedelta(days=day)
            assert evaluates(hugo, ana, now=then) is not helps
            assert {may_help(hugo, ana, role, now=then) for role in HELPING} == {helps}
            assert all(may_help(hugo, bruno, role, now=then) for role in HELPING)

    def test_it_is_refused_aloud(self, house: Institution, ana: Person, hugo: Person) -> None:
        check_may_help(hugo, ana, Role.MENTOR, now=NOW)
        rotate(house, "ana,surgery,2026-11-01,")

        with pytest.raises(NotYours):
            check_may_help(hugo, ana, Role.MENTOR, now=NOW)

    def test_two_at_once_have_both_leaders(self, house: Institution, ana: Person, hugo: Person, elena: Person) -> None:
        urologist = person_in(house, "Tomas Vega", role=Role.DEPUTY, unit="urology")
        rotate(house, "ana,surgery,2026-11-01,2026-11-22", "ana,urology,2026-11-22,")

        def who(day: int) -> list[bool]:
            return [evaluates(leader, ana, now=NOW + day * DAY) for leader in (hugo, urologist, elena)]

        assert who(-1) == [True, False, True]
        assert who(0) == [True, True, True]
        assert who(1) == [False, True, True]

    def test_who_leads_above_the_unit_does_and_the_new_tree_counts(self, house: Institution, ana: Person) -> None:
        chair = person_in(house, "Tomas Vega", role=Role.LEADER, unit="surgical")
        rotate(house, "ana,urology,2026-11-01,")
        assert evaluates(chair, ana, now=NOW)

        load(house, "unit,name_en,kind,parent\nurology,Urology,programme,medicine\n")

        assert not evaluates(chair, ana, now=NOW)
        assert stored() == [("ana", "urology", "2026-11-01", "")]

    def test_the_leader_sees_them_in_the_roster_meanwhile(self, house: Institution, ana: Person, hugo: Person) -> None:
        assert not may(hugo, Action.SEE_ROSTER, about=ana, now=NOW)

        rotate(house, "ana,surgery,2026-11-22,2026-11-22")

        seen = [may(hugo, Action.SEE_ROSTER, about=ana, now=NOW + day * DAY) for day in (-1, 0, 1)]
        assert seen == [False, True, False]


class TestWhatStaysAsItWas:
    """Where somebody counts, who is asked, what they are."""

    @pytest.mark.parametrize("day", [date(2026, 11, 1), TODAY, date(2027, 1, 31), date(2027, 6, 1)])
    def test_who_is_asked_and_where_they_count(self, house: Institution, ana: Person, day: date) -> None:
        def counted() -> list[object]:
            return [
                queries.eligible_on(day),
                queries.homes_on(day),
                queries.home_programme(ana.pk, day),
                queries.come_after(day),
                queries.who_can_be_asked(house, day),
                queries.roles_of(ana, day),
                standings_of(ana, day),
                is_asked(ana, day),
                turn_of_year(house, today=day),
                people_as_they_stand(house, today=day),
            ]

        before = counted()
        rotate(house, "ana,surgery,2026-11-01,2027-01-31", "ana,urology,2027-01-31,", "fernando,surgery,2026-11-01,")

        assert counted() == before
        assert not is_asked(Person.objects.get(external_id="fernando"), day)

    def test_nobody_is_a_resident_by_a_rotation_alone(self, house: Institution, fernando: Person) -> None:
        rotate(house, "fernando,surgery,2026-11-01,")

        assert not may(fernando, Action.FETCH_TOKEN, now=NOW)
        assert Role.RESIDENT not in {standing.role for standing in standings_of(fernando, TODAY)}


class TestPeopleWhoMove:
    """What the file of people does to rotations."""

    def test_who_is_missing_from_the_people_ends_theirs(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,", "ana,urology,2026-12-01,", "bruno,surgery,2026-11-01,")

        outcome = bring(house, [row for row in people_file(house) if row["external_id"] != "ana"])

        assert stored() == [("ana", "surgery", "2026-11-01", "2026-11-21"), ("bruno", "surgery", "2026-11-01", "")]
        assert Kind.ROTATION_ENDED not in outcome.counts()  # the line that says that she leaves says it

    def test_a_last_day_in_the_past_ends_them_there(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,", "ana,urology,2026-11-15,")
        rows = people_file(house)
        of(rows, "ana")["to"] = "2026-11-10"

        bring(house, rows)

        assert stored() == [("ana", "surgery", "2026-11-01", "2026-11-10")]

    def test_who_comes_back_rotates_again_when_the_file_says_so(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,", "bruno,surgery,2026-11-01,")
        everybody = people_file(house)
        bring(house, [row for row in everybody if row["external_id"] != "ana"])
        bring(house, everybody, now=NOW + DAY)
        assert len([row for row in stored() if row[3] == ""]) == 1

        rotate(house, "ana,surgery,2026-11-01,", "bruno,surgery,2026-11-01,", now=NOW + DAY)

        assert stored()[0] == ("ana", "surgery", "2026-11-01", "")

    def test_rotations_are_no_people_when_many_leave(self, house: Institution) -> None:
        residents_in(house, "dermatology", 20)
        rotate(
            house,
            *(f"dermatology-{number:03},{unit},2026-11-01," for number in range(20) for unit in ("surgery", "urology")),
        )
        rows = sorted(people_file(house), key=lambda row: row["external_id"].startswith("dermatology"))

        bring(house, rows[:-5], dry_run=True)
        with pytest.raises(actions.RosterRefused) as refusal:
            bring(house, rows[:-6])

        assert refusal.value.problems[0].said == {"leavers": 6, "active": len(rows)}

    def test_who_is_moved_to_where_they_rotate_is_no_guest_there(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,2027-01-31", "ana,urology,2026-11-01,")
        rows = people_file(house)
        of(rows, "ana").update({"home_unit": "surgery", "from": "2026-12-15"})

        outcome = bring(house, rows)

        assert stored() == [("ana", "surgery", "2026-11-01", "2026-12-14"), ("ana", "urology", "2026-11-01", "")]
        assert outcome.counts() == {Kind.CHANGED: 1, Kind.TRANSFER: 1}
        assert bring(house, people_file(house)).lines == ()

    @pytest.mark.parametrize(("first", "left"), [("2026-11-01", "2026-12-14"), ("2026-12-15", "")])
    def test_a_single_transfer_does_the_same(self, house: Institution, ana: Person, first: str, left: str) -> None:
        rotate(house, f"ana,surgery,{first},2027-01-31")

        actions.transfer(person=ana, unit="surgery", on=date(2026, 12, 15))

        assert stored() == ([("ana", "surgery", first, left)] if left else [])

    def test_a_move_on_the_rotations_first_day_takes_its_place(self, house: Institution) -> None:
        rotate(house, f"ana,surgery,{TODAY},2027-01-31")
        rows = people_file(house)
        of(rows, "ana").update({"home_unit": "surgery", "from": ""})

        bring(house, rows)

        assert stored() == []
        assert queries.home_programme(Person.objects.get(external_id="ana").pk, TODAY) == "surgery"

    def test_a_move_dated_back_passes_over_one_that_is_over(self, house: Institution) -> None:
        rotate(house, "ana,surgery,2026-11-01,2026-11-23", now=NOW)
        rows = people_file(house, today=date(2026, 12, 1))
        of(rows, "ana").update({"home_unit": "surgery", "from": "2026-11-01"})

        bring(house, rows, now=datetime(2026, 12, 1, 15, tzinfo=UTC))

        assert stored() == []

    def test_a_last_day_that_comes_earlier_shortens_them_and_says_so(self, house: Institution) -> None:
        rotate(
            house,
            "ana,surgery,2026-11-01,2027-06-30",
            "ana,urology,2027-04-01,2027-05-01",
            "ana,dermatology,2026-11-01,",
        )
        rows = people_file(house)
        of(rows, "ana")["to"] = "2027-02-28"

        outcome = bring(house, rows)

        assert stored() == [
            ("ana", "dermatology", "2026-11-01", ""),
            ("ana", "surgery", "2026-11-01", "2027-02-28"),
        ]
        assert outcome.counts() == {Kind.CHANGED: 2, Kind.ROTATION_ENDED: 1}
        assert load(house, as_text(rotations_as_they_stand(house, today=TODAY))).lines == ()

    def test_a_first_day_that_comes_later_moves_them(self, house: Institution) -> None:
        person_in(house, "Comes Later", home="urology", since=date(2027, 3, 1))
        rotate(house, "comes,surgery,2027-03-01,2027-03-10", "comes,dermatology,2027-03-01,2027-05-01")
        rows = people_file(house)
        of(rows, "comes")["from"] = "2027-03-15"

        bring(house, rows)

        assert stored() == [("comes", "dermatology", "2027-03-15", "2027-05-01")]
        assert load(house, as_text(rotations_as_they_stand(house, today=TODAY))).lines == ()

    def test_a_rotation_alone_keeps_nobody(self, house: Institution, ana: Person) -> None:
        rotate(house, "ana,surgery,2026-11-01,")
        Membership.objects.filter(person=ana, home=True).update(to_on=YESTERDAY)

        for _twice in range(2):
            jobs.tidy(NOW)

        ana.refresh_from_db()
        assert not ana.is_active
        assert stored() == [("ana", "surgery", "2026-11-01", "2026-11-21")]

    def test_somebody_new_whom_only_a_rotation_names_is_not_put_out(self, house: Institution, dario: Person) -> None:
        actions.join(person=dario, unit="surgery", from_on=SINCE, to_on=YESTERDAY, home=False)

        jobs.tidy(NOW)

        dario.refresh_from_db()
        assert dario.is_active

    def test_the_turn_of_the_year(self, house: Institution) -> None:
        """Bruno graduates, a newcomer comes and rotates from the first day on; nothing is asked, and all acts on its day."""
        rotate(house, "ana,surgery,2026-11-01,2027-02-28", "bruno,surgery,2026-11-01,")
        rows = people_file(house)
        by_key = {row["external_id"]: row for row in rows}
        by_key["bruno"]["to"] = "2027-02-28"
        newcomer = {**by_key["ana"], "external_id": "n-1", "name": "Nora Díaz", "email": "nora@hospital.example"}
        bring(house, [*rows, newcomer | {"from": "2027-03-01", "to": ""}])

        rotate(house, "ana,surgery,2026-11-01,2027-02-28", "bruno,surgery,2026-11-01,", "n-1,surgery,2027-03-01,")
        jobs.tidy(datetime(2027, 3, 1, 15, tzinfo=UTC))

        assert stored() == [
            ("ana", "surgery", "2026-11-01", "2027-02-28"),
            ("bruno", "surgery", "2026-11-01", "2027-02-28"),
            ("n-1", "surgery", "2027-03-01", ""),
        ]
        assert rotating(house, today=date(2027, 3, 1)).now == 1


class TestTakenOut:
    """As they stand, on one's own page, in one's own copy; deleted when their time is over."""

    def test_taken_out_and_brought_in_again_nothing_changes(self, house: Institution) -> None:
        rotate(
            house, "ana,surgery,2026-11-01,", "ana,urology,2026-12-01,2027-01-01", "bruno,surgery,2026-10-01,2026-11-22"
        )
        rows = rotations_as_they_stand(house, today=TODAY)

        assert len(rows) == 4
        assert load(house, as_text(rows)).lines == ()

    def test_who_keeps_the_roster_takes_them_and_leaves_a_day(
        self, house: Institution, fernando: Person, ana: Person, sign_in: SignIn
    ) -> None:
        rotate(house, "ana,surgery,2026-11-01,")
        with time_machine.travel(NOW, tick=False):
            assert sign_in(ana).get("/in/roster/rotations-as-they-stand.csv").status_code == 404
            answer = sign_in(fernando).get("/in/roster/rotations-as-they-stand.csv")

        assert "ana,surgery,2026-11-01," in answer.content.decode()
        assert "callroom-rotations-as-they-stand.csv" in answer["Content-Disposition"]
        assert Look.objects.filter(person=str(fernando.pk), page="roster/rotations-as-they-stand").count() == 1

    def test_the_record_says_where_one_rotates_apart_from_where_one_counts(
        self, house: Institution, ana: Person, sign_in: SignIn
    ) -> None:
        rotate(house, "ana,surgery,2026-11-01,2027-01-31")

        record = queries.own_record(ana, now=NOW)
        page = sign_in(ana).get("/in/me/").content.decode()

        assert [(span.from_on, span.to_on) for span in record.rotations] == [(date(2026, 11, 1), date(2027, 1, 31))]
        assert len(record.homes) == 1
        assert record.homes[0].what != record.rotations[0].what
        assert own_copy(ana, now=NOW)["person"]["rotations"] == [
            {"what": record.rotations[0].what, "where": "", "from_on": "2026-11-01", "to_on": "2027-01-31"}
        ]
        assert "Where I rotate" in page

    def test_they_are_deleted_a_year_after_and_homes_are_not(self, house: Institution, ana: Person) -> None:
        rotate(house, "ana,surgery,2026-11-01,2026-11-22", "ana,urology,2026-11-01,2026-11-23")
        Membership.objects.filter(person=ana, home=True).update(to_on=date(2026, 11, 22))

        assert actions.forget_ended(institution=house, before=date(2026, 11, 23)) == 1

        assert stored() == [("ana", "urology", "2026-11-01", "2026-11-23")]
        assert Membership.objects.filter(person=ana, home=True).exists()


class TestTheCommand:
    """``callroom roster import rotations.csv``."""

    @pytest.fixture(autouse=True)
    def _on_a_sunday(self) -> object:
        with time_machine.travel(NOW, tick=False):
            yield

    def file(self, tmp_path: Path, text: str) -> str:
        path = tmp_path / "rotations.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def test_a_preview_and_an_import_in_both_languages(self, house: Institution, tmp_path: Path) -> None:
        file = self.file(tmp_path, HEADER + "ana,surgery,2026-11-01,2027-01-31\nana,urology,2026-12-01,\n")
        out = StringIO()

        call_command("roster", "import", file, "--dry-run", "--language", "en", stdout=out)
        assert stored() == []
        call_command("roster", "import", file, "--language", "es", stdout=out)

        said = out.getvalue()
        assert "rotation: Ana Torres (ana), in surgery from 2026-11-01 to 2027-01-31" in said
        assert "This was a preview. Nothing was changed." in said
        assert "rotación: Ana Torres (ana), en urology desde el 2026-12-01" in said
        assert said.rstrip().endswith("Importado.")
        assert len(stored()) == 2

    def test_ended_and_removed_in_words(self, house: Institution, tmp_path: Path) -> None:
        rotate(house, "ana,surgery,2026-11-01,", "ana,urology,2026-12-01,")
        out = StringIO()

        call_command("roster", "import", self.file(tmp_path, HEADER), "--ended", "2", "--language", "en", stdout=out)

        assert "rotation ended: Ana Torres (ana), in surgery from 2026-11-01 to 2026-11-21" in out.getvalue()
        assert "rotation ended: Ana Torres (ana), in urology; it was to begin on 2026-12-01" in out.getvalue()

    def test_problems_in_both_languages(self, house: Institution, tmp_path: Path) -> None:
        file = self.file(
            tmp_path, HEADER + "ana,surgery,2026-11-01,\nana,surgery,2026-12-01,\nana,emergency,2026-11-01,\n"
        )
        err = StringIO()

        for language in ("en", "es"):
            with pytest.raises(CommandError):
                call_command("roster", "import", file, "--language", language, stderr=err)

        said = err.getvalue()
        assert "Row 3, from: the same person in the same unit: these days overlap with those of row 2." in said
        assert "Fila 4, unit: desde el 2026-03-01 esta persona cuenta en “emergency”." in said
        assert stored() == []


def as_text(rows: list[list[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)
