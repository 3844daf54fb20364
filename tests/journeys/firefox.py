"""Firefox as the system has it, spoken to in its own protocol (Marionette): Playwright drives only a Firefox of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.prefs.recommended": True,
    "services.settings.server": "",
    "toolkit.telemetry.enabled": False,
}
PATIENCE = 60


class Firefox:
    """One window. Elements are named by CSS; a click is made as a person's would be, and refused where nothing can be hit."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._numbers = count(1)
        self._read()  # says which protocol it speaks
        self._says("WebDriver:NewSession", {"capabilities": {}})

    def goes_to(self, address: str) -> None:
        self._says("WebDriver:Navigate", {"url": address})

    def runs(self, script: str) -> Any:
        """Return what this piece of JavaScript returns."""
        return self._says("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def clicks(self, css: str) -> None:
        self.waits_for(css)
        found = self._says("WebDriver:FindElement", {"using": "css selector", "value": css})["value"]
        self._says("WebDriver:ElementClick", {"id": next(iter(found.values()))})

    def waits_for(self, css: str) -> None:
        """Wait until this can be seen."""
        seen = f"const part = document.querySelector({json.dumps(css)}); return !!part && part.checkVisibility()"
        ends = time.monotonic() + PATIENCE
        while not self.runs(seen):
            assert time.monotonic() < ends, f"{css} is not on {self.runs('return location.href')}"
            time.sleep(0.1)

    def quits(self) -> None:
        self._says("Marionette:Quit", {"flags": ["eAttemptQuit"]})

    def _says(self, command: str, parameters: dict[str, Any]) -> Any:
        number = next(self._numbers)
        said = json.dumps([0, number, command, parameters]).encode()
        self._connection.sendall(b"%d:%s" % (len(said), said))
        _kind, answered, error, value = self._read()
        assert answered == number
        assert error is None, error
        return value

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._stream.read(1)
        return json.loads(self._stream.read(int(length[:-1])))


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """Start Firefox on this profile and end it after the block; what pages keep stays in the profile."""
    profile.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    wanted = {**PREFERENCES, "marionette.port": port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
    (profile / "user.js").write_text("".join(lines))
    words = [str(PROGRAM), "--headless", "--marionette", "--no-remote", "--profile", str(profile), "about:blank"]
    with (profile / "log").open("ab") as log:
        program = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            with _connected(port, program) as connection:
                browser = Firefox(connection)
                yield browser
                browser.quits()
            program.wait(PATIENCE)
        finally:
            if program.poll() is None:
                program.kill()
                program.wait()


def _connected(port: int, program: subprocess.Popen[bytes]) -> socket.socket:
    ends = time.monotonic() + PATIENCE
    while True:
        assert program.poll() is None, "Firefox ended"
        assert time.monotonic() < ends, "Firefox does not answer"
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            time.sleep(0.1)
