"""Public holidays by country and region, the weeks worth skipping, and the day to which a letter moves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.prompts import holidays
from callroom.prompts.holidays import Holiday, Name, Where
from callroom.prompts.queries import letter_day

MONDAY = date(2026, 11, 16)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def holiday(day: date, name: str = "Feast", spanish: str = "Fiesta") -> Holiday:
    return Holiday(day, {"en": Name(name, "en"), "es": Name(spanish, "es")})


@pytest.mark.parametrize(
    ("place", "day", "english", "spanish"),
    [
        (Where("MX"), MONDAY, "Revolution Day", "Día de la Revolución"),
        (Where("MX"), date(2027, 12, 25), "Christmas Day", "Navidad"),
        (Where("US"), date(2026, 11, 26), "Thanksgiving Day", "Día de Acción de Gracias"),
        (Where("US"), date(2027, 7, 5), "Independence Day (observed)", "Día de la Independencia (día trasladado)"),
        (Where("ES"), date(2027, 3, 26), "Good Friday", "Viernes Santo"),
        (Where("ES", "CT"), date(2027, 9, 11), "National Day of Catalonia", "Fiesta Nacional de Cataluña"),
    ],
)
def test_a_public_holiday_has_its_name_in_both_languages(place: Where, day: date, english: str, spanish: str) -> None:
    names = holidays.public(place, day.year)[day]

    assert names == {"en": Name(english, "en"), "es": Name(spanish, "es")}


def test_a_states_day_without_a_spanish_name_says_in_which_language_it_is() -> None:
    day = date(2027, 3, 2)

    assert day not in holidays.public(Where("US"), 2027)
    assert holidays.public(Where("US", "TX"), 2027)[day]["es"] == Name("Texas Independence Day", "en")


@pytest.mark.parametrize("year", range(2026, 2037))
def test_every_federal_holiday_has_a_spanish_name_and_every_mexican_and_spanish_one_both(year: int) -> None:
    for country in holidays.COUNTRIES:
        for day, names in holidays.public(Where(country), year).items():
            assert {language: name.language for language, name in names.items()} == {"en": "en", "es": "es"}, day


def test_without_a_country_and_in_a_year_beyond_its_data_there_is_none() -> None:
    assert holidays.public(Where(""), 2027) == {}
    assert holidays.years_unknown(Where(""), MONDAY, MONDAY) == ()
    assert holidays.years_unknown(Where("MX"), date(2026, 12, 1), date(2027, 2, 1)) == ()
    assert holidays.public(Where("MX"), 2101) == {}
    assert holidays.years_unknown(Where("MX"), date(2100, 12, 1), date(2101, 2, 1)) == (2101,)


def test_regions_are_called_as_they_are_called_there() -> None:
    assert holidays.regions("MX") == {}
    assert holidays.regions("US")["TX"] == "Texas"
    assert holidays.regions("ES")["PV"] == "País Vasco"


@pytest.mark.parametrize(
    ("country", "monday", "why"),
    [
        ("MX", date(2027, 3, 22), "Semana Santa"),
        ("ES", date(2026, 3, 30), "Semana Santa"),
        ("US", date(2027, 3, 22), None),
        ("MX", date(2026, 12, 21), "Fin de año"),
        ("MX", date(2026, 12, 28), "Fin de año"),
        ("US", date(2026, 12, 28), "Fin de año"),
        ("MX", MONDAY, None),
        ("MX", date(2027, 1, 4), None),
        ("ES", date(2027, 12, 6), "Día de la Constitución Española e Inmaculada Concepción"),
    ],
)
def test_which_weeks_are_worth_skipping(country: str, monday: date, why: str | None) -> None:
    place = Where(country)
    found = {day: Holiday(day, names) for day, names in holidays.public(place, monday.year).items()}

    said = holidays.worth_skipping(place, monday, found)

    assert (said["es"] if said else None) == why
    assert said is None or set(said) == {"en", "es"}


def test_two_days_of_our_own_make_a_week_worth_skipping_and_a_weekend_does_not() -> None:
    thursday, friday = MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)
    found = {thursday: holiday(thursday, "A", "Á"), friday: holiday(friday, "B", "Bé")}
    weekend = {day: holiday(day) for day in (MONDAY + timedelta(days=5), MONDAY + timedelta(days=6))}

    assert holidays.worth_skipping(Where(""), MONDAY, found) == {"en": "A and B", "es": "Á y Bé"}
    assert holidays.worth_skipping(Where(""), MONDAY, weekend) is None
    assert holidays.worth_skipping(Where(""), MONDAY, {thursday: found[thursday]}) is None


@given(day=DAYS, resting=st.sets(DAYS, max_size=4), near=st.sets(st.integers(0, 27)), weeks=st.integers(1, 4))
def test_a_letter_moves_to_the_next_working_day_of_its_round_or_not_at_all(
    day: date, resting: set[date], near: set[int], weeks: int
) -> None:
    monday = day - timedelta(days=day.weekday())
    mondays = [monday + timedelta(weeks=week) for week in range(weeks)]
    quiet = {each: holiday(each) for each in resting | {monday + timedelta(days=number) for number in near}}

    found = letter_day(day, mondays, quiet)

    if day not in quiet:
        assert found == day
        return
    end = mondays[-1] + timedelta(weeks=1)
    between = [day + timedelta(days=number) for number in range(1, (end - day).days)]
    working = [each for each in between if each.weekday() < 5 and each not in quiet]
    assert found == (working[0] if working else None)


def test_a_letter_does_not_move_into_a_week_that_is_skipped() -> None:
    quiet = {MONDAY + timedelta(days=number): holiday(MONDAY) for number in range(5)}
    second, third = MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=2)

    assert letter_day(MONDAY, [MONDAY, second], quiet) == second
    assert letter_day(MONDAY, [MONDAY, third], quiet) == third
