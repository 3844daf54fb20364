"""Someone needs to talk: signed out, without a network, with the keyboard only."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect
from tests.journeys.conftest import DESK, Site

KEPT = "navigator.serviceWorker.ready.then(async () => (await caches.keys()).some((name) => name.startsWith('help-')))"


def test_the_numbers_open_signed_out_and_without_a_network(
    page: Page, context: BrowserContext, site: Site, quiet: list[str], accessible: Callable[[Page], None]
) -> None:
    page.goto(f"{site.url}/help/es/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Habla con alguien")
    expect(page.get_by_role("link", name="Línea de la Vida")).to_have_attribute("href", "tel:8009112000")
    accessible(page)
    assert page.evaluate(KEPT)
    assert context.cookies() == []

    context.set_offline(True)
    page.reload()
    expect(page.get_by_role("link", name="Línea de la Vida")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Talk to someone")
    expect(page.get_by_role("link", name="988 Lifeline").first).to_have_attribute("href", "tel:988")
    colour = page.locator(".lamp").first.evaluate("line => getComputedStyle(line).backgroundColor")
    assert colour != "rgba(0, 0, 0, 0)", "the style sheets are kept as well"
    context.set_offline(False)
    quiet[:] = [line for line in quiet if "ERR_INTERNET_DISCONNECTED" not in line]


def test_on_a_desk_with_the_keyboard_only(
    page: Page, site: Site, quiet: list[str], accessible: Callable[[Page], None]
) -> None:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # two whole numbers
    page.goto(f"{site.url}/help/en/")
    accessible(page)

    reached = []
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert "tel:8009112000" in reached
    assert "sms:988" in reached


def test_every_number_is_large_enough_for_a_thumb(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/help/es/")

    for line in page.locator("main a.line").all():
        box = line.bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
