"""A resident's phone: set it up, answer, lose the network, answer again, and be told plainly when something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect
from tests.journeys.conftest import PHONE, Site

TALLEST = 1800
FEWEST_TAPS = 6
LARGEST_FIRST_LOAD = 60_000
SHOWING = "[data-check-in][data-showing='{}']"
KEPT = "navigator.serviceWorker.ready.then(() => true)"
CACHED = """Promise.resolve().then(async () => {
  const paths = [];
  for (const name of (await caches.keys()).filter(name => name.startsWith("callroom-w-")))
    for (const request of await (await caches.open(name)).keys()) paths.push(new URL(request.url).pathname);
  return paths;
})"""
EMPTY_STORAGE = "new Promise(done => { const gone = indexedDB.deleteDatabase('callroom'); gone.onsuccess = done; })"


class Phone:
    """One resident's browser, and what it sends without a name."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context, self.site = context, site
        self.page = context.new_page()
        self.taps = 0
        self.named: list[str] = []
        context.on("request", self._look_at)

    def _look_at(self, request: Request) -> None:
        path = request.url.removeprefix(self.site.url)
        if not path.startswith(("/w/", "/help/")):
            if "/w/" in request.frame.url:
                self.named.append(f"{path} from {request.frame.url}")
            return
        sent = request.all_headers()
        self.named += [f"{name} to {path}" for name in ("cookie", "referer", "authorization") if sent.get(name)]

    def enter_as(self, persona: str) -> None:
        self.page.goto(f"{self.site.url}/in/demo/")
        with self.page.expect_navigation():
            self.page.locator(f'button[name="persona"][value="{persona}"]').click()

    def make_it_the_check_in_device(self, persona: str = "ana") -> None:
        self.enter_as(persona)
        self.page.goto(f"{self.site.url}/in/device/")
        self.page.locator("[data-press='mine']").click()
        self.device_says("ready")

    def device_says(self, state: str) -> None:
        expect(self.page.locator(f"[data-device='page'][data-showing='{state}']")).to_be_visible()

    def open_check_in(self, language: str = "en", state: str = "ask") -> None:
        self.page.goto(f"{self.site.url}/w/{language}/")
        self.says(state)

    def says(self, state: str) -> None:
        expect(self.page.locator(SHOWING.format(state))).to_be_visible()

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.locator(selector).click()

    def questions(self) -> list[str]:
        names: list[str] = self.page.locator("fieldset.ask input[value='skip']").evaluate_all(
            "inputs => inputs.map(input => input.name)"
        )
        return names

    def choose(self, value: int) -> None:
        for name in self.questions():
            self.tap(f"label:has(> input[name='{name}'][value='{value}'])")

    def answer(self, value: int = 2) -> None:
        self.choose(value)
        self.tap("button[type='submit']")


@pytest.fixture
def phone(context: BrowserContext, site: Site) -> Phone:
    return Phone(context, site)


@pytest.fixture
def plain_phone(browser: Browser, site: Site) -> Iterator[Phone]:
    """A browser without service workers, so that the tests can stand between page and server."""
    context = browser.new_context(viewport=PHONE, locale="en-GB", service_workers="block")  # type: ignore[arg-type]
    yield Phone(context, site)
    context.close()


def test_ana_answers_in_six_taps_on_two_screens(
    phone: Phone, site: Site, quiet: list[str], accessible: Callable[[Page], None]
) -> None:
    phone.enter_as("ana")
    phone.page.goto(f"{site.url}/in/device/")
    accessible(phone.page)
    phone.page.locator("[data-press='mine']").click()
    phone.device_says("ready")
    accessible(phone.page)

    phone.page.goto(f"{site.url}/in/")
    phone.tap("a[data-check-in-link]")
    phone.says("ask")
    expect(phone.page.locator("input:checked")).to_have_count(0)
    assert len(phone.questions()) == 4
    accessible(phone.page)
    phone.answer(3)
    phone.says("sent")
    expect(phone.page.get_by_text("That is all for this round.")).to_be_visible()
    expect(phone.page.get_by_text("you are asked once more")).to_have_count(0)
    expect(phone.page.locator("[data-words] li")).to_have_count(10)
    expect(phone.page.locator("[data-focus]")).to_be_focused()
    accessible(phone.page)
    assert phone.taps <= FEWEST_TAPS
    assert phone.named == [], "nothing that names a person goes to an anonymous address"

    phone.page.goto(f"{site.url}/in/")
    expect(phone.page.locator("[data-check-in-done]")).to_be_visible()
    expect(phone.page.locator("[data-check-in-waits]")).to_be_hidden()


