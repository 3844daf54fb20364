"""Holidays: letters wait for a working day, the calendar names them, warns and offers, and nothing is skipped by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from callroom.audit.models import AuditRow
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.prompts import actions, calendars, holidays, jobs
from callroom.prompts.holidays import Where
from callroom.prompts.models import HolidayPlace, OwnDay
from callroom.pulse.models import SkippedWeek, Wave
from callroom.pulse.simulation import Reader
from callroom.pulse.states import WaveState
from tests.world.waves import BEFORE, MONDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
SignIn = Callable[[Person], Client]
SetClock = Callable[[datetime], None]
MORNING = timedelta(hours=2)
"""08:00 of the day that begins with MONDAY's 06:00."""
YEARS_END = date(2026, 12, 21)


@pytest.fixture(autouse=True)
def _mail(settings: LazySettings, at: SetClock) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.CSRF_TRUSTED_ORIGINS = ["https://bienestar.hospital.example"]
    at(BEFORE)


@pytest.fixture
def timed(opened: Residents, fernando: Person) -> set[str]:
    """Letters at the opening, on Wednesday and on Saturday. Return the addresses of whom the weekly round asks."""
    actions.set_times(by=fernando, opening_at=time(7, 30), reminders=((2, time(12, 30)), (5, time(10))), now=BEFORE)
    return {person.email for unit in ("emergency", "surgery") for person in opened[unit]}


def resting(fernando: Person, *days: int) -> None:
    """Let the house rest on these days of the week, Monday 0."""
    for day in days:
        name = {"en": f"Day {day}", "es": f"Día {day}"}
        on = MONDAY.date() + timedelta(days=day)
        actions.add_day(by=fernando, day=on, every_year=False, name=name, now=BEFORE)


def letters_by_day(asked: set[str], days: int = 8) -> dict[int, list[str]]:
    """Let the worker turn at 08:00 and 13:00 of each day; return the kinds of letter that everybody asked got, by day."""
    found: dict[int, list[str]] = {}
    for day in range(days):
        for hours in (2, 7):
            mail.outbox.clear()
            for minute in range(5):
                jobs.tick(MONDAY + timedelta(days=day, hours=hours, minutes=minute))
            to = Counter(address for letter in mail.outbox for address in letter.to)
            if to.keys() & asked:
                assert {to[address] for address in asked} == {1}, "everybody once"
                subjects = {letter.subject.partition(":")[0] for letter in mail.outbox if letter.to[0] in asked}
                assert len(subjects) == 1
                found.setdefault(day, []).append("reminder" if "Reminder" in subjects else "opening")
    return found


def test_the_letter_of_a_round_that_opens_on_a_public_holiday_goes_out_on_tuesday(timed: set[str]) -> None:
    """The third Monday of November is the day of the Revolution in Mexico: nobody set anything."""
    assert letters_by_day(timed) == {1: ["opening"], 2: ["reminder"], 5: ["reminder"]}


def test_without_public_holidays_it_goes_out_on_monday(timed: set[str], fernando: Person) -> None:
    actions.set_place(by=fernando, place=Where(""), now=BEFORE)

    assert letters_by_day(timed) == {0: ["opening"], 2: ["reminder"], 5: ["reminder"]}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([2], {1: ["opening"], 3: ["reminder"], 5: ["reminder"]}),
        ([2, 3, 4], {1: ["opening"], 5: ["reminder"]}),
        ([5], {1: ["opening"], 2: ["reminder"]}),
        ([1, 2, 3], {4: ["opening"], 5: ["reminder"]}),
        ([1, 2, 3, 4], {5: ["reminder"]}),
        ([1, 2, 3, 4, 5, 6], {}),
    ],
)
def test_a_letter_waits_for_a_working_day_of_its_round_and_no_two_meet_on_one(
    timed: set[str], fernando: Person, days: list[int], expected: dict[int, list[str]]
) -> None:
    resting(fernando, *days)

    assert letters_by_day(timed) == expected


