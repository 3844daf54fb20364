"""Pages of results: the same for everybody, each state in its own words, the file equal to the table."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from callroom.audit.models import Look
from callroom.core.anonymity import canonical
from callroom.core.anonymity.chain import sha256_hex
from callroom.people.models import Person
from callroom.pulse.models import ChainPayload, Plan, Wave
from callroom.pulse.states import WaveState
from tests.stories.dashboards.conftest import NOW

SignIn = Callable[[Person], Client]
PAGES = ("/in/results/", "/in/results/medicine/", "/in/results/emergency/", "/in/results/dermatology/")


def main_of(client: Client, address: str, language: str = "en") -> str:
    """Return what stands in <main> of a page."""
    response = client.get(address, secure=True, headers={"accept-language": language})
    assert response.status_code == 200
    found = re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)
    assert found
    return found.group()


class Cells(HTMLParser):
    """Collects the rows of the tables that carry a caption."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.in_details = self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "details":
            self.in_details = True
        if self.in_details and tag == "tr":
            self.rows.append([])
        if self.in_details and tag in {"td", "th"}:
            self.in_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "details":
            self.in_details = False
        if tag in {"td", "th"}:
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][-1] += data.strip()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_leader_sees_the_very_same_bytes_as_a_resident(
    past: Plan, ana: Person, elena: Person, hector: Person, sign_in: SignIn, page: str, language: str
):
    as_resident = main_of(sign_in(ana), page, language)

    assert main_of(sign_in(elena), page, language) == as_resident
    assert main_of(sign_in(hector), page, language) == as_resident


@pytest.mark.parametrize("page", [*PAGES, "/in/results/emergency.csv"])
def test_outsiders_and_operators_find_nothing(past: Plan, dario: Person, oscar: Person, sign_in: SignIn, page: str):
    assert sign_in(dario).get(page, secure=True).status_code == 404
    assert sign_in(oscar).get(page, secure=True).status_code == 404


def test_strangers_meet_the_sign_in_page(past: Plan):
    response = Client(headers={"host": "localhost"}).get("/in/results/", secure=True)

    assert response.status_code == 302
    assert "/in/sign-in/" in response["Location"]


def test_units_that_do_not_exist_and_sites_have_no_page(past: Plan, ana: Person, sign_in: SignIn):
    client = sign_in(ana)

    assert client.get("/in/results/nowhere/", secure=True).status_code == 404
    assert client.get("/in/results/north/", secure=True).status_code == 404
    assert client.get("/in/results/san-rafael/", secure=True)["Location"] == "/in/results/"


def test_a_leaders_look_is_kept_once_a_day_and_of_who_is_asked_nothing(
    past: Plan, ana: Person, bruno: Person, elena: Person, sign_in: SignIn, at: Callable
):
    for person in (ana, bruno, elena, elena):
        sign_in(person).get("/in/results/emergency/", secure=True)
    at(NOW + timedelta(days=1))
    sign_in(elena).get("/in/results/emergency/", secure=True)

    looks = Look.objects.order_by("day").values_list("person", "page", "day")
    assert list(looks) == [
        (str(elena.pk), "/in/results/emergency/", NOW.date()),
        (str(elena.pk), "/in/results/emergency/", NOW.date() + timedelta(days=1)),
    ]


def test_a_leaders_download_is_a_look_as_well(past: Plan, elena: Person, sign_in: SignIn):
    sign_in(elena).get("/in/results/emergency.csv", secure=True)

    assert Look.objects.get().page == "/in/results/emergency.csv"


def test_the_falling_unit_is_told_with_care(past: Plan, ana: Person, sign_in: SignIn):
    page = main_of(sign_in(ana), "/in/results/emergency/")

    assert re.search(r"Ratings in Emergency Medicine have been below their average for \d+ weeks in a row\.", page)
    assert "8 to 11 of 13" in page
    assert "about all eligible people" in page
    assert "counted on their own, every week" in page
    assert "<svg" in page


def test_its_department_and_the_institution_name_it_and_rank_nothing(past: Plan, ana: Person, sign_in: SignIn):
    client = sign_in(ana)

    assert "Ratings in Emergency Medicine have been below" in main_of(client, "/in/results/medicine/")
    institution = main_of(client, "/in/results/")
    assert institution.index("/in/results/medicine/") < institution.index("/in/results/surgical/")
    assert "230 tickets were fetched" in institution


def test_small_units_are_counted_together_and_the_page_says_why(past: Plan, ana: Person, sign_in: SignIn):
    page = main_of(sign_in(ana), "/in/results/dermatology/")

    assert "Answers from Dermatology are counted together with those from Urology" in page
    assert "Dermatology has 8 people to ask; a figure of its own needs at least 11." in page
    assert "Dermatology and Urology" in page


def test_no_page_shows_a_percentage_of_answers(past: Plan, ana: Person, sign_in: SignIn):
    for page in PAGES:
        shown = re.sub(r"<svg.*?</svg>", "", main_of(sign_in(ana), page), flags=re.DOTALL)
        assert "%" not in shown