def test_the_page_is_short_and_light_in_both_languages(plain_phone: Phone, accessible: Callable[[Page], None]) -> None:
    phone = plain_phone
    phone.make_it_the_check_in_device()
    for language in ("en", "es"):
        loaded: list[int] = []
        weigh = partial(_weigh, loaded)
        phone.page.on("requestfinished", weigh)
        phone.open_check_in(language)
        phone.page.wait_for_load_state("networkidle")
        phone.page.remove_listener("requestfinished", weigh)
        assert 0 < sum(loaded) <= LARGEST_FIRST_LOAD
        assert phone.page.evaluate("document.documentElement.scrollHeight") <= TALLEST
        smallest = phone.page.locator("form label, form button").evaluate_all(
            "parts => Math.min(...parts.map(part => part.getBoundingClientRect().height))"
        )
        assert smallest >= 44
        for width in (320, 195):  # a small phone; an ordinary one at 200 %
            phone.page.set_viewport_size({"width": width, "height": 640})
            assert phone.page.evaluate("document.documentElement.scrollWidth") == width
        phone.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two whole numbers
    accessible(phone.page)


def _weigh(loaded: list[int], request: Request) -> None:
    loaded.append(request.sizes()["responseBodySize"])


def test_ana_answers_in_spanish_with_the_keyboard_and_without_a_network(phone: Phone, site: Site) -> None:
    phone.make_it_the_check_in_device()
    phone.open_check_in("es")
    assert phone.page.evaluate(KEPT)
    phone.context.set_offline(True)
    phone.page.reload()
    phone.says("ask")
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Registro de esta semana")
    expect(phone.page.get_by_text("Tu nombre no se guarda con tu respuesta.")).to_be_visible()

    press = phone.page.keyboard.press
    phone.page.locator("[name='did-not-work']").focus()
    for _ in phone.questions():
        press("Tab")
        press("Space")
        press("ArrowDown")
    assert phone.page.locator("input[type='radio']:checked").count() == 4
    press("Tab")
    expect(phone.page.get_by_role("button", name="Enviar mis respuestas")).to_be_focused()
    press("Enter")
    phone.says("not-sent")
    expect(phone.page.get_by_role("status")).to_contain_text("Aún no se envía: abre esta página otra vez antes del")
    expect(phone.page.locator("[data-focus]")).to_be_focused()
    assert sealed_bytes_only(phone.page)
    kept = phone.page.evaluate(CACHED)
    assert {"/w/en/", "/w/es/"} <= set(kept)
    assert all(path.startswith("/w/") and path != "/w/answers" for path in kept)

    phone.page.reload()
    phone.says("not-sent")
    phone.context.set_offline(False)
    phone.says("sent")
    assert outbox(phone.page) is None
    assert phone.named == []


def test_answering_again_and_forgetting(phone: Phone) -> None:
    phone.make_it_the_check_in_device()
    phone.open_check_in()
    phone.answer(1)
    phone.says("sent")
    phone.page.reload()
    phone.says("answered")
    phone.page.get_by_role("button", name="Answer again").click()
    phone.says("ask")
    expect(phone.page.locator("[data-did-not-work]")).to_have_count(0)
    phone.answer(4)
    phone.says("sent")

    phone.page.get_by_text("Compare all 64 digits").click()
    digits = phone.page.locator("[data-hash]").inner_text()
    phone.page.locator("[data-compare]").fill(digits.upper())
    expect(phone.page.locator("[data-same]")).to_be_visible()
    phone.page.locator("[data-compare]").fill("0" * 64)
    expect(phone.page.locator("[data-other]")).to_be_visible()

    phone.page.get_by_role("button", name="Forget now").click()
    phone.says("final")
    phone.page.reload()
    phone.says("final")
    assert row(phone.page)["token"] is None


