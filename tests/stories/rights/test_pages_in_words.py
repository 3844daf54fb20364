"""The trail's pages in words: no address and no key where a reader looks for what somebody read."""

from __future__ import annotations

import pytest
from django.urls import URLPattern
from django.utils import translation

from callroom.dashboards import urls as results
from callroom.rights.pages import title_of

UNITS = {"emergency": "Emergency Medicine"}


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("sign-in", "Signed in"),
        ("trail/rows", "Rows of the trail"),
        ("trail/looks", "Who looked at which page"),
        ("roster/as-it-stands", "The roster, as a file"),
        ("roster/rotations-as-they-stand", "The rotations, as a file"),
        ("/in/results/", "Results of the whole institution"),
        ("/in/results/emergency/", "Results: Emergency Medicine"),
        ("/in/results/emergency/why/", "Results, and why: Emergency Medicine"),
        ("/in/results/emergency.csv", "Results as a file: Emergency Medicine"),
    ],
)
def test_a_page_has_its_title(page: str, title: str) -> None:
    assert title_of(page, UNITS) == title


@pytest.mark.parametrize("page", ["/in/results/gone/", "/nowhere/", "an-earlier-key"])
def test_what_is_unknown_stands_as_it_was_kept(page: str) -> None:
    assert title_of(page, UNITS) == page


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_results_has_one(language: str) -> None:
    kinds = [pattern for pattern in results.urlpatterns if isinstance(pattern, URLPattern)]
    with translation.override(language):
        for pattern in kinds:
            page = "/in/" + str(pattern.pattern).replace("<slug:unit>", "emergency")
            assert title_of(page, UNITS) != page
