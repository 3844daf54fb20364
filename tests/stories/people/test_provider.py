"""Signing in by the hospital's identity provider: whom it names is matched by id, and nothing else is believed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import LazySettings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from joserfc.jwk import RSAKey

from callroom.audit.models import Look
from callroom.people import actions
from callroom.people.models import Person
from tests.rules.house import ROOT
from tests.world.identity import CLIENT, SECRET, LocalOidc, LocalSaml
from tests.world.people import PASSWORD

BEGIN = "/in/sign-in/hospital/"
BACK = f"{BEGIN}back/"
RESPONSE = f"{BEGIN}response/"

pytestmark = [pytest.mark.django_db, pytest.mark.one_store]


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": "localhost"})


def is_in(browser: Client) -> bool:
    return browser.get("/in/me/").status_code == 200


@pytest.fixture
def oidc(settings: LazySettings, tmp_path: Path) -> Iterator[LocalOidc]:
    with LocalOidc().serving() as provider:
        secret = tmp_path / "secret"
        secret.write_text(f"{SECRET}\n")
        settings.PROVIDER, settings.PROVIDER_NAME = "oidc", "San Rafael"
        settings.OIDC_ISSUER, settings.OIDC_CLIENT, settings.OIDC_SECRET_FILE = provider.issuer, CLIENT, secret
        yield provider


@pytest.fixture
def saml(settings: LazySettings, tmp_path: Path) -> LocalSaml:
    provider = LocalSaml()
    settings.SAML_METADATA = tmp_path / "metadata.xml"
    settings.SAML_METADATA.write_text(provider.metadata())
    settings.PROVIDER = "saml"
    return provider


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class TestOpenIDConnect:
    def come(self, browser: Client, provider: LocalOidc, begin: str = BEGIN) -> HttpResponse:
        sent = browser.get(begin)
        assert sent["Location"].startswith(f"{provider.issuer}/authorize?")
        return browser.get(path_of(provider.back_from(sent["Location"])))

    def test_ana_comes_in_by_her_id(self, browser: Client, oidc: LocalOidc, ana: Person) -> None:
        assert "Sign in with my San Rafael account" in browser.get("/in/sign-in/").content.decode()

        answer = self.come(browser, oidc, f"{BEGIN}?next=/in/chain/")

        assert (answer.status_code, answer["Location"]) == (302, "/in/chain/")
        assert is_in(browser)
        assert not Look.objects.filter(person=str(ana.pk)).exists(), "a resident's sign-in leaves nothing dated"

    def test_another_claim_can_hold_the_id(
        self, browser: Client, oidc: LocalOidc, ana: Person, settings: LazySettings
    ) -> None:
        oidc.subject, oidc.more, settings.OIDC_CLAIM = "f3a9", {"employee_number": "ana"}, "employee_number"

        assert self.come(browser, oidc)["Location"] == "/in/"

    @pytest.mark.parametrize("subject", ["somebody-else", "ANA", "ana ", "ana@hospital.example"])
    def test_an_unknown_id_is_refused_in_words_whatever_its_address(
        self, browser: Client, oidc: LocalOidc, ana: Person, subject: str
    ) -> None:
        oidc.subject, oidc.more = subject, {"email": ana.email, "email_verified": True, "name": ana.name}

        answer = self.come(browser, oidc)

        assert answer.status_code == 403
        assert "nobody on the roster of Callroom has its id" in answer.content.decode()
        assert not is_in(browser)

    def test_a_leaver_is_unknown(self, browser: Client, oidc: LocalOidc, ana: Person) -> None:
        actions.offboard(by=None, person=ana, now=datetime.now(UTC))

        assert self.come(browser, oidc).status_code == 403

    @pytest.mark.parametrize(
        "lies",
        [
            {"iss": "https://evil.example"},
            {"aud": "another-client"},
            {"nonce": "another"},
            {"exp": 1},
            {"sub": ""},
            {"sub": 7},
        ],
        ids=str,
    )
    def test_a_token_that_is_not_its_word_for_this_browser_is_refused(
        self, browser: Client, oidc: LocalOidc, ana: Person, lies: dict[str, Any]
    ) -> None:
        oidc.lies = lies

        answer = self.come(browser, oidc)

        assert answer.status_code == 403
        assert "Nothing was changed" in answer.content.decode()
        assert not is_in(browser)

    def test_a_token_signed_by_another_key_is_refused(self, browser: Client, oidc: LocalOidc, ana: Person) -> None:
        oidc.key = RSAKey.generate_key(2048, {"kid": "one"})

        assert self.come(browser, oidc).status_code == 403

    def test_what_another_browser_was_sent_for_is_refused(self, browser: Client, oidc: LocalOidc, ana: Person) -> None:
        back = path_of(oidc.back_from(browser.get(BEGIN)["Location"]))

        assert Client(headers={"host": "localhost"}).get(back).status_code == 403
        assert browser.get(f"{BACK}?error=access_denied&state=x").status_code == 403
        assert browser.get(BACK).status_code == 403

    def test_an_address_of_another_site_is_no_way_back(self, browser: Client, oidc: LocalOidc, ana: Person) -> None:
        assert self.come(browser, oidc, f"{BEGIN}?next=https://evil.example/in/")["Location"] == "/in/"

    def test_when_it_is_down_the_page_says_so_and_the_password_works(
        self, browser: Client, ana: Person, settings: LazySettings, tmp_path: Path
    ) -> None:
        with LocalOidc().serving() as provider:
            gone = provider.issuer
        (tmp_path / "secret").write_text(SECRET)
        settings.PROVIDER, settings.OIDC_ISSUER, settings.OIDC_CLIENT = "oidc", gone, CLIENT
        settings.OIDC_SECRET_FILE = tmp_path / "secret"

        answer = browser.get(BEGIN)

        assert answer.status_code == 503
        assert "sign in with it" in answer.content.decode()
        assert browser.post("/in/sign-in/", {"login": ana.email, "password": PASSWORD})["Location"] == "/in/"

    def test_it_may_go_down_between(self, browser: Client, ana: Person, settings: LazySettings, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text(SECRET)
        settings.PROVIDER, settings.OIDC_CLIENT, settings.OIDC_SECRET_FILE = "oidc", CLIENT, tmp_path / "secret"
        with LocalOidc().serving() as provider:
            settings.OIDC_ISSUER = provider.issuer
            back = provider.back_from(browser.get(BEGIN)["Location"])

        assert browser.get(path_of(back)).status_code == 503


class TestSaml:
    def come(self, browser: Client, provider: LocalSaml) -> HttpResponse:
        sent = browser.get(BEGIN)
        assert sent["Location"].startswith(f"{provider.address}/sso?SAMLRequest=")
        return self.deliver(browser, provider.response_to(sent["Location"])[1])

    def deliver(self, browser: Client, response: str) -> HttpResponse:
        """The form is posted from the provider's page: the session's cookie does not come along."""
        posted = Client(headers={"host": "localhost"}).post(RESPONSE, {"SAMLResponse": response})
        if posted.status_code != 303:
            return posted
        assert posted["Location"] == BACK
        (cookie,) = posted.cookies.values()
        assert (cookie["path"], cookie["secure"], cookie["httponly"], cookie["samesite"]) == ("/in/", True, True, "Lax")
        browser.cookies[cookie.key] = cookie.value
        return browser.get(BACK)

    def test_ana_comes_in_by_her_id(self, browser: Client, saml: LocalSaml, ana: Person) -> None:
        assert "Sign in with my hospital account" in browser.get("/in/sign-in/").content.decode()

        assert self.come(browser, saml)["Location"] == "/in/"
        assert is_in(browser)

    def test_an_attribute_can_hold_the_id(
        self, browser: Client, saml: LocalSaml, ana: Person, settings: LazySettings
    ) -> None:
        saml.subject, saml.attributes, settings.SAML_ATTRIBUTE = "f3a9", {"employeeNumber": "ana"}, "employeeNumber"

        assert self.come(browser, saml)["Location"] == "/in/"

    def test_an_unknown_id_is_refused_in_words(self, browser: Client, saml: LocalSaml, ana: Person) -> None:
        saml.subject, saml.attributes = "somebody-<b>else</b>", {"mail": ana.email}

        answer = self.come(browser, saml)

        assert answer.status_code == 403
        assert "somebody-&lt;b&gt;else" in answer.content.decode()
        assert not is_in(browser)

    @pytest.mark.parametrize(
        "lies",
        [
            {"audience": "https://another.example"},
            {"destination": "https://another.example/in/"},
            {"issuer": "https://evil.example"},
            {"until": "2020-01-01T00:00:00Z"},
            {"answers": "_another-request"},
        ],
        ids=str,
    )
    def test_a_response_that_is_not_its_word_for_this_browser_is_refused(
        self, browser: Client, saml: LocalSaml, ana: Person, lies: dict[str, str]
    ) -> None:
        saml.lies = lies

        assert self.come(browser, saml).status_code == 403
        assert not is_in(browser)

    def test_a_response_signed_by_another_key_is_refused(self, browser: Client, saml: LocalSaml, ana: Person) -> None:
        saml.signs_with = rsa.generate_private_key(65537, 2048)

        assert self.come(browser, saml).status_code == 403

    def test_a_response_works_once_and_only_in_the_browser_that_asked(
        self, browser: Client, saml: LocalSaml, ana: Person
    ) -> None:
        response = saml.response_to(browser.get(BEGIN)["Location"])[1]
        victim = Client(headers={"host": "localhost"})

        assert self.deliver(victim, response).status_code == 403
        assert self.deliver(browser, response)["Location"] == "/in/"
        browser.post("/in/sign-out/")
        assert self.deliver(browser, response).status_code == 403

    def test_an_old_note_is_refused(self, browser: Client, saml: LocalSaml, ana: Person) -> None:
        response = saml.response_to(browser.get(BEGIN)["Location"])[1]
        posted = Client(headers={"host": "localhost"}).post(RESPONSE, {"SAMLResponse": response})
        browser.cookies["__Secure-callroom-saml"] = posted.cookies["__Secure-callroom-saml"].value

        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
            assert browser.get(BACK).status_code == 403

    @pytest.mark.parametrize("nonsense", ["", "x", "PHg+", "e30=", "A" * 100_000], ids=range(5))
    def test_nonsense_is_answered_as_nonsense(self, browser: Client, saml: LocalSaml, nonsense: str) -> None:
        assert browser.post(RESPONSE, {"SAMLResponse": nonsense}).status_code == 403
        assert browser.post(RESPONSE).status_code == 403

    def test_our_metadata_names_our_address(self, browser: Client, saml: LocalSaml) -> None:
        answer = browser.get(f"{BEGIN}metadata/")

        assert f'Location="http://localhost{RESPONSE}"' in answer.content.decode()

    def test_metadata_that_cannot_be_read_is_a_provider_that_is_down(
        self, browser: Client, settings: LazySettings, tmp_path: Path
    ) -> None:
        settings.PROVIDER, settings.SAML_METADATA = "saml", tmp_path / "missing.xml"

        assert browser.get(BEGIN).status_code == 503


class TestTheSecondStep:
    """The provider's word is the first step; whether it is the second, too, the hospital says."""

    def test_who_has_one_is_asked_for_it(self, browser: Client, oidc: LocalOidc, ana: Person) -> None:
        TOTP.activate(ana, "JBSWY3DPEHPK3PXP")

        assert TestOpenIDConnect().come(browser, oidc)["Location"] == "/in/sign-in/second/"

    def test_a_leader_is_led_to_set_one_up(self, browser: Client, oidc: LocalOidc, elena: Person) -> None:
        oidc.subject = "elena"
        TestOpenIDConnect().come(browser, oidc)

        assert browser.get("/in/me/")["Location"] == "/in/second-factors/"

    def test_nobody_is_asked_when_the_provider_has_asked(
        self, browser: Client, oidc: LocalOidc, elena: Person, settings: LazySettings
    ) -> None:
        settings.PROVIDER_ASKS_SECOND_FACTOR, oidc.subject = True, "elena"
        TOTP.activate(elena, "JBSWY3DPEHPK3PXP")

        assert TestOpenIDConnect().come(browser, oidc)["Location"] == "/in/"
        assert is_in(browser)
        by_password = Client(headers={"host": "localhost"})
        by_password.post("/in/sign-in/", {"login": elena.email, "password": PASSWORD})
        assert not is_in(by_password)


def test_without_a_provider_nothing_is_there(browser: Client) -> None:
    assert [browser.get(address).status_code for address in (BEGIN, BACK, f"{BEGIN}metadata/")] == [404] * 3
    assert browser.post(RESPONSE, {"SAMLResponse": "x"}).status_code == 404
    assert "hospital account" not in browser.get("/in/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"CALLROOM_PROVIDER": "ldap"}, "write oidc or saml"),
        ({"CALLROOM_PROVIDER": "oidc"}, "CALLROOM_OIDC_ISSUER is missing"),
        ({"CALLROOM_PROVIDER": "saml"}, "CALLROOM_SAML_METADATA is missing"),
    ],
)
def test_half_a_setting_stops_the_start_with_a_sentence(given: dict[str, str], said: str, tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    started = subprocess.run(
        [sys.executable, "-c", "import callroom.site.settings"],
        env={**clean, **given, "CALLROOM_DATA": str(tmp_path), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert said in started.stderr
