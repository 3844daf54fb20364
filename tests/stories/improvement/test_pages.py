"""The pages: a leader's desk, the answer, what became of it, the ledger, the coordinator's page, practice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from callroom.improvement import jobs
from callroom.improvement.models import Answer, Clock, Promise, Reminder, Waiver
from callroom.people.models import Person
from tests.stories.improvement.conftest import FIRST, clock_of

SignIn = Callable[[Person], Client]
At = Callable[[datetime], None]

WE_WILL = {
    "kind": "will",
    "will-heard": "Help is hard to get at night.",
    "will-what": "A second resident is on call on weekends.",
    "will-due_on": "2026-04-30",
    "will-who": "Dr. Julia Mora",
}


@pytest.fixture(autouse=True)
def _clock(at: At) -> None:
    at(FIRST + timedelta(days=1))


def test_the_desk_begins_with_what_to_do(started: Clock, director: Person, sign_in: SignIn) -> None:
    page = sign_in(director).get("/in/answers/").content.decode()

    assert "Your residents wait for an answer until 23 March." in page
    assert page.index("What to do now") < page.index("What you promised") < page.index("What you can do")
    assert f'href="/in/answers/{started.pk}/"' in page
    assert page.count("This week:") == 24, "three ideas for each of eight"


def test_an_answer_is_published_at_once(started: Clock, director: Person, ana: Person, sign_in: SignIn) -> None:
    answer = sign_in(director).post(f"/in/answers/{started.pk}/", WE_WILL)

    assert answer.status_code == 302
    page = sign_in(ana).get("/in/promises/").content.decode()
    assert "Un segundo" not in page
    assert WE_WILL["will-what"] in page
    assert WE_WILL["will-heard"] in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"will-due_on": "2026-03-09"}, "This day is over."),
        ({"will-due_on": "2028-03-09"}, "more than a year away"),
        ({"will-due_on": "soon"}, "Enter a valid date"),
        ({"will-what": "  "}, "This field is required"),
        ({"will-who": "x" * 121}, "at most 120"),
    ],
)
def test_bad_input_is_said_and_nothing_is_lost(
    changed: dict[str, str], said: str, started: Clock, director: Person, sign_in: SignIn
) -> None:
    answer = sign_in(director).post(f"/in/answers/{started.pk}/", WE_WILL | changed)

    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page
    assert WE_WILL["will-heard"] in page
    assert not Answer.objects.exists()


def test_who_comes_second_keeps_their_words(started: Clock, director: Person, elena: Person, sign_in: SignIn) -> None:
    sign_in(director).post(f"/in/answers/{started.pk}/", WE_WILL)

    answer = sign_in(elena).post(f"/in/answers/{started.pk}/", WE_WILL | {"will-what": "Something quite different."})

    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Somebody answered this meanwhile" in page
    assert "Something quite different." in page
    assert Promise.objects.count() == 1


def test_not_yours_looks_like_not_there(started: Clock, director: Person, surgeon: Person, sign_in: SignIn) -> None:
    strange = sign_in(surgeon)

    assert strange.get(f"/in/answers/{started.pk}/").status_code == 404
    assert strange.post(f"/in/answers/{started.pk}/", WE_WILL).status_code == 404
    assert strange.get("/in/answers/999999/").status_code == 404
    assert sign_in(director).get(f"/in/answers/{started.pk}/").status_code == 200


def test_passing_it_on(started: Clock, director: Person, elena: Person, sign_in: SignIn) -> None:
    said = {
        "kind": "passed",
        "passed-heard": "No bed to rest.",
        "passed-to_unit": "medicine",
        "passed-because": "The rooms are the department's.",
        "passed-from_unit": "emergency",
    }
    client = sign_in(director)
    assert client.post(f"/in/answers/{started.pk}/", said | {"passed-to_unit": "nowhere"}).status_code == 400

    assert client.post(f"/in/answers/{started.pk}/", said).status_code == 302

    page = sign_in(elena).get("/in/answers/").content.decode()
    assert "Emergency Medicine passed it on to Medicine" in page


def test_who_has_not_answered_is_shown_to_everybody(
    started: Clock, ana: Person, director: Person, at: At, sign_in: SignIn
) -> None:
    at(FIRST + timedelta(days=19))
    jobs.tick(FIRST + timedelta(days=19))

    for person in (ana, director):
        page = sign_in(person).get("/in/promises/", headers={"accept-language": "en"}).content.decode()
        assert "Emergency Medicine has not answered: 5 days over." in page


def test_what_became_of_it(started: Clock, director: Person, bruno: Person, at: At, sign_in: SignIn) -> None:
    sign_in(director).post(f"/in/answers/{started.pk}/", WE_WILL)
    promise = Promise.objects.get()
    at(datetime.fromisoformat("2026-05-04T12:00-06:00"))
    client = sign_in(director)
    assert "Say what became of it" in client.get("/in/answers/").content.decode()

    later = {"kind": "later", "later-due_on": "2026-05-20", "later-reason": "The list was not signed."}
    assert client.post(f"/in/answers/promises/{promise.pk}/", later | {"later-due_on": "2026-04-30"}).status_code == 400
    assert client.post(f"/in/answers/promises/{promise.pk}/", later).status_code == 302
    chief = sign_in(bruno)
    kept = {"kind": "kept", "kept-outcome": "Ya hay dos personas de guardia."}
    in_spanish = {"accept-language": "es"}
    assert chief.post(f"/in/answers/promises/{promise.pk}/", kept, headers=in_spanish).status_code == 302
    assert chief.post(f"/in/answers/promises/{promise.pk}/", {"kind": "kept"}).status_code == 400

    page = client.get("/in/promises/emergency/").content.decode()
    assert "Kept, 4 days late" in page
    assert "The list was not signed." in page
    assert '<span lang="es">Ya hay dos personas de guardia.</span> · in Spanish' in page


def test_practice_checks_the_same_and_stores_nothing(started: Clock, director: Person, sign_in: SignIn) -> None:
    client = sign_in(director)
    before = Clock.objects.get(pk=started.pk).changed_at

    assert client.get("/in/answers/practice/").status_code == 200
    assert client.post("/in/answers/practice/", WE_WILL | {"will-what": ""}).status_code == 400
    done = client.post("/in/answers/practice/", WE_WILL)

    assert "Your residents would read now:" in done.content.decode()
    assert WE_WILL["will-what"] in done.content.decode()
    assert not Answer.objects.exists()
    assert not Promise.objects.exists()
    assert Clock.objects.get(pk=started.pk).changed_at == before


@pytest.mark.parametrize("kind", ["will-not", "passed"])
def test_practising_the_other_answers(kind: str, started: Clock, director: Person, sign_in: SignIn) -> None:
    said = {
        "kind": kind,
        "not-heard": "More pay.",
        "not-because": "It is the ministry's.",
        "passed-heard": "More pay.",
        "passed-because": "It is the ministry's.",
        "passed-to_unit": "practice-department",
        "passed-from_unit": "practice-unit",
    }

    done = sign_in(director).post("/in/answers/practice/", said)

    assert "It is the ministry&#x27;s." in done.content.decode()
    assert not Answer.objects.exists()


def test_an_idea_fills_in_what_will_be_done(started: Clock, director: Person, sign_in: SignIn) -> None:
    page = sign_in(director).get(f"/in/answers/{started.pk}/?idea=support-backup").content.decode()
    assert "Have a second person on call who comes within 30 minutes" in page
    assert sign_in(director).get(f"/in/answers/{started.pk}/?idea=%00nonsense").status_code == 200


def test_the_coordinator_reminds_and_waives(
    started: Clock, director: Person, fernando: Person, sign_in: SignIn
) -> None:
    client = sign_in(fernando)
    assert client.get("/in/answers/waiting/").status_code == 200

    assert client.post(f"/in/answers/{started.pk}/remind/").status_code == 302

    assert Reminder.objects.filter(letter="coordinator", person=director).count() == 1
    assert sign_in(director).post(f"/in/answers/{started.pk}/remind/").status_code == 404


def test_a_waiver_takes_a_reason_in_both_languages(fernando: Person, ana: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    given = {"units": ["emergency"], "reason_es": "Hay nueva jefa.", "reason_en": "There is a new chair."}
    assert client.post("/in/answers/waiting/waive/", given | {"reason_en": ""}).status_code == 400
    assert client.post("/in/answers/waiting/waive/", given | {"units": ["nowhere"]}).status_code == 400
    assert not Waiver.objects.exists()

    assert client.post("/in/answers/waiting/waive/", given).status_code == 302

    assert "Hay nueva jefa." in sign_in(ana).get("/in/promises/").content.decode()


def test_a_commitment_before_the_first_round(elena: Person, ana: Person, sign_in: SignIn) -> None:
    given = {
        "unit": "medicine",
        "what": "The rota comes six weeks ahead.",
        "due_on": "2026-04-30",
        "who": "Dr. Elena Robles",
    }
    client = sign_in(elena)
    assert client.post("/in/answers/commitment/", given | {"unit": "surgery"}).status_code == 400
    assert client.post("/in/answers/commitment/", given).status_code == 302

    assert "The rota comes six weeks ahead." in sign_in(ana).get("/in/promises/medicine/").content.decode()


def test_a_unit_that_is_not_there_has_no_history(ana: Person, sign_in: SignIn) -> None:
    assert sign_in(ana).get("/in/promises/nowhere/").status_code == 404


def test_clocks_are_not_started_by_looking(publish: Callable[..., None], elena: Person, sign_in: SignIn) -> None:
    publish(FIRST)

    sign_in(elena).get("/in/answers/")

    assert not Clock.objects.exists()
    jobs.tick(FIRST)
    assert clock_of("emergency")


def test_residents_read_it_on_their_home_page_and_beside_results(
    started: Clock, ana: Person, director: Person, at: At, sign_in: SignIn
) -> None:
    client = sign_in(ana)
    at(FIRST + timedelta(days=19))
    for address in ("/in/", "/in/results/emergency/", "/in/results/medicine/"):
        page = client.get(address, headers={"accept-language": "en"}).content.decode()
        assert "Emergency Medicine has not answered: 5 days over." in page, address

    sign_in(director).post(f"/in/answers/{started.pk}/", WE_WILL)

    for address in ("/in/", "/in/results/emergency/", "/in/results/medicine/"):
        page = client.get(address).content.decode()
        assert "Emergency Medicine has not answered" not in page, address
        assert WE_WILL["will-what"] in page, address


def test_words_in_another_language_say_which_and_are_marked(
    started: Clock, ana: Person, director: Person, sign_in: SignIn
) -> None:
    sign_in(director).post(f"/in/answers/{started.pk}/", WE_WILL, headers={"accept-language": "en"})
    assert Promise.objects.get().language == "en"
    client = sign_in(ana)
    for address in ("/in/", "/in/results/emergency/", "/in/promises/"):
        in_spanish = client.get(address, headers={"accept-language": "es"}).content.decode()
        assert f'<p lang="en">{WE_WILL["will-what"]}</p>' in in_spanish, address
        assert "Dr. Julia Mora" in in_spanish, address
        assert "· en inglés" in in_spanish, address
        assert "· in English" not in client.get(address, headers={"accept-language": "en"}).content.decode(), address


def test_a_leaders_home_page_says_that_an_answer_waits(
    started: Clock, director: Person, ana: Person, sign_in: SignIn
) -> None:
    assert "Answer your residents" in sign_in(director).get("/in/").content.decode()
    assert "/in/answers/" not in sign_in(ana).get("/in/").content.decode()


def test_another_units_promises_are_not_on_the_home_page(
    started: Clock, director: Person, ines: Person, sign_in: SignIn
) -> None:
    sign_in(director).post(f"/in/answers/{started.pk}/", WE_WILL)

    assert WE_WILL["will-what"] not in sign_in(ines).get("/in/").content.decode()
    assert WE_WILL["will-what"] in sign_in(ines).get("/in/promises/").content.decode()
