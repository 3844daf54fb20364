"""Who is added while there is a council: counted towards a group of its own once a member says that they exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from callroom.audit.models import AuditRow
from callroom.audit.states import Tag
from callroom.council import actions, newcomers, queries
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.pulse import planning, rules
from callroom.pulse.actions.plans import make_plan
from callroom.pulse.models import Confirmed, Plan
from callroom.rights.queries import own_copy
from tests.world.council import CHOSEN, confirm, key_of, make_key
from tests.world.people import person_in
from tests.world.waves import BEFORE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

SignIn = Callable[[Person], Client]
THIS_YEAR, NEXT_YEAR = date(2026, 3, 1), date(2027, 3, 1)
AFTERWARDS = BEFORE + timedelta(days=3)
ROLLOVER = datetime(2027, 3, 1, 18, tzinfo=UTC)
PAGE = "/in/council/newcomers/"


@pytest.fixture
def first_plan(staffed: object, hospital: Institution) -> Plan:
    return make_plan(institution=hospital, academic_year=THIS_YEAR, now=BEFORE)


@pytest.fixture
def council(folders: Path, ines: Person, marta: Person, noe: Person, fernando: Person) -> list[Person]:
    members = [ines, marta, noe]
    actions.appoint(by=fernando, persons=members, now=BEFORE)
    for person in members:
        make_key(person, now=BEFORE)
    actions.found(by=fernando, reason=CHOSEN, now=BEFORE)
    return members


@pytest.fixture
def added(council: list[Person], first_plan: Plan, hospital: Institution) -> list[Person]:
    """Return eight of Dermatology whom a roster names three days later, with a first day of months ago."""
    return add_to(hospital, "dermatology", 8)


def add_to(hospital: Institution, unit: str, count: int) -> list[Person]:
    found = []
    for number in range(count):
        name = f"new-{unit}-{number}"
        person = people.add_person(
            institution=hospital,
            external_id=name,
            name=f"Nueva {unit} {number}",
            email=f"{name}@hospital.example",
            listed_on=hospital.day(AFTERWARDS),
        )
        people.join(person=person, unit=unit, from_on=THIS_YEAR)
        found.append(person)
    return found


def counted(hospital: Institution, unit: str = "dermatology", now: datetime = ROLLOVER) -> int:
    """Make the next year's plan; return how many people of a programme it was made with."""
    plan = make_plan(institution=hospital, academic_year=NEXT_YEAR, now=now)
    return next(each.eligible for each in planning.leaves_of(plan).units if each.id == unit)


def counted_before(hospital: Institution) -> int:
    first = Plan.objects.get(academic_year=THIS_YEAR)
    return next(each.eligible for each in planning.leaves_of(first).units if each.id == "dermatology")


# What it changes


def test_invented_residents_make_no_group_even_at_the_rollover(added: list[Person], hospital: Institution) -> None:
    assert counted(hospital) == counted_before(hospital)


def test_once_a_member_has_confirmed_them_they_count(
    added: list[Person], council: list[Person], hospital: Institution
) -> None:
    assert confirm(council[0], added, now=AFTERWARDS) == 8

    assert counted(hospital) == counted_before(hospital) + 8


def test_without_a_council_nobody_has_to_confirm_them(first_plan: Plan, hospital: Institution) -> None:
    """The control: the same eight people, and nothing but the council is missing."""
    add_to(hospital, "dermatology", 8)

    assert rules.unconfirmed(hospital) == frozenset()
    assert counted(hospital) == counted_before(hospital) + 8


def test_who_is_confirmed_still_waits_four_weeks_within_a_year(
    added: list[Person], council: list[Person], hospital: Institution
) -> None:
    confirm(council[0], added, now=AFTERWARDS)
    late = ROLLOVER + timedelta(weeks=10)
    Person.objects.filter(pk__in=[person.pk for person in added]).update(listed_on=late.date() - timedelta(days=20))

    assert counted(hospital, now=late) == counted_before(hospital)


def test_who_counted_in_the_first_plan_is_taken_as_given(
    council: list[Person], first_plan: Plan, hospital: Institution
) -> None:
    assert newcomers.waiting(hospital, now=AFTERWARDS) == ()


