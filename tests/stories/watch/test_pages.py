"""Signals on the pages: the very same page for everybody, the reasons in words, and a leader's one button beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from callroom.people.models import Person
from callroom.pulse.models import Plan, Wave
from callroom.pulse.states import WaveState
from callroom.watch import actions
from callroom.watch.models import Signal, Watched
from callroom.watch.states import Stage
from tests.stories.watch.conftest import NOW

SignIn = Callable[[Person], Client]
PAGES = ("/in/results/", "/in/results/medicine/", "/in/results/emergency/", "/in/results/emergency/why/")


def page_of(client: Client, address: str, language: str = "en") -> str:
    answer = client.get(address, secure=True, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def main_of(page: str) -> str:
    found = re.search(r"<main.*</main>", page, re.DOTALL)
    assert found
    return found.group()


def button(page: str) -> bool:
    return "/acknowledge/" in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_leaders_and_residents_read_the_very_same_bytes(
    watched: Plan, ana: Person, elena: Person, hector: Person, sign_in: SignIn, language: str
) -> None:
    for address in PAGES:
        mains = {main_of(page_of(sign_in(person), address, language)) for person in (ana, elena, hector)}
        assert len(mains) == 1, address


def test_the_page_opens_with_the_sentence_and_marks_when_it_began(watched: Plan, ana: Person, sign_in: SignIn) -> None:
    page = main_of(page_of(sign_in(ana), "/in/results/emergency/"))

    assert re.search(
        r"<h1[^>]*>Ratings in Emergency Medicine have very likely been falling since about 28 September", page
    )
    assert 'class="c-began"' in page
    assert "A decline began about 28 September" in page
    assert "8 in 10 sure" in page
    assert "Signal raised" in page
    assert (
        "As many people answer as before: mostly 8 to 11 of 13. Whether they are the same people, nobody can know."
        in page
    )
    assert "Control chart, a second view" in page
    assert "one to two false alarms per unit and year" in page
    assert "%" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)


def test_the_quiet_unit_says_its_level_with_its_uncertainty(watched: Plan, ana: Person, sign_in: SignIn) -> None:
    page = main_of(page_of(sign_in(ana), "/in/results/surgery/"))

    assert "Ratings in General Surgery show no clear change." in page
    assert re.search(r"Their level is about 6\.\d \(\d\.\d to \d\.\d\)\.", page)
    assert 'class="c-began"' not in page
    assert 'class="c-level"' in page


def test_the_merged_leaf_is_named_by_all_its_units(watched: Plan, ana: Person, sign_in: SignIn) -> None:
    page = main_of(page_of(sign_in(ana), "/in/results/dermatology/"))

    assert "Ratings in Dermatology and Urology show no clear change." in page


def test_the_department_names_the_falling_unit(watched: Plan, ana: Person, sign_in: SignIn) -> None:
    for address in ("/in/results/", "/in/results/medicine/"):
        assert "Ratings in Emergency Medicine have very likely been falling" in main_of(page_of(sign_in(ana), address))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "How often it is wrong"), ("es", "Con qué frecuencia se equivoca")]
)
def test_why_is_explained_in_both_languages(
    watched: Plan, ana: Person, sign_in: SignIn, language: str, words: str
) -> None:
    page = main_of(page_of(sign_in(ana), "/in/results/emergency/why/", language))

    assert words in page
    assert page.count('<tr role="row">') == 13


def test_why_is_there_for_programmes_only(watched: Plan, ana: Person, dario: Person, sign_in: SignIn) -> None:
    assert sign_in(ana).get("/in/results/medicine/why/", secure=True)["Location"] == "/in/results/medicine/"
    assert sign_in(ana).get("/in/results/nowhere/why/", secure=True).status_code == 404
    assert sign_in(dario).get("/in/results/emergency/why/", secure=True).status_code == 404


def test_only_its_leader_has_the_button_and_only_until_it_was_pressed(
    watched: Plan, ana: Person, elena: Person, hector: Person, sign_in: SignIn
) -> None:
    signal = Signal.objects.get()
    for address in PAGES:
        assert button(page_of(sign_in(elena), address))
        assert not button(page_of(sign_in(ana), address))
        assert not button(page_of(sign_in(hector), address))
    assert not button(page_of(sign_in(elena), "/in/results/dermatology/"))

    answer = sign_in(elena).post(
        f"/in/signals/{signal.pk}/acknowledge/", {"next": "/in/results/emergency/"}, secure=True
    )

    assert answer["Location"] == "/in/results/emergency/"
    page = page_of(sign_in(elena), "/in/results/emergency/")
    assert not button(page)
    assert "Dr. Elena Robles said on 23 November that they have seen it." in page
    assert main_of(page_of(sign_in(ana), "/in/results/emergency/")) == main_of(
        page_of(sign_in(elena), "/in/results/emergency/")
    )


def test_who_has_answered_a_confirmed_decline_is_not_asked_to_say_that_they_saw_it(
    watched: Plan, elena: Person, sign_in: SignIn
) -> None:
    actions.mark_answered(signal_id=Signal.objects.get().pk, now=NOW)

    page = page_of(sign_in(elena), "/in/results/emergency/")

    assert "A published answer covers it." in page
    assert "No leader of the unit has said yet" not in page
    assert not button(page)


def test_a_leader_of_another_unit_finds_nothing_to_press(watched: Plan, sign_in: SignIn, ana: Person) -> None:
    from callroom.people.states import Role
    from tests.world.people import person_in

    other = person_in(watched.institution, "Jorge Mora", role=Role.LEADER, unit="surgical")
    signal = Signal.objects.get()

    assert not button(page_of(sign_in(other), "/in/results/emergency/"))
    assert sign_in(other).post(f"/in/signals/{signal.pk}/acknowledge/", secure=True).status_code == 404
    assert sign_in(ana).post(f"/in/signals/{signal.pk}/acknowledge/", secure=True).status_code == 404
    assert Signal.objects.get().stage == Stage.RAISED


def test_a_signal_that_is_over_says_so(watched: Plan, elena: Person, sign_in: SignIn) -> None:
    Signal.objects.update(stage=Stage.WITHDRAWN)

    answer = sign_in(elena).post(
        "/in/signals/999/acknowledge/", {"next": "https://elsewhere.example/"}, secure=True, follow=True
    )

    assert answer.redirect_chain[0][0] == "/in/"
    assert "This signal is over" in answer.content.decode()


def test_pages_follow_when_a_wave_is_voided(watched: Plan, ana: Person, sign_in: SignIn) -> None:
    client = sign_in(ana)
    before = main_of(page_of(client, "/in/results/emergency/"))
    for wave in Wave.objects.filter(weeks=1).order_by("-closes_at")[:8]:
        wave.state, wave.release = WaveState.VOIDED, ""
        wave.save()
    Watched.objects.all().update(edition="")
    actions.look(institution=watched.institution, now=NOW)

    after = main_of(page_of(client, "/in/results/emergency/"))

    assert "very likely" in before
    assert "very likely" not in after
    assert "show no clear change" in after
    why = main_of(page_of(client, "/in/results/emergency/why/"))
    assert "Signal withdrawn" in why


def test_many_units_stand_on_one_screen_from_a_to_z(watched: Plan, ana: Person, sign_in: SignIn) -> None:
    from callroom.people import actions as people

    for number in range(12):
        people.place_unit(
            institution=watched.institution,
            unit=f"lab-{number:02}",
            name_en=f"Laboratory {number:02}",
            name_es=f"Laboratorio {number:02}",
            kind="programme",
            parent="medicine",
        )

    page = main_of(page_of(sign_in(ana), "/in/results/medicine/"))

    found = re.search(r'<ul class="glance">.*?</ul>', page, re.DOTALL)
    assert found
    names = re.findall(r"<a [^>]*>([^<]+)</a>", found.group())
    assert names == sorted(names)
    assert len(names) == 14
    assert re.search(r'class="flag".*?Emergency Medicine</a><small>Falling, very likely', found.group())
    assert found.group().count("not asked") == 12
