"""A decline is seen: the chair reads it in one sentence, understands why, says so; a resident reads the very same page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.conftest import DESK, PHONE, Site, enter_as

UNIT = "/in/results/emergency/"
LIKELY = "Ratings in Emergency Medicine have very likely been falling since about"


def test_the_chair_sees_understands_and_acknowledges_and_a_resident_reads_the_same(
    page: Page, site: Site, quiet: list[str], accessible: Callable[[Page], None]
) -> None:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # two whole numbers
    enter_as(page, site, "elena")
    expect(page.get_by_text(LIKELY).first).to_be_visible()  # at home already

    page.goto(site.url + UNIT)
    expect(page.get_by_role("heading", level=1)).to_contain_text(LIKELY)
    expect(page.get_by_text("No leader of the unit has said yet that they have seen it.")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Why am I seeing this?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why am I seeing this?")
    expect(page.get_by_text("The unit's own part")).to_be_visible()
    expect(page.get_by_text("false signal about once in")).to_be_visible()
    accessible(page)

    page.get_by_role("button", name="I have seen this").click()
    expect(page.get_by_text("Everybody can now read that you have seen it.")).to_be_visible()
    expect(page.get_by_role("button", name="I have seen this")).to_have_count(0)
    page.goto(site.url + UNIT)
    expect(page.get_by_text("Dr. Elena Robledo said on")).to_be_visible()
    as_chair = page.locator("main").inner_html()

    enter_as(page, site, "fernando")
    page.goto(site.url + UNIT)
    assert page.locator("main").inner_html() == as_chair

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    enter_as(page, site, "ana")
    page.goto(site.url + UNIT)
    assert page.locator("main").inner_html() == as_chair
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


@pytest.mark.parametrize("address", [UNIT, UNIT + "why/", "/in/results/"])
def test_it_reads_as_well_in_spanish_and_without_javascript(browser: Browser, site: Site, address: str) -> None:
    context = browser.new_context(locale="es-MX", java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    enter_as(page, site, "ana")

    page.goto(site.url + address)

    expect(page.locator("main")).to_contain_text("valoraciones de Medicina de Urgencias")
    expect(page.locator("main")).to_contain_text("Es muy probable que")
    context.close()
