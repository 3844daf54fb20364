"""A leader answers from the letter's link in less than a minute; residents read it at once; silence is read by all."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import PHONE, Site, enter_as

pytestmark = [pytest.mark.browser, pytest.mark.serial]

SECONDS = 60
READS_AND_TYPES = 0.03
"""Seconds for a letter: a practised typist."""


class TestAnswering:
    """Dr. Elena, Ana and Bruno in the demo."""

    @pytest.fixture(autouse=True)
    def _stage(self, page: Page, site: Site, accessible: Callable[[Page], None], quiet: list[str]) -> None:
        self.page, self.site, self.accessible, self.quiet = page, site, accessible, quiet

    def given_the_letters_link(self) -> None:
        enter_as(self.page, self.site, "elena")
        self.page.goto(self.site.url + "/in/answers/")
        link = self.page.get_by_role("link", name="Write the answer").first
        self.link = link.get_attribute("href") or ""

    def when_she_follows_it_and_promises(self) -> None:
        began = time.monotonic()
        self.page.goto(self.site.url + self.link)
        self._type("What we heard", "Help is hard to get at night.")
        self._type("What we will do", "A second resident is on call from Friday to Sunday.")
        day = self.page.get_by_label("By when").first
        day.fill(day.get_attribute("max") or "")
        self.page.get_by_role("button", name="Publish this promise").click()
        expect(self.page.get_by_text("Published.")).to_be_visible()
        self.seconds = time.monotonic() - began
        print(f"\nfrom the letter's link to the sent answer: {self.seconds:.1f} s")  # noqa: T201

    def _type(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.press_sequentially(text, delay=READS_AND_TYPES * 1000)

    def then_it_took_less_than_a_minute(self) -> None:
        assert self.seconds <= SECONDS

    def and_a_resident_of_that_unit_reads_it(self) -> None:
        enter_as(self.page, self.site, "bruno")
        self.page.set_viewport_size(PHONE)
        self.page.goto(self.site.url + "/in/")
        expect(self.page.get_by_text("A second resident is on call from Friday to Sunday.")).to_be_visible()
        self.accessible(self.page)

    def test_from_the_letter_to_the_sent_answer(self) -> None:
        self.given_the_letters_link()
        self.when_she_follows_it_and_promises()
        self.then_it_took_less_than_a_minute()
        self.and_a_resident_of_that_unit_reads_it()

    def test_who_has_not_answered_is_read_by_everybody(self) -> None:
        for persona in ("ana", "javier"):
            enter_as(self.page, self.site, persona)
            self.page.goto(self.site.url + "/in/promises/")
            silent = self.page.get_by_role("heading", name=re.compile("General Surgery has not answered"))
            expect(silent.first).to_be_visible()
        self.accessible(self.page)

    def test_it_is_answered_with_the_keyboard_alone(self) -> None:
        enter_as(self.page, self.site, "elena")
        self.page.goto(self.site.url + "/in/answers/practice/")
        self.page.locator("summary", has_text="We will not, because").focus()
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Tab")
        self.page.keyboard.type("We asked for more pay.")
        self.page.keyboard.press("Tab")
        self.page.keyboard.type("It is not ours to give; the ministry decides in March.")
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_text("Your residents would read now:")).to_be_visible()
        self.accessible(self.page)

    def test_a_mistake_is_said_and_nothing_is_lost(self) -> None:
        enter_as(self.page, self.site, "elena")
        self.page.goto(self.site.url + "/in/answers/practice/")
        self.page.get_by_label("What we heard").first.fill("Pages break up teaching.")
        self.page.get_by_role("button", name="Publish this promise").click()
        expect(self.page.get_by_role("alert")).to_be_focused()
        expect(self.page.get_by_label("What we heard").first).to_have_value("Pages break up teaching.")
        self.accessible(self.page)
        refused = "the server responded with a status of 400"  # the browser tells its own console of a refused form
        self.quiet[:] = [line for line in self.quiet if refused not in line]
