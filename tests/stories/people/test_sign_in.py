"""Coming in: password, invitation, persona; and what coming in leaves behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from callroom.audit.models import AuditRow, Look
from callroom.people import actions
from callroom.people.models import Institution, Invitation, Person
from tests.world.people import PASSWORD

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
SIGN_IN = "/in/sign-in/"
NEW = "otter-balcony-91-salt"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _on_a_sunday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": "localhost"})


def test_ana_signs_in_with_her_password(browser: Client, ana: Person) -> None:
    answer = browser.post(SIGN_IN, {"login": ana.email, "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (302, "/in/")
    assert browser.get("/in/me/").status_code == 200


def test_the_address_may_be_written_in_any_case(browser: Client, ana: Person) -> None:
    answer = browser.post(SIGN_IN, {"login": " ANA@Hospital.Example ", "password": PASSWORD})

    assert answer.status_code == 302


def test_a_sign_in_leaves_a_day_and_no_time(browser: Client, elena: Person) -> None:
    for _twice in range(2):
        browser.post(SIGN_IN, {"login": elena.email, "password": PASSWORD})
        browser.post("/in/sign-out/")

    look = Look.objects.get()
    assert (look.person, look.page, look.day.isoformat()) == (str(elena.pk), "sign-in", "2026-11-22")
    assert not AuditRow.objects.filter(by=str(elena.pk)).exists()
    assert "last_login" not in {field.name for field in Person._meta.get_fields()}


def test_of_who_is_asked_a_sign_in_leaves_nothing_a_chiefs_neither(browser: Client, ana: Person, bruno: Person) -> None:
    """The database's own log would tell its instant, and an answer of the same visit stands right after it."""
    for person in (ana, bruno):
        assert browser.post(SIGN_IN, {"login": person.email, "password": PASSWORD}).status_code == 302
        browser.post("/in/sign-out/")

    assert not Look.objects.exists()
    assert not AuditRow.objects.filter(by__in=[str(ana.pk), str(bruno.pk)]).exists()


def test_a_wrong_password_an_unknown_address_and_a_leaver_look_the_same(
    browser: Client, ana: Person, bruno: Person
) -> None:
    actions.offboard(by=None, person=bruno, now=NOW)
    pages = [
        browser.post(SIGN_IN, {"login": email, "password": password})
        for email, password in (
            (ana.email, "not-the-password"),
            ("nobody@hospital.example", PASSWORD),
            (bruno.email, PASSWORD),
        )
    ]

    assert {page.status_code for page in pages} == {200}
    bare = {re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages}
    assert len(bare) == 1
    assert "do not belong together" in bare.pop()


def test_a_sixth_attempt_on_one_account_is_refused_even_with_the_right_password(browser: Client, ana: Person) -> None:
    for _attempt in range(5):
        browser.post(SIGN_IN, {"login": ana.email, "password": "not-the-password"})

    page = browser.post(SIGN_IN, {"login": ana.email, "password": PASSWORD})

    assert page.status_code == 200
    assert "Too many attempts" in page.content.decode()


def test_a_busy_hospital_behind_one_address_is_not_locked_out(
    browser: Client, hospital: Institution, ana: Person
) -> None:
    for attempt in range(60):
        browser.post(SIGN_IN, {"login": f"somebody-{attempt}@hospital.example", "password": "x"})

    assert browser.post(SIGN_IN, {"login": ana.email, "password": PASSWORD}).status_code == 302


def test_nobody_signs_up() -> None:
    for name in ("account_signup", "account_email", "account_set_password", "mfa_signup_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_all_cookies_stay_under_in(browser: Client, ana: Person) -> None:
    browser.get(SIGN_IN)
    browser.post(SIGN_IN, {"login": ana.email, "password": PASSWORD})

    assert len(browser.cookies) >= 2
    for cookie in browser.cookies.values():
        assert cookie["path"] == "/in/"
        assert cookie["secure"]
        assert cookie.key.startswith("__Secure-callroom-")


def test_signing_out_ends_the_session_in_this_browser(browser: Client, ana: Person) -> None:
    browser.post(SIGN_IN, {"login": ana.email, "password": PASSWORD})

    assert browser.get("/in/sign-out/").status_code == 200  # asks first
    browser.post("/in/sign-out/")

    assert browser.get("/in/me/").status_code == 302


def test_off_boarding_ends_all_sessions_at_once(sign_in: Callable[[Person], Client], ana: Person) -> None:
    phone, desk = sign_in(ana), sign_in(ana)
    assert phone.get("/in/me/").status_code == 200

    actions.offboard(by=None, person=ana, now=NOW)

    assert [browser.get("/in/me/").status_code for browser in (phone, desk)] == [302, 302]


def test_signing_out_everywhere_ends_the_other_sessions_too(sign_in: Callable[[Person], Client], ana: Person) -> None:
    phone, desk = sign_in(ana), sign_in(ana)

    phone.post("/in/me/sign-out-everywhere/")

    assert [browser.get("/in/me/").status_code for browser in (phone, desk)] == [302, 302]


def test_a_new_password_ends_the_other_sessions(sign_in: Callable[[Person], Client], ana: Person) -> None:
    phone, desk = sign_in(ana), sign_in(ana)

    answer = phone.post("/in/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert (answer.status_code, answer["Location"]) == (302, "/in/me/")
    assert phone.get("/in/me/").status_code == 200
    assert desk.get("/in/me/").status_code == 302
    assert AuditRow.objects.get(tag="password-set").about == str(ana.pk)


@pytest.mark.parametrize("zone", ["America/Monterrey", "Pacific/Auckland"])
def test_what_people_do_to_their_own_doors_keeps_the_day_and_no_time(ana: Person, zone: str) -> None:
    ana.institution.time_zone = zone

    actions.set_password(person=ana, password=NEW, now=NOW)
    actions.end_sessions(person=ana, now=NOW)

    for row in AuditRow.objects.filter(by=str(ana.pk)):
        local = row.at.astimezone(ana.institution.zone)
        assert (local.date(), local.time()) == (NOW.astimezone(ana.institution.zone).date(), time.min)
    assert {row.tag for row in AuditRow.objects.filter(by=str(ana.pk))} == {"password-set", "sessions-ended"}


def test_a_weak_password_is_refused(sign_in: Callable[[Person], Client], ana: Person) -> None:
    phone = sign_in(ana)
    for weak in ("short", "password1234", "ana@hospital"):
        page = phone.post("/in/password/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
        assert page.status_code == 200


class TestForgotten:
    """A letter with a link; and the same page where there is nobody to write to."""

    def ask(self, browser: Client, email: str) -> str:
        answer = browser.post("/in/password/forgotten/", {"email": email})
        assert answer.status_code == 302
        return browser.get(answer["Location"]).content.decode()

    def link(self) -> str:
        return urlsplit(re.findall(r"https?://\S+", mail.outbox[-1].body)[0]).path

    def test_a_link_sets_a_new_password_once(self, browser: Client, ana: Person) -> None:
        self.ask(browser, ana.email)
        link = self.link()
        assert ana.name not in mail.outbox[0].body

        form = browser.get(link, follow=True)
        address = form.redirect_chain[-1][0]
        done = browser.post(address, {"password1": NEW, "password2": NEW}, follow=True)

        assert "Your password is set" in done.content.decode()
        assert browser.post(SIGN_IN, {"login": ana.email, "password": NEW}).status_code == 302
        assert "does not work any more" in Client(headers={"host": "localhost"}).get(link).content.decode()

    def test_an_unknown_address_and_a_leaver_get_no_letter_and_the_same_page(
        self, browser: Client, ana: Person, bruno: Person
    ) -> None:
        actions.offboard(by=None, person=bruno, now=NOW)

        pages = {self.ask(browser, email) for email in (ana.email, "nobody@hospital.example", bruno.email)}

        assert len({re.sub(r'value="[^"]*"', "", page) for page in pages}) == 1
        assert [letter.to for letter in mail.outbox] == [[ana.email]]

    def test_a_few_letters_in_five_minutes_are_enough(self, browser: Client, ana: Person) -> None:
        for _letter in range(3):
            self.ask(browser, ana.email)

        refused = browser.post("/in/password/forgotten/", {"email": ana.email})

        assert refused.status_code == 429
        assert len(mail.outbox) == 3


class TestInvitation:
    """One link, one password, once."""

    @pytest.fixture
    def nuria(self, hospital: Institution) -> Person:
        return actions.add_person(
            institution=hospital, external_id="nuria", name="Nuria Solís", email="nuria@hospital.example"
        )

    def test_nuria_sets_her_password_and_is_in(self, browser: Client, nuria: Person) -> None:
        token = actions.invite(by=None, person=nuria, now=NOW)
        page = browser.get(f"/in/invitation/{token}/")
        assert "Nuria Solís" in page.content.decode()

        answer = browser.post(f"/in/invitation/{token}/", {"password": NEW, "again": NEW})

        assert (answer.status_code, answer["Location"]) == (302, "/in/")
        assert browser.get("/in/me/").status_code == 200
        assert (
            Client(headers={"host": "localhost"}).post(SIGN_IN, {"login": nuria.email, "password": NEW}).status_code
            == 302
        )
        assert Look.objects.filter(person=str(nuria.pk), page="sign-in").count() == 1

    def test_the_token_is_not_stored(self, nuria: Person) -> None:
        token = actions.invite(by=None, person=nuria, now=NOW)

        invitation = Invitation.objects.get()

        assert token not in str(vars(invitation))
        assert len(invitation.token_sha256) == 64

    def test_a_link_works_once(self, browser: Client, nuria: Person) -> None:
        token = actions.invite(by=None, person=nuria, now=NOW)
        browser.post(f"/in/invitation/{token}/", {"password": NEW, "again": NEW})

        again = Client(headers={"host": "localhost"}).get(f"/in/invitation/{token}/")

        assert again.status_code == 404
        assert "does not work any more" in again.content.decode()

    def test_looking_at_the_page_uses_nothing_up(self, browser: Client, nuria: Person) -> None:
        token = actions.invite(by=None, person=nuria, now=NOW)
        for _mail_scanner in range(3):
            browser.get(f"/in/invitation/{token}/")

        assert browser.post(f"/in/invitation/{token}/", {"password": NEW, "again": NEW}).status_code == 302

    def test_a_link_expires(self, browser: Client, nuria: Person) -> None:
        token = actions.invite(by=None, person=nuria, now=NOW - timedelta(days=15), days=14)

        assert browser.get(f"/in/invitation/{token}/").status_code == 404
        assert browser.post(f"/in/invitation/{token}/", {"password": NEW, "again": NEW}).status_code == 404
        nuria.refresh_from_db()
        assert not nuria.has_usable_password()

    def test_a_newer_link_replaces_an_older(self, browser: Client, nuria: Person) -> None:
        older = actions.invite(by=None, person=nuria, now=NOW)
        newer = actions.invite(by=None, person=nuria, now=NOW)

        assert browser.get(f"/in/invitation/{older}/").status_code == 404
        assert browser.get(f"/in/invitation/{newer}/").status_code == 200

    def test_an_unknown_link_and_a_leavers_link_look_the_same(self, browser: Client, nuria: Person) -> None:
        token = actions.invite(by=None, person=nuria, now=NOW)
        Person.objects.filter(pk=nuria.pk).update(is_active=False)

        pages = [browser.get(f"/in/invitation/{link}/") for link in (token, "x" * 43)]

        assert [page.status_code for page in pages] == [404, 404]
        bare = {re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages}
        assert len(bare) == 1

    def test_two_different_or_weak_passwords_are_refused_in_place(self, browser: Client, nuria: Person) -> None:
        token = actions.invite(by=None, person=nuria, now=NOW)

        for password, again in ((NEW, NEW + "x"), ("short", "short"), ("nuria@hospital", "nuria@hospital")):
            page = browser.post(f"/in/invitation/{token}/", {"password": password, "again": again})
            assert page.status_code == 200
            assert 'role="alert"' in page.content.decode()

        assert not Invitation.objects.get().used


class TestDemoDoors:
    """Personas open by POST, and only in the demo."""

    WORDS = {
        f"{part}_{language}": f"{part} in {language}" for part in ("part", "sees", "never") for language in ("en", "es")
    }

    @pytest.fixture
    def door(self, ana: Person) -> str:
        actions.add_persona(person=ana, slug="ana", position=0, words=self.WORDS)
        return "/in/demo/"

    def test_outside_the_demo_nothing_is_there(self, browser: Client, door: str) -> None:
        assert browser.get(door).status_code == 404
        assert browser.post(door, {"persona": "ana"}).status_code == 404
        assert browser.get("/in/me/").status_code == 302
        assert actions.person_of_persona("ana") is None

    def test_a_visitor_opens_anas_door(self, browser: Client, door: str, settings: LazySettings) -> None:
        settings.DEMO = True
        page = browser.get(door).content.decode()
        assert "Ana Torres" in page
        assert "sees in en" in page

        answer = browser.post(door, {"persona": "ana"})

        assert (answer.status_code, answer["Location"]) == (302, "/in/")
        assert "Ana Torres" in browser.get("/in/me/").content.decode()

    def test_looking_does_not_sign_in(self, browser: Client, door: str, settings: LazySettings) -> None:
        settings.DEMO = True

        browser.get(door, {"persona": "ana"})

        assert browser.get("/in/me/").status_code == 302

    def test_only_personas_have_doors(
        self, browser: Client, door: str, settings: LazySettings, fernando: Person
    ) -> None:
        settings.DEMO = True

        assert browser.post(door, {"persona": fernando.external_id}).status_code == 404
        assert browser.post(door).status_code == 404


def test_my_record_shows_what_is_stored_and_nothing_of_others(
    sign_in: Callable[[Person], Client], ana: Person, bruno: Person, gabriela: Person
) -> None:
    actions.assign_evaluator(evaluator=gabriela, person=ana, from_on=NOW.date())
    actions.go_on_leave(person=ana, from_on=NOW.date() + timedelta(days=10), to_on=NOW.date() + timedelta(days=20))
    actions.signed_in(person=gabriela, now=NOW)
    actions.signed_in(person=ana, now=NOW)

    page = sign_in(ana).get("/in/me/").content.decode()

    for said in ("Ana Torres", ana.email, "Emergency Medicine", "Gabriela", "2 December 2026", "Not kept for anybody"):
        assert said in page
    assert "Bruno" not in page
    assert "22 November 2026" not in page.partition("Days on which I signed in")[2]
    hers = sign_in(gabriela).get("/in/me/").content.decode()
    assert "22 November 2026" in hers.partition("Days on which I signed in")[2]


def test_a_persona_has_no_password_to_change(sign_in: Callable[[Person], Client], ana: Person) -> None:
    ana.set_unusable_password()
    ana.save()

    assert sign_in(ana).get("/in/password/").status_code == 404
