"""Dates, lists and bands in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from callroom.kit import wording

DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("30 November", "30 November 2026", "Monday 30 November", "30 Nov")),
        ("es", ("30 de noviembre", "30 de noviembre de 2026", "lunes 30 de noviembre", "30 Nov")),
    ],
)
def test_dates_read_as_people_write_them(language: str, expected: tuple[str, ...]) -> None:
    with translation.override(language):
        said = (wording.day(DAY), wording.day_and_year(DAY), wording.weekday_and_day(DAY), wording.short_day(DAY))

    assert tuple(word.lower() for word in said) == tuple(word.lower() for word in expected)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "Monday 23 November, 08:00"), ("es", "lunes 23 de noviembre, 08:00")]
)
def test_a_moment_is_said_in_the_time_of_the_place(language: str, expected: str) -> None:
    with translation.override(language):
        said = wording.moment(datetime(2026, 11, 23, 14, tzinfo=UTC), ZoneInfo("America/Monterrey"))

    assert said.lower() == expected.lower()


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("en", [], ""),
        ("en", ["Surgery"], "Surgery"),
        ("en", ["Surgery", "Imaging"], "Surgery and Imaging"),
        ("en", ["A", "B", "C"], "A, B and C"),
        ("es", ["A", "B", "C"], "A, B y C"),
        ("es", ["Cirugía", "Imagen"], "Cirugía e Imagen"),
        ("es", ["padres", "hijos"], "padres e hijos"),
        ("es", ["acero", "hierro"], "acero y hierro"),
        ("es", ["agua", "yodo"], "agua y yodo"),
        ("es", ["Cirugía", "Ítaca"], "Cirugía e Ítaca"),
        ("es", ["sales", "iones"], "sales y iones"),
    ],
)
def test_lists_are_joined_as_people_join_them(language: str, words: list[str], expected: str) -> None:
    with translation.override(language):
        assert wording.joined(words) == expected


@pytest.mark.parametrize(
    ("language", "low", "high", "eligible", "expected"),
    [
        ("en", 8, 11, 13, "8 to 11 of 13"),
        ("en", 24, None, 31, "24 or more of 31"),
        ("en", 8, 8, 8, "8 of 8"),
        ("es", 8, 11, 13, "8 a 11 de 13"),
        ("es", 24, None, 31, "24 o más de 31"),
    ],
)
def test_how_many_answered_is_a_band(language: str, low: int, high: int | None, eligible: int, expected: str) -> None:
    with translation.override(language):
        assert wording.band(low, high, eligible) == expected


@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [("en", "es", " · in Spanish"), ("es", "en", " · en inglés"), ("es-mx", "es", ""), ("en", "en", "")],
)
def test_words_in_another_language_say_so(reader: str, writer: str, expected: str) -> None:
    with translation.override(reader):
        assert wording.written_in(writer) == expected


def test_tenths_are_numbers_with_one_decimal() -> None:
    assert [wording.tenths(value) for value in (0, 5, 43, 100, -7)] == ["0.0", "0.5", "4.3", "10.0", "-0.7"]


@pytest.mark.parametrize(("language", "expected"), [("en", "2.3 to 6.3"), ("es", "2.3 a 6.3")])
def test_a_range_is_said_in_words(language: str, expected: str) -> None:
    with translation.override(language):
        assert wording.tenths_range(23, 63) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["1 week", "4 weeks", "every week", "every two weeks", "every four weeks", "every 3 weeks"]),
        ("es", ["1 semana", "4 semanas", "cada semana", "cada dos semanas", "cada cuatro semanas", "cada 3 semanas"]),
    ],
)
def test_weeks_are_counted_in_words(language: str, expected: list[str]) -> None:
    with translation.override(language):
        said = [wording.weeks(1), wording.weeks(4), *(wording.every_weeks(length) for length in (1, 2, 4, 3))]

    assert said == expected


def test_shares_are_rounded_half_up() -> None:
    assert [wording.percent(Fraction(*share)) for share in ((2, 3), (1, 200), (1, 1))] == ["67 %", "1 %", "100 %"]
