"""A resident comes in by the hospital's own account: OpenID Connect, SAML, and a provider that is down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.journeys.conftest import serving
from tests.world.identity import CLIENT, SECRET, LocalOidc, LocalSaml

RESIDENT = "R0001"


def test_by_openid_connect_and_when_it_is_down(
    page: Page, demo_folder: Path, tmp_path: Path, accessible: Callable[[Page], None], quiet: list[str]
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    with LocalOidc(subject=RESIDENT).serving() as provider:
        settings = {
            "CALLROOM_PROVIDER": "oidc",
            "CALLROOM_PROVIDER_NAME": "San Rafael",
            "CALLROOM_OIDC_ISSUER": provider.issuer,
            "CALLROOM_OIDC_CLIENT": CLIENT,
            "CALLROOM_OIDC_SECRET_FILE": str(tmp_path / "secret"),
        }
        with serving(demo_folder, tmp_path / "site", settings) as site:
            page.goto(f"{site.url}/in/me/")
            accessible(page)
            page.get_by_role("link", name="Sign in with my San Rafael account").press("Enter")
            page.get_by_role("link", name="Yes, it is me").click()
            expect(page).to_have_url(f"{site.url}/in/me/")
            expect(page.get_by_role("main")).to_contain_text(RESIDENT)

            page.context.clear_cookies()
            provider.subject = "nobody-here"
            page.goto(f"{site.url}/in/sign-in/hospital/")
            page.get_by_role("link", name="Yes, it is me").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Your account is not on the roster here")
            expect(page.get_by_role("main")).to_contain_text("nobody-here")
            accessible(page)

            provider.stop()
            page.goto(f"{site.url}/in/sign-in/hospital/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Your hospital account does not answer")
            accessible(page)
            page.get_by_role("link", name="Sign in another way").click()
            expect(page.get_by_label("Password")).to_be_visible()
    quiet[:] = [line for line in quiet if "responded with a status of 403" not in line and "of 503" not in line]


def test_by_saml(
    page: Page, demo_folder: Path, tmp_path: Path, accessible: Callable[[Page], None], quiet: list[str]
) -> None:
    """The provider is another site for the browser: the session's cookie does not come with its form."""
    with LocalSaml(subject=RESIDENT).serving() as provider:
        (tmp_path / "idp.xml").write_text(provider.metadata())
        settings = {"CALLROOM_PROVIDER": "saml", "CALLROOM_SAML_METADATA": str(tmp_path / "idp.xml")}
        with serving(demo_folder, tmp_path / "site", settings) as site:
            page.goto(f"{site.url}/in/me/")
            page.get_by_role("link", name="Sign in with my hospital account").click()
            page.get_by_role("button", name="Yes, it is me").click()
            expect(page).to_have_url(f"{site.url}/in/me/")
            expect(page.get_by_role("main")).to_contain_text(RESIDENT)

            page.context.clear_cookies()
            page.goto(f"{site.url}/in/sign-in/hospital/")
            page.context.clear_cookies()  # another browser: not the one that was sent away
            page.get_by_role("button", name="Yes, it is me").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in yet")
            accessible(page)
    quiet[:] = [line for line in quiet if "responded with a status of 403" not in line]
