"""Every page, for everybody who may open it, in both languages: reachable, readable, narrow, quiet, with help in place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.journeys.conftest import DESK, PHONE, Site, enter_as
from tests.rules.house import routes

from callroom.people.policy.routes import permission_of
from callroom.people.policy.table import POLICY, Action
from callroom.people.states import Role
from callroom.site.demo.hospital import PERSONAS

NARROW = (320, 195)
"""CSS pixels: the smallest phone, and one of 390 at 200 %."""
LANGUAGES = {"en": "en", "es": "es-MX"}
UNITS = ("acute-care", "emergency", "cardiology", "toxicology")
"""A department, and programmes that are counted every week, every two or four weeks and with others."""

PAGES = {
    "home": ["/in/"],
    "known": ["/in/known/"],
    "demo-console": ["/in/demo/console/"],
    "find-me": ["/in/find-me/"],
    "people:me": ["/in/me/"],
    "people:choose-persona": ["/in/demo/"],
    "people:access": ["/in/access/"],
    "mfa_index": ["/in/second-factors/"],
    "mfa_add_webauthn": ["/in/second-factors/passkey/new/"],
    "mfa_activate_totp": ["/in/second-factors/app/new/"],
    "mfa_generate_recovery_codes": ["/in/second-factors/codes/new/"],
    "account_logout": ["/in/sign-out/"],
    "pulse:device": ["/in/device/"],
    "pulse:waves": ["/in/waves/"],
    "pulse:group": ["/in/group/"],
    "pulse:chain": ["/in/chain/", "/in/chain/?page=2"],
    "council:council": ["/in/council/"],
    "council:appoint": ["/in/council/members/"],
    "council:key": ["/in/council/key/"],
    "council:confirm": ["/in/council/newcomers/"],
    "council:propose": [
        f"/in/council/propose/{kind}/" for kind in ("pause", "resume", "policy", "retention", "purpose", "council")
    ],
    "setup:roster": ["/in/roster/"],
    "setup:guide": ["/in/setup/"],
    "setup:look": ["/in/setup/look/"],
    "setup:check": ["/in/check/"],
    "improvement:desk": ["/in/answers/"],
    "improvement:practise": ["/in/answers/practice/"],
    "improvement:commit": ["/in/answers/commitment/"],
    "improvement:waiting": ["/in/answers/waiting/"],
    "improvement:ledger": ["/in/promises/"],
    "improvement:history": [f"/in/promises/{unit}/" for unit in UNITS],
    "setup:settle": [
        f"/in/check/{topic}/" for topic in ("council", "schedule", "lines", "keys", "mail", "backups", "clock")
    ],
    "prompts:invite": ["/in/invite/"],
    "prompts:ward": ["/in/invite/ward/"],
    "prompts:times": ["/in/letters/"],
    "prompts:calendar": ["/in/calendar/"],
    "prompts:days": ["/in/calendar/days/"],
    "consent:notice": ["/in/notice/"],
    "consent:mine": ["/in/decision/"],
    "consent:edit": ["/in/notice/edit/"],
    "dashboards:institution": ["/in/results/"],
    "dashboards:unit": [f"/in/results/{unit}/" for unit in UNITS],
    "history:surveys": ["/in/history/"],
    "rights:mine": ["/in/my-data/"],
    "rights:desk": ["/in/requests/"],
    "rights:trail": ["/in/trail/", "/in/trail/?tag=wave-sheet-signed"],
    "rights:looks": ["/in/trail/looks/"],
    "dashboards:why": [f"/in/results/{unit}/why/" for unit in UNITS[1:]],
}
"""What somebody who is signed in can read, by the name of its route."""
NEEDS_MORE = {"/in/check/schedule/": Action.SKIP_WEEK}
"""Pages that ask for another right beside their route's."""
SIGNED_OUT = {
    "account_login": "/in/sign-in/",
    "account_reset_password": "/in/password/forgotten/",
    "account_reset_password_done": "/in/password/forgotten/sent/",
    "account_reset_password_from_key": "/in/password/new/0-nothing/",
    "account_reset_password_from_key_done": "/in/password/new/done/",
    "people:choose-persona": "/in/demo/",
    "consent:notice": "/in/notice/",
}
WITH_A_LINK = {
    "people:invitation", "account_change_password", "account_reauthenticate", "mfa_authenticate", "people:lost-factors",
    "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_view_recovery_codes", "mfa_remove_webauthn",
    "mfa_deactivate_totp",
    "improvement:answer", "improvement:keep",
}  # fmt: skip
"""What needs a password, a link, a second factor or a clock first: test_signing_in, test_answering, the last journey here."""
ON_AN_EMPTY_MACHINE = {"setup:start", "setup:found", "setup:first-coordinator"}
"""Read in test_first_start."""
WITH_A_REQUEST = {"rights:answer"}
"""Read in test_own_data."""
WITH_A_DRAFT = {"consent:preview", "consent:version"}
"""Read in test_notice."""
WITH_A_FILE = {"setup:roster-columns", "setup:roster-preview"}
"""Read in test_first_start, too."""
NO_PAGES = {
    "front-door", "kit:language", "people:end-sessions", "pulse:tokens", "pulse:member-payload", "dashboards:csv",
    "pulse:chain-archive",
    "watch:acknowledge", "pulse:skip-week", "pulse:void-wave", "people:invite", "people:approve-reset", "mfa_list_webauthn",
    "pulse:freeze", "pulse:resume",
    "setup:roster-apply", "setup:roster-cancel", "setup:roster-template", "setup:style-sheet", "setup:logo",
    "mfa_login_webauthn",
    "people:go-to-provider", "people:provider-back", "people:provider-response",
    "people:provider-metadata", "pulse:ask-again", "pulse:approve-replacement",
    "rights:copy", "rights:copy-for", "rights:withdraw", "rights:take-in", "rights:check-trail",
    "council:found", "council:another", "council:sign", "council:proposal",
    "history:columns", "history:preview", "history:take-back",
    "improvement:remind", "improvement:waive",
    "consent:begin",
    "prompts:stop", "prompts:test", "prompts:link", "prompts:skip", "prompts:place", "prompts:remove-day",
}  # fmt: skip
"""Redirects, posts, files and JSON."""
ANONYMOUS = {"pulse:check-in": "/w/{}/", "directory:help": "/help/{}/"}
NO_ANONYMOUS_PAGES = {
    "prompts:feed",
    "pulse:answers", "pulse:waves", "pulse:service-worker", "pulse:headers", "pulse:public-payload", "pulse:manifest",
    "directory:service-worker",
}  # fmt: skip
EXPECTED_IN_CONSOLE = "Failed to load resource: the server responded with a status of 404"


