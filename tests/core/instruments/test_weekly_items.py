"""The weekly questions: what they ask about, in both languages, word for word."""

import re
from itertools import chain

import pytest

from callroom.core.instruments import weekly
from callroom.core.instruments.weekly import ALL_ITEMS, CORE, LANGUAGES, PRESENT_TENSE, ROTATING, WeeklyItem

SYMPTOMS = {
    "en": (
        "anxi anxiety burn burned burnout burnt cry crying depressed depression down emotional energy exhausted "
        "exhausting fatigue feel feeling felt hopeless irritable lonely mood nervous sad sleep slept stress stressed "
        "symptom tired worn worry worried"
    ),
    "es": (
        "agotada agotado agotador ánimo ansiedad ansiosa ansioso cansada cansado cansancio depresión deprimida deprimido "
        "desgaste dormir dormiste energía esperanza estrés estresada estresado fatiga irritable llorar nerviosa nervioso "
        "preocupación quemada quemado siente sientes sentiste síntoma solo sola soledad sueño triste tristeza"
    ),
}


def words_of(item: WeeklyItem, language: str) -> set[str]:
    text = " ".join([item.text[language], *item.options[language]])
    return set(re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("item", ALL_ITEMS, ids=lambda item: item.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_asks_about_conditions_of_work_never_about_symptoms(item: WeeklyItem, language: str) -> None:
    assert words_of(item, language).isdisjoint(SYMPTOMS[language].split())


def test_the_list_of_symptoms_would_catch_a_symptom() -> None:
    item = WeeklyItem(
        id="tired",
        driver=None,
        avenue=None,
        text={"en": "How tired were you?", "es": "¿Qué tan cansado estuviste?"},
        options=weekly.FREQUENCY,
    )

    assert not words_of(item, "en").isdisjoint(SYMPTOMS["en"].split())
    assert not words_of(item, "es").isdisjoint(SYMPTOMS["es"].split())


@pytest.mark.parametrize("item", ALL_ITEMS, ids=lambda item: item.id)
def test_every_item_is_complete_in_both_languages(item: WeeklyItem) -> None:
    assert set(item.text) == set(item.options) == set(LANGUAGES)
    for language in LANGUAGES:
        options = item.options[language]
        assert len(options) == len(set(options)) == weekly.OPTION_COUNT
        assert all(option == option.strip() != "" for option in options)
        assert "?" in item.text[language]
    assert "¿" in item.text["es"]
    assert item.text["en"] != item.text["es"]


@pytest.mark.parametrize(
    "text",
    [weekly.HEADER, weekly.DID_NOT_WORK, weekly.SKIP, weekly.PROMISE, weekly.PROMISE_DETAIL],
)
def test_every_text_around_the_items_is_in_both_languages(text: dict[str, str]) -> None:
    assert set(text) == set(LANGUAGES)
    assert all(text.values())


def test_three_are_asked_every_week_and_twelve_take_turns() -> None:
    assert [item.id for item in CORE] == ["workload", "support", "voice"]
    assert [item.id for item in ROTATING] == [
        "learning-time",
        "interruptions",
        "shift-say",
        "autonomy",
        "leave-on-time",
        "time-off",
        "respect",
        "fair-chances",
        "computers",
        "rest-place",
        "privacy",
        "useful-records",
    ]
    assert {item.id for item in ROTATING} >= PRESENT_TENSE == {"shift-say", "time-off", "rest-place"}


def test_two_rotating_items_for_each_driver_and_each_avenue() -> None:
    for aspect in ("driver", "avenue"):
        values = [getattr(item, aspect) for item in ROTATING]
        assert len(set(values)) == 6
        assert all(values.count(value) == 2 for value in values)


def test_ids_are_unique_and_found() -> None:
    assert len({item.id for item in ALL_ITEMS}) == len(ALL_ITEMS)
    assert all(weekly.item(item.id) is item for item in ALL_ITEMS)
    with pytest.raises(weekly.UnknownItem):
        weekly.item("mood")


@pytest.mark.parametrize("language", LANGUAGES)
def test_options_differ_within_the_check_in_so_that_a_screen_reader_tells_them_apart(language: str) -> None:
    options = list(chain.from_iterable(item.options[language] for item in CORE))

    assert len(options) == len(set(options))


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same_in_both_languages(language: str) -> None:
    assert re.findall(r"{\w+}", weekly.PROMISE_NOTICED.text[language]) == ["{month}", "{promise}"]
    assert re.findall(r"{\w+}", weekly.PROMISE_DETAIL[language]) == ["{date}"]
