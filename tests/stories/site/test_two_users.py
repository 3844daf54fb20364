"""Web and tally as two users of the system: what each can do, and what the kernel refuses. Needs root, to become them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

pytestmark = [pytest.mark.one_store, pytest.mark.django_db(databases=["default", "issuing", "sealed"])]

ROOT = Path(__file__).resolve().parents[3]
TALLY, WEB, GROUP, ROOT_USER = 61001, 61002, 61000, 0
SECRETS = ("hpke.key", "signing.key")
LIBRARIES = os.pathsep.join([str(ROOT), str(ROOT / "src"), sysconfig.get_path("purelib")])
COPIES = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))"
"""In a process of its own: one that closes a file itself loses the locks that it has on it."""
STORES = {"default": "callroom", "issuing": "issuing", "sealed": "sealed"}


@dataclass(frozen=True)
class House:
    """An installation in folders of its own. ``python``: one that its users reach; ``apart``: is it set up for two?"""

    folder: Path
    python: str
    apart: bool = False

    def act(self, name: str, user: int, part: str = "") -> Any:
        """Let this user do one act of ``tests.world.two_users``; return what it found."""
        ran = subprocess.run(
            [self.python, "-m", "tests.world.two_users", name], user=user, group=GROUP, extra_groups=[],
            env=self.environment(part), cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout.splitlines()[-1])

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Let the tally's worker run for the block, without what it does by itself."""
        words = ("-m", "callroom", "run_huey", "--workers", "1", "--no-periodic", "--max-delay", "1")
        process = subprocess.Popen(
            [self.python, *words], user=TALLY, group=GROUP, extra_groups=[], env=self.environment("tally"), cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def environment(self, part: str) -> dict[str, str]:
        """Return the settings of this house, and none of the tests' own."""
        known = {name: value for name, value in os.environ.items() if not name.startswith(("CALLROOM_", "DJANGO_"))}
        known |= {"PYTHONPATH": LIBRARIES, "PYTHONDONTWRITEBYTECODE": "1"}
        known |= {"CALLROOM_HTTP": "1", "CALLROOM_ANNOUNCE_WEEKS": "1", "CALLROOM_PART": part}
        known |= {f"CALLROOM_{name}": str(self.folder / name.lower()) for name in ("DATA", "KEYS")}
        if self.apart:
            known |= {"CALLROOM_APART": "true", "CALLROOM_TALLY_DATA": str(self.folder / "tally")}
        return known


@pytest.fixture
def house(db: None) -> Iterator[House]:
    """Give a house of one user, with empty tables."""
    python = _python_for_them()
    # Not below pytest's own folder, which only root may pass through.
    with tempfile.TemporaryDirectory(prefix="callroom-two-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for each in ("data", "keys", "tally"):
            (folder / each).mkdir(mode=0o700)
        for alias, store in STORES.items():
            # As the tests' own tables are: making them anew would take a quarter of a minute.
            source, copied = connections[alias].settings_dict["NAME"], folder / "data" / f"{store}.sqlite3"
            subprocess.run([sys.executable, "-c", COPIES, str(source), str(copied)], check=True)
        for path in folder.rglob("*"):
            os.chown(path, TALLY, GROUP)
        yield House(folder, python)


def _python_for_them() -> str:
    """Return a Python of this version that other users reach: this one may lie in root's own folder."""
    if sys.platform != "linux" or os.geteuid() != ROOT_USER:
        pytest.skip("only root on Linux can become two other users")
    environment = {"PYTHONPATH": LIBRARIES, "PYTHONDONTWRITEBYTECODE": "1"}
    for python in (sys.executable, f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"):
        try:
            ran = subprocess.run(
                [python, "-c", "import ssl, sqlite3, numpy, cryptography, callroom, tests"], user=WEB, group=GROUP,
                extra_groups=[], cwd=ROOT, env=environment, capture_output=True, check=False,
            )  # fmt: skip
        except OSError:
            continue
        if ran.returncode == 0:
            return python
    pytest.skip("other users reach no Python of this version, or not this checkout")


def test_an_open_round_moves_from_one_user_to_two_and_only_the_tally_can_open_it(house: House) -> None:
    alone = house.act("opens", TALLY)

    # One user: whoever is in the web's process opens everything, and the check says so without being red.
    assert alone["opens"] == dict.fromkeys(SECRETS, "")
    assert alone["check"][:2] == [True, True]

    house = replace(house, apart=True)
    house.act("prepares", TALLY, "tally")
    web = house.act("answers", WEB, "web")

    assert alone["answered"] + web["answered"] == [1] * 12
    assert web["opens"] == dict.fromkeys(SECRETS, "PermissionError")
    assert web["check"][:2] == [True, False], web["check"]

    # Planted: a mode that somebody set by hand. Each of the three who may look finds it, and a start mends it.
    Path(web["files"]["hpke.key"]).chmod(0o640)
    for seen in (house.act("looks", WEB, "web"), house.act("looks", TALLY), house.act("looks", ROOT_USER)):
        assert seen["check"][0] is False
        assert "hpke.key" in seen["check"][2]
    assert house.act("prepares", TALLY, "tally")["check"][:2] == [True, False]
    assert house.act("looks", ROOT_USER)["check"][:2] == [True, False]

    # What signs is done by the tally at the web's asking, or refused in the same words.
    with house.worker():
        monday, refused = house.act("asks", WEB, "web")
    assert refused == "TooLateToSkip"

    closed = house.act("closes", TALLY, "tally")
    assert closed == {"state": "released", "n": [12, 15], "keys": False, "skipped": [monday]}
