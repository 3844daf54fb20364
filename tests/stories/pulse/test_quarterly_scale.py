"""A round that carries the quarterly burnout scale: announced, asked, counted as one number a leaf, and checked by anybody."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from tests.world.waves import BEFORE, FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, leaf_of

from callroom.core.disclosure.noise import NoiseStream, discrete_laplace
from callroom.core.disclosure.verification import verify_directory
from callroom.core.instruments import scale, weekly
from callroom.people.models import Institution, Person
from callroom.prompts import calendars, letters
from callroom.pulse import asking, jobs, queries
from callroom.pulse.models import Wave
from callroom.pulse.simulation import Reader, SimulatedResident
from callroom.pulse.stores.wave_keys import WaveKeys
from callroom.pulse.upgrades import stranded_wave

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Answer = Callable[..., list[SimulatedResident]]
SCALE = scale.SCALE.id
STRAINED = {**FINE, SCALE: 21}
AFTERWARDS = MONDAY + timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _switched_on(settings: LazySettings) -> None:
    settings.BURNOUT_SCALE = True


@pytest.fixture
def eighth_week(hospital: Institution) -> Institution:
    """Let the academic year begin seven weeks before the round of these tests, so that it closes with the eighth."""
    hospital.academic_year_month, hospital.academic_year_day = 9, 28
    hospital.save()
    return hospital


@pytest.fixture
def asked(eighth_week: Institution, opened: Residents) -> Residents:
    """Open the round that carries the scale."""
    return opened


def sheet() -> dict[str, object]:
    found: dict[str, object] = json.loads(queries.payload(Wave.objects.get(pk=WAVE).wave_sheet))
    return found


def published(steps: list[int], seed: bytes) -> int:
    """
    Return the tenths that PROTOCOL.md section 6 makes of these answers on the grid of 28 steps, with the noise of this seed.

    In hundredths of a step: (100 x sum + noise) / (28 x n), kept one answer away from either end.
    """
    noise = discrete_laplace(Fraction(28 * 28), NoiseStream(seed, wave=WAVE, leaf="emergency", item=SCALE).bits)
    exact = Fraction(100 * sum(steps) + noise, 28 * len(steps))
    edge = Fraction(100, 12)
    return round(min(max(exact, edge), 100 - edge))


def test_the_round_is_announced_with_the_scale_and_its_sheet_commits_to_it(asked: Residents) -> None:
    said = sheet()

    assert Wave.objects.get(pk=WAVE).rotating_item == SCALE
    assert said["items"] == [{"id": item, "options": 5} for item in ("workload", "support", "voice", SCALE)]
    assert said["core"] == ["workload", "support", "voice"]
    assert said["wording"] == scale.wording()
    assert stranded_wave() is None


def test_until_it_is_switched_on_an_item_of_the_bank_is_asked(
    eighth_week: Institution, settings: LazySettings, staffed: Residents
) -> None:
    settings.BURNOUT_SCALE = False

    jobs.tick(BEFORE)
    jobs.tick(MONDAY)

    assert Wave.objects.get(pk=WAVE).rotating_item in {item.id for item in weekly.ROTATING}
    assert sheet()["wording"] == weekly.WORDING


def test_a_round_that_was_announced_without_it_stays_so(
    hospital: Institution, settings: LazySettings, staffed: Residents
) -> None:
    settings.BURNOUT_SCALE = False
    jobs.tick(BEFORE)
    settings.BURNOUT_SCALE = True

    jobs.tick(MONDAY)

    assert SCALE not in str(sheet()["items"])


def test_one_number_a_leaf_is_published_and_anybody_checks_it(
    asked: Residents, everyone_answers: Answer, tmp_path: Path
) -> None:
    everyone_answers(asked["emergency"][:12], STRAINED)
    everyone_answers(asked["surgery"][:8], {**FINE, SCALE: None})
    seed = WaveKeys(WAVE).make_seed()  # drawn now, used by the closing and burned with the round's keys

    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)

    items = leaf_of(WAVE, "emergency")["items"]
    assert items[SCALE]["mean_tenths"] == published([21] * 12, seed)
    assert items.keys() == {"workload", "support", "voice", SCALE}
    assert leaf_of(WAVE, "surgery")["items"][SCALE] == {"state": "too few"}
    call_command("release", "export", str(tmp_path / "out"))
    report = verify_directory(tmp_path / "out")
    assert {each.wave: each.figures for each in report.waves}[WAVE] == 4 + 3


def test_the_following_rounds_ask_the_core_alone(asked: Residents) -> None:
    jobs.tick(SUNDAY)
    jobs.tick(AFTERWARDS - timedelta(days=3))
    jobs.tick(AFTERWARDS)

    later = Wave.objects.get(opens_at=AFTERWARDS, weeks=1)
    said = json.loads(queries.payload(later.wave_sheet))
    assert (later.rotating_item, [item["id"] for item in said["items"]]) == ("", said["core"])
    assert said["wording"] == weekly.WORDING


def test_a_step_beyond_the_grid_counts_as_not_answered(asked: Residents, everyone_answers: Answer) -> None:
    """The browser's own code refuses to write one; whoever writes their own gets no further than skipping."""
    from callroom.core.anonymity import sealing
    from callroom.core.anonymity.sheets import WaveSheet

    items = WaveSheet.from_bytes(queries.payload(Wave.objects.get(pk=WAVE).wave_sheet)).items
    forged = sealing.encode_answers({**FINE, SCALE: 28}, items).replace(b"28", b"29")

    assert sealing.decode_answers(forged, items).values == (3, 3, 3, None)


