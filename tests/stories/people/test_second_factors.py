"""The second step: set up, given, asked of the roles that the table names, lost and found again; and no instant of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client

from callroom.audit.models import AuditRow, Look
from callroom.people import actions
from callroom.people.models import Person, ResetRequest
from callroom.people.policy import WITH_SECOND_FACTOR, Role, needs_second_factor
from tests.world.passkeys import Passkey
from tests.world.people import PASSWORD

NOW = datetime(2026, 11, 22, 15, 20, 7, tzinfo=UTC)
SIGN_IN = "/in/sign-in/"
SECOND = "/in/sign-in/second/"
OWN = "/in/second-factors/"

RESPONSE = ("clientDataJSON", "authenticatorData", "signature", "userHandle")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    cache.clear()
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
    cache.clear()


@pytest.fixture
def browser() -> Client:
    return new_browser()


def new_browser() -> Client:
    return Client(headers={"host": "localhost"})


def type_password(browser: Client, person: Person, **more: str) -> HttpResponse:
    return browser.post(SIGN_IN, {"login": person.email, "password": PASSWORD, **more})


def options_of(page: HttpResponse) -> dict[str, Any]:
    """Return what the page lets the browser ask the device."""
    said = re.search(r'<script id="passkey-options"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)
    assert said
    data = json.loads(said[1])
    options: dict[str, Any] = data.get("creation_options") or data["request_options"]
    return options


def add_passkey(browser: Client, passkey: Passkey) -> HttpResponse:
    credential = passkey.made(options_of(browser.get(f"{OWN}passkey/new/")))
    return browser.post(f"{OWN}passkey/new/", {"name": "My phone", "credential": json.dumps(credential)})


def add_app(browser: Client) -> str:
    """Set an app up; return its secret."""
    page = browser.get(f"{OWN}app/new/").content.decode()
    secret = re.search(r'<code class="num">([A-Z2-7]+)</code>', page)
    assert secret
    answer = browser.post(f"{OWN}app/new/", {"code": code_of(secret[1])})
    assert answer.status_code == 302, answer.content.decode()
    return secret[1]


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(datetime.now(UTC).timestamp()) // 30))


def codes_on(page: HttpResponse) -> list[str]:
    return re.findall(r'<li class="num">(\d{8})</li>', page.content.decode())


def is_in(browser: Client) -> bool:
    return browser.get(OWN).status_code == 200


def no_instant_is_kept() -> bool:
    """Is every stored instant of every second factor the beginning of a day, and none that of a use?"""
    midnight = datetime(2026, 11, 22, 6, tzinfo=UTC)  # 00:00 in Monterrey
    odd = Authenticator.objects.filter(Q(last_used_at__isnull=False) | ~Q(created_at=midnight))
    viewed = [row.data.get("viewed_at", 1) for row in Authenticator.objects.filter(type="recovery_codes")]
    return not odd.exists() and set(viewed) <= {1}


class TestWhoNeedsOne:
    """The table says it; every route asks."""

    def test_the_roles_are_those_with_something_about_others(self) -> None:
        assert {Role.LEADER, Role.EXECUTIVE, Role.COORDINATOR, Role.OPERATOR, Role.KEY_HOLDER} <= WITH_SECOND_FACTOR
        assert not {Role.ANYONE, Role.RESIDENT, Role.CHIEF, Role.FACULTY} & WITH_SECOND_FACTOR

    def test_who_sees_their_own_only_is_asked_for_nothing(self, browser: Client, ana: Person, bruno: Person) -> None:
        for person in (ana, bruno):
            assert not needs_second_factor(person, now=NOW)
            client = new_browser()
            assert type_password(client, person)["Location"] == "/in/"
            assert client.get("/in/me/").status_code == 200

    def test_a_leader_is_led_to_set_one_up_and_back(self, browser: Client, elena: Person) -> None:
        type_password(browser, elena)

        led = browser.get("/in/results/?weeks=12")
        assert (led.status_code, led["Location"]) == (302, OWN)
        page = browser.get(OWN).content.decode()
        assert "Set up a second step before you go on" in page

        answer = add_passkey(browser, Passkey())
        assert answer["Location"] == f"{OWN}codes/"
        sheet = browser.get(f"{OWN}codes/")
        assert len(codes_on(sheet)) == 10
        assert 'href="/in/results/?weeks=12"' in sheet.content.decode()
        assert browser.get("/in/results/").status_code == 200

    def test_no_address_opens_before_it(self, browser: Client, fernando: Person) -> None:
        type_password(browser, fernando)

        for address in ("/in/", "/in/me/", "/in/access/", "/in/waves/"):
            assert browser.get(address).status_code == 302, address
        assert browser.post("/in/access/invite/", {"who": ""}).status_code == 302
        assert mail.outbox == []

    def test_what_is_not_theirs_is_still_not_there(self, browser: Client, elena: Person) -> None:
        type_password(browser, elena)

        assert browser.get("/in/access/").status_code == 404

    def test_a_role_that_is_given_later_asks_the_session_that_is_open(self, browser: Client, ana: Person) -> None:
        type_password(browser, ana)
        assert browser.get("/in/me/").status_code == 200

        actions.give_role(by=None, person=ana, role=Role.KEY_HOLDER, unit="san-rafael", from_on=NOW.date(), now=NOW)

        assert browser.get("/in/me/")["Location"] == OWN

    def test_another_open_session_is_asked_for_the_one_that_was_set_up(self, elena: Person) -> None:
        phone, desk = new_browser(), new_browser()
        type_password(phone, elena)
        type_password(desk, elena)
        secret = add_app(phone)

        led = desk.get("/in/me/")
        assert led["Location"] == "/in/sign-in/again/code/?next=%2Fin%2Fme%2F"
        wrong = desk.post(led["Location"], {"code": "000000"})
        assert "does not fit" in wrong.content.decode()
        with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
            right = desk.post(led["Location"], {"code": code_of(secret), "next": "/in/me/"})
        assert right["Location"] == "/in/me/"
        assert desk.get("/in/me/").status_code == 200

    def test_a_persona_needs_none_in_the_demo_and_nowhere_else(
        self, browser: Client, elena: Person, settings: LazySettings
    ) -> None:
        words = {f"{part}_{language}": "x" for part in ("part", "sees", "never") for language in ("en", "es")}
        actions.add_persona(person=elena, slug="elena", position=0, words=words)
        settings.DEMO = True
        browser.post("/in/demo/", {"persona": "elena"})
        assert browser.get("/in/me/").status_code == 200

        settings.DEMO = False

        assert browser.get("/in/me/")["Location"] == OWN


class TestPasskey:
    """Opened by finger, face or PIN, it is both steps at once."""

    @pytest.fixture(autouse=True)
    def _as_with_https(self, settings: LazySettings) -> None:
        settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False

    @pytest.fixture
    def passkey(self, ana: Person) -> Passkey:
        passkey, browser = Passkey(), new_browser()
        type_password(browser, ana)
        add_passkey(browser, passkey)
        return passkey

    def sign_in(self, browser: Client, passkey: Passkey) -> HttpResponse:
        options = browser.get("/in/sign-in/passkey/", headers={"accept": "application/json"}).json()
        credential = passkey.given(options["request_options"])
        return browser.post("/in/sign-in/passkey/", {"credential": json.dumps(credential), "next": "/in/me/"})

    def test_ana_signs_in_by_it_alone(self, browser: Client, passkey: Passkey, ana: Person) -> None:
        answer = self.sign_in(browser, passkey)

        assert answer["Location"] == "/in/me/"
        assert is_in(browser)
        assert not Look.objects.filter(person=str(ana.pk)).exists(), "a resident's sign-in leaves nothing dated"
        assert no_instant_is_kept()

    def test_after_the_password_it_is_asked_for(self, browser: Client, passkey: Passkey, ana: Person) -> None:
        assert type_password(browser, ana)["Location"] == SECOND
        assert not is_in(browser)

        answer = browser.post(SECOND, {"credential": json.dumps(passkey.given(options_of(browser.get(SECOND))))})

        assert answer["Location"] == "/in/"
        assert is_in(browser)
        assert no_instant_is_kept()

    @pytest.mark.parametrize(
        "thief",
        [
            Passkey(),
            Passkey(origin="https://localhost.evil.example"),
            Passkey(relying_party="evil.example"),
            Passkey(id=b"another"),
        ],
        ids=["another key", "another origin", "another site", "another id"],
    )
    def test_anothers_does_not_fit(self, browser: Client, passkey: Passkey, thief: Passkey) -> None:
        thief.user_handle = passkey.user_handle
        if thief.origin != "https://localhost" or thief.relying_party != "localhost":
            thief.key = passkey.key

        answer = self.sign_in(browser, thief)

        assert answer["Location"] == SIGN_IN
        assert "does not fit" in browser.get(SIGN_IN).content.decode()
        assert not is_in(browser)

    def test_one_that_asked_for_no_finger_opens_nothing(self, browser: Client, passkey: Passkey, ana: Person) -> None:
        passkey.verifies = False

        assert self.sign_in(browser, passkey)["Location"] == SIGN_IN
        type_password(browser, ana)
        second = browser.post(SECOND, {"credential": json.dumps(passkey.given(options_of(browser.get(SECOND))))})
        assert "does not fit" in second.content.decode()
        assert not is_in(browser)

    def test_an_answer_to_another_question_opens_nothing(self, browser: Client, passkey: Passkey) -> None:
        options = browser.get("/in/sign-in/passkey/", headers={"accept": "application/json"}).json()
        credential = json.dumps(passkey.given(options["request_options"]))

        assert new_browser().post("/in/sign-in/passkey/", {"credential": credential})["Location"] == SIGN_IN

    @pytest.mark.parametrize(
        "nonsense",
                [
            "",
            "{",
            "[]",
            "7",
            '"x"',
            "{}",
            '{"response": 3}',
            '{"response": {"userHandle": "AAAA"}}',
            json.dumps({**dict.fromkeys(("id", "rawId", "type"), "x"), "response": dict.fromkeys(RESPONSE, "x")}),
            json.dumps({"response": {"userHandle": "A" * 30_000}}),
        ],
        ids=range(10),
    )  # fmt: skip
    def test_nonsense_is_answered_as_nonsense(
        self, browser: Client, passkey: Passkey, ana: Person, nonsense: str
    ) -> None:
        browser.get("/in/sign-in/passkey/", headers={"accept": "application/json"})
        assert browser.post("/in/sign-in/passkey/", {"credential": nonsense}).status_code == 302
        type_password(browser, ana)
        browser.get(SECOND)
        assert browser.post(SECOND, {"credential": nonsense}).status_code == 200
        assert not is_in(browser)

    def test_a_leavers_opens_nothing(self, browser: Client, passkey: Passkey, ana: Person) -> None:
        actions.offboard(by=None, person=ana, now=NOW)

        assert self.sign_in(browser, passkey)["Location"] == SIGN_IN
        assert not is_in(browser)

    def test_off_boarding_ends_a_session_that_a_passkey_opened(
        self, browser: Client, passkey: Passkey, ana: Person
    ) -> None:
        self.sign_in(browser, passkey)
        assert is_in(browser)

        actions.offboard(by=None, person=ana, now=NOW)

        assert not is_in(browser)

    def test_it_can_be_removed_and_then_opens_nothing(self, browser: Client, passkey: Passkey, ana: Person) -> None:
        self.sign_in(browser, passkey)
        key = Authenticator.objects.get(type="webauthn").pk
        browser.post("/in/sign-in/again/", {"password": PASSWORD})

        assert browser.get(f"{OWN}passkey/{key}/remove/").status_code == 200
        browser.post(f"{OWN}passkey/{key}/remove/")

        assert not Authenticator.objects.exists()  # its recovery codes went along
        assert self.sign_in(new_browser(), passkey)["Location"] == SIGN_IN
        assert [row.tag for row in AuditRow.objects.filter(tag__startswith="factor")] == [
            "factor-added", "factor-removed",
        ]  # fmt: skip

    def test_nobody_removes_anothers(self, browser: Client, passkey: Passkey, bruno: Person) -> None:
        key = Authenticator.objects.get(type="webauthn").pk
        type_password(browser, bruno)

        assert browser.post(f"{OWN}passkey/{key}/remove/")["Location"] == OWN
        assert Authenticator.objects.filter(pk=key).exists()

    def test_the_last_one_stays_where_a_role_needs_it(self, browser: Client, elena: Person) -> None:
        type_password(browser, elena)
        add_passkey(browser, Passkey())
        key = Authenticator.objects.get(type="webauthn").pk

        browser.post(f"{OWN}passkey/{key}/remove/")

        assert Authenticator.objects.filter(pk=key).exists()
        assert "Add another one before you remove this" in browser.get(OWN).content.decode()
        add_app(browser)
        browser.post(f"{OWN}passkey/{key}/remove/")
        assert not Authenticator.objects.filter(pk=key).exists()
        refused = browser.get(f"{OWN}app/remove/").content.decode()
        assert "Add another one before you remove this" in refused
        browser.post(f"{OWN}app/remove/")
        assert Authenticator.objects.filter(type="totp").exists()


class TestAppAndCodes:
    """Six digits from a phone, or one of ten codes on paper."""

    @pytest.fixture
    def secret(self, ana: Person, clock: time_machine.Traveller) -> str:
        browser = new_browser()
        type_password(browser, ana)
        secret = add_app(browser)
        self.codes = codes_on(browser.get(f"{OWN}codes/"))
        clock.shift(30)
        return secret

    def test_a_code_opens_once(self, browser: Client, secret: str, ana: Person) -> None:
        type_password(browser, ana)
        assert browser.post(SECOND, {"code": code_of(secret)})["Location"] == "/in/"

        again = new_browser()
        type_password(again, ana)
        assert again.post(SECOND, {"code": code_of(secret)}).status_code == 200
        assert not is_in(again)
        assert no_instant_is_kept()

    def test_a_recovery_code_opens_once_and_leaves_no_instant(self, browser: Client, secret: str, ana: Person) -> None:
        assert len(set(self.codes)) == 10
        type_password(browser, ana)
        assert browser.post(SECOND, {"code": self.codes[3]})["Location"] == "/in/"

        again = new_browser()
        type_password(again, ana)
        assert again.post(SECOND, {"code": self.codes[3]}).status_code == 200
        assert again.post(SECOND, {"code": self.codes[4]})["Location"] == "/in/"
        assert no_instant_is_kept()

    def test_codes_are_shown_once(self, browser: Client, secret: str, ana: Person) -> None:
        type_password(browser, ana)
        browser.post(SECOND, {"code": code_of(secret)})

        page = browser.get(f"{OWN}codes/")

        assert codes_on(page) == []
        assert "10 of them still work" in page.content.decode()

    def test_new_codes_end_the_old_ones(self, browser: Client, secret: str, ana: Person) -> None:
        type_password(browser, ana)
        browser.post(SECOND, {"code": code_of(secret)})
        browser.post(f"{OWN}codes/new/")
        fresh = codes_on(browser.get(f"{OWN}codes/"))

        again = new_browser()
        type_password(again, ana)
        assert again.post(SECOND, {"code": self.codes[0]}).status_code == 200
        assert again.post(SECOND, {"code": fresh[0]})["Location"] == "/in/"
        assert AuditRow.objects.filter(tag="codes-renewed").count() == 1

    def test_a_sixth_wrong_code_is_refused_even_if_right(self, browser: Client, secret: str, ana: Person) -> None:
        type_password(browser, ana)
        for _attempt in range(5):
            browser.post(SECOND, {"code": "12345"})

        page = browser.post(SECOND, {"code": code_of(secret)})

        assert "Too many attempts" in page.content.decode()
        assert not is_in(browser)

    def test_the_second_step_is_not_there_before_the_first(self, browser: Client, secret: str) -> None:
        for address in (SECOND, f"{SECOND}lost/"):
            assert browser.get(address)["Location"] == SIGN_IN
            assert browser.post(address, {"code": code_of(secret), "ask": "1"})["Location"] == SIGN_IN
        assert not ResetRequest.objects.exists()

    def test_secrets_are_not_readable_in_the_database(self, secret: str) -> None:
        stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

        assert secret not in stored
        assert not [code for code in self.codes if code in stored]

    def test_what_was_added_is_in_the_trail_by_day(self, secret: str, ana: Person) -> None:
        (row,) = AuditRow.objects.filter(tag="factor-added")

        assert (row.by, row.at) == (str(ana.pk), datetime(2026, 11, 22, 6, tzinfo=UTC))

    def test_a_new_link_for_a_password_does_not_pass_the_second_step(
        self, browser: Client, secret: str, ana: Person
    ) -> None:
        token = actions.invite(by=None, person=ana, now=NOW)

        answer = browser.post(
            f"/in/invitation/{token}/", {"password": "otter-balcony-91-salt", "again": "otter-balcony-91-salt"}
        )

        assert answer["Location"] == SECOND
        assert not is_in(browser)


class TestLostEverything:
    """A second person approves; what they see and type opens nothing by itself."""

    @pytest.fixture
    def elena_with_an_app(self, elena: Person, clock: time_machine.Traveller) -> Person:
        browser = new_browser()
        type_password(browser, elena)
        add_app(browser)
        clock.shift(60)
        return elena

    @pytest.fixture
    def coordinator(self, sign_in: Callable[[Person], Client], fernando: Person) -> Client:
        return sign_in(fernando)

    def ask(self, browser: Client, person: Person) -> str:
        type_password(browser, person)
        browser.post(f"{SECOND}lost/", {"ask": "1"})
        page = browser.get(f"{SECOND}lost/").content.decode()
        words = re.search(r'<ul class="words"[^>]*>(.*?)</ul>', page, re.DOTALL)
        assert words
        return " ".join(re.findall(r"<li>(.*?)</li>", words[1]))

    def approve(self, coordinator: Client, person: Person, words: str) -> HttpResponse:
        return coordinator.post(f"/in/access/reset/{person.pk}/", {"words": words})

    def go_on(self, browser: Client, words: str) -> HttpResponse:
        return browser.post(f"{SECOND}lost/", {"words": words})

    def test_elena_comes_in_and_sets_up_another(
        self, browser: Client, coordinator: Client, elena_with_an_app: Person, settings: LazySettings
    ) -> None:
        settings.MAIL_IS_SET_UP = True
        elsewhere = new_browser()
        elsewhere.force_login(elena_with_an_app)
        words = self.ask(browser, elena_with_an_app)
        assert len(words.split()) == 3
        assert "Not approved yet" in self.go_on(browser, words).content.decode()
        assert words not in coordinator.get("/in/access/").content.decode()

        assert self.approve(coordinator, elena_with_an_app, f" {words.upper()} ").status_code == 302
        assert mail.outbox[-1].to == [elena_with_an_app.email]
        assert "/in/" in self.go_on(browser, words)["Location"]

        assert browser.get("/in/me/")["Location"] == OWN
        assert not Authenticator.objects.filter(user=elena_with_an_app).exists()
        assert not is_in(elsewhere)
        add_passkey(browser, Passkey())
        assert browser.get("/in/me/").status_code == 200
        tags = list(AuditRow.objects.filter(tag__startswith="reset").order_by("seq").values_list("tag", flat=True))
        assert tags == ["reset-asked", "reset-approved", "reset-done"]

    def test_other_words_approve_nothing_and_five_times_end_it(
        self, browser: Client, coordinator: Client, elena_with_an_app: Person
    ) -> None:
        words = self.ask(browser, elena_with_an_app)

        for _attempt in range(5):
            page = self.approve(coordinator, elena_with_an_app, "other words here")
            assert "other words than this person was shown" in page.content.decode()

        assert "other words" in self.approve(coordinator, elena_with_an_app, words).content.decode()
        assert "Not approved yet" in self.go_on(browser, words).content.decode()
        assert Authenticator.objects.filter(user=elena_with_an_app).exists()

    def test_a_thief_of_the_password_without_the_words_comes_no_further(
        self, browser: Client, coordinator: Client, elena_with_an_app: Person
    ) -> None:
        self.approve(coordinator, elena_with_an_app, self.ask(browser, elena_with_an_app))
        thief = new_browser()
        type_password(thief, elena_with_an_app)

        assert "Not approved yet" in self.go_on(thief, "abandon ability able").content.decode()
        assert not is_in(thief)

    def test_nobody_approves_their_own(
        self, browser: Client, fernando: Person, sign_in: Callable[[Person], Client]
    ) -> None:
        add_app(sign_in_with_password(fernando))
        words = self.ask(browser, fernando)
        own = sign_in(fernando)

        assert "Fernando" not in own.get("/in/access/").content.decode().split('id="resets-heading"')[1]
        assert self.approve(own, fernando, words).status_code == 404
        assert not ResetRequest.objects.filter(approved_by__isnull=False).exists()

    def test_who_may_not_approve_finds_nothing(
        self, browser: Client, elena_with_an_app: Person, hector: Person, bruno: Person,
        sign_in: Callable[[Person], Client],
    ) -> None:  # fmt: skip
        words = self.ask(browser, elena_with_an_app)

        assert self.approve(sign_in(bruno), elena_with_an_app, words).status_code == 404
        assert self.approve(sign_in(elena_with_an_app), elena_with_an_app, words).status_code == 404
        assert self.approve(sign_in(hector), elena_with_an_app, words).status_code == 302

    def test_after_three_days_the_words_work_no_more(
        self, browser: Client, coordinator: Client, elena_with_an_app: Person, clock: time_machine.Traveller
    ) -> None:
        words = self.ask(browser, elena_with_an_app)
        clock.shift(timedelta(days=4))

        assert "other words" in self.approve(coordinator, elena_with_an_app, words).content.decode()
        actions.forget_old_resets(today=datetime.now(UTC).date())
        assert not ResetRequest.objects.exists()


class TestInvitingFromThePage:
    """Links go to the person; the page shows none."""

    def test_a_link_goes_to_who_has_no_password(
        self, sign_in: Callable[[Person], Client], fernando: Person, settings: LazySettings
    ) -> None:
        settings.MAIL_IS_SET_UP = True
        nuria = actions.add_person(
            institution=fernando.institution, external_id="nuria", name="Nuria Solís", email="nuria@hospital.example",
            language="es",
        )  # fmt: skip
        coordinator = sign_in(fernando)
        assert "1 person has never set a password" in coordinator.get("/in/access/").content.decode()

        answer = coordinator.post("/in/access/invite/", {"who": ""}, follow=True)

        assert "1 letter sent" in answer.content.decode()
        (letter,) = mail.outbox
        assert letter.to == [nuria.email]
        assert "eliges una contraseña" in letter.body
        link = re.findall(r"https?://\S+", letter.body)[0]
        assert link not in answer.content.decode()
        assert new_browser().get(urlsplit(link).path).status_code == 200

    def test_one_by_id_or_address_and_an_unknown_is_said(
        self, sign_in: Callable[[Person], Client], fernando: Person, ana: Person, settings: LazySettings
    ) -> None:
        settings.MAIL_IS_SET_UP = True
        coordinator = sign_in(fernando)
        for who in ("ana", "ANA@hospital.example"):
            coordinator.post("/in/access/invite/", {"who": who})

        unknown = coordinator.post("/in/access/invite/", {"who": "zzz"})

        assert [letter.to for letter in mail.outbox] == [[ana.email]] * 2
        assert "Nobody here has this id or address" in unknown.content.decode()

    def test_without_mail_nothing_is_made_and_the_page_says_how(
        self, sign_in: Callable[[Person], Client], fernando: Person, ana: Person
    ) -> None:
        coordinator = sign_in(fernando)

        page = coordinator.post("/in/access/invite/", {"who": "ana"})

        assert "callroom roster invite" in page.content.decode()
        assert mail.outbox == []
        assert not ana.invitations.exists()

    def test_an_executive_approves_resets_and_invites_nobody(
        self, sign_in: Callable[[Person], Client], hector: Person, settings: LazySettings
    ) -> None:
        settings.MAIL_IS_SET_UP = True
        executive = sign_in(hector)

        assert "first password" not in executive.get("/in/access/").content.decode()
        assert executive.post("/in/access/invite/", {"who": ""}).status_code == 404


def sign_in_with_password(person: Person) -> Client:
    browser = new_browser()
    type_password(browser, person)
    return browser


def test_the_operator_lets_somebody_back_in_when_nobody_is_left(elena: Person) -> None:
    browser = sign_in_with_password(elena)
    add_app(browser)

    call_command("access", "reset", "elena", stdout=io.StringIO())

    assert not Authenticator.objects.exists()
    assert not is_in(browser)
    assert AuditRow.objects.get(tag="reset-done").by == ""
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("access", "reset", "nobody")
