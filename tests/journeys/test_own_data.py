"""One's own data: Ana takes her copy and asks, Julia answers, Ana reads it; in both languages, on a phone, by the keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect
from tests.journeys.conftest import DESK, Site, enter_as

NARROW = (320, 568)


def test_ana_takes_a_copy_asks_and_reads_the_answer(
    page: Page, site: Site, quiet: list[str], accessible: Callable[[Page], None], browser: Browser
) -> None:
    enter_as(page, site, "ana")
    page.goto(f"{site.url}/in/me/")
    page.get_by_role("link", name="A copy of my data").press("Enter")

    with page.expect_download() as download:
        page.get_by_role("button", name="Take my copy").press("Enter")
    copy = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert copy["person"]["name"] == "Ana Jacaranda"

    page.get_by_label("I want").select_option("rectification")
    page.get_by_role("button", name="Send to the desk").press("Enter")
    expect(page.get_by_role("alert").or_(page.locator(".is-late")).first).to_contain_text("Say what it is about")
    page.get_by_label("In my words").fill("My name has an accent.")
    accessible(page)
    page.get_by_role("button", name="Send to the desk").press("Enter")
    expect(page.get_by_text("My name has an accent.")).to_be_visible()
    expect(page.get_by_text("Waits for an answer")).to_be_visible()
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)

    desk = browser.new_context(viewport=DESK).new_page()  # type: ignore[arg-type]
    enter_as(desk, site, "julia")
    desk.goto(f"{site.url}/in/requests/")
    accessible(desk)
    desk.get_by_role("link", name="Read and answer: Ana Jacaranda").press("Enter")
    accessible(desk)
    desk.get_by_label("Answer", exact=True).select_option("granted")
    desk.get_by_label("What was done").fill("The roster has it.")
    desk.get_by_role("button", name="Answer").press("Enter")
    expect(desk.get_by_text("Nothing waits.")).to_be_visible()
    desk.goto(f"{site.url}/in/trail/?tag=request-answered")
    expect(desk.get_by_role("cell", name="Julia Encino")).to_be_visible()
    desk.get_by_role("button", name="Read it all and check").press("Enter")
    expect(desk.locator(".is-kept")).to_be_visible()
    accessible(desk)
    desk.context.close()

    page.reload()
    page.locator("header button[name='language'][value='es']").click()
    expect(page.get_by_text("The roster has it.")).to_be_visible()
    expect(page.get_by_role("heading", name="Mis solicitudes")).to_be_visible()
    accessible(page)