def test_no_page_is_forgotten_here() -> None:
    read_elsewhere = {*WITH_A_LINK, *WITH_A_FILE, *WITH_A_REQUEST, *WITH_A_DRAFT, *ON_AN_EMPTY_MACHINE}
    known = {*PAGES, *SIGNED_OUT, *read_elsewhere, *NO_PAGES}
    assert {route.name for route in routes("callroom.site.urls")} == known
    assert {route.name for route in routes("callroom.site.anonymous_urls")} == {*ANONYMOUS, *NO_ANONYMOUS_PAGES}


@dataclass
class Reader:
    """Somebody in front of one browser. ``titles``: of the pages read so far in the present language."""

    page: Page
    site: Site
    check: Callable[[Page], None]
    language: str = "en"
    titles: dict[str, str] = field(default_factory=dict)

    def goes_in_as(self, persona: str) -> None:
        enter_as(self.page, self.site, persona)

    def speaks(self, language: str) -> None:
        """Choose the language of the signed-in pages, as everybody does: with the button above."""
        switch = self.page.locator(f"header button[name='language'][value='{language}']")
        if switch.count():
            switch.click()
        expect(self.page.locator("html")).to_have_attribute("lang", LANGUAGES[language])
        self.language, self.titles = language, {}

    def opens(self, address: str, status: int = 200) -> None:
        answer = self.page.goto(self.site.url + address)
        assert answer is not None
        assert answer.status == status, address
        if "/device/" in address or address.startswith("/w/"):
            expect(self.page.locator("[data-place] > :not(noscript, .wait)").first).to_be_visible()

    def reads(self, address: str, status: int = 200, *, accessible: bool = False) -> None:
        """Open a page and find it as every page must be."""
        self.opens(address, status)
        self.finds_its_frame(address)
        self.comes_to_the_content_by_keyboard(address)
        self.scrolls_one_way_only(address)
        if accessible:
            self.check(self.page)

    def finds_its_frame(self, address: str) -> None:
        expect(self.page.locator("html")).to_have_attribute("lang", LANGUAGES[self.language])
        assert self.page.locator("h1:visible").count() == 1, address
        assert self.page.locator(f"a[href='/help/{self.language}/']:visible").count() >= 1, f"no help on {address}"
        title = self.page.title()
        assert title.endswith(" · Callroom"), (address, title)
        assert self.titles.setdefault(title, address) == address, (
            f"{address} and {self.titles[title]} are both {title!r}"
        )

    def comes_to_the_content_by_keyboard(self, address: str) -> None:
        self.page.evaluate("document.activeElement.blur()")
        self.page.keyboard.press("Tab")
        focused = "document.activeElement.matches('.skip, main *')"  # a page with an error begins there
        assert self.page.evaluate(focused), address
        self.page.locator(".skip").focus()
        self.page.keyboard.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "main", address
        self.page.keyboard.press("Tab")
        after = "document.activeElement.compareDocumentPosition(document.querySelector('main'))"
        preceding, contains = 2, 8
        assert self.page.evaluate(after) & (preceding | contains), address

    def scrolls_one_way_only(self, address: str) -> None:
        for width in NARROW:
            self.page.set_viewport_size({"width": width, "height": 640})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two whole numbers

    def does_not_find(self, address: str) -> None:
        answer = self.page.context.request.get(self.site.url + address)
        assert answer.status == 404, address


@pytest.fixture
def reader(
    context: BrowserContext, page: Page, house: Site, accessible: Callable[[Page], None], quiet: list[str]
) -> Iterator[Reader]:
    context.set_default_timeout(60_000)
    yield Reader(page, house, accessible)
    quiet[:] = [line for line in quiet if EXPECTED_IN_CONSOLE not in line]


