"""Choosing the first round's week: the holidays of the coming weeks stand beside it, and one press skips where that fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from callroom.people.models import Institution, Person
from callroom.prompts import actions as prompts
from callroom.prompts.holidays import Where
from callroom.pulse.models import SkippedWeek

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

SignIn = Callable[[Person], Client]
ADDRESS = "/in/check/schedule/"
NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)
YEARS_END = date(2026, 12, 21)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_weeks_in_which_many_rest_are_named_in_the_choice_and_below_it(
    hospital: Institution, fernando: Person, sign_in: SignIn
) -> None:
    page = sign_in(fernando).get(ADDRESS).content.decode()

    assert '<option value="2026-12-14" selected>14 December 2026</option>' in page
    assert '<option value="2026-12-21">21 December 2026 (holidays: The year&#x27;s end)</option>' in page
    assert "Friday 25 December" in page
    assert "Skip the week of 21 December" in page


def test_in_spanish_too(hospital: Institution, fernando: Person, sign_in: SignIn) -> None:
    Person.objects.filter(pk=fernando.pk).update(language="es")
    fernando.refresh_from_db()

    page = sign_in(fernando).get(ADDRESS, headers={"accept-language": "es"}).content.decode()

    assert "21 de diciembre de 2026 (días festivos: Fin de año)" in page
    assert "Omitir la semana del 21 de diciembre" in page


def test_one_press_skips_it_and_leads_back_here_where_it_is_no_choice_any_more(
    hospital: Institution, fernando: Person, sign_in: SignIn
) -> None:
    client = sign_in(fernando)

    answer = client.post("/in/calendar/skip/", {"monday": YEARS_END.isoformat(), "next": ADDRESS})

    assert (answer.status_code, answer["Location"]) == (302, ADDRESS)
    assert SkippedWeek.objects.get().monday == YEARS_END
    page = client.get(ADDRESS).content.decode()
    assert 'value="2026-12-21"' not in page
    assert client.post(ADDRESS, {"monday": YEARS_END.isoformat()}).status_code == 400


def test_elsewhere_it_leads_to_the_calendar_only(hospital: Institution, fernando: Person, sign_in: SignIn) -> None:
    said = {"monday": YEARS_END.isoformat(), "next": "https://elsewhere.example/in/"}

    assert sign_in(fernando).post("/in/calendar/skip/", said)["Location"] == "/in/calendar/"


def test_a_day_of_our_own_stands_there_without_an_offer(
    hospital: Institution, fernando: Person, sign_in: SignIn
) -> None:
    prompts.set_place(by=fernando, place=Where(""), now=NOW)
    name = {"en": "Day of our saint", "es": "Día de nuestro santo"}
    prompts.add_day(by=fernando, day=date(2026, 12, 9), every_year=False, name=name, now=NOW)

    page = sign_in(fernando).get(ADDRESS).content.decode()

    assert "7 December 2026 (holidays: Day of our saint)" in page
    assert "Skip the week of 7 December" not in page


def test_where_no_holidays_are_known_only_the_years_end_is_named(
    hospital: Institution, fernando: Person, sign_in: SignIn
) -> None:
    prompts.set_place(by=fernando, place=Where(""), now=NOW)

    page = sign_in(fernando).get(ADDRESS).content.decode()

    named = re.findall(r'<option value="([0-9-]+)">[^<]*\(holidays:', page)
    assert named == ["2026-12-21", "2026-12-28"]
    assert page.count("Skip the week of") == 2


def test_in_spring_there_is_nothing_to_say(hospital: Institution, fernando: Person, sign_in: SignIn) -> None:
    prompts.set_place(by=fernando, place=Where(""), now=NOW)

    with time_machine.travel(datetime(2026, 9, 2, 16, tzinfo=UTC), tick=False):
        page = sign_in(fernando).get(ADDRESS).content.decode()

    assert "resting-heading" not in page
    assert "(holidays:" not in page
