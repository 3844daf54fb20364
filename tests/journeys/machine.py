"""An installation in which nothing is yet: its console, its mailbox, its clock, and people whose clicks are counted."""

from __future__ import annotations

import json
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_string, policy
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from tests.journeys.conftest import PHONE, Site, _environment

NAME = "bienestar.hospital.example"
CODE = re.compile(r"^ {4}([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})$", re.MULTILINE)
CLOCKWORK = Path(__file__).parent / "clockwork"
SECONDS_A_CLICK, SECONDS_A_WORD, SECONDS_A_PAGE = 1.5, 1.5, 20
"""How a person's time is estimated: a click, a typed word (40 a minute), reading a page for the first time."""
WORDS_READ_A_SECOND = 4
"""What somebody reads again who knows the page: 240 words a minute, as adults read silently."""


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server that keeps what it is handed."""

    letters: list[str]

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            if line.upper().startswith("DATA"):
                self.say("354 go on")
                lines = list(iter(lambda: self.rfile.readline().decode(), ".\r\n"))
                self.letters.append("".join(lines))
            elif line.upper().startswith("QUIT"):
                self.say("221 bye")
                return
            self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@dataclass
class EmptyMachine:
    """An installation in which nothing is, its console, its mailbox and its clock."""

    site: Site
    settings: dict[str, str]
    letters: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        found = CODE.findall(self.site.log.read_text())
        assert found, self.site.log.read_text()
        return str(found[-1])

    def check(self) -> subprocess.CompletedProcess[str]:
        """Run ``callroom check``."""
        return self.python("-m", "callroom", "check")

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python as one of the machine's own processes would be."""
        return subprocess.run(
            [sys.executable, *words], env=self.settings, capture_output=True, text=True, timeout=120, check=False
        )

    def set_clock(self, instant: datetime) -> None:
        """Let the machine's clock show ``instant`` now."""
        file = Path(self.settings["JOURNEY_CLOCK"])
        new = file.with_suffix(".new")
        new.write_text(json.dumps({"seconds": instant.timestamp() - time.time()}))
        new.replace(file)

    def now(self) -> datetime:
        """Return what the machine's clock shows."""
        seconds = json.loads(Path(self.settings["JOURNEY_CLOCK"]).read_text())["seconds"]
        return datetime.fromtimestamp(time.time() + seconds, UTC)

    def letter_to(self, address: str, about: str) -> str:
        """Return the link of the newest letter to this address whose subject says this; wait for it."""
        for _ in range(180):
            for written in reversed(self.letters):
                letter = message_from_string(written, policy=policy.default)
                if letter["To"] == address and about in letter["Subject"]:
                    found = re.search(r"^https?://[^/]+(/\S+)", letter.get_content(), re.MULTILINE)
                    assert found, written
                    return self.site.url + found[1]  # the proxy would take the browser there by https
            time.sleep(0.5)
        raise AssertionError(f"no letter about {about} to {address}")

    def wait_until(self, seen: Callable[[], bool], what: str) -> None:
        """Wait for what the worker does by itself."""
        for _ in range(360):
            if seen():
                return
            time.sleep(0.25)
        raise AssertionError(f"{what}\n{self.site.log.read_text()}")

    def open_rounds(self) -> list[dict[str, Any]]:
        """Return the rounds that take answers, as everybody can read them."""
        asked = urllib.request.Request(f"{self.site.url}/w/waves.json", headers={"X-Forwarded-Proto": "https"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return [wave for wave in json.loads(answer.read()) if wave["wave_sheet"]]


@contextmanager
def empty_machine(folder: Path, *, starts_at: datetime) -> Iterator[EmptyMachine]:
    """Start Callroom where nothing is, at this instant, beside a mail server."""
    letters: list[str] = []
    handler = type("Kept", (Mailbox,), {"letters": letters})
    with socket.socket() as probe, socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as mailbox:
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        # As behind a proxy that brings the certificate: the browser says what such a proxy says.
        settings = {
            **{
                name: value
                for name, value in _environment(folder).items()
                if name not in {"CALLROOM_DEMO", "CALLROOM_HTTP"}
            },
            "CALLROOM_BEHIND_PROXY": "1",
            "CALLROOM_HOSTS": f"localhost,{NAME}",
            "CALLROOM_ORIGINS": f"http://localhost:{port}",
            "CALLROOM_SMTP_HOST": "127.0.0.1",
            "CALLROOM_SMTP_PORT": str(mailbox.server_address[1]),
            "CALLROOM_SMTP_STARTTLS": "0",
            "CALLROOM_MAIL_FROM": f"callroom@{NAME}",
            "DJANGO_SETTINGS_MODULE": "callroom.site.settings",
            "PYTHONPATH": str(CLOCKWORK),
            "JOURNEY_CLOCK": str(folder.with_name("journey-clock.json")),
        }
        machine = EmptyMachine(Site(f"http://localhost:{port}", folder), settings, letters)
        machine.set_clock(starts_at)
        with machine.site.log.open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "callroom", "serve", "--port", str(port)], env=settings, stdout=log, stderr=log
            )
            try:
                wait_until_it_answers(f"{machine.site.url}/help/es/", server, machine.site.log)
                yield machine
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(30)
                mailbox.shutdown()


def wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """The first start makes all tables; a busy machine takes its time."""
    asked = urllib.request.Request(url, headers={"X-Forwarded-Proto": "https"})
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(asked, timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
        else:
            return
    raise AssertionError(log.read_text())


def _seconds(clicks: int, words: int, pages: int, words_read: int) -> float:
    by_hand = clicks * SECONDS_A_CLICK + words * SECONDS_A_WORD
    return by_hand + pages * SECONDS_A_PAGE + words_read / WORDS_READ_A_SECOND


@dataclass
class Stretch:
    """A part of somebody's way: what they did in it, and for how many seconds they waited for the machine."""

    machine: float = 0
    clicks: int = 0
    words: int = 0
    pages: int = 0
    words_read: int = 0

    @property
    def seconds(self) -> float:
        """Return the person's time and the machine's together."""
        return self.machine + _seconds(self.clicks, self.words, self.pages, self.words_read)

    def __str__(self) -> str:
        return (
            f"{self.clicks} taps, {self.words} words typed, {self.pages} pages and {self.words_read} words more read, "
            f"{self.machine:.1f} s of the machine: {self.seconds:.1f} s"
        )


@dataclass
class Visitor:
    """Somebody in front of a browser; every click and every word is counted."""

    page: Page
    check: Callable[[Page], None]
    clicks: int = 0
    words: int = 0
    pages: int = 0
    words_read: int = 0
    waited: float = 0

    def reads(self, heading: str) -> None:
        """A page is there: readable by everybody, on the smallest phone too."""
        self.sees(heading)
        self.check(self.page)
        self.page.set_viewport_size({"width": 320, "height": 640})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 320, self.page.url
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two whole numbers

    def sees(self, heading: str) -> None:
        """A page is there that other journeys read with axe and on the smallest phone."""
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        self.pages += 1

    def writes(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).first.fill(text)
        self.words += len(text.split())

    def chooses(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.clicks += 2

    def ticks_everything(self) -> None:
        for box in self.page.locator("main input[type=checkbox]").all():
            box.check()
            self.clicks += 1

    def presses(self, name: str) -> None:
        self.clicked(self.page.get_by_role("main").get_by_role("button", name=name, exact=True))

    def follows(self, name: str) -> None:
        self.clicked(self.page.get_by_role("main").get_by_role("link", name=name, exact=True))

    def opens(self, link: str) -> None:
        """Follow a link of a letter."""
        self.page.goto(link)
        self.clicks += 1

    def clicked(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def brings(self, name: str, content: str) -> None:
        self.page.get_by_label("Archivo del padrón").set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
        )
        self.clicks += 2
        self.presses("Leer el archivo")

    def reads_words(self, text: str) -> None:
        """Read this again on a page that is known: what differs from last time."""
        self.words_read += len(text.split())

    @contextmanager
    def waits(self) -> Iterator[None]:
        """In this block they wait for the machine; what the browser's driver takes for itself counts as well."""
        began = time.monotonic()
        yield
        self.waited += time.monotonic() - began

    @contextmanager
    def timed(self) -> Iterator[Stretch]:
        """Count what this person does in the block, and how long they wait for the machine."""
        before = (self.clicks, self.words, self.pages, self.words_read)
        waited = self.waited
        stretch = Stretch()
        yield stretch
        stretch.machine = self.waited - waited
        now = (self.clicks, self.words, self.pages, self.words_read)
        stretch.clicks, stretch.words, stretch.pages, stretch.words_read = (
            after - start for after, start in zip(now, before, strict=True)
        )

    @property
    def minutes(self) -> float:
        return _seconds(self.clicks, self.words, self.pages, self.words_read) / 60

    @property
    def counted(self) -> str:
        """Return what was counted, in words."""
        return f"{self.clicks} clicks, {self.words} words typed, {self.pages} pages, about {self.minutes:.1f} minutes"
