"""*Try to find me*: what the button finds, and that it is nowhere but in the demo and on test installations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from callroom.people.models import Person
from callroom.pulse.simulation import Reader, SimulatedResident
from callroom.pulse.stores.register import Fetched, Register
from callroom.pulse.stores.wave_keys import WaveKeys
from callroom.site.attack import trial
from tests.world.waves import FINE, MONDAY, WAVE

pytestmark = [pytest.mark.django_db(databases=["default", "issuing", "sealed"]), pytest.mark.one_store]
Residents = dict[str, list[Person]]
SignIn = Callable[[Person], Client]


@pytest.fixture
def tried(opened: Residents, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Callable[[], trial.Trial]:
    """Return what makes a trial over this process's own application."""
    monkeypatch.setattr(trial, "HttpAddress", lambda _base, known_as: reader.address)

    def run(**changed: Any) -> trial.Trial:
        wanted = {"base": "", "known_as": "", "given": lambda *_who: FINE, "now": MONDAY, "shuffle": Random(31).shuffle}
        return trial.run(**{**wanted, **changed})

    return run


def test_the_ordinary_survey_gives_everybody_away_and_callroom_is_luck(tried: Callable[[], trial.Trial]) -> None:
    made = tried()

    assert (made.wave, made.people, made.groups) == (WAVE, 50, 2)
    assert all(made.ordinary)
    assert len(made.ordinary) == made.people
    assert sum(made.callroom) <= made.groups + 6 * made.groups**0.5


def test_with_a_register_in_the_order_of_issuing_the_button_would_show_it(
    tried: Callable[[], trial.Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same attack on a fault that is planted: else the picture would be the same whatever the house did."""
    came: list[object] = []
    issue = Register.issue

    def noted(register: Register, person: Any, blinded: bytes, *, may_replace: bool) -> int:
        came.append(person)
        return issue(register, person, blinded, may_replace=may_replace)

    slots = Register.slots
    monkeypatch.setattr(Register, "issue", noted)
    monkeypatch.setattr(
        Register,
        "slots",
        lambda register: sorted(
            slots(register), key=lambda slot: came.index(slot.person) if slot.person in came else len(came)
        ),
    )

    assert all(tried().callroom)


def test_who_has_answered_is_left_alone_and_nobody_left_is_said(
    tried: Callable[[], trial.Trial], opened: Residents, device: Callable[[Person], SimulatedResident]
) -> None:
    device(opened["emergency"][0]).answer(WAVE, FINE)
    assert tried().people == 49

    with pytest.raises(trial.TooFewLeft):
        tried()
    fetched = [slot for slot in Register(WaveKeys(WAVE).register_file, WAVE).slots() if slot.fetched is Fetched.ONCE]
    assert len(fetched) == 50


def test_what_is_kept_is_how_many_and_nothing_about_whom(
    tried: Callable[[], trial.Trial], folders: Path, opened: Residents
) -> None:
    made = tried()

    trial.keep(made)

    assert trial.last() == made
    text = (folders / "find-me.json").read_text()
    assert not any(str(person.pk) in text or person.name in text for person in opened["emergency"])
    assert list(made.callroom) == sorted(made.callroom, reverse=True), "the order of the marks says nothing either"


def test_it_is_not_there_in_production(opened: Residents, sign_in: SignIn, settings: LazySettings) -> None:
    ana = sign_in(opened["emergency"][0])
    assert ana.get("/in/find-me/", secure=True).status_code == 404
    assert ana.post("/in/find-me/", secure=True).status_code == 404

    settings.TEST_INSTALLATION = True

    assert ana.get("/in/find-me/", secure=True).status_code == 200


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_says_in_words_what_the_picture_shows(
    tried: Callable[[], trial.Trial], opened: Residents, sign_in: SignIn, settings: LazySettings, language: str
) -> None:
    settings.TEST_INSTALLATION = True
    trial.keep(trial.Trial(WAVE, 4, (True,) * 60, (True,) * 5 + (False,) * 55))
    client = sign_in(opened["emergency"][0])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    page = client.get("/in/find-me/", secure=True).content.decode()

    said = {
        "en": ("60 of 60 people", "5 of 60 people", "What this cannot stop"),
        "es": ("60 de 60", "5 de 60", "Lo que esto no puede impedir"),
    }
    assert all(words in page for words in said[language])
    assert page.count('class="p-down"') == 65 + 1
    assert page.count('class="p-was"') == 55 + 1
