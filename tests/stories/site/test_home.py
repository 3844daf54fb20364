"""The home page: one waiting thing, where my answer counts, what was published, and help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from callroom.audit.models import Look
from callroom.improvement.actions import promises
from callroom.improvement.actions.answers import Words
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse import jobs
from tests.world.people import person_in
from tests.world.waves import BEFORE, MONDAY, PUBLISHED, SUNDAY

STORES = ["default", "issuing", "sealed"]
pytestmark = pytest.mark.django_db(databases=STORES)
SignIn = Callable[[Person], Client]


def home_of(client: Client, language: str = "en") -> str:
    """Return the home page."""
    response = client.get("/in/", secure=True, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def resident(staffed: dict[str, list[Person]], unit: str = "emergency") -> Person:
    """Return a resident of a programme."""
    return staffed[unit][0]


def test_the_bare_address_leads_to_the_signed_in_side(fernando: Person):
    response = Client(headers={"host": "localhost"}).get("/", secure=True)

    assert response["Location"] == "/in/"


def test_the_bare_address_of_an_empty_installation_leads_to_its_first_start():
    response = Client(headers={"host": "localhost"}).get("/", secure=True)

    assert response["Location"] == "/in/start/"


def test_an_open_round_is_the_one_waiting_thing(opened: dict[str, list[Person]], sign_in: SignIn):
    page = home_of(sign_in(resident(opened)))

    assert "One check-in is waiting, Residente." in page
    assert "until Sunday 22 November, 20:00" in page
    assert '<a class="btn" href="/w/en/" rel="noreferrer" data-check-in-link>' in page


@pytest.mark.django_db(databases=STORES, transaction=True)
def test_everybody_is_asked_alike_whether_they_answered_or_not(
    opened: dict[str, list[Person]], sign_in: SignIn, everyone_answers: Callable
):
    person = resident(opened)
    before = home_of(sign_in(person))

    everyone_answers([person])

    assert main(home_of(sign_in(person))) == main(before)


def main(page: str) -> str:
    """Return a page's <main> without its form's secret."""
    inside = page[page.index("<main") : page.index("</main>")]
    return "".join(part for part in inside.split("<") if "csrfmiddlewaretoken" not in part)


def test_before_it_opens_the_next_round_is_named(
    announced: dict[str, list[Person]], elena: Person, sign_in: SignIn, at: Callable[[datetime], None]
):
    words = Words("en", "", "The rota is published six weeks ahead.")
    promises.commit(unit="emergency", by=elena, words=words, who="chair", due_on=date(2026, 12, 24), now=BEFORE)
    at(BEFORE)

    page = home_of(sign_in(resident(announced)))

    assert "Nothing is waiting" in page
    assert "opens on Monday 16 November, 06:00" in page


def test_whose_group_is_left_out_is_not_told_that_a_round_opens(
    announced: dict[str, list[Person]], fernando: Person, sign_in: SignIn, at: Callable[[datetime], None]
):
    promises.waive_all(units=["emergency"], by=fernando, reason_en="New.", reason_es="Nuevo.", now=BEFORE)
    at(BEFORE)

    asked, left_out = (home_of(sign_in(announced[unit][0])) for unit in ("emergency", "surgery"))

    assert "opens on Monday 16 November" in asked
    assert "No round opens for your group yet" not in asked
    assert "opens on Monday" not in left_out
    assert "No round opens for your group yet" in left_out


def test_a_leader_reads_that_a_first_promise_is_asked_until_it_is_made(
    announced: dict[str, list[Person]], elena: Person, sign_in: SignIn, at: Callable[[datetime], None]
):
    at(BEFORE)
    reader = sign_in(elena)
    asked = "Your first promise is asked of you before the round that opens on 16 November 2026."
    pages = [home_of(reader), reader.get("/in/answers/", headers={"accept-language": "en"}).content.decode()]

    for page in pages:
        assert asked in page
        assert "no round asks anybody in" in page
        assert '<a class="btn" href="/in/answers/commitment/?unit=medicine">' in page
        assert "Nothing waits" not in page

    words = Words("en", "", "The rota is published six weeks ahead.")
    promises.commit(unit="medicine", by=elena, words=words, who="chair", due_on=date(2026, 12, 24), now=BEFORE)
    assert "Your first promise" not in home_of(reader)
    desk = reader.get("/in/answers/", headers={"accept-language": "en"}).content.decode()
    assert "Your first promise" not in desk
    assert "Nothing waits" in desk


def test_whom_no_unit_waits_for_reads_of_no_first_promise(
    announced: dict[str, list[Person]], fernando: Person, sign_in: SignIn, at: Callable[[datetime], None]
):
    at(BEFORE)

    assert "first promise" not in home_of(sign_in(fernando))
    assert "first promise" not in home_of(sign_in(announced["surgery"][0]))


def test_it_says_where_my_answer_counts_and_with_whom(
    opened: dict[str, list[Person]], hospital: Institution, sign_in: SignIn
):
    alone, together = (home_of(sign_in(resident(opened, unit))) for unit in ("emergency", "dermatology"))

    assert "This year your answer counts in Emergency Medicine, every week." in alone
    assert "This year your answer counts in Dermatology together with Urology" in together


def test_a_leader_is_not_asked_and_sees_the_units_they_lead(
    opened: dict[str, list[Person]], elena: Person, sign_in: SignIn, at: Callable[[datetime], None]
):
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    at(PUBLISHED)

    page = home_of(sign_in(elena))

    assert "Good to see you, Dr. Elena Robles." in page
    assert "You are not asked to check in." in page
    assert 'href="/in/results/medicine/"' in page


def test_the_home_page_writes_nothing_about_who_opened_it(
    opened: dict[str, list[Person]], elena: Person, sign_in: SignIn, at: Callable[[datetime], None]
):
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    at(PUBLISHED)
    reader = sign_in(elena)

    home_of(reader)

    assert not Look.objects.exists(), "a row just before an answer would be a trace of it"
    assert reader.get("/in/results/medicine/").status_code == 200
    assert Look.objects.get().page == "/in/results/medicine/"


def test_an_operator_sees_no_results(opened: dict[str, list[Person]], oscar: Person, sign_in: SignIn):
    page = home_of(sign_in(oscar))

    assert "Latest results" not in page
    assert "/in/results/" not in page


def test_until_a_round_opens_whoever_sets_up_is_led_back_to_the_steps(
    announced: dict[str, list[Person]], oscar: Person, sign_in: SignIn, at: Callable[[datetime], None]
):
    at(BEFORE)
    assert "Go on setting up" in home_of(sign_in(oscar))
    assert "Go on setting up" not in home_of(sign_in(resident(announced)))

    at(MONDAY)
    assert "Go on setting up" not in home_of(sign_in(oscar))


def test_help_is_on_the_page_and_learns_nothing(opened: dict[str, list[Person]], oscar: Person, sign_in: SignIn):
    page = home_of(sign_in(oscar))

    assert '<a class="line lamp" href="/help/en/" rel="noreferrer">' in page


def test_it_promises_no_more_than_is_true_while_a_round_is_open(opened: dict[str, list[Person]], sign_in: SignIn):
    page = home_of(sign_in(resident(opened)))

    assert "Nobody can see" not in page
    assert "the key to them is erased once they are counted" in page


def test_after_closing_nothing_is_waiting(
    opened: dict[str, list[Person]], sign_in: SignIn, at: Callable[[datetime], None]
):
    at(SUNDAY + timedelta(minutes=1))

    assert "One check-in is waiting" not in home_of(sign_in(resident(opened)))


def test_it_speaks_spanish(opened: dict[str, list[Person]], hospital: Institution, sign_in: SignIn):
    person = person_in(hospital, "Bruno Salas", home="emergency", role=Role.CHIEF, unit="emergency")

    page = home_of(sign_in(person), "es")

    assert "Dónde cuenta mi respuesta" in page
    assert "Este año tu respuesta cuenta en Urgencias, cada semana." in page
    assert 'href="/in/results/emergency/"' in page