def test_the_unit_page_its_table_and_its_file_say_direction_and_benchmark(
    asked: Residents, everyone_answers: Answer, at: Callable[[datetime], None], sign_in: Callable[[Person], Client]
) -> None:
    everyone_answers(asked["emergency"][:12], STRAINED)
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    at(PUBLISHED + timedelta(hours=1))
    mean = leaf_of(WAVE, "emergency")["items"][SCALE]["mean_tenths"]
    client = sign_in(asked["emergency"][0])

    page = client.get("/in/results/emergency/", secure=True, headers={"accept-language": "en"}).content.decode()
    text = client.get("/in/results/emergency.csv", secure=True).content.decode()

    section = re.search(r"<section[^>]*burnout-heading.*?</section>", page, re.S)
    assert section
    assert f"{mean} of 100, range" in section[0]
    for words in (
        "higher is worse",
        "General Medical Council",
        "2024: 21 %",
        "75 or more where 100 is worst",
        "no mean",
    ):
        assert words in section[0]
    (line,) = (each for each in csv.DictReader(text.splitlines()) if each["wave"] == WAVE)
    assert line["burnout"] == str(mean)
    assert (line["rotating_item"], line["rotating"]) == ("", "")
    assert "higher is worse" in line["burnout_definition"]
    assert "2024: 21 % = the share of people at high risk" in line["burnout_definition"]
    assert "Burnout scale (0 to 100, higher is worse)" in page
    spanish = client.get("/in/results/emergency/", secure=True, headers={"accept-language": "es"}).content.decode()
    assert f"{mean} de 100" in spanish
    assert "más alto es peor" in spanish


def test_letters_and_calendar_say_that_it_is_due_to_everybody_alike(
    asked: Residents, hospital: Institution, sign_in: Callable[[Person], Client]
) -> None:
    weeks = calendars.weeks(hospital, now=MONDAY)

    assert asking.scale_is_asked(hospital, now=MONDAY + timedelta(hours=1))
    assert not asking.scale_is_asked(hospital, now=SUNDAY + timedelta(hours=1))
    assert [week.monday for week in weeks if 1 in week.scale] == [
        MONDAY.date(),
        (MONDAY + timedelta(weeks=12)).date(),
        (MONDAY + timedelta(weeks=24)).date(),
    ]
    assert "two minutes" in letters.text_in("en", scale=True)
    assert "two minutes" not in letters.text_in("en")
    assert "solo se muestra en tu teléfono" in letters.for_messenger("es", scale=True)
    assert (
        "seven more questions"
        in sign_in(asked["emergency"][0]).get("/in/invite/", headers={"accept-language": "en"}).content.decode()
    )
    assert "burnout scale: about two minutes" in calendars.feed(hospital, "en", now=MONDAY).replace("\r\n ", "")


def test_home_says_two_minutes_where_the_readers_round_carries_it(
    asked: Residents, sign_in: Callable[[Person], Client]
) -> None:
    page = sign_in(asked["emergency"][0]).get("/in/", headers={"accept-language": "en"}).content.decode()

    assert "the quarterly burnout scale, about two minutes" in page


def shell(reader: Reader, language: str) -> str:
    return reader.address.send("GET", f"/w/{language}/", {}).body.decode()


def template_of(page: str) -> str:
    found = re.search(rf'<template data-item="{SCALE}".*?</template>', page, re.S)
    assert found
    return found[0]


def test_the_page_asks_the_seven_questions_in_english_with_what_each_answer_adds(
    hospital: Institution, reader: Reader
) -> None:
    page = shell(reader, "en")
    asked = template_of(page)

    for item in scale.SCALE.items:
        values = re.findall(rf'name="{item.id}" value="(\w+)"', asked)
        assert values == (["0", "1", "2", "3", "4", "skip"] if item.reversed else ["4", "3", "2", "1", "0", "skip"])
        assert item.texts["en"] in asked
    assert "checked" not in asked
    assert 'data-at-least="4"' in asked
    assert f'data-wordings="{weekly.WORDING} {scale.wording()}"' in page
    assert [int(found) for found in re.findall(r'data-from="(\d+)"', page)] == [0, 50, 75] * 2


def test_the_spanish_page_asks_none_of_them_and_says_why(hospital: Institution, reader: Reader) -> None:
    asked = template_of(shell(reader, "es"))

    assert "<input" not in asked
    assert 'data-scale-questions=""' in asked
    assert "se preguntan solo en inglés" in asked
    assert '<a href="/w/en/" hreflang="en" rel="noreferrer">' in asked
    assert not any(item.texts["en"] in asked for item in scale.SCALE.items)