@pytest.mark.parametrize("unit", ["emergency", "dermatology"])
def test_the_file_holds_the_same_figures_as_the_table(past: Plan, ana: Person, sign_in: SignIn, unit: str):
    client = sign_in(ana)
    table = Cells()
    table.feed(main_of(client, f"/in/results/{unit}/"))
    rows = table.rows[1:]
    text = client.get(f"/in/results/{unit}.csv", secure=True).content.decode()
    lines = sorted(csv.DictReader(text.splitlines()), key=lambda line: line["week_of"], reverse=True)

    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        if line["state"] != "shown":
            assert row[1:4] == ["–", "–", "–"]
            assert line["index"] == line["n_low"] == line["workload"] == ""
            continue
        assert row[1] == f"{line['n_low']} to {line['n_high']} of {line['eligible']}"
        assert row[2] == line["index"]
        assert row[3] == f"{line['index_low']} to {line['index_high']}"
        for column, item in enumerate(("workload", "support", "voice"), start=4):
            assert row[column] == f"{line[item]} ({line[item + '_low']} to {line[item + '_high']})"
        assert line["rotating"] in row[7]


def test_a_departments_table_is_in_its_file(past: Plan, ana: Person, sign_in: SignIn):
    client = sign_in(ana)
    table = Cells()
    table.feed(main_of(client, "/in/results/medicine/"))
    text = client.get("/in/results/medicine.csv", secure=True).content.decode()
    by_leaf: dict[str, list[str]] = {}
    for line in csv.DictReader(text.splitlines()):
        by_leaf.setdefault(line["leaf"], []).append(line["index"])

    named = {"Dermatology and Urology": "dermatology+urology", "Emergency Medicine": "emergency"}
    assert {row[0]: row[1:7] for row in table.rows[1:]} == {name: by_leaf[leaf][-6:] for name, leaf in named.items()}


def latest(plan: Plan) -> Wave:
    """Return the weekly wave that closed last."""
    return Wave.objects.filter(plan=plan, weeks=1).latest("closes_at")


def test_each_state_has_its_own_words(past: Plan, ana: Person, sign_in: SignIn):
    client, wave = sign_in(ana), latest(past)
    said = {"shown": main_of(client, "/in/results/emergency/")}

    wave.state, wave.burned_at = WaveState.TALLIED, None
    wave.save()
    said["not burned"] = main_of(client, "/in/results/emergency/")
    wave.burned_at, wave.publishes_at = NOW, NOW + timedelta(hours=1)
    wave.save()
    said["not published"] = main_of(client, "/in/results/emergency/")
    wave.state, wave.release = WaveState.VOIDED, ""
    wave.reason_en, wave.reason_es = "Keys were lost.", "Se perdieron las llaves."
    wave.save()
    said["void"] = main_of(client, "/in/results/emergency/")
    wave.state, wave.reason_en = WaveState.WITHDRAWN, "Holidays."
    wave.save()
    said["not asked"] = main_of(client, "/in/results/emergency/")

    assert "keys are not deleted yet" in said["not burned"]
    assert "Everybody reads its result from Monday 23 November, 09:00" in said["not published"]
    assert "Not counted: the round from 16 to 22 November. Keys were lost." in said["void"]
    assert "Not asked from 16 to 22 November. Holidays." in said["not asked"]
    assert len(set(said.values())) == 5
    for state in ("not burned", "not published", "void", "not asked"):
        assert "from 9 to 15 November" in said[state]  # the latest figure is still there, with its date


def test_a_week_with_too_few_is_hidden_not_missing(past: Plan, ana: Person, sign_in: SignIn):
    wave = latest(past)
    _publish_too_few(wave, "emergency")

    page = main_of(sign_in(ana), "/in/results/emergency/")

    assert "Hidden to protect privacy: fewer than 8 people answered from 16 to 22 November." in page
    assert 'class="veil"' in page


def _publish_too_few(wave: Wave, leaf: str) -> None:
    """Let the wave's release say that too few answered in this leaf."""
    published = ChainPayload.objects.get(pk=wave.release)
    body = json.loads(bytes(published.data))
    for figures in body["leaves"]:
        if figures["leaf"] == leaf:
            del figures["n"], figures["items"]
            figures["state"] = "too few"
    data = canonical.encode(body)
    ChainPayload.objects.create(
        sha256=sha256_hex(data), institution=published.institution, kind=published.kind, data=data
    )
    Wave.objects.filter(pk=wave.pk).update(release=sha256_hex(data))


def test_before_eight_nobody_sees_what_is_published_at_eight(
    past: Plan, ana: Person, elena: Person, sign_in: SignIn, at: Callable
):
    published = {person.pk: main_of(sign_in(person), "/in/results/emergency/") for person in (ana, elena)}

    at(NOW - timedelta(seconds=1))
    before = {person.pk: main_of(sign_in(person), "/in/results/emergency/") for person in (ana, elena)}

    assert len(set(before.values())) == len(set(published.values())) == 1
    assert set(before.values()) != set(published.values())


def test_an_institution_without_results_says_so(plan: Plan, ana: Person, sign_in: SignIn, at: Callable):
    at(NOW)

    assert "There is no result for" in main_of(sign_in(ana), "/in/results/")
    assert "There is no result for Emergency Medicine yet." in main_of(sign_in(ana), "/in/results/emergency/")


def test_a_unit_in_which_nobody_is_asked_says_so(past: Plan, ana: Person, sign_in: SignIn):
    from callroom.people import actions

    actions.place_unit(
        institution=past.institution,
        unit="geology",
        name_en="Geology",
        name_es="Geología",
        kind="programme",
        parent="medicine",
    )

    assert "Nobody is asked in this unit." in main_of(sign_in(ana), "/in/results/geology/")
    assert "Nobody is asked in this unit." in main_of(sign_in(ana), "/in/results/medicine/")


def test_addresses_are_what_the_documents_say():
    assert reverse("dashboards:institution") == "/in/results/"
    assert reverse("dashboards:unit", args=["emergency"]) == "/in/results/emergency/"
    assert reverse("dashboards:csv", args=["emergency"]) == "/in/results/emergency.csv"