def test_i_did_not_work_ends_the_check_in(phone: Phone) -> None:
    phone.make_it_the_check_in_device()
    phone.open_check_in()
    phone.page.get_by_role("button", name="Send my answers").click()
    complaint = phone.page.locator("[data-complaint='nothing']")
    expect(complaint).to_be_visible()
    expect(complaint).to_be_focused()

    phone.page.get_by_label("I did not work in the last 7 days").check()
    expect(phone.page.locator("[data-questions]")).to_be_hidden()
    phone.page.get_by_role("button", name="Send my answers").click()
    phone.says("sent")


def test_a_phone_shared_by_two_residents(phone: Phone, site: Site) -> None:
    phone.make_it_the_check_in_device("ana")
    phone.context.clear_cookies()
    phone.enter_as("bruno")
    phone.page.goto(f"{site.url}/in/device/")
    phone.device_says("other-owner")
    phone.page.goto(f"{site.url}/in/")
    phone.page.locator("a[data-check-in-link]").click()
    phone.page.wait_for_url("**/in/device/")
    phone.page.locator("[data-press='instead']").click()
    phone.device_says("ready")
    phone.open_check_in()
    phone.answer()
    phone.says("sent")


def test_a_shared_computer_keeps_nothing(phone: Phone, site: Site) -> None:
    phone.enter_as("ana")
    phone.page.goto(f"{site.url}/in/device/")
    phone.page.locator("[data-press='shared']").click()
    phone.device_says("shared")
    phone.open_check_in(state="no-device")
    expect(phone.page.get_by_role("link", name="Sign in and set up this phone")).to_be_visible()


def test_storage_that_is_gone_and_a_ticket_that_was_given_out(plain_phone: Phone, site: Site) -> None:
    phone = plain_phone
    phone.make_it_the_check_in_device()
    phone.page.goto(f"{site.url}/w/en/manifest.webmanifest")
    phone.page.evaluate(EMPTY_STORAGE)
    phone.open_check_in(state="storage-gone")
    phone.page.goto(f"{site.url}/in/device/")
    phone.device_says("storage-gone")
    phone.page.locator("[data-press='mine']").click()
    phone.device_says("ticket-gone")
    phone.open_check_in(state="no-token")


def _json(status: int, body: Any) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


def _altered(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.body()[:-1] + b" }")


def _without_last_header(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=b"".join(answer.body().splitlines(keepends=True)[:-3]))


def test_what_the_server_may_say_to_an_answer(plain_phone: Phone) -> None:
    phone = plain_phone
    phone.make_it_the_check_in_device()
    for status, body, state in (
        (410, {"error": "closed"}, "closed-unsent"),
        (400, {"error": "version"}, "old-client"),
        (403, {"error": "token"}, "refused"),
        (425, {"error": "early"}, "refused"),
        (503, {"error": "disk"}, "not-sent"),
    ):
        phone.page.route("**/w/answers", _json(status, body))
        phone.open_check_in()
        phone.answer()
        phone.says(state)
        expect(phone.page.locator("[data-place] [data-focus]")).to_be_focused()
        phone.page.unroute("**/w/answers")
    for status, body in ((404, {"error": "wave"}), (200, "<title>Hospital network: sign in</title>"), (403, "blocked")):
        with phone.page.expect_response("**/w/answers"):
            phone.page.route("**/w/answers", _json(status, body))
            phone.page.get_by_role("button", name="Try now").click()
        phone.says("not-sent")
        phone.page.unroute("**/w/answers")
    assert row(phone.page)["outbox"]
    phone.page.get_by_role("button", name="Try now").click()
    phone.says("sent")


def test_sheets_and_keys_that_do_not_fit(plain_phone: Phone, site: Site, accessible: Callable[[Page], None]) -> None:
    phone = plain_phone
    phone.enter_as("ana")
    posts: list[str] = []
    phone.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    for pattern, meddle, state in (
        ("**/in/chain/*", _altered, "two-versions"),
        ("**/w/chain/headers/*", _json(404, {}), "chain-differs"),
    ):
        phone.page.route(pattern, meddle)
        phone.page.goto(f"{site.url}/in/device/")
        expect(phone.page.locator("[data-place] > :not(noscript, .wait)").first).to_be_visible()
        if phone.page.locator("[data-press='mine']").count():
            phone.page.locator("[data-press='mine']").click()
        phone.device_says(state)
        accessible(phone.page)
        phone.page.unroute(pattern)
    assert posts == [], "no token was asked for"

    phone.page.goto(f"{site.url}/in/device/")
    phone.device_says("ready")
    phone.page.route("**/w/chain/headers/*", _without_last_header)
    phone.page.goto(f"{site.url}/in/device/")
    phone.device_says("chain-differs")
    phone.page.unroute("**/w/chain/headers/*")

    other_key = "A" * 43 + "="
    phone.page.route("**/w/en/", lambda route: _with_key(route, other_key))
    phone.open_check_in(state="another-key")
    expect(phone.page.get_by_role("alert")).to_contain_text("another key than the one this phone knows")
    accessible(phone.page)

    phone.page.route("**/in/device/", lambda route: _with_key(route, other_key))
    phone.page.get_by_role("link", name="Your check-in device").click()
    phone.device_says("another-key")
    phone.page.get_by_role("button", name="Erase what this phone holds").click()
    phone.device_says("stopped")


