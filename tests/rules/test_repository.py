"""Statements about all files of the repository: nothing of one machine, nothing unfinished, nothing too heavy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.rules.house import ROOT, SOURCE, committed, text_of

TEXTS = {path: text for path in committed() if (text := text_of(path)) is not None}
HERE = Path(__file__).name

# Written in pieces, so that this file does not find itself.
MACHINE = re.compile(
    r"(?<![\w.$}])/(?:" + "|".join(["work", "root", "home/[a-z]", "Users/[A-Z]", "mnt/[a-z]"]) + r")(?:/|\b)"
)
REGISTRY = re.compile(
    "|".join([r"registry\.npm" + r"js\.org", r"files\.python" + r"hosted\.org", r"pypi\.org/" + "simple"])
)
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = {
        relative(path): match.group()
        for path, text in TEXTS.items()
        if (match := MACHINE.search(text)) and path.name != HERE
    }

    assert found == {}


def test_no_file_names_a_registry() -> None:
    assert [relative(path) for path, text in TEXTS.items() if REGISTRY.search(text)] == []


@pytest.mark.parametrize(
    "name", ["requirements/base.txt", "requirements/dev.txt", "requirements/node.txt", "package-lock.json"]
)
def test_lock_files_hold_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()

    assert not re.search(
        r'"resolved"|--index-url|https?://(?!opencollective|github\.com/sponsors)',
        re.sub(r'"funding".*?\}', "", text, flags=re.DOTALL),
    )
    assert "sha256:" in text or "sha512-" in text


def test_nothing_is_left_unfinished() -> None:
    code = {
        path: text for path, text in TEXTS.items() if path.suffix in {".py", ".js", ".html", ".css", ".md", ".toml"}
    }

    assert [relative(path) for path, text in code.items() if UNFINISHED.search(text)] == []


def test_nothing_made_is_committed() -> None:
    assert [relative(path) for path in committed() if path.suffix in {".mo", ".pyc", ".sqlite3", ".log"}] == []
    assert not [path for path in committed() if "node_modules" in path.parts]


def test_no_file_is_heavy() -> None:
    """Pictures of the documentation are the largest thing here: half a megabyte at most."""
    assert {relative(path): path.stat().st_size for path in committed() if path.stat().st_size > 512_000} == {}


def test_package_json_installs_nothing_at_run_time() -> None:
    package = json.loads((ROOT / "package.json").read_text())

    assert not {"preinstall", "install", "postinstall", "prepare"} & set(package.get("scripts", {}))


def test_the_style_sheets_are_under_25_kilobytes_together() -> None:
    folder = SOURCE / "kit/static/kit/css"

    assert sum((folder / name).stat().st_size for name in ("tokens.css", "callroom.css")) < 25_000


@pytest.mark.parametrize("path", [p for p in TEXTS if p.suffix == ".css"], ids=relative)
def test_colours_are_written_once(path: Path) -> None:
    """In tokens.css, by day and by night; the few others are the mark and the corridor, which have no night."""
    if path.name == "tokens.css":
        return
    colours = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", TEXTS[path]))

    assert colours <= {"#12352f", "#f7c04a", "#1f544b", "#f4f2e8", "#fff", "#000", "#101816"}, colours


@pytest.mark.parametrize("path", [p for p in TEXTS if p.suffix == ".js" and "static" in p.parts], ids=relative)
def test_each_script_of_the_pages_is_small(path: Path) -> None:
    assert len(TEXTS[path].splitlines()) <= 60


@pytest.mark.parametrize("path", [p for p in TEXTS if p.suffix == ".md"], ids=relative)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", TEXTS[path]):
        assert (path.parent / target).exists(), target
