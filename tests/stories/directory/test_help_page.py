"""The help page: whom to call, from the institution's country first, even when nothing else works."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from callroom.audit.models import AuditRow
from callroom.directory import actions, demo, queries, seed, views
from callroom.directory.models import CrisisLine, Service
from callroom.directory.states import LineKind, Place, ServiceKind, place_of
from callroom.people.models import Institution
from callroom.site import translations
from callroom.site.wsgi import application

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True, scope="module")
def _spanish_is_compiled() -> None:
    translations.compile_catalogues()


def page(language: str) -> str:
    with translation.override(language):
        response = views.help_page(RequestFactory().get(f"/help/{language}/"), language)
    assert response.status_code == 200
    assert not response.cookies
    return response.content.decode()


def links(html: str) -> list[str]:
    return re.findall(r'href="((?:tel|sms):[^"]+)"', html)


@contextmanager
def broken_database() -> Iterator[None]:
    def fail(*_arguments: Any, **_names: Any) -> Any:
        raise DatabaseError("gone")

    with connection.execute_wrapper(fail):
        yield


def test_in_mexico_the_linea_de_la_vida_comes_first(hospital: Institution) -> None:
    assert links(page("es")) == ["tel:8009112000", "tel:911", "tel:988", "sms:988?body=AYUDA"]
    assert links(page("en")) == ["tel:8009112000", "tel:911", "tel:988", "sms:988"]


def test_in_the_united_states_988_comes_first(hospital: Institution) -> None:
    hospital.time_zone = "America/Chicago"
    hospital.save()

    assert links(page("en")) == ["tel:988", "sms:988", "tel:911", "tel:8009112000"]
    assert links(page("es")) == ["tel:988", "sms:988?body=AYUDA", "tel:911", "tel:8009112000"]


@pytest.mark.django_db
def test_without_an_institution_the_language_suggests_the_country() -> None:
    assert links(page("es"))[0] == "tel:8009112000"
    assert links(page("en"))[0] == "tel:988"


@pytest.mark.django_db
def test_a_database_that_is_gone_leaves_the_shipped_numbers() -> None:
    with broken_database():
        html = page("es")

    assert links(html) == ["tel:8009112000", "tel:911", "tel:988", "sms:988?body=AYUDA"]


@pytest.mark.django_db
def test_an_empty_table_leaves_the_shipped_numbers() -> None:
    CrisisLine.objects.all().delete()

    assert queries.first_line("en").number == "988"
    assert len(links(page("es"))) == 4


def test_a_number_changed_in_the_table_is_the_one_shown(hospital: Institution) -> None:
    CrisisLine.objects.filter(code="mx-linea-de-la-vida").update(number="800 000 0000", call_to="8000000000")

    assert links(page("es"))[0] == "tel:8000000000"


@pytest.mark.django_db
def test_installation_puts_the_shipped_lines_into_the_table() -> None:
    stored = {(line.code, line.language): line for line in CrisisLine.objects.all()}

    assert set(stored) == {(line.code, line.language) for line in seed.NATIONAL_LINES}
    for line in seed.NATIONAL_LINES:
        row = stored[line.code, line.language]
        assert (row.number, row.call_to, row.source) == (line.number, line.call_to, line.source)
        assert row.reviewed_on == line.reviewed_on


def test_the_page_says_that_nothing_needs_finishing_first(hospital: Institution) -> None:
    assert "Someone can talk now. You do not need to finish this first." in page("en")
    assert "Alguien puede hablar contigo ahora. No tienes que terminar esto." in page("es")


def test_the_page_says_when_its_numbers_were_reviewed(hospital: Institution) -> None:
    assert "22 November 2026" in page("en")
    assert "22 de noviembre de 2026" in page("es")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_loads_only_its_own_files_and_sends_nothing(hospital: Institution, language: str) -> None:
    html = page(language)

    loaded = re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', html)
    assert loaded
    assert all(address.startswith("/w/static/") for address in loaded)
    assert "<form" not in html
    assert "http-equiv" not in html
    assert all('rel="noreferrer"' in tag for tag in re.findall(r'<a [^>]*href="https:[^>]*>', html))
    assert " style=" not in html
    assert " onclick=" not in html


def test_opening_the_page_writes_nothing(
    hospital: Institution, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(3) as asked:
        page("es")

    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def test_another_language_is_not_there(hospital: Institution) -> None:
    with pytest.raises(views.Http404):
        views.help_page(RequestFactory().get("/help/fr/"), "fr")


@pytest.mark.django_db
def test_the_worker_keeps_both_pages_and_what_they_load() -> None:
    response: HttpResponse = views.service_worker(RequestFactory().get("/help/sw.js"))
    script = response.content.decode()
    found = re.search(r"const KEPT = (.*);", script)
    assert found
    kept = json.loads(found[1])

    assert response["Content-Type"].startswith("text/javascript")
    assert kept["pages"] == ["/help/en/", "/help/es/"]
    for language in ("en", "es"):
        loaded = re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', page(language))
        assert set(loaded) <= set(kept["files"])


def test_the_institutions_own_services_are_shown_and_audited(hospital: Institution) -> None:
    actions.set_services(services=demo.DEMO_SERVICES, by=None, today=TODAY, now=NOW)

    html = page("es")

    assert "Compañero de apoyo en guardia" in html
    assert len(links(html)) == 4
    assert html.count("Número inventado") == 3
    assert AuditRow.objects.latest("seq").tag == "directory-changed"


def test_setting_services_again_replaces_them(hospital: Institution) -> None:
    actions.set_services(services=demo.DEMO_SERVICES, by=None, today=TODAY, now=NOW)
    actions.set_services(services=demo.DEMO_SERVICES[:1], by=None, today=TODAY, now=NOW)

    assert Service.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"call_to": "call me"}, {"chat_address": "http://example.org/"}, {"language": "fr"}, {"name": ""}]
)
def test_a_service_that_cannot_be_reached_is_refused_and_changes_nothing(
    hospital: Institution, wrong: dict[str, str]
) -> None:
    entered = {
        "code": "night-line",
        "language": "en",
        "name": "Night line",
        "detail": "",
        "source": "switchboard",
        "call_to": "+528100000000",
        **wrong,
    }
    service = actions.OwnService(kind=ServiceKind.ON_CALL, position=1, **entered)

    with pytest.raises(actions.BadService):
        actions.set_services(services=[service], by=None, today=TODAY, now=NOW)
    assert not Service.objects.exists()


def test_nothing_is_overdue_before_a_year_has_passed(hospital: Institution) -> None:
    assert queries.overdue_lines(seed.REVIEW_DUE_ON - timedelta(days=1)) == ()


def test_after_a_year_every_line_is_overdue_until_it_is_confirmed(hospital: Institution) -> None:
    day = seed.REVIEW_DUE_ON
    assert [line.code for line in queries.overdue_lines(day)] == ["mx-911", "mx-linea-de-la-vida", "us-911", "us-988"]

    actions.confirm_line(code="us-988", source="called", by=None, today=day, now=NOW)

    codes = [line.code for line in queries.overdue_lines(day)]
    assert codes == ["mx-911", "mx-linea-de-la-vida", "us-911"]
    assert {line.reviewed_on for line in CrisisLine.objects.filter(code="us-988")} == {day}
    assert AuditRow.objects.latest("seq").about == "us-988"


def test_a_line_that_is_not_there_cannot_be_confirmed(hospital: Institution) -> None:
    with pytest.raises(actions.UnknownLine):
        actions.confirm_line(code="us-999", source="called", by=None, today=TODAY, now=NOW)


def test_the_strip_is_one_number_and_the_way_to_the_rest(hospital: Institution) -> None:
    with translation.override("es"):
        html = Template("{% load directory %}{% crisis_strip 'es' %}").render(Context())

    assert links(html) == ["tel:8009112000"]
    assert 'href="/help/es/"' in html
    assert "No tienes que terminar esto." in html


def test_every_country_has_someone_to_talk_to_and_an_emergency_number_in_both_languages() -> None:
    for language in ("en", "es"):
        for place in Place:
            kinds = {line.kind for line in seed.NATIONAL_LINES if (line.place, line.language) == (place, language)}
            assert kinds == set(LineKind)


def test_shipped_lines_are_dated_sourced_and_due_within_a_year() -> None:
    for line in seed.NATIONAL_LINES:
        assert len(line.source) > 10
        assert date(2026, 11, 1) < line.reviewed_on < line.review_due_on <= line.reviewed_on + timedelta(days=366)
        assert re.sub(r"\D", "", line.number) == line.call_to


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("America/Mexico_City", Place.MEXICO),
        ("America/Monterrey", Place.MEXICO),
        ("America/Tijuana", Place.MEXICO),
        ("America/Chicago", Place.UNITED_STATES),
        ("UTC", Place.UNITED_STATES),
    ],
)
def test_the_time_zone_says_the_country(zone: str, place: Place) -> None:
    assert place_of(zone) == place


def through_the_door(path: str, **headers: str) -> tuple[str, dict[str, str], bytes]:
    """Ask the real entry, as a server would; return status, headers and body."""
    environ: dict[str, Any] = {"PATH_INFO": path, "HTTP_HOST": "localhost", **headers}
    setup_testing_defaults(environ)
    said: list[Any] = []
    body = application(environ, lambda status, names, _trace=None: said.extend((status, dict(names))))
    content = b"".join(body)
    return said[0], said[1], content


@pytest.mark.parametrize("path", ["/help/en/", "/help/es/", "/help/sw.js"])
def test_the_door_is_open_to_everybody_and_leaves_nothing_behind(hospital: Institution, path: str) -> None:
    status, headers, _body = through_the_door(path)

    assert status.startswith("200")
    assert "Set-Cookie" not in headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_the_language_of_the_address_is_the_pages(hospital: Institution) -> None:
    _status, _headers, body = through_the_door("/help/es/", HTTP_ACCEPT_LANGUAGE="en")

    assert "Habla con alguien" in body.decode()


def test_an_unknown_address_still_leads_to_help(hospital: Institution) -> None:
    status, _headers, body = through_the_door("/help/fr/")

    assert status.startswith("404")
    assert b'href="/help/es/"' in body
