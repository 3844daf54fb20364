"""Where web and tally are apart: what is clicked and has to be signed is done by the tally, or the page says that it was not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from huey.exceptions import ResultTimeout

from callroom.council import actions as council
from callroom.kit import errands
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.pulse import queries
from callroom.pulse.actions import endings, freezes
from callroom.pulse.models import SkippedWeek, Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores import chain
from callroom.setup import actions as setup
from callroom.site import schedule
from tests.world.council import CHOSEN, PAUSE, make_key, propose, sign
from tests.world.people import person_in
from tests.world.waves import BEFORE, MONDAY, WAVE, headers

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

REASON = {"en": "A typhoon closed the hospital.", "es": "Un tifón cerró el hospital."}
READ = queries.reason_sha256(REASON)
TUESDAY = MONDAY + timedelta(days=1)


class Office:
    """The tally as the web sees it: words go to it and come back, as JSON, at an instant of its own clock."""

    def __init__(self, settings: LazySettings) -> None:
        self.settings = settings
        self.now = TUESDAY
        self.sent: list[str] = []

    def carry(self, name: str, arguments: Mapping[str, Any]) -> errands.Answer:
        self.sent.append(name.rpartition(".")[2])
        self.settings.PART = "tally"
        try:
            answer = errands.carry_out(name, json.loads(json.dumps(arguments)), now=self.now)
        finally:
            self.settings.PART = "web"
        came: errands.Answer = json.loads(json.dumps(answer))
        return came


@pytest.fixture
def office(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Let this process be the web's from now on, with a tally that answers."""
    settings.APART, settings.PART = True, "web"
    made = Office(settings)
    monkeypatch.setattr(errands._office, "courier", made.carry)
    return made


@pytest.fixture
def lucia(hospital: Institution) -> Person:
    """Return a second coordinator."""
    return person_in(hospital, "Lucia Mora", role=Role.COORDINATOR)


def test_the_web_signs_nothing_itself(announced: object, office: Office, hospital: Institution) -> None:
    with pytest.raises(chain.OnlyTheTallySigns), chain.appending(hospital, now=BEFORE):
        pass


def test_two_people_void_a_round_and_the_tally_signs_it(
    opened: object, office: Office, fernando: Person, lucia: Person
) -> None:
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=TUESDAY)
    assert office.sent == []

    endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=TUESDAY)

    assert office.sent == ["void"]
    assert headers()[-2:] == [("void", WAVE), ("burn", WAVE)]


def test_what_the_tally_refuses_the_web_refuses_in_the_same_words(
    opened: object, office: Office, fernando: Person, lucia: Person
) -> None:
    with pytest.raises(NotYours):
        endings.void(wave=WAVE, by=fernando, reason_sha256=READ, now=TUESDAY)
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=TUESDAY)
    with pytest.raises(endings.ReasonChanged):
        endings.void(wave=WAVE, by=lucia, reason_sha256="0" * 64, now=TUESDAY)

    # The tally goes by its own clock: what the web says the time is does not matter.
    office.now = MONDAY + timedelta(days=8)
    with pytest.raises(endings.TooLateToVoid):
        endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=TUESDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN


def test_a_freeze_a_skipped_week_and_the_first_round_go_the_same_way(
    announced: object, office: Office, hospital: Institution, fernando: Person, lucia: Person
) -> None:
    office.now = BEFORE
    endings.skip_week(by=fernando, monday=MONDAY.date(), reason=REASON, now=BEFORE)
    setup.begin_on(by=fernando, monday=MONDAY.date() + timedelta(weeks=3), now=BEFORE)
    freezes.ask_to_freeze(by=fernando, reason=REASON, now=BEFORE)
    freezes.freeze(by=lucia, reason_sha256=READ, now=BEFORE)

    assert office.sent == ["skip_week", "begin_on", "freeze"]
    assert Wave.objects.get(pk=WAVE).state == WaveState.WITHDRAWN
    assert SkippedWeek.objects.count() == 3
    assert queries.freeze_in_force(hospital) is not None


def test_a_council_is_named_and_decides(
    announced: object, office: Office, fernando: Person, ines: Person, marta: Person, noe: Person
) -> None:
    office.now = BEFORE
    members = (ines, marta, noe)
    council.appoint(by=fernando, persons=members, now=BEFORE)
    for member in members:
        make_key(member, now=BEFORE)
    council.found(by=fernando, reason=CHOSEN, now=BEFORE)
    # As the next request reads them: the chain has begun.
    ines, marta, noe = (Person.objects.get(pk=member.pk) for member in members)
    proposed = propose(ines, PAUSE, now=BEFORE)

    assert [sign(member, proposed, now=BEFORE) for member in (ines, marta)] == [False, True]
    with pytest.raises(council.Over):
        sign(noe, proposed, now=BEFORE)
    with pytest.raises(council.NotAskedFor):
        council.name_another(by=fernando, reason_sha256=READ, now=BEFORE)

    assert office.sent == ["found", "sign", "sign", "sign", "name_another"]


def test_the_week_that_the_calendar_offers_to_skip_goes_the_same_way(
    announced: object,
    office: Office,
    fernando: Person,
    sign_in: Callable[[Person], Client],
    at: Callable[[datetime], None],
) -> None:
    office.now = BEFORE
    at(BEFORE)

    page = sign_in(fernando).post("/in/calendar/skip/", {"monday": "2026-12-21"}, follow=True, secure=True)

    assert "The week is skipped." in page.content.decode()
    assert office.sent == ["skip_week"]
    assert SkippedWeek.objects.get().monday.isoformat() == "2026-12-21"


def test_a_tally_that_does_not_answer_about_the_calendar_is_said(
    announced: object,
    office: Office,
    fernando: Person,
    sign_in: Callable[[Person], Client],
    at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(errands._office, "courier", None)
    at(BEFORE)

    page = sign_in(fernando).post("/in/calendar/skip/", {"monday": "2026-12-21"}, follow=True, secure=True)

    assert "The worker has not answered yet" in page.content.decode()
    assert not SkippedWeek.objects.exists()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_tally_that_does_not_answer_is_said_and_nothing_changed(
    opened: object,
    office: Office,
    fernando: Person,
    lucia: Person,
    sign_in: Callable[[Person], Client],
    at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    class NothingComes:
        def get(self, **_how: object) -> errands.Answer:
            raise ResultTimeout

    monkeypatch.setattr(schedule, "run_errand", lambda *_words: NothingComes())
    monkeypatch.setattr(errands._office, "courier", schedule.carry)
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=TUESDAY)
    at(TUESDAY)
    client = sign_in(lucia)

    page = client.post(
        "/in/waves/void/",
        {"wave": WAVE, "confirm": "1", "reason_sha256": READ},
        follow=True, secure=True, headers={"accept-language": language},
    )  # fmt: skip

    said = "The worker has not answered yet" if language == "en" else "El proceso de fondo todavía no ha contestado"
    assert said in page.content.decode()
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN


def test_with_one_user_nothing_is_sent(opened: object, fernando: Person, lucia: Person) -> None:
    endings.ask_to_void(wave=WAVE, by=fernando, reason=REASON, now=TUESDAY)
    endings.void(wave=WAVE, by=lucia, reason_sha256=READ, now=TUESDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED
