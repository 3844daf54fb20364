"""A chair comes in by an invitation, sets up a passkey because her role needs one, and signs in by it alone next time."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import Site

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
    page.goto(f"{elena.site.url}/in/sign-in/")
    page.get_by_label("E-mail address").fill("elena@sanrafael.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
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
