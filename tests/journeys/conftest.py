"""A browser before the real entry: each journey has a copy of the demo hospital, served by Granian and the worker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

expect.set_options(timeout=15_000)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
AS_SERVED = {"CALLROOM_BURNOUT_SCALE": "0"}
"""Which rounds carry the quarterly scale depends on the day on which the journeys run: here none, unless one says so."""
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Walk the journeys after all other tests, a file after the other, the longest first.

    A browser leaves a running loop in its process, beside which Django refuses its database to the tests that follow.
    """
    journeys = [item for item in items if "/journeys/" in str(item.path)]
    length = Counter(item.path for item in journeys)
    for item in journeys:
        item.add_marker(pytest.mark.browser)
        if shutil.which("chromium") is None and shutil.which("chromium-browser") is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine (apt-get install chromium)"))
    others = [item for item in items if "/journeys/" not in str(item.path)]
    items[:] = others + sorted(journeys, key=lambda item: -length[item.path])


def _environment(folder: Path) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
    temporary = folder.with_name(f"{folder.name}-tmp")
    temporary.mkdir(exist_ok=True)
    return {
        **outside,
        "CALLROOM_DATA": str(folder),
        "CALLROOM_DEMO": "1",
        "CALLROOM_HTTP": "1",
        "TMPDIR": str(temporary),
    }


@dataclass
class Site:
    """A running Callroom with its own data folder, temporary folder and log."""

    url: str
    folder: Path

    @property
    def temporary(self) -> Path:
        """Return where its processes put temporary files."""
        return self.folder.with_name(f"{self.folder.name}-tmp")

    @property
    def log(self) -> Path:
        """Return what its processes have written to the terminal."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``callroom …`` on this site's data."""
        return self.python("-m", "callroom", *words)

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python in this site's environment, as one of its own processes would be."""
        ran = subprocess.run(
            [sys.executable, *words],
            env={**_environment(self.folder), "DJANGO_SETTINGS_MODULE": "callroom.site.settings"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran

    def now(self) -> datetime:
        """Return what the site's clock shows."""
        seconds = json.loads((self.folder / "demo-clock.json").read_text())["seconds"]
        return datetime.fromtimestamp(time.time() + seconds, UTC)

    def move_clock(self, instant: datetime) -> None:
        """Let the site's clock show ``instant`` now."""
        new = self.folder / "demo-clock.journey"
        new.write_text(json.dumps({"seconds": instant.timestamp() - time.time()}))
        new.replace(self.folder / "demo-clock.json")


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo hospital's data, made once by the command that `make run` uses."""
    folder = tmp_path_factory.mktemp("demo")
    made = subprocess.run(
        [sys.executable, "-m", "callroom", "demo", "--no-serve", "--data", str(folder)],
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.fixture(scope="session")
def running_folder(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    The same after the worker's first minute: rounds announced, pages drawn.

    The worker of each copy would begin with that, ten seconds of its processor for every journey.
    """
    folder = tmp_path_factory.mktemp("running") / "demo"
    shutil.copytree(demo_folder, folder)
    first = "from callroom.site.schedule import every_minute, every_minute_after_waves"
    ticks = "[task.call_local() for task in (every_minute, every_minute_after_waves, every_minute_after_waves)]"
    subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {first}; {ticks}"],
        env={**_environment(folder), **AS_SERVED, "DJANGO_SETTINGS_MODULE": "callroom.site.settings"},
        check=True,
        timeout=300,
    )
    return folder


@pytest.fixture
def site(running_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """A copy of the demo hospital, served for one journey."""
    with serving(running_folder, tmp_path / "site") as served:
        yield served


@pytest.fixture(scope="module")
def house(running_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A copy of the demo hospital, served for all journeys of a file: for those that change nothing which others look at."""
    with serving(running_folder, tmp_path_factory.mktemp("house") / "site") as served:
        yield served


@contextmanager
def serving(demo_folder: Path, folder: Path, settings: dict[str, str] | None = None) -> Iterator[Site]:
    """Copy the demo hospital to ``folder`` and serve it for the block, with these settings on top."""
    shutil.copytree(demo_folder, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = Site(f"http://localhost:{port}", folder)
    log = served.log.open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "callroom", "serve", "--port", str(port)],
        env={**_environment(folder), **AS_SERVED, **(settings or {})},
        stdout=log,
        stderr=log,
    )
    try:
        _wait_for(f"{served.url}/help/en/", server, served.log)
        yield served
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def base_url() -> str:
    """Each journey's site has its own address; this hides pytest-playwright's fixture of the same name."""
    return ""


@pytest.fixture(scope="session")
def device() -> None:
    """The world has a fixture of this name; pytest-playwright asks for its own, which is none."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    arguments = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses root with a sandbox
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-GB", "reduced_motion": "reduce", "viewport": PHONE}


@pytest.fixture
def quiet(context: BrowserContext) -> Iterator[list[str]]:
    """Fail the journey on any console error, refusal of the content security policy or uncaught exception."""
    seen: list[str] = []
    context.set_default_timeout(15_000)

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.append(f"{message.type}: {message.text}")

    context.on("console", on_console)
    context.on("weberror", lambda error: seen.append(f"uncaught: {error.error}"))
    yield seen
    assert not seen, seen


@pytest.fixture(scope="session")
def accessible() -> Callable[[Page], None]:
    """Return a check: axe finds nothing on the page, by day and by night."""
    axe = Axe()

    def check(page: Page) -> None:
        for scheme in ("light", "dark"):
            # Without motion: colours on their way from day to night are nobody's contrast.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            results = axe.run(page, options={"runOnly": AXE_RULES})
            assert results.violations_count == 0, f"{page.url} ({scheme})\n{results.generate_report()}"
        page.emulate_media(color_scheme="light")

    return check


def enter_as(page: Page, site: Site, persona: str) -> None:
    """Go through the demo's door as one of its people."""
    page.goto(f"{site.url}/in/demo/")
    page.locator(f'button[name="persona"][value="{persona}"]').click()
    page.wait_for_url(f"{site.url}/in/**")
