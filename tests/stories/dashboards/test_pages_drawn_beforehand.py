"""The worker draws pages once something is published; the first reader finds them there, and nothing about a reader is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from callroom.dashboards import jobs, pages, queries, shelf
from callroom.dashboards.tree import Tree
from callroom.people.models import Person
from callroom.pulse.models import Plan
from callroom.watch import jobs as watch_jobs
from callroom.watch.models import Watched
from tests.stories.dashboards.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_shelf() -> Iterator[None]:
    shelf.empty()
    yield
    shelf.empty()


@pytest.fixture
def drawn(past: Plan) -> Plan:
    """Look at what was published, and draw it."""
    watch_jobs.tick(NOW)
    jobs.tick(NOW)
    return past


def files() -> list[Path]:
    return sorted((settings.DATA_DIR / shelf.FOLDER).glob("*/*.json"))


def edition(plan: Plan) -> object:
    return queries.edition_of(Tree.read(), now=NOW, zone=plan.institution.zone)


def test_every_page_is_there_in_every_language(drawn: Plan) -> None:
    units = {row.id for row in Tree.read().shown_rows()}

    for language in drawn.institution.languages:
        with translation.override(language):
            assert {unit for unit in units if shelf.holds(edition(drawn), unit)} == units
    assert len(files()) == len(units) * len(drawn.institution.languages)


def test_a_kept_page_is_the_page(drawn: Plan) -> None:
    tree = Tree.read()
    for row in tree.shown_rows():
        page = pages.draw(row, tree, now=NOW, zone=drawn.institution.zone)

        assert shelf.get(edition(drawn), row.id) == (page.title, page.content)


def test_a_reader_gets_the_kept_page(drawn: Plan, ana: Person, sign_in: Callable[[Person], Client]) -> None:
    shelf.put(edition(drawn), "emergency", title="Kept", content="<h1>As it was kept</h1>")

    assert b"<h1>As it was kept</h1>" in sign_in(ana).get("/in/results/emergency/", secure=True).content


def test_while_all_is_there_nothing_is_drawn(drawn: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "draw", lambda *_args, **_words: pytest.fail("drawn again"))

    jobs.tick(NOW)


def test_what_changes_is_drawn_anew_and_the_old_thrown_away(drawn: Plan) -> None:
    before = files()
    Watched.objects.update(revision=99)

    jobs.tick(NOW)

    assert len(files()) == len(before)
    assert not set(files()) & set(before)


def test_a_minute_draws_only_so_many_and_the_next_goes_on(past: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PAGES_AT_ONCE", 3)
    watch_jobs.tick(NOW)

    jobs.tick(NOW)
    first = len(files())
    jobs.tick(NOW)

    assert (first, len(files())) == (3, 6)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"title": "only"}', b"\xff"])
def test_a_damaged_file_is_as_good_as_none(drawn: Plan, content: bytes) -> None:
    for file in files():
        file.write_bytes(content)

    assert shelf.get(edition(drawn), "emergency") is None


def test_before_an_institution_is_founded_nothing_happens() -> None:
    jobs.tick(NOW)

    assert not (settings.DATA_DIR / shelf.FOLDER).exists()


def test_nothing_of_a_visit_is_in_any_file(drawn: Plan) -> None:
    text = "".join(file.read_text() for file in files())

    assert text
    assert "csrf" not in text.lower()
    assert "nonce" not in text.lower()
