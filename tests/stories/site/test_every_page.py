"""Every page that somebody can open: its headers, its frame, its language, and how it says no."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from callroom.people.models import Person
from tests.rules.house import Route, routes
from tests.rules.test_routes import OPEN_DOORS

pytestmark = [pytest.mark.django_db(databases=["default", "issuing", "sealed"]), pytest.mark.one_store]

WORDS = {
    "<uuid:person>": "00000000-0000-4000-8000-000000000000",
    "<int:clock>": "1",
    "<int:pk>": "1",
    "<int:promise>": "1",
    "<int:signal>": "1",
    "<int:survey>": "1",
    "<int:request_id>": "1",
    "<int:proposal>": "1",
    "<int:number>": "1",
    "<slug:unit>": "medicine",
    "<str:unit>": "medicine",
    "<str:token>": "unknown",
    "<slug:topic>": "keys",
    "<slug:kind>": "people",
    "<slug:version>": "none",
    "<sha256:sha256>": "0" * 64,
}
SIGNED_IN = [route for route in routes(settings.ROOT_URLCONF) if "^" not in route.path]


def address_of(route: Route) -> str:
    """Return an address of this route, with words for its places."""
    path = route.path
    for place, word in WORDS.items():
        path = path.replace(place, word)
    assert "<" not in path, f"WORDS has no word for a place of {path}"
    return path


def opened(client: Client, route: Route) -> HttpResponse:
    return client.get(address_of(route))


def is_a_page(response: HttpResponse) -> bool:
    return response.status_code in {200, 404} and response.headers.get("Content-Type", "").startswith("text/html")


@pytest.fixture(params=["ana", "elena", "fernando"])
def reader(request: pytest.FixtureRequest, sign_in: Callable[[Person], Client]) -> Client:
    """Return a client in which a resident, a leader or the coordinator is signed in."""
    return sign_in(request.getfixturevalue(request.param))


def test_every_answer_carries_the_policy_and_keeps_its_cookies_under_in(reader: Client) -> None:
    for route in SIGNED_IN:
        response = opened(reader, route)

        assert response.status_code < 500, route
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, route
        assert "unsafe" not in policy, route
        assert response.headers["Referrer-Policy"] == "same-origin", route
        assert response.headers["X-Content-Type-Options"] == "nosniff", route
        for name, cookie in response.cookies.items():
            assert name.startswith("__Secure-"), (route, name)
            assert cookie["path"] == "/in/", (route, name)
            assert cookie["secure"], (route, name)


def test_every_page_has_the_frame(reader: Client) -> None:
    for route, response in pages(reader):
        page = response.content.decode()

        assert page.startswith("<!doctype html>"), route
        assert len(re.findall(r"<h1\b", page)) == 1, route
        assert not re.search(r"<title>\s*·", page), f"{route} has no title of its own"
        assert 'href="#main"' in page, route
        assert re.search(r'class="lit" href="/help/e[ns]/"', page), f"help is not the last door of {route}"
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), (route, sorted(name for name in ids if ids.count(name) > 1))


def test_no_page_in_spanish_holds_an_english_sentence(reader: Client) -> None:
    """Whole sentences only: names, numbers and commands may be the same."""
    said = {}
    for language in ("en", "es"):
        reader.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        said[language] = dict(pages(reader))

    for route, english in said["en"].items():
        spanish = said["es"][route]
        assert '<html lang="es-MX">' in spanish.content.decode(), route
        assert sentences(english) & sentences(spanish) == set(), route


def test_not_yours_looks_like_not_there(sign_in: Callable[[Person], Client], dario: Person) -> None:
    """Darío can sign in and is nothing: what is refused to him cannot be told from an address that does not exist."""
    client = sign_in(dario)
    missing = client.get("/in/there-is-no-such-page/")
    guarded = [route for route in SIGNED_IN if route.name not in OPEN_DOORS]
    refused = {route: answer for route in guarded if (answer := opened(client, route)).status_code == 404}

    assert len(refused) >= 5
    for route, answer in refused.items():
        assert answer.content == missing.content, route
        assert dict(answer.headers) == dict(missing.headers), route


def test_looking_with_head_is_no_error(reader: Client) -> None:
    assert [route for route in SIGNED_IN if reader.head(address_of(route)).status_code >= 500] == []


def test_pages_that_hold_something_about_a_person_are_not_kept_by_the_browser(reader: Client) -> None:
    for path in ("/in/", "/in/me/"):
        assert "no-store" in reader.get(path).headers["Cache-Control"], path


def pages(client: Client) -> Iterator[tuple[Route, HttpResponse]]:
    """Yield each route that shows this reader a page, with its answer."""
    for route in SIGNED_IN:
        response = opened(client, route)
        if is_a_page(response):
            yield route, response


def sentences(response: HttpResponse) -> set[str]:
    """Return a page's texts of four words or more: no commands, and nothing that says which language it is in."""
    text = re.sub(r"<(script|svg|code|pre)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    text = re.sub(r"<(p|textarea)\b[^>]*\slang=.*?</\1>", " ", text, flags=re.DOTALL)
    pieces = (" ".join(piece.split()) for piece in re.split(r"<[^>]+>", text))
    return {piece for piece in pieces if len(re.findall(r"[^\W\d_]{2,}", piece)) >= 4 and "San Rafael" not in piece}