def test_a_reminder_that_moves_onto_the_day_of_the_next_is_the_only_one_of_that_day(
    timed: set[str], fernando: Person
) -> None:
    actions.set_times(by=fernando, opening_at=time(7, 30), reminders=((2, time(12)), (3, time(7, 30))), now=BEFORE)
    resting(fernando, 2)

    assert letters_by_day(timed) == {1: ["opening"], 3: ["reminder"]}


def test_letters_that_waited_for_the_mail_server_wait_for_the_end_of_the_holiday_too(
    timed: set[str], fernando: Person, settings: LazySettings
) -> None:
    resting(fernando, 3)
    settings.MAIL_IS_SET_UP = False
    jobs.tick(MONDAY + timedelta(days=2, hours=8))
    settings.MAIL_IS_SET_UP = True

    jobs.tick(MONDAY + timedelta(days=3, hours=8))
    assert mail.outbox == []
    for minute in range(5):
        jobs.tick(MONDAY + timedelta(days=4, hours=8, minutes=minute))

    assert timed <= {letter.to[0] for letter in mail.outbox}


def test_everybody_reads_the_holidays_in_their_language_and_which_round_opens_on_one(
    fernando: Person, ana: Person, sign_in: SignIn, settings: LazySettings
) -> None:
    client = sign_in(ana)

    english = client.get("/in/calendar/").content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    spanish = client.get("/in/calendar/").content.decode()

    assert "Revolution Day" in english
    assert "Monday 16 November" in english
    assert "A round opens on a holiday." in english
    assert "Its letter goes out on" not in english, "no letters are set"
    assert "/in/calendar/days/" not in english
    assert "Día de la Revolución" in spanish
    assert "Se abre una ronda en día festivo." in spanish
    actions.set_times(by=fernando, opening_at=time(7, 30), reminders=(), now=BEFORE)
    assert "Its letter goes out on Tuesday 17 November." in sign_in(ana).get("/in/calendar/").content.decode()


def test_a_round_that_closes_on_a_holiday_is_said(fernando: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    assert "A round closes on a holiday." not in client.get("/in/calendar/").content.decode()
    resting(fernando, 6)

    assert "A round closes on a holiday." in client.get("/in/calendar/").content.decode()


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/Monterrey", "MX"),
        ("America/Detroit", "US"),
        ("Atlantic/Canary", "ES"),
        ("Europe/Paris", ""),
        ("Etc/UTC", ""),
    ],
)
def test_until_somebody_chooses_the_time_zone_says_which_country(
    hospital: Institution, ana: Person, sign_in: SignIn, zone: str, country: str
) -> None:
    Institution.objects.update(time_zone=zone)
    hospital.refresh_from_db()

    assert holidays.where(hospital) == Where(country)
    page = sign_in(ana).get("/in/calendar/").content.decode()
    assert ("No public holidays are known here" in page) == (country == "")


def test_a_year_beyond_the_data_is_said(ana: Person, sign_in: SignIn, at: SetClock) -> None:
    at(datetime(2100, 11, 15, 18, tzinfo=BEFORE.tzinfo))

    assert "The public holidays of 2101 are not known yet." in sign_in(ana).get("/in/calendar/").content.decode()


def test_country_and_region_are_chosen_and_what_is_not_on_the_list_is_refused(
    fernando: Person, sign_in: SignIn
) -> None:
    client = sign_in(fernando)

    refused = [client.post("/in/calendar/days/place/", {"place": code}).status_code for code in ("XX", "US-ZZ", "MX-")]
    assert refused == [400, 400, 400]
    assert not HolidayPlace.objects.exists()
    assert client.post("/in/calendar/days/place/", {"place": "ES-MD"}).status_code == 302

    assert holidays.where(fernando.institution) == Where("ES", "MD")
    assert 'value="ES-MD" selected' in client.get("/in/calendar/days/").content.decode()
    found = holidays.between(fernando.institution, date(2027, 5, 1), date(2027, 5, 4))
    assert [each.names["es"].text for each in found.values()] == [
        "Fiesta del Trabajo",
        "Lunes siguiente a Fiesta de la Comunidad de Madrid",
    ]
    client.post("/in/calendar/days/place/", {"place": ""})
    assert holidays.where(fernando.institution) == Where("")


