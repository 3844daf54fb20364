"""The privacy notice, its next version, and a resident who says yes, takes it back and says yes again."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Site, enter_as

NARROW = {"width": 320, "height": 640}


def reads(page: Page, heading: str, accessible: Callable[[Page], None]) -> None:
    """A page is there: readable by everybody, on the smallest phone too."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    accessible(page)
    before = page.viewport_size
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # two whole numbers
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    assert before is not None
    page.set_viewport_size(before)


def test_a_new_purpose_is_published_and_asked_anew(
    page: Page, site: Site, accessible: Callable[[Page], None], quiet: list[str]
) -> None:
    page.goto(f"{site.url}/in/notice/")
    reads(page, "Privacy notice", accessible)
    expect(page.get_by_text("To be reviewed by your counsel", exact=False)).to_be_visible()

    enter_as(page, site, "ana")
    page.get_by_role("link", name="Mi decisión sobre el registro").click()
    reads(page, "Mi decisión sobre el registro", accessible)
    page.get_by_role("button", name="Retiro mi sí").click()
    expect(page.get_by_text("Dijiste que no.", exact=True)).to_be_visible()
    page.goto(f"{site.url}/in/")
    expect(page.get_by_text("Dijiste que no al registro.", exact=False)).to_be_visible()
    page.get_by_role("link", name="Mi decisión sobre el registro").click()
    page.get_by_role("button", name="Sí, quiero hacer el registro").click()
    expect(page.get_by_role("button", name="Sí, usarlo para mis registros")).to_be_visible()

    enter_as(page, site, "fernando")
    page.get_by_role("link", name="Privacy notice").click()
    page.get_by_role("link", name="Write the next version").click()
    page.get_by_label("the version in force").check()
    page.get_by_role("button", name="Begin from it").click()
    reads(page, "Writing the privacy notice", accessible)
    page.get_by_label("Purpose that is voluntary: the check-in, in Spanish").fill("- Otra finalidad, inventada.")
    page.get_by_role("button", name="Keep it and look at it").click()
    reads(page, "The notice before it is published", accessible)
    page.get_by_role("button", name="Publish it, dated today").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("What the check-in is for", exact=False).check()
    page.get_by_role("button", name="Publish it, dated today").click()
    page.get_by_role("link", name="Version 1,", exact=False).click()
    reads(page, "Privacy notice", accessible)

    enter_as(page, site, "ana")
    expect(page.get_by_role("heading", level=1)).to_contain_text("¿Quieres hacer el registro")
    page.get_by_role("link", name="Leer y decidir").click()
    reads(page, "¿Quieres hacer el registro?", accessible)
    expect(page.get_by_text("Otra finalidad, inventada.")).to_be_visible()
    page.get_by_role("button", name="Sí, quiero hacer el registro").click()
    expect(page.locator("[data-device='page']")).to_be_visible()
