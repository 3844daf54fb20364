"""Persons, units and their dates as the database keeps them, and what other packages ask about them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from callroom.audit.models import AuditRow, Look
from callroom.people import actions, jobs, queries
from callroom.people.models import Institution, Leave, Membership, Person, RoleGrant, Unit
from callroom.people.policy import Role
from callroom.people.states import UnitKind
from tests.world.people import SINCE, residents_in

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


class TestWhoIsAsked:
    """``eligible_on``: residents by home programme, without whoever is away that day."""

    def test_residents_by_programme(self, hospital: Institution, ana: Person, bruno: Person, ines: Person) -> None:
        assert queries.eligible_on(TODAY) == {
            "emergency": tuple(sorted([str(ana.pk), str(bruno.pk)])),
            "surgery": (str(ines.pk),),
        }

    def test_nobody_who_is_no_resident(self, carmen: Person, elena: Person, fernando: Person, dario: Person) -> None:
        assert queries.eligible_on(TODAY) == {}

    def test_a_second_membership_that_is_no_home_does_not_count(self, hospital: Institution, ana: Person) -> None:
        actions.join(person=ana, unit="surgery", from_on=SINCE, home=False)

        assert queries.eligible_on(TODAY) == {"emergency": (str(ana.pk),)}

    def test_on_leave_from_the_first_to_the_last_day(self, ana: Person) -> None:
        actions.go_on_leave(person=ana, from_on=TODAY, to_on=TODAY + 2 * DAY)

        asked = ["emergency" in queries.eligible_on(TODAY + days * DAY) for days in (-1, 0, 2, 3)]

        assert asked == [True, False, False, True]
        assert queries.on_leave(ana.pk, TODAY)

    def test_leave_without_an_end(self, ana: Person) -> None:
        actions.go_on_leave(person=ana, from_on=TODAY)

        assert queries.eligible_on(TODAY + 1000 * DAY) == {}

    def test_whoever_left_is_not_asked(self, ana: Person) -> None:
        actions.offboard(by=None, person=ana, now=NOW)

        assert queries.eligible_on(TODAY) == {}

    def test_a_transfer_moves_from_its_day_on(self, ana: Person) -> None:
        actions.transfer(person=ana, unit="surgery", on=TODAY)

        assert queries.home_programme(ana.pk, TODAY - DAY) == "emergency"
        assert queries.home_programme(str(ana.pk), TODAY) == "surgery"
        with pytest.raises(actions.AlreadyHome):
            actions.transfer(person=ana, unit="surgery", on=TODAY + DAY)

    def test_one_question_for_many_people(self, hospital: Institution, django_assert_num_queries: object) -> None:
        residents_in(hospital, "emergency", 30)

        with django_assert_num_queries(1):  # type: ignore[operator]
            assert len(queries.eligible_on(TODAY)["emergency"]) == 30


class TestTree:
    """The tree of units."""

    def test_parents_come_before_their_children(self, hospital: Institution) -> None:
        tree = queries.units_tree()

        assert [(row.id, row.depth) for row in tree][:4] == [
            ("san-rafael", 0),
            ("medicine", 1),
            ("dermatology", 2),
            ("emergency", 2),
        ]
        assert len(tree) == 9

    def test_what_is_within_a_unit(self, hospital: Institution) -> None:
        assert queries.units_within("medicine") == {"medicine", "emergency", "dermatology"}
        assert queries.units_within("nowhere") == frozenset()

    def test_a_unit_is_found_by_its_id(self, hospital: Institution) -> None:
        found = queries.unit_by_id("emergency")

        assert found is not None
        assert (found.kind, found.parent) == (UnitKind.PROGRAMME, "medicine")
        assert queries.unit_by_id("nowhere") is None

    @pytest.mark.django_db
    def test_before_it_is_founded_there_is_no_institution(self) -> None:
        with pytest.raises(queries.NoInstitution):
            queries.current_institution()

    @pytest.mark.parametrize(
        ("unit", "kind", "parent"),
        [
            ("medicine", UnitKind.DEPARTMENT, "medicine"),
            ("deep", UnitKind.PROGRAMME, "emergency"),
            ("lost", UnitKind.PROGRAMME, "nowhere"),
        ],
    )
    def test_impossible_places_are_refused(self, hospital: Institution, unit: str, kind: UnitKind, parent: str) -> None:
        with pytest.raises(actions.BadPlace):
            actions.place_unit(institution=hospital, unit=unit, name_en="X", kind=kind, parent=parent)

    def test_a_circle_is_refused(self, hospital: Institution) -> None:
        actions.place_unit(
            institution=hospital, unit="inner", name_en="Inner", kind=UnitKind.DEPARTMENT, parent="medicine"
        )

        with pytest.raises(actions.BadPlace, match="below itself"):
            actions.place_unit(
                institution=hospital, unit="medicine", name_en="M", kind=UnitKind.DEPARTMENT, parent="inner"
            )


class TestTheDatabaseKeepsItsPromises:
    """Whatever the code above forgets."""

    def test_an_address_is_kept_in_lower_case_and_once(self, hospital: Institution, ana: Person) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.create(institution=hospital, external_id="x", email="X@hospital.example", name="X")
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.create(institution=hospital, external_id="x", email=ana.email, name="X")
        assert Person.objects.get_by_natural_key(" ANA@hospital.example") == ana

    def test_one_open_home_per_person(self, ana: Person) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            actions.join(person=ana, unit="surgery", from_on=TODAY)

    @pytest.mark.parametrize("model", [Membership, Leave, RoleGrant])
    def test_nothing_ends_before_it_begins(self, ana: Person, model: type) -> None:
        given = {"institution": ana.institution, "person": ana, "from_on": TODAY, "to_on": TODAY - DAY}
        if model is not Leave:
            given["unit_id"] = "surgery"
        if model is RoleGrant:
            given["role"] = Role.PEER
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.create(**given)  # type: ignore[attr-defined]

    def test_resident_is_no_role_that_can_be_granted(self, ana: Person) -> None:
        for role in (Role.RESIDENT, Role.ANYONE, "superuser"):
            with pytest.raises(IntegrityError), transaction.atomic():
                RoleGrant.objects.create(
                    institution=ana.institution, person=ana, role=role, unit_id="surgery", from_on=TODAY
                )

    def test_nobody_evaluates_themselves(self, ana: Person) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            actions.assign_evaluator(evaluator=ana, person=ana, from_on=TODAY)

    def test_one_root(self, hospital: Institution) -> None:
        for kind, parent in ((UnitKind.INSTITUTION, None), (UnitKind.SITE, None), (UnitKind.INSTITUTION, "medicine")):
            with pytest.raises(IntegrityError), transaction.atomic():
                Unit.objects.create(
                    id="second", institution=hospital, name_en="X", name_es="X", kind=kind, parent_id=parent
                )

    def test_a_unit_with_people_stays(self, ana: Person) -> None:
        with pytest.raises(ProtectedError):
            Unit.objects.get(pk="emergency").delete()
        with pytest.raises(ProtectedError):
            ana.delete()

    def test_an_academic_year_starts_on_a_day_of_every_year(self, hospital: Institution) -> None:
        hospital.academic_year_day = 29
        with pytest.raises(IntegrityError), transaction.atomic():
            hospital.save()


def test_the_academic_year_of_a_day(hospital: Institution) -> None:
    assert hospital.academic_year_of(date(2027, 2, 28)) == date(2026, 3, 1)
    assert hospital.academic_year_of(date(2027, 3, 1)) == date(2027, 3, 1)


def test_the_worker_ends_the_access_of_who_has_left(ana: Person, elena: Person, dario: Person) -> None:
    Membership.objects.filter(person=ana).update(to_on=TODAY)
    epoch = ana.session_epoch

    jobs.tidy(NOW)
    ana.refresh_from_db()
    assert ana.is_active

    for _twice in range(2):
        jobs.tidy(NOW + DAY)
    for person in (ana, elena, dario):
        person.refresh_from_db()

    assert (ana.is_active, ana.session_epoch) == (False, epoch + 1)
    assert elena.is_active
    assert dario.is_active  # he was never anything that could end


def test_the_worker_forgets_leave_and_seals_days(ana: Person, elena: Person) -> None:
    actions.go_on_leave(person=ana, from_on=TODAY - 9 * DAY, to_on=TODAY - DAY)
    actions.signed_in(person=elena, now=NOW - DAY)

    for _twice in range(2):
        jobs.tidy(NOW)

    assert not Leave.objects.exists()
    assert Look.objects.count() == 1
    assert AuditRow.objects.filter(tag="day-sealed").count() == 1


@pytest.mark.django_db
def test_the_worker_waits_for_an_institution() -> None:
    jobs.tidy(NOW)