def test_a_day_of_our_own_is_added_shown_and_removed(fernando: Person, ana: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    said = {
        "day": "2020-11-24",
        "every_year": "yearly",
        "name_es": "Día de San Rafael",
        "name_en": "Saint Raphael's day",
    }

    assert client.post("/in/calendar/days/", said).status_code == 302

    assert "Saint Raphael&#x27;s day" in sign_in(ana).get("/in/calendar/").content.decode()
    page = client.get("/in/calendar/days/").content.decode()
    assert "every year on 24 November" in page
    assert AuditRow.objects.filter(tag="holidays-set").count() == 1
    number = OwnDay.objects.get().pk
    assert client.post(f"/in/calendar/days/{number}/remove/").status_code == 302
    assert not OwnDay.objects.exists()
    assert client.post(f"/in/calendar/days/{number}/remove/").status_code == 404


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"day": ""}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": "2020-11-24"}, "day"),
        ({"day": "2026-11-20"}, "day"),
        ({"every_year": "sometimes"}, "every_year"),
        ({"name_es": ""}, "name_es"),
        ({"name_en": "x" * 81}, "name_en"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(
    fernando: Person, sign_in: SignIn, said: dict[str, str], field: str
) -> None:
    resting(fernando, 4)
    all_said = {"day": "2026-11-24", "every_year": "once", "name_es": "Santo", "name_en": "Saint", **said}

    answer = sign_in(fernando).post("/in/calendar/days/", all_said)

    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["name_en"].value() == all_said["name_en"]
    assert OwnDay.objects.count() == 1


def test_there_is_an_end_to_the_list(fernando: Person, sign_in: SignIn) -> None:
    OwnDay.objects.bulk_create(
        OwnDay(
            institution=fernando.institution, day=date(2027, 1, 1) + timedelta(days=number), name_en="x", name_es="x"
        )
        for number in range(actions.MOST_OWN_DAYS)
    )

    answer = sign_in(fernando).post(
        "/in/calendar/days/", {"day": "2026-11-24", "every_year": "once", "name_es": "Santo", "name_en": "Saint"}
    )

    assert answer.status_code == 400
    assert "There are 60 days on the list." in answer.content.decode()


def test_the_29_of_february_comes_in_leap_years_only(fernando: Person) -> None:
    name = {"en": "Leap", "es": "Bisiesto"}
    actions.add_day(by=fernando, day=date(2028, 2, 29), every_year=True, name=name, now=BEFORE)

    found = holidays.between(fernando.institution, date(2027, 2, 20), date(2032, 3, 5))

    assert [day for day, each in found.items() if each.names["en"].text == "Leap"] == [
        date(2028, 2, 29),
        date(2032, 2, 29),
    ]


def test_a_day_of_our_own_on_a_public_holiday_adds_its_name(fernando: Person) -> None:
    resting(fernando, 0)

    (found,) = holidays.between(fernando.institution, MONDAY.date(), MONDAY.date() + timedelta(days=1)).values()

    assert found.names["es"].text == "Día de la Revolución; Día 0"


def test_the_years_end_is_skipped_by_one_press_and_never_by_itself(
    fernando: Person, ana: Person, sign_in: SignIn
) -> None:
    client = sign_in(fernando)
    assert "Skip the week of 21 December" in client.get("/in/calendar/").content.decode()
    assert "Skip the week of" not in sign_in(ana).get("/in/calendar/").content.decode()
    assert not SkippedWeek.objects.exists()

    answer = client.post("/in/calendar/skip/", {"monday": YEARS_END.isoformat()}, follow=True)

    week = SkippedWeek.objects.get()
    assert (week.monday, week.reason_en, week.reason_es) == (YEARS_END, "The year's end", "Fin de año")
    page = answer.content.decode()
    assert "The week is skipped." in page
    assert "Skip the week of 21 December" not in page
    assert "Skip the week of 28 December" in page


@pytest.mark.parametrize("monday", [date(2026, 11, 23), date(2026, 12, 22), date(2025, 12, 22), date(2029, 12, 24)])
def test_a_week_that_is_not_offered_is_not_skipped(fernando: Person, sign_in: SignIn, monday: date) -> None:
    answer = sign_in(fernando).post("/in/calendar/skip/", {"monday": monday.isoformat()}, follow=True)

    assert "That week is not offered any more" in answer.content.decode()
    assert not SkippedWeek.objects.exists()


def test_a_week_that_has_begun_or_is_skipped_is_not_offered(fernando: Person, sign_in: SignIn) -> None:
    hospital = fernando.institution
    resting(fernando, 3)
    monday = MONDAY.date()

    assert calendars.suggestion(hospital, monday, now=MONDAY - timedelta(seconds=1)) is not None
    assert calendars.suggestion(hospital, monday, now=MONDAY) is None
    with pytest.raises(actions.NotOffered):
        actions.skip_offered(by=fernando, monday=monday, now=MONDAY)
    actions.skip_offered(by=fernando, monday=monday, now=BEFORE)
    with pytest.raises(actions.NotOffered):
        actions.skip_offered(by=fernando, monday=monday, now=BEFORE)
    assert sign_in(fernando).post("/in/calendar/skip/", {"monday": "soon"}).status_code == 404


def test_a_round_that_is_announced_is_taken_back_with_its_week(announced: Residents, fernando: Person) -> None:
    resting(fernando, 3)

    actions.skip_offered(by=fernando, monday=MONDAY.date(), now=BEFORE)

    wave = Wave.objects.get(pk=WAVE)
    assert wave.state == WaveState.WITHDRAWN
    assert wave.reason_es == "Día de la Revolución y Día 3"


def test_the_feed_holds_the_holidays_in_its_language(hospital: Institution, reader: Reader) -> None:
    spanish = reader.address.send("GET", "/w/es/calendar.ics", {}).body.decode()
    english = reader.address.send("GET", "/w/en/calendar.ics", {}).body.decode()

    assert "SUMMARY:Día festivo: Día de la Revolución\r\n" in spanish
    assert "SUMMARY:Holiday: Revolution Day\r\n" in english
    event = english.partition("UID:holiday-2026-11-16@")[2].partition("END:VEVENT")[0]
    assert "DTSTART;VALUE=DATE:20261116\r\nDTEND;VALUE=DATE:20261117\r\n" in event


@pytest.mark.parametrize("who", ["ana", "bruno", "elena", "oscar", "hector"])
def test_only_the_coordinator_changes_days_and_skips(
    who: str, request: pytest.FixtureRequest, sign_in: SignIn, fernando: Person
) -> None:
    resting(fernando, 3)
    other: Person = request.getfixturevalue(who)
    own, name = OwnDay.objects.get(), {"en": "x", "es": "x"}

    with pytest.raises(NotYours):
        actions.set_place(by=other, place=Where("US"), now=BEFORE)
    with pytest.raises(NotYours):
        actions.add_day(by=other, day=YEARS_END, every_year=False, name=name, now=BEFORE)
    with pytest.raises(NotYours):
        actions.remove_day(by=other, number=own.pk, now=BEFORE)
    with pytest.raises(NotYours):
        actions.skip_offered(by=other, monday=YEARS_END, now=BEFORE)
    client = sign_in(other)
    assert client.get("/in/calendar/days/").status_code == 404
    for path in ("days/", "days/place/", f"days/{own.pk}/remove/", "skip/"):
        assert client.post(f"/in/calendar/{path}", {"monday": YEARS_END.isoformat()}).status_code == 404, path
    assert OwnDay.objects.count() == 1
    assert not SkippedWeek.objects.exists()
