"""A council in a browser: appointed, twelve words each, named; it says who exists, and two sign a pause."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from tests.journeys.conftest import PHONE, Site, enter_as

MEMBERS = ("ana", "bruno")
WHY = {"en": "The assembly of 14 March.", "es": "La asamblea del 14 de marzo."}


class Desk:
    """One person's browser, and everything it ever sent."""

    def __init__(self, context: BrowserContext, site: Site, check: Callable[[Page], None], persona: str) -> None:
        self.page, self.site, self.check = context.new_page(), site, check
        self.words: list[str] = []
        self.sent: list[str] = []
        self.page.on("request", self._keep)
        enter_as(self.page, site, persona)
        self.page.context.add_cookies(
            [
                {
                    "name": "__Secure-callroom-language",
                    "value": "en",
                    "domain": "localhost",
                    "path": "/in/",
                    "secure": True,
                }
            ]
        )

    def _keep(self, request: Request) -> None:
        self.sent.append(f"{request.url} {request.post_data or ''}")

    def opens(self, address: str) -> None:
        self.page.goto(self.site.url + address)
        self.reads()

    def reads(self) -> None:
        """The page is readable by everybody, on the smallest phone too."""
        self.check(self.page)
        self.page.set_viewport_size({"width": 320, "height": 640})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 320, self.page.url
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two whole numbers

    def presses(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=name).click()

    def gives_reasons(self) -> None:
        self.page.get_by_label("Reason, in Spanish").first.fill(WHY["es"])
        self.page.get_by_label("Reason, in English").first.fill(WHY["en"])

    def makes_a_key(self) -> None:
        self.opens("/in/council/key/")
        self.presses("Make my twelve words")
        expect(self.page.locator("[data-words] li")).to_have_count(12)  # two lists of words are loaded first
        self.words = self.page.locator("[data-words] li").all_inner_texts()
        self.reads()
        self.page.get_by_label("Type the twelve words from your paper").fill("abandon " * 12)
        self.presses("They are on my paper: keep my key")
        expect(self.page.locator("[data-wrong]")).to_be_visible()
        self.page.get_by_label("Type the twelve words from your paper").fill(" ".join(self.words).upper())
        self.presses("They are on my paper: keep my key")
        expect(self.page.get_by_text("Your key is kept.")).to_be_visible()

    def signs(self) -> None:
        self.opens("/in/council/")
        self.page.get_by_role("link", name="Read it: Let something rest").click()
        self.page.wait_for_url("**/in/council/proposal/**")
        self.reads()
        self.page.get_by_label("Your twelve words").fill(" ".join([*self.words[1:], self.words[0]]))
        self.presses("Sign this")
        expect(self.page.locator("main [role=alert]:visible")).to_have_count(1)
        self.page.get_by_label("Your twelve words").fill(" ".join(self.words))
        self.presses("Sign this")

    def confirms(self, name: str) -> None:
        self.opens("/in/")
        self.page.get_by_role("link", name="Read it and sign, or leave it").click()
        self.page.get_by_role("link", name="See who was added").click()
        self.reads()
        self.page.get_by_label(name).check()
        self.presses("Read what is signed")
        expect(self.page.get_by_role("heading", name="You confirm 1 person")).to_be_visible()
        self.reads()
        self.page.get_by_label("Your twelve words").fill(" ".join(self.words))
        self.presses("Sign this")
        expect(self.page.get_by_text("Confirmed: 1 person.")).to_be_visible()
        self.reads()

    def never_sent_its_words(self) -> None:
        assert self.words
        for each in self.sent:
            for first, second in pairwise(self.words):
                assert re.search(f"{first}[^a-z]{{1,6}}{second}", each.lower()) is None, each


ONE_MORE = """
import django; django.setup()
from datetime import timedelta
from callroom.kit import clock
from callroom.people import actions, queries
house = queries.current_institution()
day = house.day(clock.now()) + timedelta(days=1)
person = actions.add_person(
    institution=house, external_id="vera", name="Vera Nueva", email="vera@sanrafael.example", listed_on=day)
actions.join(person=person, unit="emergency", from_on=day)
"""
"""What the roster of the next morning does."""


@pytest.fixture
def desks(browser: Browser, site: Site, accessible: Callable[[Page], None]) -> Callable[[str], Desk]:
    def desk(persona: str) -> Desk:
        context = browser.new_context(viewport=PHONE, reduced_motion="reduce", locale="en-GB")  # type: ignore[arg-type]
        context.set_default_timeout(60_000)
        return Desk(context, site, accessible, persona)

    return desk


def test_two_residents_let_the_check_in_rest(desks: Callable[[str], Desk], site: Site) -> None:
    fernando = desks("fernando")
    fernando.opens("/in/council/members/")
    fernando.page.get_by_label("First member").fill("ana@sanrafael.example")
    fernando.page.get_by_label("Second member").fill("bruno@sanrafael.example")
    fernando.presses("Appoint them")
    members = [desks(name) for name in MEMBERS]
    for member in members:
        member.makes_a_key()
    fernando.opens("/in/council/")
    fernando.gives_reasons()
    fernando.presses("Name the council")
    expect(fernando.page.get_by_text("The council stands in the chain.")).to_be_visible()

    site.python("-c", ONE_MORE)
    members[0].confirms("Vera Nueva")
    fernando.opens("/in/council/propose/pause/")
    fernando.gives_reasons()
    fernando.presses("Put it before the council")
    fernando.check(fernando.page)
    expect(fernando.page.get_by_text("Only members of the council sign.")).to_be_visible()
    for member, said in zip(members, ("Signed. Another member signs next.", "Decided."), strict=True):
        member.signs()
        expect(member.page.get_by_text(said)).to_be_visible()
        member.never_sent_its_words()

    for persona in ("ana", "elena"):
        reader = desks(persona)
        reader.opens("/in/")
        expect(reader.page.get_by_text(WHY["en"])).to_be_visible()
    reader.opens("/in/council/")
    expect(reader.page.get_by_text("The check-in rests.")).to_be_visible()
    checked = site.command("release", "export", str(site.folder / "out"))
    assert checked.returncode == 0
    verified = site.command("release", "verify", str(site.folder / "out"))
    assert "Decisions checked: 1" in verified.stdout
