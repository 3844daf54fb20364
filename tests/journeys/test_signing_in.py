"""A chair comes in by an invitation, sets up a passkey because her role needs one, and signs in by it alone next time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect
from tests.journeys.conftest import Site, enter_as

PASSWORD = "otter-balcony-91-salt"


class Chair:
    """Dr. Elena's browser, and the device that keeps her passkey."""

    def __init__(self, page: Page, site: Site, accessible: Callable[[Page], None]) -> None:
        self.page, self.site, self.accessible = page, site, accessible

    def has_a_device_that_makes_passkeys(self) -> None:
        device = self.page.context.new_cdp_session(self.page)
        device.send("WebAuthn.enable")
        device.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                }
            },
        )

    def follows_her_invitation(self) -> None:
        printed = self.site.command("roster", "invite", "persona-elena", "--address", self.site.url).stdout
        link = urlsplit(printed.splitlines()[1].split(",")[-1]).path
        self.page.goto(self.site.url + link)
        self.sees()
        self.page.get_by_label("New password", exact=True).fill(PASSWORD)
        self.page.get_by_label("New password, again").fill(PASSWORD)
        self.page.get_by_role("button", name="Set the password and sign in").click()

    def sets_up_an_app(self) -> str:
        """Set up an app; return the secret that it holds."""
        self.page.get_by_role("link", name="Set up an app").click()
        self.page.get_by_text("The app cannot read it").click()
        secret = self.page.locator("code.num").inner_text()
        self.page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
        self.page.get_by_role("button", name="The app is set up").click()
        self.sees("Your recovery codes")
        return secret

    def types_her_password(self) -> None:
        self.page.goto(f"{self.site.url}/in/sign-in/")
        self.page.get_by_label("E-mail address").fill("elena@sanrafael.example")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    @contextmanager
    def beside(self, page: Page) -> Iterator[Page]:
        """Somebody else's browser, for the block."""
        assert page.context.browser is not None
        other = page.context.browser.new_context(locale="en-GB", reduced_motion="reduce")
        try:
            yield other.new_page()
        finally:
            other.close()

    def signs_out(self) -> None:
        self.page.goto(f"{self.site.url}/in/sign-out/")
        self.page.get_by_role("main").get_by_role("button", name="Sign out").click()

    def sees(self, heading: str | None = None) -> None:
        """The page fits 320 px and axe finds nothing."""
        if heading is not None:
            expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        self.accessible(self.page)
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": 320, "height": 640})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 320, self.page.url
        self.page.set_viewport_size(before or {"width": 390, "height": 844})


@pytest.fixture
def elena(page: Page, site: Site, accessible: Callable[[Page], None], quiet: list[str]) -> Chair:
    return Chair(page, site, accessible)


def test_elena_sets_up_a_passkey_and_signs_in_by_it(elena: Chair) -> None:
    page = elena.page
    elena.has_a_device_that_makes_passkeys()
    elena.follows_her_invitation()

    # Her role sees more than its own: nothing opens before the second step.
    elena.sees("My ways in")
    page.goto(f"{elena.site.url}/in/results/")
    elena.sees("My ways in")
    page.get_by_role("link", name="Add a passkey").click()
    elena.sees("Add a passkey")
    page.get_by_label("A name for it").fill("My phone")
    page.keyboard.press("Enter")
    elena.sees("Your recovery codes")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(10)
    page.get_by_role("link", name="I have them: go on").click()
    page.wait_for_url(f"{elena.site.url}/in/results/")

    elena.signs_out()
    page.goto(f"{elena.site.url}/in/results/")
    elena.sees("Sign in")
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    page.wait_for_url(f"{elena.site.url}/in/results/")

    # The password alone leads to the second step, and no further.
    elena.signs_out()
    elena.types_her_password()
    elena.sees("The second step")
    page.get_by_role("button", name="Use my passkey").press("Enter")
    page.wait_for_url(f"{elena.site.url}/in/")


def test_a_device_that_gives_no_passkey_says_what_else_there_is(elena: Chair) -> None:
    page = elena.page
    elena.follows_her_invitation()
    page.get_by_role("link", name="Set up an app").click()
    elena.sees("Set up an app")
    page.goto(f"{elena.site.url}/in/second-factors/passkey/new/")
    # No authenticator is there, as on a browser whose owner says no.
    page.evaluate(
        "() => { navigator.credentials.create = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
    )
    page.get_by_role("button", name="Make the passkey").click()

    expect(page.get_by_text("The device made no passkey. Nothing was changed.")).to_be_visible()
    elena.sees("Add a passkey")


def test_every_page_of_the_way_back_is_readable(elena: Chair) -> None:
    """An app in place of a passkey, its loss, and the coordinator's approval."""
    page = elena.page
    elena.follows_her_invitation()
    secret = elena.sets_up_an_app()
    page.get_by_role("link", name="I have them: go on").click()
    for address, heading in (
        ("codes/", "Your recovery codes"),
        ("codes/new/", "Make new recovery codes?"),
        ("app/remove/", "Remove the app?"),
    ):
        page.goto(f"{elena.site.url}/in/second-factors/{address}")
        elena.sees(heading)
    for address in ("", "code/"):
        page.goto(f"{elena.site.url}/in/sign-in/again/{address}")
        elena.sees("Is it you?")

    elena.signs_out()
    elena.types_her_password()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="does not fit")).to_be_focused()
    elena.sees("The second step")
    page.get_by_role("link", name="I have none of these any more").click()
    page.get_by_role("button", name="Show me three words").click()
    elena.sees("A new second step")
    words = " ".join(page.get_by_role("list", name="Your three words").get_by_role("listitem").all_inner_texts())

    with elena.beside(page) as coordinator:
        enter_as(coordinator, elena.site, "fernando")
        coordinator.goto(f"{elena.site.url}/in/access/")
        coordinator.get_by_label("The three words").fill(words)
        coordinator.get_by_role("button", name="Approve for Dr. Elena").click()
        expect(coordinator.get_by_text("can go on now.")).to_be_visible()
        elena.accessible(coordinator)

    page.get_by_role("button", name="It is approved: go on").click()
    elena.sees("My ways in")
    assert secret
