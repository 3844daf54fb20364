"""The program in the browser: the same sources give the same bytes, and the page shows the fingerprint of what is served."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from callroom.people.models import Person
from callroom.pulse import bundle

ROOT = Path(__file__).resolve().parents[3]
BUILT = ROOT / "src/callroom/pulse/static/pulse/js"
SOURCES = ("package.json", "package-lock.json", "Makefile")


def esbuild() -> Path | None:
    return next((ROOT / "node_modules" / "@esbuild").glob("*/bin/esbuild"), None)


def built_in(folder: Path) -> dict[str, bytes]:
    """Build every file in a folder of its own, with the options of the Makefile."""
    (line,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if "$(ESBUILD) $<" in line]
    options = [word for word in line.split() if word.startswith("--") and not word.startswith("--outfile")]
    shutil.copytree(ROOT / "browser", folder / "browser")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    for name in bundle.FILES:
        command = [str(esbuild()), f"browser/{name}", *options, f"--outfile=out/{name}"]
        subprocess.run(command, cwd=folder, check=True)
    return {name: (folder / "out" / name).read_bytes() for name in bundle.FILES}


@pytest.mark.skipif(esbuild() is None, reason="node_modules is not there (make assets)")
def test_the_same_sources_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "another place" / "deeper"]
    for folder in folders:
        folder.mkdir(parents=True)

    first, second = map(built_in, folders)

    assert first == second
    assert first == {name: (BUILT / name).read_bytes() for name in bundle.FILES}, (
        "what make built is what is built here"
    )
    assert bundle.fingerprint_of(first) == bundle.served()


def test_a_changed_byte_is_another_fingerprint() -> None:
    contents = {name: bundle.served_bytes(name) for name in bundle.FILES}
    changed = {**contents, "checkin.js": contents["checkin.js"] + b" "}

    assert bundle.fingerprint_of(contents) == bundle.served()
    assert bundle.fingerprint_of(changed).fingerprint != bundle.served().fingerprint


def test_sha256sum_prints_the_same_fingerprint() -> None:
    lines = "".join(
        f"{hashlib.sha256((BUILT / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(bundle.FILES)
    )

    assert sorted(file.name for file in BUILT.glob("*.js")) == sorted(bundle.FILES)
    assert hashlib.sha256(lines.encode()).hexdigest() == bundle.served().fingerprint


@pytest.mark.django_db(databases=["default", "issuing", "sealed"])
def test_the_chain_page_shows_it(ana: Person, sign_in: Callable[[Person], Client], folders: Path) -> None:
    page = sign_in(ana).get("/in/chain/", secure=True).content.decode()

    assert bundle.served().fingerprint in page
    assert all(sha256 in page for _name, sha256 in bundle.served().files)
