"""What a phone loads before the first question, and how many taps lie between home and thanks, in Chromium on the demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from benches.report import row
from benches.server import Server, serving

PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000
LANGUAGES = ("en", "es")


def main(database: str) -> None:
    """Measure on the demo, made for this run."""
    os.environ.pop("CALLROOM_ANNOUNCE_WEEKS", None)
    subprocess.run([sys.executable, "-m", "callroom", "demo", "--no-serve"], check=True, stdout=subprocess.DEVNULL)
    expect.set_options(timeout=PATIENCE)
    with serving() as server, chromium() as browser:
        help_page = first_load(browser, f"{server.origin}/help/en/")
        for language in LANGUAGES:
            loaded = first_load(browser, f"{server.origin}/w/{language}/")
            row(
                f"first load of the check-in ({language}), bytes on the wire with headers",
                kilobytes(loaded),
                baseline=f"the help page: {kilobytes(help_page)}",
                aim="<= 60 kB",
            )
        taps, questions, kept = taps_to_thanks(browser, server)
        row(
            "taps from home to thanks",
            str(taps),
            baseline=f"{questions} questions and Send: {questions + 1}",
            aim="<= 6",
        )
        row("... what the service worker keeps for both languages, compressed", kilobytes(kept))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium for the block."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses root with a sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


def first_load(browser: Browser, address: str) -> float:
    """Return the bytes that an empty browser receives until the page stands, without what is kept for later."""
    context = browser.new_context(viewport=PHONE, service_workers="block")
    page = context.new_page()
    received: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    context.close()
    return sum(received)


def taps_to_thanks(browser: Browser, server: Server) -> tuple[int, int, int]:
    """Answer as Ana; return taps, questions, and the compressed bytes of what the service worker keeps."""
    context = browser.new_context(viewport=PHONE, locale="es-MX", has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    make_this_anas_phone(page, server)
    page.goto(f"{server.origin}/in/")
    taps = 0

    def tap(what: Locator) -> None:
        nonlocal taps
        what.tap()
        taps += 1

    tap(page.locator("a[data-check-in-link]").first)
    questions = page.locator("fieldset.ask")
    expect(questions.first).to_be_visible()
    for question in questions.all():
        tap(question.locator("label.rung").nth(2))
    tap(page.locator("button[type=submit]"))
    expect(page.locator("[data-showing='sent']")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    kept = sum(compressed(address) for address in page.evaluate(KEPT))
    asked = taps - 2
    context.close()
    return taps, asked, kept


KEPT = """async () => {
  const addresses = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) addresses.push(request.url);
  return addresses.filter((address) => !address.includes("/w/chain/") && !address.endsWith("waves.json"));
}"""


def make_this_anas_phone(page: Page, server: Server) -> None:
    """Enter as Ana and make this browser her check-in device."""
    page.goto(f"{server.origin}/in/demo/")
    page.locator('button[name="persona"][value="ana"]').click()
    page.wait_for_url(f"{server.origin}/in/**")
    page.goto(f"{server.origin}/in/device/")
    page.locator("[data-press='mine']").click()
    expect(page.locator("[data-device='page'][data-showing='ready']")).to_be_visible()


def compressed(address: str) -> int:
    """Return the bytes of a body as it comes when gzip is welcome."""
    asked = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return len(answer.read())


def kilobytes(count: float) -> str:
    """Return bytes as they are budgeted: in thousands."""
    return f"{count / 1000:.1f} kB"