def test_a_rotation_makes_nobody_a_newcomer_and_confirms_nobody(
    added: list[Person], council: list[Person], staffed: dict[str, list[Person]], hospital: Institution
) -> None:
    waiting = newcomers.waiting(hospital, now=AFTERWARDS)
    for person in (added[0], staffed["emergency"][0]):
        people.join(person=person, unit="surgery", from_on=hospital.day(AFTERWARDS), home=False)

    assert newcomers.waiting(hospital, now=AFTERWARDS) == waiting
    assert len(waiting) == 8


def test_before_the_first_plan_nobody_waits(council: list[Person], hospital: Institution) -> None:
    add_to(hospital, "dermatology", 2)

    assert newcomers.waiting(hospital, now=AFTERWARDS) == ()


def test_who_leaves_waits_no_longer(added: list[Person], hospital: Institution) -> None:
    people.offboard(by=None, person=added[0], now=AFTERWARDS)

    waiting = newcomers.waiting(hospital, now=AFTERWARDS + timedelta(days=1))
    assert {each.id for each in waiting} == {str(person.pk) for person in added[1:]}


# Who cannot do it


def test_a_row_written_into_the_database_confirms_nobody(
    added: list[Person], council: list[Person], hospital: Institution
) -> None:
    """Copied under other people, signed by a key of one's own, or broken: no such row is believed."""
    confirm(council[0], added[:1], now=AFTERWARDS)
    honest = Confirmed.objects.get()
    others = newcomers.confirmation(hospital, [str(person.pk) for person in added[1:]], now=AFTERWARDS)
    assert others is not None
    stranger = key_of(added[1])
    own_key = queries.spelled([stranger.public_key().public_bytes_raw()])[0]
    own_signature = queries.spelled([stranger.sign(others.signed())])[0]
    for key, signature, text in (
        (honest.public_key, honest.signature, others.text()),
        (own_key, own_signature, others.text()),
        ("", "", "no text"),
        ("é", honest.signature, others.text()),
    ):
        Confirmed.objects.create(institution=hospital, public_key=key, signature=signature, text=text)

    assert rules.confirmed(hospital) == {str(added[0].pk)}


def test_coordinator_leader_and_resident_confirm_nobody(
    added: list[Person], council: list[Person], fernando: Person, elena: Person, ana: Person, hospital: Institution
) -> None:
    said = newcomers.confirmation(hospital, [str(added[0].pk)], now=AFTERWARDS)
    assert said is not None
    for person in (fernando, elena, ana):
        with pytest.raises(NotYours):
            actions.confirm(by=person, text=said.text(), signature="", now=AFTERWARDS)


def test_who_holds_the_role_but_no_key_on_the_council_confirms_nobody(
    added: list[Person], council: list[Person], hospital: Institution
) -> None:
    later = person_in(hospital, "Rosa Luna", home="urology", role=Role.KEY_HOLDER, unit="san-rafael")
    make_key(later, now=AFTERWARDS)

    with pytest.raises(actions.NotACouncilKey):
        confirm(later, added, now=AFTERWARDS)
    assert not Confirmed.objects.exists()


def test_a_signature_of_another_member_or_under_another_text_is_refused(
    added: list[Person], council: list[Person], hospital: Institution
) -> None:
    one, all_ = (
        newcomers.confirmation(hospital, [str(person.pk) for person in some], now=AFTERWARDS)
        for some in (added[:1], added)
    )
    assert one is not None
    assert all_ is not None
    ines, marta = council[:2]
    for signature in (
        queries.spelled([key_of(marta).sign(all_.signed())])[0],
        queries.spelled([key_of(ines).sign(one.signed())])[0],
        "no base64",
    ):
        with pytest.raises(actions.BadSignature):
            actions.confirm(by=ines, text=all_.text(), signature=signature, now=AFTERWARDS)
    assert not Confirmed.objects.exists()


