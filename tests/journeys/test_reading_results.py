"""Results are read: on a phone and at a desk, in both languages, without JavaScript, with the table open."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.conftest import DESK, PHONE, Site, enter_as

PAGES = ("", "acute-care/", "emergency/", "toxicology/", "cardiology/")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_results_can_be_read_by_everybody(
    page: Page, house: Site, quiet: list[str], accessible: Callable[[Page], None], size: dict[str, int]
) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]  # two whole numbers
    enter_as(page, house, "bruno")
    for language in ("English", "Español"):
        for address in PAGES:
            page.goto(f"{house.url}/in/results/{address}")
            for summary in page.locator("main summary").all():
                summary.press("Enter")
            accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        switch = page.get_by_role("button", name="Español" if language == "English" else "English")
        switch.click()


def test_results_need_no_javascript(browser: Browser, house: Site) -> None:
    context = browser.new_context(viewport=DESK, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    enter_as(page, house, "elena")

    page.get_by_role("link", name="Results").first.click()
    page.get_by_role("link", name="Department of Acute Care").click()
    page.get_by_role("link", name="Emergency Medicine", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Emergency Medicine")
    expect(page.locator("svg.wide").first).to_be_visible()  # the second is the control chart, folded away
    context.close()


def test_the_file_is_what_the_table_says(page: Page, house: Site, quiet: list[str]) -> None:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    enter_as(page, house, "elena")
    page.goto(f"{house.url}/in/results/emergency/")
    page.get_by_text("Show as table").click()
    shown = page.locator("details tbody tr").first.locator("td").nth(1).inner_text()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()

    with download.value.path().open(encoding="utf-8", newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert last["index"] == shown


def test_an_operator_finds_no_results(page: Page, house: Site) -> None:
    enter_as(page, house, "hugo")

    assert page.get_by_role("link", name="Results").count() == 0
    answer = page.goto(f"{house.url}/in/results/emergency/")
    assert answer is not None
    assert answer.status == 404
