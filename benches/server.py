"""Callroom as ``callroom serve`` runs it, on the bench's data, for as long as a block lasts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benches.load import write_requests


@dataclass(frozen=True)
class Server:
    """A running server. ``root``: the supervisor's process id."""

    port: int
    root: int

    @property
    def origin(self) -> str:
        """Return where it answers."""
        return f"http://localhost:{self.port}"

    def get(self, path: str) -> None:
        """
        Read a page.

        :raises HTTPError: unless it is there
        """
        urllib.request.urlopen(f"{self.origin}{path}", timeout=30).close()

    def load(self, requests: list[bytes], *, clients: int) -> dict[str, float]:
        """
        Let a process of its own post these requests; return its figures, ``rate`` a second, ``processor`` in ms each.

        :raises AssertionError: unless all were answered with 200
        """
        file = Path(os.environ["CALLROOM_DATA"]) / "requests"
        write_requests(file, requests)
        command = [sys.executable, "-m", "benches.load", str(self.port), str(clients), str(file)]
        before = self.processor_seconds()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
        spent = self.processor_seconds() - before
        found = json.loads(done.stdout)
        assert found["statuses"] == {"200": len(requests)}, found["statuses"]
        return {**found, "rate": len(requests) / found["seconds"], "processor": spent * 1000 / len(requests)}

    def processor_seconds(self) -> float:
        """Return what all processes have used of the processors: it says more than a clock on a machine that is shared."""
        ticks = 0
        for process in _family(self.root):
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return what all processes hold, in MB: proportional set size, so shared pages count once."""
        kilobytes = 0
        for process in _family(self.root):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
        return kilobytes / 1024


def start(*, surroundings: Mapping[str, str] | None = None) -> Running:
    """Start ``callroom serve`` on a free port, and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "callroom", "serve", "--port", str(port)]
    with (Path(os.environ["CALLROOM_DATA"]) / "serve.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=surroundings)
    running = Running(Server(port, process.pid), process)
    try:
        _wait_for(port, process)
    except BaseException:
        running.kill()
        raise
    return running


class DoesNotStart(Exception):
    """``callroom serve`` ended by itself; its log says why."""


@dataclass(frozen=True)
class Running:
    """A server and its process: it can be ended as an operator does, or as a power cut does."""

    server: Server
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it in order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def kill(self) -> None:
        """Kill all its processes at once: nothing of them has time for anything."""
        for process in _family(self.server.root):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait(30)


@contextmanager
def serving() -> Iterator[Server]:
    """Serve the data folder of this environment on a free port."""
    running = start()
    try:
        yield running.server
    finally:
        running.stop()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1800):
        if process.poll() is not None:
            raise DoesNotStart(process.returncode)
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(2)  # both workers, and the worker's first round
            return
    raise TimeoutError


def _family(root: int) -> list[int]:
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(status.parent.name)] = int(fields[1])
    family = [root]
    for process in family:
        family += [child for child, parent in parents.items() if parent == process]
    return family
