"""``make screenshots``: the main pages and states, on phone and desktop, by day and by night, in both languages.

usage: python tools/screenshots.py FOLDER [NAME-PART]
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}


@dataclass(frozen=True)
class Shot:
    """A page: its name, its address (``{lang}`` is filled in), and as whom it is looked at."""

    name: str
    address: str
    persona: str | None = None


SHOTS = (
    Shot("sign-in", "/in/sign-in/"),
    Shot("doors", "/in/demo/"),
    Shot("help", "/help/{lang}/"),
    Shot("check-in-no-token", "/w/{lang}/"),
    Shot("home-resident", "/in/", "ana"),
    Shot("home-chair", "/in/", "elena"),
    Shot("device", "/in/device/", "ana"),
    Shot("me", "/in/me/", "ana"),
    Shot("institution", "/in/results/", "ana"),
    Shot("department", "/in/results/acute-care/", "elena"),
    Shot("unit-declining", "/in/results/emergency/", "elena"),
    Shot("unit-declining-why", "/in/results/emergency/why/", "elena"),
    Shot("unit-declining-read-by-a-resident", "/in/results/emergency/", "ana"),
    Shot("unit-declining-why-read-by-a-resident", "/in/results/emergency/why/", "ana"),
    Shot("unit-two-weeks", "/in/results/radiology/", "ana"),
    Shot("unit-joined", "/in/results/toxicology/", "ana"),
    Shot("chain", "/in/chain/", "ana"),
    Shot("known", "/in/known/", "ana"),
    Shot("promises", "/in/promises/", "ana"),
    Shot("promises-unit", "/in/promises/emergency/", "ana"),
    Shot("answers-desk", "/in/answers/", "elena"),
    Shot("answers-practice", "/in/answers/practice/", "elena"),
    Shot("answers-waiting", "/in/answers/waiting/", "fernando"),
    Shot("calendar", "/in/calendar/", "fernando"),
    Shot("holidays", "/in/calendar/days/", "fernando"),
    Shot("console", "/in/demo/console/", "fernando"),
    Shot("find-me", "/in/find-me/", "ana"),
    Shot("not-there", "/in/nothing-here/", "ana"),
)


@contextmanager
def served_demo() -> Iterator[str]:
    """Make the demo hospital in a throw-away folder and serve it; give its address."""
    folder = tempfile.mkdtemp(prefix="callroom-screens-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "CALLROOM_DATA": folder, "CALLROOM_DEMO": "1", "CALLROOM_HTTP": "1"}
    command = [sys.executable, "-m", "callroom"]
    subprocess.run([*command, "demo", "--no-serve", "--data", folder], env=environment, check=True)
    server = subprocess.Popen([*command, "serve", "--port", str(port)], env=environment)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/help/en/", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield f"http://localhost:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def shoot(browser: Browser, url: str, folder: Path, part: str) -> None:
    """Take every picture whose name holds ``part``."""
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            for language in ("en", "es"):
                context = browser.new_context(
                    viewport=viewport, color_scheme=scheme, locale={"en": "en-GB", "es": "es-MX"}[language],
                    reduced_motion="reduce",
                )  # fmt: skip
                page = context.new_page()
                walk(page, url, folder, part, size=size, scheme=scheme, language=language)
                context.close()


def walk(page: Page, url: str, folder: Path, part: str, *, size: str, scheme: str, language: str) -> None:
    """Take the pictures of one size, colour scheme and language: single pages first, then what takes several steps."""
    ending = f"{size}-{scheme}-{language}"
    seen_as: str | None = None
    for shot in (shot for shot in SHOTS if part in shot.name):
        if shot.persona is not None and shot.persona != seen_as:
            enter(page, url, shot.persona, language)
            seen_as = shot.persona
        page.goto(url + shot.address.format(lang=language))
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{shot.name}-{ending}.png", full_page=True)
    for name, steps in WALKS.items():
        if part in name:
            steps(page, url, folder, ending, language)


def enter(page: Page, url: str, persona: str, language: str) -> None:
    """Come in as somebody, in this language."""
    page.goto(f"{url}/in/demo/")
    page.locator(f'button[name="persona"][value="{persona}"]').click()
    page.wait_for_url(f"{url}/in/**")
    page.context.request.post(
        f"{url}/in/language/", form={"language": language}, headers={"Referer": f"{url}/in/"}, fail_on_status_code=False
    )


def see_a_signal(page: Page, url: str, folder: Path, ending: str, language: str) -> None:
    """Say as the chair that the signal was seen; take the unit's page as she and a resident then read it."""
    enter(page, url, "elena", language)
    page.goto(f"{url}/in/results/emergency/")
    seen = page.locator("form[action*='acknowledge'] button")
    if seen.count():
        seen.first.click()
        page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / f"signal-seen-{ending}.png", full_page=True)


def import_a_survey(page: Page, url: str, folder: Path, ending: str, language: str) -> None:
    """Bring a survey of two years in as the coordinator and take it back; take each step, a refusal and the unit's page."""
    enter(page, url, "fernando", language)
    page.goto(f"{url}/in/history/")
    page.screenshot(path=folder / f"earlier-surveys-{ending}.png", full_page=True)
    lines = [
        "unit,period,score",
        *(f"emergency,2022-05,{5 + number % 6}" for number in range(22)),
        *(f"emergency,2023-05,{9 + number % 7}" for number in range(24)),
        *["emergency,2024-05,7"] * 5,
        "toxicology,2023-05,9",
    ]
    page.locator("input[type='file']").set_input_files(
        {"name": "2023.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    forward = page.locator("main form button[type='submit']").first
    forward.click()
    page.locator("input[name='name']").fill("PHQ-9, 2022-2024")
    page.screenshot(path=folder / f"earlier-surveys-columns-{ending}.png", full_page=True)
    page.locator("select[name='score']").select_option("")
    forward.click()
    page.screenshot(path=folder / f"earlier-surveys-refused-{ending}.png", full_page=True)
    page.locator("select[name='score']").select_option("score")
    page.locator("select[name='instrument']").select_option("phq-9")
    forward.click()
    page.screenshot(path=folder / f"earlier-surveys-preview-{ending}.png", full_page=True)
    page.locator("button[name='apply']").click()
    page.screenshot(path=folder / f"earlier-surveys-imported-{ending}.png", full_page=True)
    page.goto(f"{url}/in/results/emergency/")
    page.screenshot(path=folder / f"earlier-surveys-on-the-unit-{ending}.png", full_page=True)
    page.goto(f"{url}/in/history/")
    page.locator("form[action*='take-back'] button").first.click()


def check_in(page: Page, url: str, folder: Path, ending: str, language: str) -> None:
    """Fetch a token as Bruno, answer, and take the questions and the thanks."""
    enter(page, url, "bruno", language)
    page.goto(f"{url}/in/device/")
    page.locator("[data-press='mine']").click()
    page.wait_for_timeout(3000)
    page.goto(f"{url}/w/{language}/")
    page.wait_for_selector("fieldset")
    page.screenshot(path=folder / f"check-in-questions-{ending}.png", full_page=True)


WALKS = {"earlier-surveys": import_a_survey, "signal-seen": see_a_signal, "check-in-questions": check_in}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    folder.mkdir(exist_ok=True)
    with served_demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        shoot(browser, url, folder, part)
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main()
