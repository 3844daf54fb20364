"""One week, from Ana's answer on a phone without a network to the moment at which everybody reads the same result."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.journeys.conftest import DESK, PHONE, Site, enter_as

from callroom.core.anonymity.words import ten_words
from callroom.kit.wording import moment

FEWEST_TAPS = 6
TALLEST = 1800
QUESTIONS = 4
CARRIED = 3
"""Promises that the phone brings along from Today to the thanks."""
UNTIL_COUNTED = 150
"""Seconds: the worker looks once a minute, and this machine may be busy."""
ZONE = ZoneInfo("America/Mexico_City")
RESULT = "/in/results/internal-medicine/"
IN_SPANISH = {"locale": "es-MX", "reduced_motion": "reduce"}
Seen = TypeVar("Seen")


class Week:
    """What happens, in order. Ana has a phone, Dr. Elena, the chair, a desk."""

    def __init__(self, site: Site, phone: BrowserContext, desk: BrowserContext, check: Callable[[Page], None]) -> None:
        self.site, self.check = site, check
        self.phone, self.desk = phone.new_page(), desk.new_page()
        self.taps = 0
        self.wave: dict[str, Any] = next(each for each in self.waves() if each["wave"].startswith("pulse/"))
        self.before: dict[str, str] = {}

    # --- Ana and her phone ---

    def given_ana_made_this_phone_her_check_in_device(self) -> None:
        enter_as(self.phone, self.site, "ana")
        self.phone.goto(f"{self.site.url}/in/device/")
        self.check(self.phone)
        self.phone.locator("[data-press='mine']").click()
        expect(self.phone.locator("[data-device='page'][data-showing='ready']")).to_be_visible()

    def and_she_has_opened_the_check_in_once(self) -> None:
        for language in ("en", "es"):
            self.phone.goto(f"{self.site.url}/w/{language}/")
            self.phone_says("ask")
            assert self.phone.evaluate("document.documentElement.scrollHeight") <= TALLEST, language
        self.phone.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def when_she_goes_from_home_to_the_questions_without_a_network(self) -> None:
        self.phone.goto(f"{self.site.url}/in/")
        self.check(self.phone)
        expect(self.phone.get_by_role("heading", level=1)).to_contain_text("Ana")
        self.promised = self.phone.locator("article.ticket p[lang]:not(.said)").all_inner_texts()[:CARRIED]
        assert self.promised, "Ana's leaders promised something"
        self.phone.context.set_offline(True)
        self.press_until(self.phone.locator("a[data-check-in-link]"), "Tab")
        self.tap("Enter")
        self.phone_says("ask")
        expect(self.phone.locator("html")).to_have_attribute("lang", "es-MX")

    def and_answers_with_the_keyboard_only(self) -> None:
        questions = self.phone.locator("fieldset.ask")
        assert questions.count() == QUESTIONS
        for question in questions.all():
            self.press_until(question.locator("input").first, "Tab")
            self.tap("Space")
        expect(self.phone.locator("input[type='radio']:checked")).to_have_count(QUESTIONS)
        self.press_until(self.phone.get_by_role("button", name="Enviar mis respuestas"), "Tab")
        self.tap("Enter")

    def then_her_answer_is_kept_and_not_sent_yet(self) -> None:
        for _look in ("at once", "after closing the page"):
            self.phone_says("not-sent")
            expect(self.phone.get_by_role("status")).to_contain_text(
                "Aún no se envía: abre esta página otra vez antes del"
            )
            self.phone.reload()
        self.phone_says("not-sent")
        self.check(self.phone)

    def when_the_network_is_back(self) -> None:
        self.phone.context.set_offline(False)

    def then_she_is_thanked_with_the_ten_words_of_this_round(self) -> None:
        self.phone_says("sent")
        self.check(self.phone)
        words = tuple(self.phone.locator("[data-words] li").all_inner_texts())
        assert words == ten_words(self.wave["wave_sheet"], "es")
        assert self.taps <= FEWEST_TAPS
        assert self.phone.locator("[data-carried-promises] [data-word='what']").all_inner_texts() == self.promised

        self.phone.goto(f"{self.site.url}/in/chain/")
        self.check(self.phone)
        shown = self.phone.locator(".slip", has=self.phone.get_by_role("heading", name=self.wave["wave"], exact=True))
        assert tuple(shown.locator(".words li").all_inner_texts()) == words

    # --- the others, and the clock ---

    def when_the_others_answer(self) -> None:
        answered = self.site.python("-m", "tests.journeys.crowd", self.site.url, self.wave["wave"])
        assert int(answered.stdout) >= 150

    def and_sunday_evening_comes(self) -> None:
        assert self.keys_exist()
        assert self.sealed_answers() > 150
        self.site.move_clock(self.closes_at - timedelta(seconds=3))

    def then_the_round_is_counted_by_itself_and_its_keys_are_gone(self) -> None:
        deadline = time.monotonic() + UNTIL_COUNTED
        while "burn" not in self.signed_about_the_wave():
            assert time.monotonic() < deadline, self.site.log.read_text()
            time.sleep(1)
        assert self.signed_about_the_wave()[-2:] == ["closing", "burn"]
        assert not self.keys_exist()
        assert not list((self.site.folder / "sealed").glob(f"{self.folder_name}*"))
        assert self.wave["wave"] not in {each["wave"] for each in self.waves()}

    # --- the result ---

    def given_the_chair_has_a_desk(self) -> None:
        enter_as(self.desk, self.site, "elena")
        expect(self.desk.get_by_role("heading", level=1)).to_contain_text("Elena")

    def then_a_second_before_eight_nobody_sees_the_result(self) -> None:
        instant, release = self.publishes_at - timedelta(seconds=1), self.address_of_release()
        for page in (self.phone, self.desk):
            self.before[page.url] = main = self.within_a_second(instant, partial(self.main, page))
            with translation.override("es"):
                assert f"leen el resultado a partir del {moment(self.publishes_at, ZONE)}" in main
            assert self.within_a_second(instant, partial(self.status_of, page, release)) == 404
        assert len(set(self.before.values())) == 1

    def then_at_eight_both_read_the_same(self) -> None:
        self.site.move_clock(self.publishes_at)
        mains = {self.main(page) for page in (self.phone, self.desk)}
        assert len(mains) == 1
        assert mains.isdisjoint(self.before.values())
        release = self.address_of_release()
        assert [self.status_of(page, release) for page in (self.phone, self.desk)] == [200, 200]
        for page in (self.phone, self.desk):
            page.goto(self.site.url + RESULT)
            self.check(page)
        for page in (self.phone, self.desk):
            expect(page.locator("main")).to_contain_text("Última cifra")
            expect(page.locator("main")).not_to_contain_text("ya se contó")

    # --- how ---

    def phone_says(self, state: str) -> None:
        expect(self.phone.locator(f"[data-check-in][data-showing='{state}']")).to_be_visible()

    def press_until(self, wanted: Locator, key: str) -> None:
        for _ in range(40):
            if wanted.evaluate("part => part === document.activeElement"):
                return
            self.phone.keyboard.press(key)
        raise AssertionError(f"the keyboard does not reach {wanted}")

    def tap(self, key: str) -> None:
        self.taps += 1
        self.phone.keyboard.press(key)

    def within_a_second(self, instant: datetime, look: Callable[[], Seen]) -> Seen:
        """Return what is seen in the second that begins with this instant, however slow this machine is."""
        for _ in range(20):
            self.site.move_clock(instant)
            seen = look()
            if self.site.now() < instant + timedelta(seconds=1):
                return seen
        raise AssertionError("no answer within a second in twenty")

    def main(self, page: Page) -> str:
        answer = page.context.request.get(self.site.url + RESULT, headers={"Accept-Language": "es-MX"})
        assert answer.status == 200
        return answer.text().partition("<main")[2].partition("</main>")[0]

    def address_of_release(self) -> str:
        closing = next(said for said in self.chain() if said["type"] == "closing" and said["wave"] == self.wave["wave"])
        return f"{self.site.url}/in/chain/{closing['release_sha256']}"

    def status_of(self, page: Page, address: str) -> int:
        return page.context.request.get(address).status

    @property
    def closes_at(self) -> datetime:
        return datetime.fromtimestamp(self.wave["closes_at"], UTC)

    @property
    def publishes_at(self) -> datetime:
        return self.closes_at + timedelta(hours=12)

    @property
    def folder_name(self) -> str:
        return str(self.wave["wave"]).replace("/", "_")

    def keys_exist(self) -> bool:
        return (self.site.folder / "keys" / "waves" / self.folder_name).exists()

    def sealed_answers(self) -> int:
        with sqlite3.connect(self.site.folder / "sealed" / f"{self.folder_name}.sqlite3") as store:
            (count,) = store.execute("SELECT count(*) FROM sealed_answer").fetchone()
        store.close()
        return int(count)

    def waves(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.get("/w/waves.json"))
        return found

    def signed_about_the_wave(self) -> list[str]:
        return [said["type"] for said in self.chain() if said["wave"] == self.wave["wave"]]

    def chain(self) -> Iterator[dict[str, Any]]:
        """Yield the newest headers, each with what it commits to, as everybody can read them."""
        segments: list[bytes] = []
        while segments[-1:] != [b""]:
            segments.append(self.get(f"/w/chain/headers/{len(segments)}.jsonl"))
        for line in b"".join(segments).splitlines()[-30:]:
            header = json.loads(line)
            payload = json.loads(self.get(f"/w/chain/{header['payload_sha256']}") or b"{}")
            yield {"type": header["type"], "wave": payload.get("wave"), "release_sha256": payload.get("release_sha256")}

    def get(self, path: str) -> bytes:
        try:
            with urllib.request.urlopen(self.site.url + path, timeout=60) as answer:
                body: bytes = answer.read()
        except urllib.error.HTTPError as refused:
            refused.close()
            if refused.code == 404:
                return b""
            raise
        return body


@pytest.fixture
def week(browser: Browser, site: Site, accessible: Callable[[Page], None]) -> Iterator[Week]:
    phone = browser.new_context(viewport=PHONE, **IN_SPANISH)  # type: ignore[arg-type]
    desk = browser.new_context(viewport=DESK, **IN_SPANISH)  # type: ignore[arg-type]
    seen: list[str] = []
    for context in (phone, desk):
        context.set_default_timeout(60_000)
        context.on("weberror", lambda error: seen.append(str(error.error)))
        context.on("console", lambda line: seen.append(line.text) if line.type in {"error", "warning"} else None)
    yield Week(site, phone, desk, accessible)
    assert [line for line in seen if "ERR_INTERNET_DISCONNECTED" not in line] == []
    for context in (phone, desk):
        context.close()


def test_from_anas_answer_to_the_result_that_everybody_reads(week: Week) -> None:
    week.given_ana_made_this_phone_her_check_in_device()
    week.and_she_has_opened_the_check_in_once()
    week.when_she_goes_from_home_to_the_questions_without_a_network()
    week.and_answers_with_the_keyboard_only()
    week.then_her_answer_is_kept_and_not_sent_yet()
    week.when_the_network_is_back()
    week.then_she_is_thanked_with_the_ten_words_of_this_round()

    week.when_the_others_answer()
    week.and_sunday_evening_comes()
    week.then_the_round_is_counted_by_itself_and_its_keys_are_gone()

    week.given_the_chair_has_a_desk()
    week.then_a_second_before_eight_nobody_sees_the_result()
    week.then_at_eight_both_read_the_same()
