"""Ana tries to find her colleagues on a copy of the disk, and reads what that cannot stop."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Site, enter_as


def test_ana_presses_the_button_and_reads_what_was_found(
    page: Page, site: Site, quiet: list[str], accessible: Callable[[Page], None]
) -> None:
    enter_as(page, site, "ana")
    page.goto(f"{site.url}/in/find-me/")
    accessible(page)

    page.locator("main button[type=submit]").click(timeout=120_000)

    page.locator("#found-heading").wait_for(timeout=120_000)
    ordinary, callroom = page.locator("svg.chart[role=img]").all()
    people = ordinary.locator("path, circle").count()
    assert people >= 40
    assert ordinary.locator("path").count() == people
    assert callroom.locator("path").count() < people / 2
    expect(page.locator("#limits-heading")).to_be_visible()
    accessible(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= 320")