def _with_key(route: Route, key: str) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=re.sub(r'data-key="[^"]*"', f'data-key="{key}"', answer.text()))


def test_another_sheet_than_the_one_shown_with_a_name(plain_phone: Phone) -> None:
    phone = plain_phone
    phone.make_it_the_check_in_device()
    phone.page.route("**/w/waves.json", _other_sheet)
    phone.open_check_in(state="two-versions")


def _other_sheet(route: Route) -> None:
    answer = route.fetch()
    waves = [{**wave, "wave_sheet": wave["wave_sheet"] and "cd" * 32} for wave in answer.json()]
    route.fulfill(response=answer, json=waves)


def test_browsers_that_cannot(browser: Browser, site: Site) -> None:
    for script, state in (
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "not-secure"),
        ("Object.defineProperty(window, 'indexedDB', { value: undefined })", "no-storage"),
        ("", "no-device"),
    ):
        context = browser.new_context(viewport=PHONE, service_workers="block")  # type: ignore[arg-type]
        context.add_init_script(script)
        Phone(context, site).open_check_in(state=state)
        context.close()


def test_without_javascript_the_page_says_what_to_do(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site.url}/w/es/")
    expect(page.get_by_role("alert")).to_contain_text("Esta página necesita JavaScript.")
    expect(page.get_by_role("link", name="Pedir ayuda").last).to_be_visible()
    context.close()


def test_a_full_disk(plain_phone: Phone) -> None:
    phone = plain_phone
    phone.make_it_the_check_in_device()
    phone.open_check_in()
    full = "throw new DOMException('full', 'QuotaExceededError')"
    phone.page.evaluate(f"() => {{ IDBObjectStore.prototype.put = () => {{ {full}; }}; }}")
    phone.page.route("**/w/answers", lambda route: route.abort())
    phone.answer()
    expect(phone.page.locator("[data-complaint='no-room']")).to_be_focused()
    phone.page.unroute("**/w/answers")
    phone.tap("button[type='submit']")
    phone.says("sent")


def test_an_unopened_page_without_a_network_says_so(phone: Phone) -> None:
    phone.open_check_in(state="no-device")
    assert phone.page.evaluate(KEPT)
    phone.context.set_offline(True)
    phone.page.reload()
    phone.says("no-device")
    expect(phone.page.get_by_role("link", name="Get help").last).to_be_visible()
    phone.context.set_offline(False)


READ = """name => new Promise((done, fail) => {
  const asked = indexedDB.open("callroom");
  asked.onerror = fail;
  asked.onsuccess = () => {
    const rows = asked.result.transaction("waves").objectStore("waves").getAll();
    rows.onsuccess = () => {
      const open = rows.result.find(row => row.waveSheetBytes !== null);
      done({ token: open.token && Object.keys(open.token), answered: open.answered, fields: Object.keys(open),
             outbox: open.outbox && open.outbox.map(post => post.length) });
      asked.result.close();
    };
  };
})"""


def row(page: Page) -> dict[str, Any]:
    """Return what the phone keeps about the open wave."""
    found: dict[str, Any] = page.evaluate(READ)
    return found


def outbox(page: Page) -> list[int] | None:
    waiting: list[int] | None = row(page)["outbox"]
    return waiting


def sealed_bytes_only(page: Page) -> bool:
    """Is what waits of fixed length, and does nothing beside it tell the answer or how often there was one?"""
    kept = row(page)
    return set(kept["outbox"]) == {885} and not {"answers", "revision", "value", "at"} & set(kept["fields"])