def test_who_is_confirmed_already_is_not_confirmed_again(added: list[Person], council: list[Person]) -> None:
    """Two members have the page open: the second is told that the list has changed."""
    said = newcomers.confirmation(council[0].institution, [str(added[0].pk)], now=AFTERWARDS)
    assert said is not None
    confirm(council[0], added[:1], now=AFTERWARDS)

    signature = queries.spelled([key_of(council[1]).sign(said.signed())])[0]
    with pytest.raises(actions.NobodyWaits):
        actions.confirm(by=council[1], text=said.text(), signature=signature, now=AFTERWARDS)
    with pytest.raises(actions.NobodyWaits):
        actions.confirm(by=council[1], text="{}", signature=signature, now=AFTERWARDS)


def test_the_trail_says_that_and_how_many_and_of_nobody_whom(added: list[Person], council: list[Person]) -> None:
    confirm(council[0], added, now=AFTERWARDS)

    row = AuditRow.objects.get(tag=Tag.NEWCOMERS_CONFIRMED)
    assert row.details == {"count": 8}
    assert not [person for person in added if str(person.pk) in str(row.about)]


# The pages


def page(client: Client, address: str = PAGE, language: str = "en") -> str:
    client.cookies["__Secure-callroom-language"] = language
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_member_marks_reads_and_signs(
    added: list[Person], council: list[Person], hospital: Institution, sign_in: SignIn, language: str,
    at: Callable[[datetime], None],
) -> None:  # fmt: skip
    at(AFTERWARDS)
    client = sign_in(council[0])
    waits = {"en": "waits for your signature", "es": "espera tu firma"}[language]
    assert waits in page(client, "/in/", language)
    assert "Nueva dermatology 3" in page(client, PAGE, language)

    read = client.post(PAGE, {"units": ["dermatology"]})

    said = newcomers.confirmation(hospital, [str(person.pk) for person in added], now=AFTERWARDS)
    assert said is not None
    text = read.content.decode()
    assert said.text().replace('"', "&quot;") in text
    assert all(person.name in text for person in added)
    assert 'textarea name="' not in text
    signature = queries.spelled([key_of(council[0]).sign(said.signed())])[0]
    done = client.post(PAGE, {"text": said.text(), "signature": signature}, follow=True).content.decode()
    assert {"en": "Confirmed: 8 people.", "es": "Confirmadas: 8 personas."}[language] in done
    assert {"en": "Nobody waits", "es": "Nadie espera"}[language] in done
    assert waits not in page(client, "/in/", language)


def test_nobody_marked_and_a_broken_signature_keep_nothing(
    added: list[Person], council: list[Person], sign_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(AFTERWARDS)
    client = sign_in(council[0])

    for said in ({}, {"people": "nobody"}, {"units": "nowhere"}):
        assert client.post(PAGE, said).status_code == 400
    one = newcomers.confirmation(council[0].institution, [str(added[0].pk)], now=AFTERWARDS)
    assert one is not None
    broken = client.post(PAGE, {"text": one.text(), "signature": "x"}, follow=True).content.decode()
    other = client.post(PAGE, {"text": "x", "signature": "x"}, follow=True).content.decode()
    assert "did not arrive whole" in broken
    assert "Nothing was kept" in other
    assert not Confirmed.objects.exists()


def test_the_page_is_there_for_members_only(
    added: list[Person], council: list[Person], fernando: Person, ana: Person, elena: Person, sign_in: SignIn
) -> None:
    assert sign_in(council[0]).get(PAGE).status_code == 200
    for other in (fernando, ana, elena):
        assert sign_in(other).get(PAGE).status_code == 404


def test_everybody_reads_how_many_wait_and_ones_own_group_by_name(
    added: list[Person], council: list[Person], elena: Person, sign_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(AFTERWARDS)

    text = page(sign_in(elena), "/in/council/")

    assert "8 people wait for that." in text
    assert added[0].name not in text
    assert "helps a group to stand alone only once a member of it has said" in page(sign_in(council[1]), "/in/group/")


def test_ones_own_copy_says_that_one_was_confirmed(added: list[Person], council: list[Person]) -> None:
    confirm(council[0], added[:1], now=AFTERWARDS)

    copies = [own_copy(person, now=AFTERWARDS) for person in added[:2]]

    assert [copy["council"]["confirmed"] for copy in copies] == [True, False]
    assert copies[0]["person"]["listed_on"] == AFTERWARDS.date().isoformat()
