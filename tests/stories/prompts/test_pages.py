"""The pages about letters, what anybody may pass on, and the calendar with its feed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from callroom.people.models import Institution, Person
from callroom.prompts import actions, calendars, queries
from callroom.prompts.states import Arrived
from callroom.pulse.models import SkippedWeek
from callroom.pulse.simulation import Reader
from callroom.setup import checks
from callroom.setup.states import Topic
from tests.world.waves import BEFORE, MONDAY

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
SignIn = Callable[[Person], Client]
SetClock = Callable[[datetime], None]
LINK = "https://bienestar.hospital.example/w/es/"


@pytest.fixture(autouse=True)
def _address(settings: LazySettings, at: SetClock) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://bienestar.hospital.example"]
    settings.MAIL_IS_SET_UP = True
    at(BEFORE)


def line(now: datetime = BEFORE) -> checks.Finding:
    (found,) = (each for each in checks.findings(now=now) if each.topic is Topic.PROMPTS)
    return found


def timed(fernando: Person) -> None:
    actions.set_times(by=fernando, opening_at=time(7, 30), reminders=((2, time(12, 30)),), now=BEFORE)


def test_times_are_set_read_again_and_stopped(fernando: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    said = {"opening_at": "07:45", "first_day": "2", "first_at": "12:30", "second_day": "5", "second_at": "10:00"}

    assert client.post("/in/letters/", said).status_code == 302

    found = queries.times_of(fernando.institution)
    assert found is not None
    assert (found.opening_at, found.reminders) == (time(7, 45), ((2, time(12, 30)), (5, time(10))))
    assert 'value="07:45"' in client.get("/in/letters/").content.decode()
    client.post("/in/letters/stop/")
    assert queries.times_of(fernando.institution) is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"opening_at": "23:00"}, "opening_at"),
        ({"opening_at": ""}, "opening_at"),
        ({"opening_at": "seven"}, "opening_at"),
        ({"opening_at": "08:00", "first_day": "2"}, "first_at"),
        ({"opening_at": "08:00", "first_at": "12:00"}, "first_at"),
        ({"opening_at": "08:00", "first_day": "2", "first_at": "04:00"}, "first_at"),
        ({"opening_at": "08:00", "second_day": "2", "second_at": "12:00"}, "second_day"),
        (
            {"opening_at": "08:00", "first_day": "3", "first_at": "12:00", "second_day": "3", "second_at": "18:00"},
            "second_day",
        ),
        ({"opening_at": "08:00", "first_day": "9", "first_at": "12:00"}, "first_day"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_lost(
    fernando: Person, sign_in: SignIn, said: dict[str, str], field: str
) -> None:
    answer = sign_in(fernando).post("/in/letters/", said)

    assert answer.status_code == 400
    assert field in answer.context["form"].errors
    assert queries.times_of(fernando.institution) is None
    assert answer.context["form"]["opening_at"].value() == said["opening_at"]


def test_the_check_is_red_until_times_are_set_and_the_link_arrives_as_sent(fernando: Person, sign_in: SignIn) -> None:
    assert not line().settled
    timed(fernando)
    assert not line().settled
    client = sign_in(fernando)
    client.post("/in/letters/test/")
    (letter,) = mail.outbox
    assert letter.to == [fernando.email]
    assert LINK in letter.body

    client.post("/in/letters/link/", {"link": f"https://eur03.safelinks.protection.outlook.com/?url={LINK}"})
    changed = line()
    page = client.get("/in/letters/").content.decode()
    client.post("/in/letters/link/", {"link": LINK})

    assert not changed.settled
    assert "Microsoft Defender Safe Links" in changed.says
    assert "Microsoft Defender Safe Links" in page
    assert line().settled
    found = queries.times_of(fernando.institution)
    assert found is not None
    assert found.arrived is Arrived.AS_SENT


def test_what_is_no_link_is_refused_in_place(fernando: Person, sign_in: SignIn) -> None:
    timed(fernando)

    answer = sign_in(fernando).post("/in/letters/link/", {"link": "callroom"})

    assert answer.status_code == 400
    assert "This is no web address." in answer.content.decode()


def test_mail_that_does_not_work_is_said(fernando: Person, sign_in: SignIn, settings: LazySettings) -> None:
    timed(fernando)
    settings.MAIL_IS_SET_UP = False

    answer = sign_in(fernando).post("/in/letters/test/", follow=True)

    assert "The letter could not be sent." in answer.content.decode()


@pytest.mark.parametrize("who", ["ana", "bruno", "elena", "fernando"])
def test_anybody_may_pass_the_link_on_and_it_names_nobody(
    who: str, everybody: dict[str, Person], sign_in: SignIn
) -> None:
    client = sign_in(everybody[who])

    page = client.get("/in/invite/").content.decode()
    ward = client.get("/in/invite/ward/").content.decode()

    texts = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert len(texts) == 2
    for text in texts:
        assert re.fullmatch(r"https://bienestar\.hospital\.example/w/e[ns]/", re.search(r"https?://\S+", text)[0])  # type: ignore[index]
    drawing = ward[ward.index('class="ward-code"') :].partition("</svg>")[0]
    assert "<path" in drawing
    assert "style=" not in drawing
    assert "http" not in drawing.replace("http://www.w3.org/2000/svg", "")


def test_an_operator_sees_no_results_and_passes_nothing_on(oscar: Person, sign_in: SignIn) -> None:
    for path in ("/in/invite/", "/in/invite/ward/", "/in/calendar/", "/in/letters/"):
        assert sign_in(oscar).get(path).status_code == 404, path


def test_the_ward_page_says_the_same_to_two_people(ana: Person, elena: Person, sign_in: SignIn) -> None:
    found = [
        sign_in(person).get("/in/invite/ward/").content.decode().partition("<main")[2].partition("</main>")[0]
        for person in (ana, elena)
    ]

    assert found[0] == found[1]


def test_the_calendar_shows_rounds_and_skipped_weeks(hospital: Institution, ana: Person, sign_in: SignIn) -> None:
    SkippedWeek.objects.create(
        institution=hospital, monday=date(2026, 12, 21), reason_en="Christmas", reason_es="Navidad"
    )

    page = sign_in(ana).get("/in/calendar/").content.decode()

    assert "Week of 16 November 2026" in page
    assert "A round of 1 week opens" in page
    assert "Christmas" in page


def test_the_feed_is_the_same_for_everybody_and_needs_no_name(hospital: Institution, reader: Reader) -> None:
    SkippedWeek.objects.create(
        institution=hospital, monday=date(2026, 12, 21), reason_en="Rest; and, more", reason_es="Descanso " + "á" * 120
    )

    english = reader.address.send("GET", "/w/en/calendar.ics", {})
    spanish = reader.address.send("GET", "/w/es/calendar.ics", {})

    assert english.status == spanish.status == 200
    assert english.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert english.body == reader.address.send("GET", "/w/en/calendar.ics", {}).body
    text = english.body.decode()
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "DTSTART;VALUE=DATE:20261116\r\n" in text
    assert r"SUMMARY:Nobody is asked: Rest\; and\, more" in text
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == len(set(re.findall(r"UID:\S+", text)))
    assert all(len(piece) <= 75 for piece in spanish.body.split(b"\r\n"))
    assert "á" * 120 in spanish.body.decode().replace("\r\n ", "")
    assert reader.address.send("GET", "/w/xx/calendar.ics", {}).status == 404


def test_a_plan_with_longer_rounds_is_on_the_calendar(
    announced: dict[str, list[Person]], hospital: Institution
) -> None:
    lengths = {length for week in calendars.weeks(hospital, now=MONDAY) for length in week.opens}

    assert lengths >= {1}
    assert lengths <= {1, 2, 4}
