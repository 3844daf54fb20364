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
    page.get_by_role("link", name="My decision about the check-in").click()
    reads(page, "My decision about the check-in", accessible)
    page.get_by_role("button", name="I take my yes back").click()
    expect(page.get_by_text("You said no.", exact=True)).to_be_visible()
    page.goto(f"{site.url}/in/")
    expect(page.get_by_text("You said no to the check-in.", exact=False)).to_be_visible()
    page.get_by_role("link", name="My decision about the check-in").click()
    page.get_by_role("button", name="Yes, I want to check in").click()
    expect(page.get_by_role("button", name="Yes, use it for my check-ins")).to_be_visible()

    enter_as(page, site, "fernando")
    page.get_by_role("link", name="Privacy notice").click()
    page.get_by_role("link", name="Write the next version").click()
    page.get_by_label("the version in force").check()
    page.get_by_role("button", name="Begin from it").click()
    reads(page, "Writing the privacy notice", accessible)
    page.get_by_label("Purpose that is voluntary: the check-in, in English").fill("- Another purpose, invented.")
    page.get_by_role("button", name="Keep it and look at it").click()
    reads(page, "The notice before it is published", accessible)
    page.get_by_label("What the check-in is for", exact=False).check()
    page.get_by_role("button", name="Publish it, dated today").click()
    page.get_by_role("link", name="Version 1,", exact=False).click()
    reads(page, "Privacy notice", accessible)

    enter_as(page, site, "ana")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Would you like to check in")
    page.get_by_role("link", name="Read and decide").click()
    reads(page, "Would you like to check in?", accessible)
    expect(page.get_by_text("Another purpose, invented.")).to_be_visible()
    page.get_by_role("button", name="Yes, I want to check in").click()
    expect(page.locator("[data-device='page']")).to_be_visible()