def roles_of(persona: str) -> set[Role]:
    """Return the roles that the demo gives this persona."""
    (person,) = (each for each in PERSONAS if each.slug == persona)
    return {Role.ANYONE, *([Role.RESIDENT] if person.home else []), Role(person.role)}


def may_open(persona: str, name: str, address: str) -> bool:
    """Does the policy table let this persona open the address of this route?"""
    (view,) = (route.view for route in routes("callroom.site.urls") if route.name == name)
    actions = {permission_of(view), NEEDS_MORE.get(address)} - {None}
    return all(not roles_of(persona).isdisjoint(POLICY[action]) for action in actions)


@pytest.mark.parametrize("persona", [each.slug for each in PERSONAS])
def test_every_persona_reads_every_page_of_theirs_and_finds_no_other(reader: Reader, persona: str) -> None:
    reader.goes_in_as(persona)
    # What everybody's pages have in common is checked once in full, through the eyes of Ana and, for the rest, of Fernando.
    thorough = {
        "ana": set(PAGES),
        "fernando": {
            "home",
            "people:me",
            "people:access",
            "pulse:waves",
            "setup:check",
            "setup:settle",
            "setup:roster",
            "setup:guide",
            "setup:look",
            "consent:edit",
            "prompts:times",
            "prompts:calendar",
            "prompts:days",
        },
    }.get(persona, {"home"})
    for language in LANGUAGES if thorough != {"home"} else ["es"]:
        reader.speaks(language)
        for name, addresses in PAGES.items():
            for address in addresses:
                if may_open(persona, name, address):
                    of_results = name.startswith("dashboards:")  # test_reading_results
                    reader.reads(address, accessible=name in thorough and not of_results)
                else:
                    reader.does_not_find(address)
        reader.reads("/in/nothing-here/", 404, accessible=persona == "ana")
        reader.opens("/in/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_not_signed_in(reader: Reader, language: str) -> None:
    reader.opens("/in/sign-in/")
    reader.speaks(language)
    for address in SIGNED_OUT.values():
        reader.reads(address, accessible=True)
    for address in ("/in/", "/in/results/", "/in/chain/", "/in/me/"):
        reader.page.goto(reader.site.url + address)
        assert reader.page.url.startswith(f"{reader.site.url}/in/sign-in/"), address


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_name(reader: Reader, language: str) -> None:
    reader.language = language
    for address in ANONYMOUS.values():
        reader.reads(address.format(language), accessible=True)
    assert reader.page.context.cookies() == []


def test_an_anonymous_address_that_is_not_there(reader: Reader) -> None:
    for address in ("/w/fr/", "/w/nothing", "/help/fr/"):
        reader.page.goto(reader.site.url + address)
        reader.check(reader.page)
        for language in LANGUAGES:
            expect(reader.page.locator(f"a[href='/help/{language}/']")).to_be_visible()


def test_an_invitation_a_password_and_another_one(reader: Reader) -> None:
    printed = reader.site.command("roster", "invite", "R0001", "--address", reader.site.url).stdout
    link = next(row[-1] for row in csv.reader(io.StringIO(printed)) if row[0] == "R0001").removeprefix(reader.site.url)
    reader.opens(link)
    reader.speaks("es")
    reader.reads(link, accessible=True)
    reader.page.locator("input[name='password']").fill("una hamaca en el corredor")
    reader.page.locator("input[name='again']").fill("otra hamaca")
    reader.page.locator("main button[type='submit'], main form button").first.click()
    expect(reader.page.locator("main [role='alert']")).to_be_focused()
    reader.check(reader.page)
    for name in ("password", "again"):
        reader.page.locator(f"input[name='{name}']").fill("una hamaca en el corredor")
    reader.page.locator("main button[type='submit'], main form button").first.click()
    expect(reader.page).to_have_url(re.compile("/in/(#main)?$"))

    reader.reads("/in/password/", accessible=True)
    reader.reads("/in/", accessible=True)
    reader.reads(link, 404, accessible=True)


def test_next_week_is_pressed_and_its_result_appears(
    browser: Browser, site: Site, accessible: Callable[[Page], None]
) -> None:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce", locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(300_000)
    page = context.new_page()
    enter_as(page, site, "elena")
    before = weeks_shown(page, site)
    page.goto(f"{site.url}/in/demo/console/")
    day = page.locator(".stamp").inner_text()

    page.get_by_role("button", name="Next week").click()

    expect(page.get_by_text("people answered. The week of")).to_be_visible(timeout=300_000)
    accessible(page)
    assert page.locator(".stamp").inner_text() != day
    assert weeks_shown(page, site) == before + 1
    expect(page.locator("main")).not_to_contain_text("is counted. Everybody reads its result")
    accessible(page)
    context.close()


def weeks_shown(page: Page, site: Site) -> int:
    """Return how many weeks the table of Emergency Medicine holds."""
    page.goto(f"{site.url}/in/results/emergency/")
    return page.locator("details table tbody tr").count()
