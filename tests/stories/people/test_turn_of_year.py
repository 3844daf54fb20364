"""The roster as it stands, taken out and brought in again; and what is known about the coming academic year."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from callroom.audit.models import Look
from callroom.people import actions
from callroom.people.models import Institution, Person
from callroom.people.roster.outcome import Outcome
from callroom.people.roster.standing import people_as_they_stand, turn_of_year
from callroom.people.states import Role
from tests.world.people import person_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NOW = datetime(2027, 2, 1, 16, tzinfo=UTC)
"""Four weeks before the academic year of San Rafael, which begins on the first of March."""
TODAY = date(2027, 2, 1)
ADDRESS = "/in/roster/as-it-stands.csv"
SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def rows_of(institution: Institution) -> dict[str, dict[str, str]]:
    header, *rows = people_as_they_stand(institution, today=TODAY)
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def bring_in(institution: Institution, rows: list[dict[str, str]], *, dry_run: bool = False) -> Outcome:
    out = io.StringIO()
    sheet = csv.DictWriter(out, fieldnames=list(rows[0]))
    sheet.writeheader()
    sheet.writerows(rows)
    return actions.import_roster(
        content=out.getvalue().encode(), institution=institution, by=None, now=NOW, dry_run=dry_run
    )


@pytest.fixture
def house(hospital: Institution, ana: Person, bruno: Person, elena: Person, fernando: Person) -> Institution:
    """Return the hospital with a resident who moved, one who will, one who is away, one who leaves, and one who comes."""
    actions.transfer(person=ana, unit="surgery", on=date(2026, 9, 1))
    actions.transfer(person=bruno, unit="dermatology", on=date(2027, 3, 1))
    away = person_in(hospital, "Gabriela Núñez", home="urology", role=Role.MENTOR)
    actions.go_on_leave(person=away, from_on=date(2027, 1, 10), to_on=date(2027, 4, 1))
    leaves = person_in(hospital, "Hector Luna")
    actions.join(person=leaves, unit="emergency", from_on=date(2024, 3, 1), to_on=date(2027, 2, 28))
    person_in(hospital, "Oscar Rey", home="emergency", since=date(2027, 3, 1))
    actions.give_role(by=None, person=fernando, role=Role.FACULTY, unit="medicine", from_on=date(2026, 1, 1), now=NOW)
    return hospital


def test_what_is_taken_out_and_brought_in_again_moves_nobody(house: Institution) -> None:
    rows = rows_of(house)

    outcome = bring_in(house, list(rows.values()), dry_run=True)

    assert outcome.lines == ()
    assert rows["bruno"]["home_unit"] == "dermatology"  # the move that is planned stays planned
    assert rows["bruno"]["from"] == "2027-03-01"


def test_each_row_says_what_is(house: Institution) -> None:
    rows = rows_of(house)

    assert (rows["ana"]["role"], rows["ana"]["home_unit"], rows["ana"]["from"]) == ("resident", "surgery", "2026-03-01")
    assert (rows["gabriela"]["role"], rows["gabriela"]["unit"]) == ("resident;mentor", "urology;san-rafael")
    assert (rows["gabriela"]["leave_from"], rows["gabriela"]["leave_to"]) == ("2027-01-10", "2027-04-01")
    assert rows["hector"]["to"] == "2027-02-28"
    assert rows["fernando"]["role"] == "coordinator;faculty"


def test_who_has_left_and_a_seat_on_the_council_are_not_in_it(house: Institution, ines: Person, ana: Person) -> None:
    actions.offboard(by=None, person=ana, now=NOW)

    rows = rows_of(house)

    assert "ana" not in rows
    assert rows["ines"]["role"] == "resident"


def test_graduates_leave_and_newcomers_come_by_one_import_on_their_day(house: Institution) -> None:
    rows = rows_of(house)
    rows["ana"]["to"] = "2027-02-28"
    rows["n"] = {**rows["ana"], "external_id": "n-1", "name": "Nora Díaz", "email": "nora@hospital.example"}
    rows["n"] |= {"from": "2027-03-01", "to": ""}

    bring_in(house, list(rows.values()))

    turn = turn_of_year(house, today=TODAY)
    assert (turn.starts_on, turn.leave, turn.come, turn.is_near) == (date(2027, 3, 1), 2, 2, True)


def test_it_is_near_six_weeks_before_and_not_a_day_earlier(hospital: Institution) -> None:
    assert not turn_of_year(hospital, today=date(2027, 1, 17)).is_near
    assert turn_of_year(hospital, today=date(2027, 1, 18)).is_near
    assert turn_of_year(hospital, today=date(2027, 3, 1)).starts_on == date(2028, 3, 1)


def test_who_keeps_the_roster_takes_it_and_leaves_a_day_and_nobody_else_gets_it(
    house: Institution, fernando: Person, elena: Person, sign_in: SignIn
) -> None:
    assert sign_in(elena).get(ADDRESS).status_code == 404

    answer = sign_in(fernando).get(ADDRESS)

    assert answer["Content-Type"].startswith("text/csv")
    assert "gabriela@hospital.example" in answer.content.decode()
    assert Look.objects.filter(person=str(fernando.pk), page="roster/as-it-stands").count() == 1


def test_the_roster_page_and_home_say_that_the_year_is_near(
    house: Institution, fernando: Person, ana: Person, sign_in: SignIn
) -> None:
    client = sign_in(fernando)

    page = client.get("/in/roster/").content.decode()
    assert "1 March 2027" in page
    assert ADDRESS in page
    assert "1 March 2027" in client.get("/in/").content.decode()
    assert "1 March 2027" not in sign_in(ana).get("/in/").content.decode()
