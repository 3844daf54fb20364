"""The roster import: what a file does, and that it does nothing when anything in it is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callroom.audit import queries as audit
from callroom.audit.models import AuditRow
from callroom.people import actions, queries
from callroom.people.models import EvaluatorAssignment, Institution, Leave, Membership, Person, RoleGrant, Unit
from callroom.people.policy import NotYours, Role, may_help
from callroom.people.roster.outcome import Kind, Outcome
from callroom.people.roster.problems import Code
from callroom.people.roster.wording import line_in_words

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
TODAY = date(2026, 11, 22)
YESTERDAY = date(2026, 11, 21)

PEOPLE = """\
external_id,name,email,role,unit,from,to,language,home_unit,leave_from,leave_to
r-1,Ana Torres,ana@hospital.example,resident,,2026-03-01,2030-02-28,es,emergency,,
r-2,Bruno Salas,bruno@hospital.example,chief,emergency,2025-03-01,,es,,,
r-3,Lía Ortiz,lia@hospital.example,resident,,2026-03-01,,es,surgery,2026-11-10,2027-02-10
s-1,Dr. Elena Robles,elena@hospital.example,leader,medicine,2020-01-01,,en,,,
s-2,Fernando Ruiz,fernando@hospital.example,coordinator,,,,,,,
s-3,Carmen Vidal,carmen@hospital.example,counsellor;peer,,,,,,,
"""


def load(institution: Institution, text: str | bytes, *, now: datetime = NOW, **options: object) -> Outcome:
    content = text.encode() if isinstance(text, str) else text
    return actions.import_roster(content=content, institution=institution, by=None, now=now, **options)  # type: ignore[arg-type]


def refused(institution: Institution, text: str | bytes, **options: object) -> list[tuple[Code, int, str]]:
    """Import what must be refused; return code, row and column of each problem."""
    before = snapshot()
    with pytest.raises(actions.RosterRefused) as refusal:
        load(institution, text, **options)
    assert snapshot() == before
    return [(problem.code, problem.row, problem.column) for problem in refusal.value.problems]


def snapshot() -> list[object]:
    models = (Person, Membership, RoleGrant, Leave, EvaluatorAssignment, Unit, AuditRow, EmailAddress)
    return [list(model.objects.order_by("pk").values()) for model in models]


def person(key: str) -> Person:
    return Person.objects.get(external_id=key)


def homes(key: str) -> list[tuple[str, date, date | None]]:
    found = Membership.objects.filter(person__external_id=key).order_by("from_on")
    return list(found.values_list("unit_id", "from_on", "to_on"))


def roles(key: str) -> list[tuple[str, str, date, date | None]]:
    found = RoleGrant.objects.filter(person__external_id=key).order_by("role", "from_on")
    return list(found.values_list("role", "unit_id", "from_on", "to_on"))


def row(text: str, key: str, **cells: str) -> str:
    """Return the file with some cells of one person changed."""
    header, *lines = text.splitlines()
    columns = header.split(",")
    changed = []
    for line in lines:
        values = dict(zip(columns, line.split(","), strict=True))
        if values["external_id"] == key:
            values |= {name.rstrip("_"): value for name, value in cells.items()}
        changed.append(",".join(values[column] for column in columns))
    return "\n".join([header, *changed, ""])


def without(text: str, *keys: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.split(",")[0] not in keys) + "\n"


class TestWhatAFileDoes:
    """New, changed, transferred, on leave, leaving, back."""

    def test_a_first_file_brings_everybody_in(self, hospital: Institution) -> None:
        outcome = load(hospital, PEOPLE)

        assert outcome.counts() == {Kind.NEW: 6, Kind.ROLE_GIVEN: 5, Kind.ON_LEAVE: 1}
        assert homes("r-1") == [("emergency", date(2026, 3, 1), date(2030, 2, 28))]
        assert homes("r-2") == [("emergency", date(2025, 3, 1), None)]
        assert roles("r-2") == [("chief", "emergency", date(2025, 3, 1), None)]
        assert roles("s-1") == [("leader", "medicine", date(2020, 1, 1), None)]
        assert roles("s-3") == [("counsellor", "san-rafael", TODAY, None), ("peer", "san-rafael", TODAY, None)]
        assert (person("s-1").language, person("s-2").language) == ("en", "es")
        assert not person("r-1").has_usable_password()
        assert person("r-1").listed_on == TODAY  # whatever first day the file gives
        assert EmailAddress.objects.filter(verified=True, primary=True).count() == 6

    def test_residents_on_leave_are_not_asked(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        assert queries.eligible_on(TODAY) == {"emergency": tuple(sorted(str(person(key).pk) for key in ("r-1", "r-2")))}
        assert queries.eligible_on(date(2027, 2, 11))["surgery"] == (str(person("r-3").pk),)
        assert queries.eligible_on(date(2026, 2, 1)) == {"emergency": (str(person("r-2").pk),)}

    def test_the_same_file_again_changes_nothing(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        before = snapshot()

        outcomes = [load(hospital, PEOPLE), load(hospital, PEOPLE, now=NOW + timedelta(days=9))]

        assert [outcome.lines for outcome in outcomes] == [(), ()]
        assert snapshot() == before

    def test_a_preview_says_the_same_and_changes_nothing(self, hospital: Institution) -> None:
        before = snapshot()

        preview = load(hospital, PEOPLE, dry_run=True)

        assert snapshot() == before
        kept = [(line.kind, line.key, line.said) for line in preview.lines]
        assert [(line.kind, line.key, line.said) for line in load(hospital, PEOPLE).lines] == kept

    def test_name_address_and_language_change_by_external_id(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        same = person("r-1").pk

        outcome = load(
            hospital, row(PEOPLE, "r-1", name="Ana Torres Gil", email="Ana.Torres@hospital.example", language="en")
        )

        assert outcome.counts() == {Kind.CHANGED: 1}
        ana = person("r-1")
        assert (ana.pk, ana.name, ana.email, ana.language) == (
            same,
            "Ana Torres Gil",
            "ana.torres@hospital.example",
            "en",
        )
        assert EmailAddress.objects.get(user=ana).email == "ana.torres@hospital.example"

    def test_two_people_may_exchange_their_addresses(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        swapped = row(row(PEOPLE, "r-1", email="bruno@hospital.example"), "r-2", email="ana@hospital.example")

        load(hospital, swapped)

        assert (person("r-1").email, person("r-2").email) == ("bruno@hospital.example", "ana@hospital.example")

    def test_a_transfer_ends_one_membership_and_begins_another(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        outcome = load(hospital, row(PEOPLE, "r-1", home_unit="dermatology"))

        assert outcome.counts() == {Kind.TRANSFER: 1}
        assert homes("r-1") == [
            ("emergency", date(2026, 3, 1), YESTERDAY),
            ("dermatology", TODAY, date(2030, 2, 28)),
        ]
        assert queries.home_programme(person("r-1").pk, TODAY) == "dermatology"
        assert queries.home_programme(person("r-1").pk, YESTERDAY) == "emergency"

    def test_after_a_transfer_the_same_file_changes_nothing(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        moved = row(PEOPLE, "r-1", home_unit="dermatology")
        load(hospital, moved)

        assert load(hospital, moved, now=NOW + timedelta(days=30)).lines == ()

    def test_a_transfer_can_name_its_day(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        load(hospital, row(PEOPLE, "r-1", home_unit="dermatology", from_="2027-01-01"))

        assert homes("r-1")[0] == ("emergency", date(2026, 3, 1), date(2026, 12, 31))
        assert homes("r-1")[1] == ("dermatology", date(2027, 1, 1), date(2030, 2, 28))
        assert queries.home_programme(person("r-1").pk, TODAY) == "emergency"

    def test_a_planned_transfer_can_be_called_off(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        load(hospital, row(PEOPLE, "r-1", home_unit="dermatology", from_="2027-01-01"))

        load(hospital, PEOPLE)

        assert homes("r-1") == [("emergency", date(2026, 3, 1), date(2030, 2, 28))]

    def test_a_programme_corrected_on_the_same_day_is_no_transfer_back_in_time(self, hospital: Institution) -> None:
        load(hospital, row(PEOPLE, "r-1", from_=""))

        load(hospital, row(PEOPLE, "r-1", from_="", home_unit="surgery"))

        assert homes("r-1") == [("surgery", TODAY, date(2030, 2, 28))]

    def test_who_is_not_in_the_file_has_left(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        actions.invite(by=None, person=person("r-1"), now=NOW)
        epoch = person("r-1").session_epoch

        outcome = load(hospital, without(PEOPLE, "r-1", "s-1"))

        assert outcome.counts()[Kind.LEAVER] == 2
        ana = person("r-1")
        assert (ana.is_active, ana.session_epoch) == (False, epoch + 1)
        assert homes("r-1") == [("emergency", date(2026, 3, 1), YESTERDAY)]
        assert roles("s-1") == [("leader", "medicine", date(2020, 1, 1), YESTERDAY)]
        assert ana.invitations.count() == 0
        assert str(ana.pk) not in str(queries.eligible_on(TODAY))
        assert load(hospital, without(PEOPLE, "r-1", "s-1")).lines == ()

    def test_a_last_day_in_the_past_says_when_somebody_left(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        load(hospital, row(PEOPLE, "r-1", to="2026-10-31"))

        assert homes("r-1") == [("emergency", date(2026, 3, 1), date(2026, 10, 31))]
        assert not person("r-1").is_active
        assert load(hospital, row(PEOPLE, "r-1", to="2026-10-31")).lines == ()

    def test_who_left_before_ever_being_here_is_not_added(self, hospital: Institution) -> None:
        load(hospital, row(PEOPLE, "r-1", to="2026-10-31"))

        assert not Person.objects.filter(external_id="r-1").exists()

    def test_who_comes_back_is_the_same_person(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        same = person("r-1").pk
        load(hospital, without(PEOPLE, "r-1"))

        outcome = load(hospital, PEOPLE, now=NOW + timedelta(days=40))

        assert outcome.counts() == {Kind.BACK: 1}
        assert (person("r-1").pk, person("r-1").is_active) == (same, True)
        assert person("r-1").listed_on == TODAY + timedelta(days=40)
        assert homes("r-1")[-1] == ("emergency", TODAY + timedelta(days=40), date(2030, 2, 28))

    def test_a_role_that_is_gone_from_the_file_ends(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        outcome = load(hospital, row(PEOPLE, "r-2", role="resident"))

        assert outcome.counts() == {Kind.ROLE_ENDED: 1}
        assert roles("r-2") == [("chief", "emergency", date(2025, 3, 1), YESTERDAY)]
        assert homes("r-2") == [("emergency", date(2025, 3, 1), None)]

    def test_a_role_can_end_and_be_given_again(self, hospital: Institution) -> None:
        for text in (PEOPLE, row(PEOPLE, "r-2", role="resident"), PEOPLE, row(PEOPLE, "r-2", role="resident"), PEOPLE):
            load(hospital, text)

        held = [role for role in queries.roles_of(person("r-2"), TODAY) if role.role is Role.CHIEF]
        assert len(held) == 1

    def test_leave_is_kept_as_dates_and_forgotten_when_it_is_over(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        assert Leave.objects.values_list("from_on", "to_on").get() == (date(2026, 11, 10), date(2027, 2, 10))

        load(hospital, PEOPLE, now=datetime(2027, 2, 12, 12, tzinfo=UTC))

        assert not Leave.objects.exists()

    def test_leave_can_change_its_end_and_be_taken_back(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        load(hospital, row(PEOPLE, "r-3", leave_to=""))
        assert Leave.objects.values_list("from_on", "to_on").get() == (date(2026, 11, 10), None)
        outcome = load(hospital, row(PEOPLE, "r-3", leave_from="", leave_to=""))

        assert outcome.counts() == {Kind.LEAVE_OVER: 1}
        assert not Leave.objects.exists()

    def test_an_import_is_in_the_trail_with_each_role_it_gave(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        tags = list(AuditRow.objects.values_list("tag", flat=True))

        assert tags.count("roster-imported") == 1
        assert tags.count("role-given") == 5
        assert "Ana" not in str(list(AuditRow.objects.values()))
        assert audit.verify().fault is None

    def test_only_who_may_can_import(self, hospital: Institution, fernando: Person, ana: Person) -> None:
        content = PEOPLE.replace("@hospital", "@roster").encode()

        with pytest.raises(NotYours):
            actions.import_roster(content=content, institution=hospital, by=ana, now=NOW)
        actions.import_roster(content=content, institution=hospital, by=fernando, now=NOW)

        assert AuditRow.objects.get(tag="roster-imported").by == str(fernando.pk)

    def test_the_file_may_come_from_a_spreadsheet_in_spanish(self, hospital: Institution) -> None:
        text = (
            "Matrícula;Nombre;Correo electrónico;Rol;Programa;Desde;Idioma\r\n"
            "r-1;Ana Muñoz;ana@hospital.example;Residente;emergency;2026-03-01;es\r\n"
            ";;;;;;\r\n"
            's-1;"Ruiz; Fernando";fer@hospital.example;Coordinador;;;es\r\n'
        )

        load(hospital, b"\xef\xbb\xbf" + text.encode())

        assert (person("r-1").name, person("s-1").name) == ("Ana Muñoz", "Ruiz; Fernando")
        assert homes("r-1") == [("emergency", date(2026, 3, 1), None)]


class TestBadFiles:
    """Nothing is imported, and every problem names its row and column."""

    def test_latin_1_is_refused_with_the_byte_and_its_row(self, hospital: Institution) -> None:
        content = PEOPLE.encode("latin-1")
        assert refused(hospital, content) == [(Code.NOT_UTF8, 4, "")]

        with pytest.raises(actions.RosterRefused) as refusal:
            load(hospital, content)

        (problem,) = refusal.value.problems
        assert problem.said == {"byte": "0xED", "position": content.index(b"\xed") + 1}

    def test_utf_16_is_refused(self, hospital: Institution) -> None:
        assert refused(hospital, PEOPLE.encode("utf-16")) == [(Code.UTF16, 0, "")]

    def test_a_null_byte_is_refused(self, hospital: Institution) -> None:
        assert refused(hospital, PEOPLE.replace("Bruno", "Bru\0no")) == [(Code.NUL, 3, "")]

    def test_an_open_quotation_mark_is_refused(self, hospital: Institution) -> None:
        assert refused(hospital, PEOPLE.replace("Ana Torres", '"Ana Torres'))[0][0] is Code.NOT_CSV

    @pytest.mark.parametrize("text", ["", "\n\n", PEOPLE.splitlines()[0], PEOPLE.splitlines()[0] + "\n,,,,,,,,,,\n"])
    def test_no_rows_are_refused(self, hospital: Institution, text: str) -> None:
        assert refused(hospital, text) == [(Code.NO_ROWS, 0, "")]

    @pytest.mark.parametrize(
        "column",
        ["reason", "motivo", "Motivo de licencia", "leave_reason", "diagnosis", "Diagnóstico", "CIE-10", "notes", "incapacidad"],
    )  # fmt: skip
    def test_a_column_that_asks_why_is_refused_by_name(self, hospital: Institution, column: str) -> None:
        text = "\n".join(
            line + ("," + column if number == 0 else ",x") for number, line in enumerate(PEOPLE.splitlines())
        )

        ((code, number, _name),) = refused(hospital, text)

        assert (code, number) == (Code.REASON_COLUMN, 1)

    def test_unknown_missing_and_double_columns_are_refused_together(self, hospital: Institution) -> None:
        assert refused(hospital, "external_id,name,name,email,shoe_size\na,b,b,c,d\n") == [
            (Code.UNKNOWN_COLUMN, 1, "shoe_size"),
            (Code.MISSING_COLUMN, 1, "role"),
            (Code.DOUBLE_COLUMN, 1, "name"),
        ]

    def test_more_cells_than_columns_are_refused(self, hospital: Institution) -> None:
        assert refused(hospital, PEOPLE + "x,y,z@hospital.example,faculty,,,,,,,,surplus\n") == [
            (Code.TOO_MANY_CELLS, 8, "")
        ]

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ({"external_id": ""}, (Code.EMPTY, "external_id")),
            ({"name": ""}, (Code.EMPTY, "name")),
            ({"email": ""}, (Code.EMPTY, "email")),
            ({"role": ""}, (Code.EMPTY, "role")),
            ({"name": "x" * 201}, (Code.TOO_LONG, "name")),
            ({"name": "Ana\u202eserroT"}, (Code.UNPRINTABLE, "name")),
            ({"name": "=cmd|'/c calc'!A1"}, (Code.FORMULA, "name")),
            ({"external_id": "@r-1"}, (Code.FORMULA, "external_id")),
            ({"name": "+52 81 0000"}, (Code.FORMULA, "name")),
            ({"email": "ana at hospital"}, (Code.BAD_EMAIL, "email")),
            ({"email": "аna@hospital.example"}, (Code.BAD_EMAIL, "email")),  # the first letter is Cyrillic
            ({"language": "fr"}, (Code.BAD_LANGUAGE, "language")),
            ({"role": "superuser"}, (Code.UNKNOWN_ROLE, "role")),
            ({"role": "anyone"}, (Code.UNKNOWN_ROLE, "role")),
            ({"home_unit": "radiology"}, (Code.UNKNOWN_UNIT, "home_unit")),
            ({"home_unit": "medicine"}, (Code.NOT_A_PROGRAMME, "home_unit")),
            ({"home_unit": ""}, (Code.HOME_NEEDED, "home_unit")),
            ({"role": "leader", "home_unit": ""}, (Code.UNIT_NEEDED, "unit")),
            ({"unit": "nowhere"}, (Code.UNKNOWN_UNIT, "unit")),
            ({"role": "peer;mentor;coach", "unit": "surgery;urology", "home_unit": ""}, (Code.ROLES_AND_UNITS, "unit")),
            ({"from_": "01/03/2026"}, (Code.BAD_DATE, "from")),
            ({"from_": "2026-02-30"}, (Code.BAD_DATE, "from")),
            ({"from_": "2026-W10-1"}, (Code.BAD_DATE, "from")),
            ({"from_": "20260301"}, (Code.BAD_DATE, "from")),
            ({"from_": "0026-03-01"}, (Code.BAD_DATE, "from")),
            ({"from_": "2027-03-01", "to": "2027-02-28"}, (Code.DATES_REVERSED, "to")),
            ({"leave_to": "2026-12-01"}, (Code.DATE_NEEDS_START, "leave_to")),
            ({"leave_from": "2026-12-02", "leave_to": "2026-12-01"}, (Code.DATES_REVERSED, "leave_to")),
        ],
        ids=str,
    )
    def test_a_bad_cell_is_named(
        self, hospital: Institution, cells: dict[str, str], expected: tuple[Code, str]
    ) -> None:
        code, column = expected

        assert refused(hospital, row(PEOPLE, "r-1", **cells)) == [(code, 2, column)]

    def test_every_bad_row_is_named_at_once(self, hospital: Institution) -> None:
        text = row(row(PEOPLE, "r-1", from_="soon"), "s-2", role="boss", email="x")

        assert refused(hospital, text) == [
            (Code.BAD_DATE, 2, "from"),
            (Code.UNKNOWN_ROLE, 6, "role"),
            (Code.BAD_EMAIL, 6, "email"),
        ]

    def test_an_id_twice_is_refused(self, hospital: Institution) -> None:
        assert refused(hospital, row(PEOPLE, "r-3", external_id="r-1")) == [(Code.DOUBLE_ID, 4, "external_id")]

    def test_an_address_twice_is_refused_however_it_is_written(self, hospital: Institution) -> None:
        assert refused(hospital, row(PEOPLE, "r-3", email="ANA@Hospital.example")) == [(Code.DOUBLE_EMAIL, 4, "email")]

    def test_the_address_of_somebody_who_is_not_in_the_file_is_refused(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)

        assert refused(hospital, row(PEOPLE, "r-1", external_id="r-9")) == [(Code.EMAIL_TAKEN, 2, "email")]

    def test_many_leavers_must_be_confirmed_by_number(self, hospital: Institution) -> None:
        many = PEOPLE + "".join(f"x-{n},Somebody {n},x-{n}@hospital.example,faculty,,,,,,,\n" for n in range(7))
        load(hospital, many)

        assert refused(hospital, PEOPLE) == [(Code.MANY_LEAVERS, 0, "")]
        assert refused(hospital, PEOPLE, confirmed_leavers=6) == [(Code.MANY_LEAVERS, 0, "")]
        assert load(hospital, PEOPLE, confirmed_leavers=7).counts()[Kind.LEAVER] == 7

    def test_a_last_day_before_a_planned_transfer_is_refused(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        planned = row(PEOPLE, "r-1", home_unit="dermatology", from_="2027-01-01", to="")
        load(hospital, planned)

        assert refused(hospital, row(PEOPLE, "r-1", home_unit="dermatology", from_="", to="2026-12-15")) == [
            (Code.DATES_REVERSED, 2, "to")
        ]

    @pytest.mark.one_store
    def test_20_000_people_need_no_query_each(self, hospital: Institution) -> None:
        header = PEOPLE.splitlines()[0]
        units = ("emergency", "dermatology", "surgery", "urology")
        lines = [
            f"n-{n},Residente {n},n-{n}@hospital.example,resident,,2026-03-01,,es,{units[n % 4]},,"
            for n in range(20_000)
        ]
        first = "\n".join([header, *lines])

        with CaptureQueriesContext(connection) as new:
            load(hospital, first)
        with CaptureQueriesContext(connection) as same:
            assert load(hospital, first).lines == ()

        assert Membership.objects.count() == 20_000
        assert len(new) < 500, "rows are written in batches"
        assert len(same) < 20


UNITS = """\
unit,name_en,name_es,kind,parent
paediatrics-department,Women and Children,Mujer y Niñez,department,
paediatrics,Paediatrics,Pediatría,programme,paediatrics-department
west,West campus,Campus poniente,site,
"""


class TestUnits:
    """The tree of units, from a file that its header tells apart."""

    def test_units_are_added_below_the_institution_or_their_parent(self, hospital: Institution) -> None:
        outcome = load(hospital, UNITS)

        assert outcome.counts() == {Kind.NEW: 3}
        assert Unit.objects.get(pk="paediatrics").parent_id == "paediatrics-department"
        assert Unit.objects.get(pk="west").parent_id == "san-rafael"
        assert load(hospital, UNITS).lines == ()

    def test_a_unit_can_move_and_be_renamed_and_the_others_stay(self, hospital: Institution) -> None:
        outcome = load(hospital, "unit,name_en,name_es,kind,parent\ndermatology,Skin,Piel,programme,surgical\n")

        assert outcome.counts() == {Kind.CHANGED: 1}
        assert Unit.objects.get(pk="dermatology").parent_id == "surgical"
        assert Unit.objects.get(pk="emergency").parent_id == "medicine"

    def test_a_child_may_stand_above_its_parent_in_the_file(self, hospital: Institution) -> None:
        header, *lines = UNITS.splitlines()

        assert load(hospital, "\n".join([header, *reversed(lines)])).counts() == {Kind.NEW: 3}

    def test_a_circle_is_refused_and_drawn(self, hospital: Institution) -> None:
        text = "unit,name_en,kind,parent\na,A,department,b\nb,B,department,c\nc,C,department,a\n"

        assert refused(hospital, text) == [(Code.CYCLE, number, "parent") for number in (2, 3, 4)]

    def test_a_circle_with_what_is_there_already_is_refused(self, hospital: Institution) -> None:
        load(hospital, "unit,name_en,kind,parent\ninner,Inner,department,medicine\n")

        text = "unit,name_en,kind,parent\nmedicine,Medicine,department,inner\n"

        assert refused(hospital, text) == [(Code.CYCLE, 2, "parent")]

    def test_a_unit_below_itself_is_refused(self, hospital: Institution) -> None:
        assert refused(hospital, "unit,name_en,kind,parent\na,A,department,a\n") == [(Code.CYCLE, 2, "parent")]

    @pytest.mark.parametrize(
        ("line", "code", "column"),
        [
            ("a,A,programme,nowhere", Code.UNKNOWN_UNIT, "parent"),
            ("a,A,department,emergency", Code.BAD_PARENT, "parent"),
            ("a,A,ward,medicine", Code.UNKNOWN_KIND, "kind"),
            ("a,A,institution,", Code.SECOND_ROOT, "kind"),
            ("san-rafael,A,department,medicine", Code.SECOND_ROOT, "unit"),
            ("medicine,Medicine,programme,", Code.IN_USE, "kind"),
            ("a b,A,programme,medicine", Code.BAD_UNIT_ID, "unit"),
            ("../x,A,programme,medicine", Code.BAD_UNIT_ID, "unit"),
            (",A,programme,medicine", Code.EMPTY, "unit"),
            ("a,,programme,medicine", Code.EMPTY, "name_en"),
            ("a,=1+1,programme,medicine", Code.FORMULA, "name_en"),
        ],
    )
    def test_a_bad_unit_is_named(self, hospital: Institution, line: str, code: Code, column: str) -> None:
        problems = refused(hospital, f"unit,name_en,kind,parent\n{line}\n")

        assert problems[0] == (code, 2, column)

    def test_a_unit_twice_is_refused(self, hospital: Institution) -> None:
        text = "unit,name_en,kind,parent\na,A,site,\nA,B,site,\n"

        assert refused(hospital, text) == [(Code.DOUBLE_ID, 3, "unit")]

    def test_one_unit_cannot_be_placed_below_itself(self, hospital: Institution) -> None:
        kind = Unit.objects.get(pk="medicine").kind
        with pytest.raises(actions.BadPlace):
            actions.place_unit(institution=hospital, unit="medicine", name_en="M", kind=kind, parent="medicine")  # type: ignore[arg-type]


class TestEvaluators:
    """Who evaluates whom, from a file that its header tells apart."""

    FILE = "evaluator,external_id,from,to\nelena,ana,2026-03-01,\ngabriela,ana,,\n"

    def test_an_evaluator_loses_the_helping_role(
        self, hospital: Institution, ana: Person, elena: Person, gabriela: Person
    ) -> None:
        assert may_help(gabriela, ana, Role.MENTOR, now=NOW)

        outcome = load(hospital, self.FILE)

        assert outcome.counts() == {Kind.PAIR_MADE: 2}
        assert not may_help(gabriela, ana, Role.MENTOR, now=NOW)
        assert load(hospital, self.FILE).lines == ()

    def test_a_pair_that_is_not_in_the_file_has_ended(
        self, hospital: Institution, ana: Person, elena: Person, gabriela: Person
    ) -> None:
        load(hospital, self.FILE)

        load(hospital, "evaluator,external_id,from,to\ngabriela,ana,,\n")

        assert EvaluatorAssignment.objects.get(evaluator=elena).to_on == YESTERDAY
        load(hospital, self.FILE)
        assert EvaluatorAssignment.objects.get(evaluator=elena).to_on is None

    def test_a_first_day_that_is_dated_back_to_an_ended_pair_makes_one_of_both(
        self, hospital: Institution, elena: Person, ana: Person, gabriela: Person
    ) -> None:
        others = "gabriela,ana,2026-01-01,\n"
        load(hospital, f"evaluator,external_id,from,to\nelena,ana,2026-03-01,\n{others}")
        load(hospital, f"evaluator,external_id,from,to\n{others}")
        load(hospital, f"evaluator,external_id,from,to\nelena,ana,2026-11-22,\n{others}")

        load(hospital, f"evaluator,external_id,from,to\nelena,ana,2026-03-01,\n{others}")

        (pair,) = EvaluatorAssignment.objects.filter(evaluator=elena)
        assert (pair.from_on, pair.to_on) == (date(2026, 3, 1), None)

    def test_a_pair_ends_on_its_own_last_day_and_is_said_as_what_it_is(
        self, hospital: Institution, elena: Person, ana: Person
    ) -> None:
        begun = load(hospital, "evaluator,external_id,from,to\nelena,ana,2026-03-01,\n")
        ended = load(hospital, "evaluator,external_id,from,to\nelena,ana,2026-03-01,2026-10-31\n")

        assert EvaluatorAssignment.objects.get().to_on == date(2026, 10, 31)
        assert [line_in_words(line) for line in (*begun.lines, *ended.lines)] == [
            "evaluator assigned: Dr. Elena Robles (elena), evaluates ana",
            "evaluation ended: Dr. Elena Robles (elena), no longer evaluates ana",
        ]

    def test_unknown_people_oneself_and_doubles_are_refused(
        self, hospital: Institution, ana: Person, elena: Person
    ) -> None:
        text = "evaluator,external_id\nnobody,ana\nana,ana\nelena,ana\nelena,ana\n"

        assert refused(hospital, text) == [
            (Code.UNKNOWN_PERSON, 2, "evaluator"),
            (Code.EVALUATES_SELF, 3, "external_id"),
            (Code.DOUBLE_ASSIGNMENT, 5, "external_id"),
        ]


class TestCommand:
    """``callroom roster``: in words, in two languages, with an exit code."""

    @pytest.fixture(autouse=True)
    def _on_a_sunday(self) -> object:
        with time_machine.travel(NOW, tick=False):
            yield

    def file(self, tmp_path: Path, text: str) -> str:
        path = tmp_path / "roster.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def test_a_preview_in_english(self, hospital: Institution, tmp_path: Path) -> None:
        said = StringIO()

        call_command("roster", "import", self.file(tmp_path, PEOPLE), "--dry-run", "--language", "en", stdout=said)

        assert "new: Ana Torres (r-1), emergency" in said.getvalue()
        assert "Nothing was changed" in said.getvalue()
        assert not Person.objects.exists()

    def test_problems_in_both_languages(self, hospital: Institution, tmp_path: Path) -> None:
        bad = self.file(tmp_path, row(PEOPLE, "r-1", from_="mañana"))
        said = {}
        for language in ("en", "es"):
            out = StringIO()
            with pytest.raises(CommandError):
                call_command("roster", "import", bad, "--language", language, stderr=out)
            said[language] = out.getvalue()

        assert "Row 2, from: “mañana” is not a day. Write 2026-07-01." in said["en"]
        assert "Fila 2, from: “mañana” no es un día. Escribe 2026-07-01." in said["es"]

    def test_the_institutions_language_speaks_when_none_is_named(self, hospital: Institution, tmp_path: Path) -> None:
        said = StringIO()

        call_command("roster", "import", self.file(tmp_path, PEOPLE), stdout=said)

        assert "6 filas leídas." in said.getvalue()

    def test_a_file_that_is_not_there(self, hospital: Institution, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("roster", "import", str(tmp_path / "none.csv"), "--language", "en")

    @pytest.mark.django_db
    def test_without_an_institution(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="no institution yet"):
            call_command("roster", "import", self.file(tmp_path, PEOPLE), "--language", "en")

    @pytest.mark.django_db
    def test_founding(self) -> None:
        founding = ["roster", "institution", "--name", "General", "--short-name", "G", "--unit", "general"]

        call_command(*founding, "--time-zone", "America/Chicago", "--academic-year", "07-01", stdout=StringIO())

        institution = queries.current_institution()
        assert (institution.name, institution.academic_year_of(date(2026, 6, 30))) == ("General", date(2025, 7, 1))
        assert [(unit.id, unit.depth) for unit in queries.units_tree()] == [("general", 0)]
        with pytest.raises(CommandError, match="already"):
            call_command(*founding, "--time-zone", "America/Chicago", "--language", "en")

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("option", "value"),
        [("--time-zone", "Mars/Olympus"), ("--academic-year", "13-01"), ("--academic-year", "July"), ("--unit", "A B"), ("--languages", "fr")],
    )  # fmt: skip
    def test_a_bad_founding_changes_nothing(self, option: str, value: str) -> None:
        given = {"--name": "G", "--short-name": "G", "--unit": "g", "--time-zone": "America/Chicago"} | {option: value}

        with pytest.raises(CommandError):
            call_command("roster", "institution", *(word for pair in given.items() for word in pair))

        assert not Institution.objects.exists()

    def test_links_for_all_who_have_no_password(self, hospital: Institution, ana: Person) -> None:
        load(hospital, PEOPLE + "ana,Ana Torres,ana2@hospital.example,resident,,,,,emergency,,\n")
        links = StringIO()

        call_command(
            "roster", "invite", "--address", "https://callroom.hospital.example/", stdout=links, stderr=StringIO()
        )

        header, *lines = links.getvalue().splitlines()
        assert header == "external_id,email,link"
        assert len(lines) == 6  # Ana of the fixture has her password
        assert all(",https://callroom.hospital.example/in/invitation/" in line for line in lines)
        assert AuditRow.objects.filter(tag="person-invited").count() == 6

    def test_links_for_some(self, hospital: Institution) -> None:
        load(hospital, PEOPLE)
        links = StringIO()

        call_command("roster", "invite", "r-1", stdout=links, stderr=StringIO())

        assert len(links.getvalue().splitlines()) == 2
        with pytest.raises(CommandError, match="r-9"):
            call_command("roster", "invite", "r-1", "r-9")

    def test_what_a_spreadsheet_would_run_is_harmless_in_the_list_of_links(self, hospital: Institution) -> None:
        actions.add_person(institution=hospital, external_id="=HYPERLINK(1)", name="X", email="x@hospital.example")
        links = StringIO()

        call_command("roster", "invite", stdout=links, stderr=StringIO())

        assert "'=HYPERLINK(1),x@hospital.example" in links.getvalue()
