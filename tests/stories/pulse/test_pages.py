"""The check-in page, its worker and manifest as they are served, and the page of a check-in device."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from callroom.core.instruments import weekly
from callroom.people.models import Institution, Person
from callroom.pulse.simulation import Reader, Reply, WsgiAddress
from callroom.site import translations
from callroom.site.wsgi import application

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True, scope="module")
def _spanish_is_compiled() -> None:
    translations.compile_catalogues()


@pytest.fixture(autouse=True)
def _a_chain_has_begun(hospital: Institution, reader: Reader) -> None:
    hospital.signing_public_key = "ebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ="
    hospital.save()


def get(path: str, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return WsgiAddress(application).send("GET", path, sent)


@pytest.mark.parametrize("language", weekly.LANGUAGES)
def test_the_page_is_the_same_for_everyone(language: str) -> None:
    page = get(f"/w/{language}/")

    assert page.status == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert get(f"/w/{language}/", Accept_Language="xx", User_Agent="another").body == page.body
    small = get(f"/w/{language}/", Accept_Encoding="gzip")
    assert gzip.decompress(small.body) == page.body
    assert len(small.body) < 9_000


def test_a_cookie_is_refused() -> None:
    assert get("/w/en/", Cookie="session=1").status == 400


def test_other_languages_are_not_there() -> None:
    assert get("/w/xx/").status == 404
    assert get("/w/xx/manifest.webmanifest").status == 404


@pytest.mark.parametrize("language", weekly.LANGUAGES)
def test_every_item_can_be_asked_and_nothing_is_chosen(language: str) -> None:
    page = get(f"/w/{language}/").body.decode()

    for item in (*weekly.CORE, *weekly.ROTATING):
        template = re.search(rf'<template data-item="{item.id}".*?</template>', page, re.S)
        assert template is not None, item.id
        question = template[0]
        assert item.text[language] in question
        assert all(option in question for option in item.options[language])
        assert question.count(f'type="radio" name="{item.id}"') == 6
        assert weekly.SKIP[language] in question
        assert (weekly.HEADER[language] in question) is (item.id not in weekly.PRESENT_TENSE)
    assert "checked" not in page
    assert weekly.PROMISE[language] in page


@pytest.mark.parametrize("language", weekly.LANGUAGES)
def test_the_page_runs_only_its_own_files(language: str) -> None:
    page = get(f"/w/{language}/").body.decode()

    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)
    files = re.findall(r'(?:src|data-words-address)="([^"]+)"|<link[^>]* href="([^"]+)"', page)
    addresses = [source or link for source, link in files]
    assert addresses
    assert all(address.startswith("/w/") and "?" not in address for address in addresses)
    assert set(re.findall(r'<a[^>]* href="([^"]+)"', page)) <= {
        "#main", "/in/", "/in/device/", "/in/known/", "/in/results/", *(f"/w/{code}/" for code in weekly.LANGUAGES), f"/help/{language}/"
    }  # fmt: skip


def test_the_workers_version_follows_what_it_keeps(hospital: Institution) -> None:
    worker = get("/w/sw.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    assert re.match(rb'self\.CALLROOM_VERSION = "[0-9a-f]{16}";\n', worker.body)
    assert get("/w/sw.js").body == worker.body

    hospital.time_zone = "America/Monterrey" if hospital.time_zone != "America/Monterrey" else "America/Bogota"
    hospital.save()

    assert get("/w/sw.js").body != worker.body


def test_the_manifest_puts_the_check_in_on_the_home_screen() -> None:
    for language in weekly.LANGUAGES:
        manifest = get(f"/w/{language}/manifest.webmanifest")
        facts = manifest.json()
        assert manifest.headers["Content-Type"].startswith("application/manifest+json")
        assert (facts["start_url"], facts["lang"]) == (f"/w/{language}/", language)
        assert {icon["sizes"] for icon in facts["icons"]} == {"192x192", "512x512"}
        for icon in facts["icons"]:
            assert finders.find(icon["src"].removeprefix("/w/static/")), icon


def test_a_resident_may_set_up_a_device(ana: Person, sign_in: SignIn, hospital: Institution) -> None:
    page = sign_in(ana).get("/in/device/").content.decode()

    assert f'data-key="{hospital.signing_public_key}"' in page
    assert f'data-institution="{hospital.pk}"' in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert "/w/static/" not in page


def test_nobody_else_sees_that_page(elena: Person, sign_in: SignIn) -> None:
    assert sign_in(elena).get("/in/device/").status_code == 404
    assert "/in/sign-in/" in Client().get("/in/device/").headers["Location"]
