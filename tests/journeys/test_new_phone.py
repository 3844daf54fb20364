"""New phones, browsers that forget, and apps that keep their storage apart: each way ends with an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.conftest import DESK, PHONE, Site, enter_as
from tests.journeys.test_checkin_page import EMPTY_STORAGE, Phone

HOME_SCREEN = "Object.defineProperty(navigator, 'standalone', { value: true })"
"""What a browser says that runs as an app of the home screen: there, storage lasts."""


@pytest.fixture
def browsers(browser: Browser, site: Site) -> Callable[..., contextmanager[Phone]]:  # type: ignore[type-arg]
    """Return a maker of browsers, each with a storage of its own."""

    @contextmanager
    def another(*, installed: bool = False) -> Iterator[Phone]:
        context = browser.new_context(viewport=PHONE, locale="en-GB", service_workers="block", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(60_000)
        if installed:
            context.add_init_script(HOME_SCREEN)
        try:
            yield Phone(context, site)
        finally:
            context.close()

    return another


def coordinator_approves(browser: Browser, site: Site, accessible: Callable[[Page], None]) -> None:
    desk = browser.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")  # type: ignore[arg-type]
    page = desk.new_page()
    enter_as(page, site, "fernando")
    page.goto(f"{site.url}/in/waves/")
    accessible(page)
    page.get_by_role("button", name="Approve a second ticket for Ana").press("Enter")
    expect(page.get_by_text("opens the device page again.")).to_be_visible()
    expect(page.get_by_text("Nobody asks for one.")).to_be_visible()
    desk.close()


def asks_for_another(phone: Phone, accessible: Callable[[Page], None]) -> None:
    phone.device_says("ticket-gone")
    accessible(phone.page)
    phone.page.get_by_role("button", name="Ask for another ticket").press("Enter")
    expect(phone.page.get_by_text("Once the coordinator has approved it")).to_be_visible()
    phone.device_says("ticket-asked")
    accessible(phone.page)


def opens_the_device_page_again(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Look again").click()
    phone.device_says("ready")


def test_a_browser_that_forgot_everything_gets_another_ticket(
    browsers: Callable[..., contextmanager[Phone]],  # type: ignore[type-arg]
    browser: Browser,
    site: Site,
    accessible: Callable[[Page], None],
) -> None:
    with browsers() as phone:
        phone.make_it_the_check_in_device()
        phone.page.goto(f"{site.url}/w/en/manifest.webmanifest")
        phone.page.evaluate(EMPTY_STORAGE)
        phone.page.goto(f"{site.url}/in/device/")
        phone.device_says("storage-gone")
        phone.page.locator("[data-press='mine']").click()
        asks_for_another(phone, accessible)
        coordinator_approves(browser, site, accessible)
        opens_the_device_page_again(phone)

        phone.open_check_in()
        phone.answer()
        phone.says("sent")


def test_from_the_mail_app_to_the_browser_to_the_home_screen(
    browsers: Callable[..., contextmanager[Phone]],  # type: ignore[type-arg]
    browser: Browser,
    site: Site,
    accessible: Callable[[Page], None],
) -> None:
    """Three storages on one phone. The first two lose this round's ticket to the next; the last one stays."""
    with browsers() as in_the_mail_app:
        in_the_mail_app.make_it_the_check_in_device()  # and then it is closed: nothing of it can be opened again
    with browsers() as tab:
        tab.enter_as("ana")
        tab.page.goto(f"{site.url}/in/device/")
        tab.page.locator("[data-press='mine']").click()
        asks_for_another(tab, accessible)
        coordinator_approves(browser, site, accessible)
        opens_the_device_page_again(tab)
        tab.open_check_in()
        tab.answer()
        tab.says("sent")

        with browsers(installed=True) as app:
            app.enter_as("ana")
            app.page.goto(f"{site.url}/in/device/")
            app.page.locator("[data-press='mine']").click()
            # This round was answered in the tab. A second replacement there is none; the next rounds are the app's.
            app.device_says("ticket-gone")
            app.page.get_by_role("button", name="Ask for another ticket").click()
            expect(app.page.get_by_text("There is no ticket that could be replaced")).to_be_visible()


def test_from_the_ward_computer_to_the_phone(
    browsers: Callable[..., contextmanager[Phone]],  # type: ignore[type-arg]
    site: Site,
) -> None:
    with browsers() as ward:
        ward.enter_as("ana")
        ward.page.goto(f"{site.url}/in/device/")
        ward.page.locator("[data-press='shared']").click()
        ward.device_says("shared")
        ward.open_check_in(state="no-device")
    with browsers() as phone:
        phone.make_it_the_check_in_device()
        phone.open_check_in()
        phone.answer()
        phone.says("sent")
