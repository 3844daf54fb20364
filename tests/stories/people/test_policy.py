"""The policy table asked through real people; the refused case stands beside the allowed one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from callroom.people import actions
from callroom.people.models import Institution, Person, RoleGrant
from callroom.people.policy import (
    POLICY,
    WITH_SECOND_FACTOR,
    Action,
    NotYours,
    Role,
    Scope,
    check_may,
    check_may_help,
    check_may_jointly,
    evaluates,
    may,
    may_help,
    needs_second_factor,
    visible_people,
    visible_units,
)
from tests.world.people import SINCE, person_in

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
TODAY = date(2026, 11, 22)

ROLES = {
    "ana": {Role.ANYONE, Role.RESIDENT},
    "bruno": {Role.ANYONE, Role.RESIDENT, Role.CHIEF},
    "carmen": {Role.ANYONE, Role.COUNSELLOR},
    "dario": {Role.ANYONE},
    "elena": {Role.ANYONE, Role.LEADER},
    "fernando": {Role.ANYONE, Role.COORDINATOR},
    "gabriela": {Role.ANYONE, Role.MENTOR},
    "hector": {Role.ANYONE, Role.EXECUTIVE},
    "ines": {Role.ANYONE, Role.RESIDENT, Role.KEY_HOLDER},
    "oscar": {Role.ANYONE, Role.OPERATOR},
}


@pytest.mark.parametrize("name", ROLES)
def test_each_person_may_what_the_table_gives_their_roles(name: str, everybody: dict[str, Person]) -> None:
    person = everybody[name]

    may_do = {action for action in Action if may(person, action, now=NOW)}

    assert may_do == {action for action in Action if ROLES[name] & set(POLICY[action])}


def test_check_refuses_aloud_what_may_refuses(ana: Person, fernando: Person) -> None:
    check_may(fernando, Action.IMPORT_ROSTER, now=NOW)
    with pytest.raises(NotYours):
        check_may(ana, Action.IMPORT_ROSTER, now=NOW)


def test_nobody_sees_who_answered_and_nobody_closes_early(everybody: dict[str, Person]) -> None:
    for person in everybody.values():
        assert not may(person, Action.SEE_WHO_ANSWERED, now=NOW)
        assert not may(person, Action.CLOSE_EARLY, now=NOW)


def test_the_operator_sees_no_results(oscar: Person) -> None:
    assert not may(oscar, Action.SEE_RESULTS, now=NOW)
    assert not visible_units(oscar, Action.SEE_RESULTS, now=NOW).exists()


def test_everybody_else_sees_the_results_of_every_unit(hospital: Institution, ana: Person, elena: Person) -> None:
    for person in (ana, elena):
        assert set(visible_units(person, Action.SEE_RESULTS, now=NOW)) == set(hospital.units.all())


def test_an_outsider_is_nothing(dario: Person) -> None:
    assert may(dario, Action.SEE_OWN_RECORD, now=NOW)
    assert not may(dario, Action.SEE_RESULTS, now=NOW)
    assert not may(dario, Action.READ_CHAIN, now=NOW)


def test_a_leader_sees_the_roster_of_their_unit_and_below(elena: Person, ana: Person, ines: Person) -> None:
    assert {unit.pk for unit in visible_units(elena, Action.SEE_ROSTER, now=NOW)} == {
        "medicine",
        "emergency",
        "dermatology",
    }
    assert may(elena, Action.SEE_ROSTER, unit="emergency", now=NOW)
    assert not may(elena, Action.SEE_ROSTER, unit="surgery", now=NOW)
    assert not may(elena, Action.SEE_ROSTER, unit="nowhere", now=NOW)
    assert may(elena, Action.SEE_ROSTER, about=ana, now=NOW)
    assert not may(elena, Action.SEE_ROSTER, about=ines, now=NOW)


def test_a_resident_sees_their_own_entry_alone(ana: Person, bruno: Person) -> None:
    assert list(visible_people(ana, Action.SEE_ROSTER, now=NOW)) == [ana]
    assert may(ana, Action.SEE_ROSTER, about=ana, now=NOW)
    assert not may(ana, Action.SEE_ROSTER, about=bruno, now=NOW)
    assert not may(ana, Action.SEE_ROSTER, unit="emergency", now=NOW)


def test_the_coordinator_sees_everybody(everybody: dict[str, Person]) -> None:
    assert set(visible_people(everybody["fernando"], Action.SEE_ROSTER, now=NOW)) == set(everybody.values())


def test_a_role_holds_from_its_first_to_its_last_day(hospital: Institution) -> None:
    person = person_in(hospital, "Tomas Vega")
    actions.give_role(
        by=None,
        person=person,
        role=Role.COORDINATOR,
        unit="san-rafael",
        from_on=date(2026, 11, 20),
        to_on=date(2026, 11, 22),
        now=NOW,
    )

    holds = [may(person, Action.SKIP_WEEK, now=NOW + timedelta(days=days)) for days in (-3, -2, 0, 1)]

    assert holds == [False, True, True, False]


def test_a_day_is_the_institutions_own(hospital: Institution) -> None:
    """At 04:00 UTC on the 23rd it is still the 22nd in Monterrey."""
    person = person_in(hospital, "Tomas Vega")
    actions.give_role(
        by=None, person=person, role=Role.COORDINATOR, unit="san-rafael", from_on=SINCE, to_on=TODAY, now=NOW
    )

    assert may(person, Action.SKIP_WEEK, now=datetime(2026, 11, 23, 4, tzinfo=UTC))
    assert not may(person, Action.SKIP_WEEK, now=datetime(2026, 11, 23, 7, tzinfo=UTC))


def test_who_has_left_may_nothing(fernando: Person) -> None:
    actions.offboard(by=None, person=fernando, now=NOW)

    assert [action for action in Action if may(fernando, action, now=NOW)] == []


class TestTwoPeople:
    """Voiding a wave takes a coordinator and a key-holder; two people until there is a council."""

    def test_coordinator_and_key_holder_in_either_order(self, fernando: Person, ines: Person) -> None:
        check_may_jointly(fernando, ines, Action.VOID_WAVE, now=NOW)
        check_may_jointly(ines, fernando, Action.VOID_WAVE, now=NOW)

    def test_never_one_person_twice(self, hospital: Institution, fernando: Person) -> None:
        actions.give_role(by=None, person=fernando, role=Role.KEY_HOLDER, unit="san-rafael", from_on=SINCE, now=NOW)
        with pytest.raises(NotYours):
            check_may_jointly(fernando, fernando, Action.VOID_WAVE, now=NOW)

    def test_with_a_council_no_executive_stands_in(self, fernando: Person, hector: Person, ines: Person) -> None:
        with pytest.raises(NotYours):
            check_may_jointly(fernando, hector, Action.VOID_WAVE, now=NOW)

    def test_without_a_council_a_second_person_of_the_first_roles(self, fernando: Person, hector: Person) -> None:
        check_may_jointly(fernando, hector, Action.VOID_WAVE, now=NOW)

    def test_without_a_coordinator_never(self, hector: Person, ines: Person, elena: Person) -> None:
        for second in (ines, elena):
            with pytest.raises(NotYours):
                check_may_jointly(hector, second, Action.VOID_WAVE, now=NOW)


class TestEvaluatorsDoNotHelp:
    """Being an evaluator of someone removes every helping role towards that person, and towards nobody else."""

    def test_a_mentor_helps_until_they_evaluate(self, gabriela: Person, ana: Person, bruno: Person) -> None:
        assert may_help(gabriela, ana, Role.MENTOR, now=NOW)

        actions.assign_evaluator(evaluator=gabriela, person=ana, from_on=SINCE)

        assert not may_help(gabriela, ana, Role.MENTOR, now=NOW)
        assert may_help(gabriela, bruno, Role.MENTOR, now=NOW)
        with pytest.raises(NotYours):
            check_may_help(gabriela, ana, Role.MENTOR, now=NOW)

    def test_every_helping_role_is_removed(self, hospital: Institution, gabriela: Person, ana: Person) -> None:
        for role in (Role.PEER, Role.COACH, Role.COUNSELLOR, Role.CLINICAL_LEAD, Role.TRIAGER, Role.CUSTODIAN):
            actions.give_role(by=None, person=gabriela, role=role, unit="san-rafael", from_on=SINCE, now=NOW)
            assert may_help(gabriela, ana, role, now=NOW)

        actions.assign_evaluator(evaluator=gabriela, person=ana, from_on=SINCE)

        assert not any(may_help(gabriela, ana, role, now=NOW) for role in Role)

    def test_an_assignment_that_is_over_lets_help_again(self, gabriela: Person, ana: Person) -> None:
        actions.assign_evaluator(evaluator=gabriela, person=ana, from_on=SINCE, to_on=date(2026, 11, 21))

        assert may_help(gabriela, ana, Role.MENTOR, now=NOW)

    def test_a_leader_evaluates_everybody_in_their_unit(self, elena: Person, ana: Person, ines: Person) -> None:
        assert evaluates(elena, ana, now=NOW)
        assert not evaluates(elena, ines, now=NOW)

    def test_a_helping_role_is_needed_to_help(self, bruno: Person, ana: Person) -> None:
        assert not may_help(bruno, ana, Role.MENTOR, now=NOW)
        assert not may_help(bruno, ana, Role.CHIEF, now=NOW)

    def test_nobody_helps_themselves(self, gabriela: Person) -> None:
        assert not may_help(gabriela, gabriela, Role.MENTOR, now=NOW)


class TestThreeRolesAndAnEvaluator:
    """Gabriela mentors, is a peer and leads surgery, and evaluates Ana: each role holds where it holds, none over Ana."""

    @pytest.fixture(autouse=True)
    def _three_roles(self, hospital: Institution, gabriela: Person, ana: Person) -> None:
        for role, unit in ((Role.PEER, "san-rafael"), (Role.LEADER, "surgery")):
            actions.give_role(by=None, person=gabriela, role=role, unit=unit, from_on=SINCE, now=NOW)
        actions.assign_evaluator(evaluator=gabriela, person=ana, from_on=SINCE)

    def test_she_may_what_any_of_them_may_and_no_more(self, gabriela: Person) -> None:
        held = {Role.ANYONE, Role.MENTOR, Role.PEER, Role.LEADER}

        allowed = {action for action in Action if may(gabriela, action, now=NOW)}

        assert allowed == {action for action, rule in POLICY.items() if held & set(rule)}

    def test_she_answers_for_the_unit_that_she_leads_alone(self, gabriela: Person) -> None:
        units = visible_units(gabriela, Action.ANSWER_CLOCK, now=NOW).values_list("pk", flat=True)

        assert set(units) == {"surgery"}

    def test_she_helps_neither_ana_nor_her_own_unit_in_any_role(
        self, gabriela: Person, ana: Person, bruno: Person, ines: Person
    ) -> None:
        helped = {
            (person.name, role)
            for person in (ana, bruno, ines)
            for role in Role
            if may_help(gabriela, person, role, now=NOW)
        }

        assert helped == {(bruno.name, Role.MENTOR), (bruno.name, Role.PEER)}

    def test_her_second_step_is_due_and_stays_so_until_the_last_role_that_asks_for_it_ends(
        self, gabriela: Person
    ) -> None:
        assert needs_second_factor(gabriela, now=NOW)

        RoleGrant.objects.filter(person=gabriela, role=Role.LEADER).update(to_on=TODAY - timedelta(days=1))

        assert needs_second_factor(gabriela, now=NOW) == bool({Role.MENTOR, Role.PEER} & set(WITH_SECOND_FACTOR))


def test_what_everyone_may_is_never_more_than_about_oneself() -> None:
    assert {scopes[Role.ANYONE] for scopes in POLICY.values() if Role.ANYONE in scopes} == {Scope.OWN}


def test_grants_of_one_unit_do_not_reach_another(hospital: Institution) -> None:
    leader = person_in(hospital, "Tomas Vega", role=Role.LEADER, unit="surgery")

    assert {unit.pk for unit in visible_units(leader, Action.SEE_ROSTER, now=NOW)} == {"surgery"}
    assert RoleGrant.objects.filter(person=leader).count() == 1
