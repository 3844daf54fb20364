"""A decline is seen: the chair reads it in one sentence, understands why, says so; a resident reads the very same page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect
from tests.journeys.conftest import DESK, PHONE, Site, enter_as

UNIT = "/in/results/emergency/"
WHY = UNIT + "why/"
LIKELY = "Ratings in Emergency Medicine have very likely been falling since about"
UNSEEN = "No leader of the unit has said yet that they have seen it."
MARKS = "main svg.chart :is(.p-flat, .p-down, .p-up, .c-band, .c-level, .c-began)"


@dataclass(frozen=True)
class Read:
    """What somebody reads on a unit's two pages: the sentence, the marks of all charts, every figure, and all there is."""

    sentence: str
    chart: tuple[str, ...]
    figures: tuple[str, ...]
    unit: str
    why: str


def read(page: Page, site: Site) -> Read:
    """Read the unit's page and why it says so."""
    page.goto(site.url + UNIT)
    sentence, unit, words = page.locator("h1").inner_text(), page.locator("main").inner_html(), page.inner_text("main")
    marks = page.locator(MARKS).evaluate_all("marks => marks.map(mark => mark.outerHTML)")
    page.goto(site.url + WHY)
    words += page.inner_text("main")
    figures = re.findall(r"\d+\.\d", words)
    return Read(sentence, tuple(marks), tuple(figures), unit, page.locator("main").inner_html())


def test_the_chair_sees_understands_and_acknowledges_and_a_resident_reads_the_same(
    page: Page, house: Site, quiet: list[str], accessible: Callable[[Page], None]
) -> None:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # two whole numbers
    enter_as(page, house, "elena")
    expect(page.get_by_text(LIKELY).first).to_be_visible()  # at home already
    accessible(page)
    page.get_by_role("link", name="Department of Acute Care", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(LIKELY)
    accessible(page)
    page.get_by_role("link", name="Emergency Medicine", exact=True).first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(LIKELY)
    expect(page.locator("main").get_by_text(UNSEEN)).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Why am I seeing this?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why am I seeing this?")
    expect(page.get_by_text("The unit's own part")).to_be_visible()
    expect(page.get_by_text("false signal about once in")).to_be_visible()
    accessible(page)

    page.get_by_role("button", name="I have seen this").click()
    expect(page.get_by_text("Everybody can now read that you have seen it.")).to_be_visible()
    expect(page.get_by_role("button", name="I have seen this")).to_have_count(0)
    by_the_chair = read(page, house)
    page.locator("header button[name='language'][value='es']").click()
    by_the_chair_in_spanish = read(page, house)

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    enter_as(page, house, "ana")
    assert read(page, house) == by_the_chair_in_spanish
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)
    page.goto(house.url + UNIT)
    expect(page.locator("main").get_by_text("Dr. Elena Robledo dijo el")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)

    page.locator("header button[name='language'][value='en']").click()
    by_the_resident = read(page, house)
    assert by_the_resident == by_the_chair
    assert by_the_resident.sentence.startswith(LIKELY)
    assert "Dr. Elena Robledo said on" in by_the_resident.unit
    assert UNSEEN not in by_the_resident.unit
    assert len(by_the_resident.chart) > 30
    assert by_the_resident.chart == by_the_chair_in_spanish.chart
    assert by_the_resident.figures == by_the_chair_in_spanish.figures


def test_it_reads_as_well_in_spanish_and_without_javascript(browser: Browser, house: Site) -> None:
    context = browser.new_context(locale="es-MX", java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    enter_as(page, house, "ana")

    for address in (UNIT, WHY, "/in/results/"):
        page.goto(house.url + address)
        expect(page.locator("main")).to_contain_text("valoraciones de Medicina de Urgencias")
        expect(page.locator("main")).to_contain_text("Es muy probable que")
    context.close()
