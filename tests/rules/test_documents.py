"""The documents that cannot go stale unseen: architecture, glossary, promises."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from tests.rules.house import ROOT, committed, layers, our_models


def rows(document: str) -> list[list[str]]:
    """Return the cells of all table rows of a document, without heads and rulers."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = [
        [cell.strip() for cell in line.strip()[1:-1].split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    rulers = [number for number, row in enumerate(found) if all(set(cell) <= set("-: ") for cell in row)]
    heads = {number - 1 for number in rulers}
    return [row for number, row in enumerate(found) if number not in heads | set(rulers)]


def exists(dotted: str) -> bool:
    """Is this the name of a module, or of something in one?"""
    try:
        import_module(dotted)
    except ModuleNotFoundError:
        try:
            import_string(dotted)
        except ImportError:
            owner, _, attribute = dotted.rpartition(".")
            return owner.count(".") > 1 and exists(owner) and hasattr(import_string(owner), attribute)
    return True


def test_the_architecture_page_lists_the_packages_in_their_order() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = re.findall(r"^    ([a-z]+) {2,}\S", text, re.MULTILINE)

    assert tuple(listed) == layers()


def test_the_architecture_page_is_one_page() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 90


GLOSSARY = rows("GLOSSARY.md")


def test_every_word_stands_once_in_the_glossary() -> None:
    words = [row[0].lower() for row in GLOSSARY]

    assert len(words) == len(set(words)), sorted(word for word in words if words.count(word) > 1)


@pytest.mark.parametrize("row", GLOSSARY, ids=lambda row: row[0])
def test_every_word_has_its_spanish_and_its_place_in_the_code(row: list[str]) -> None:
    word, spanish, _meaning, code = row

    assert word
    assert spanish
    places = re.findall(r"`([^`]+)`", code)
    assert places, "say where in the code"
    for place in places:
        assert exists(f"callroom.{place}"), place


def test_every_model_is_a_word_of_the_glossary() -> None:
    named = {place.split(".")[-1] for row in GLOSSARY for place in re.findall(r"`([^`]+)`", row[3])}

    assert sorted(model.__name__ for model in our_models() if model.__name__ not in named) == []


PROMISES = rows("docs/explanation/promises.md")


def test_all_six_promises_are_there() -> None:
    assert {row[0].split(".")[0] for row in PROMISES} >= {"1", "2", "3", "4", "5", "6"}


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[0])
def test_every_promise_names_code_and_a_test_that_exist(row: list[str]) -> None:
    _number, _promise, code, tests = row

    for place in re.findall(r"`([^`]+)`", code):
        assert (ROOT / place).exists() if "/" in place else exists(f"callroom.{place}"), place
    guards = re.findall(r"`([^`]+)`", tests)
    assert guards or "not yet" in tests
    for guard in guards:
        file, _, name = guard.partition("::")
        assert (ROOT / file).exists(), file
        if name:
            assert name in functions_of(ROOT / file), guard


def functions_of(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return set(re.findall(r"""test\(\s*["'`]([^"'`]+)""", text))
    return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}


DOCUMENT = re.compile(r"\bdocs/[a-z0-9/-]+\.md\b")


@pytest.mark.parametrize(
    "path",
    [p for p in committed() if p.suffix in {".py", ".toml", ".html", ".md"}],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_every_document_that_is_named_exists(path: Path) -> None:
    named = set(DOCUMENT.findall(path.read_text(encoding="utf-8")))

    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("package", layers())
def test_every_package_says_what_it_is_and_where_to_read_on(package: str) -> None:
    text = import_module(f"callroom.{package}").__doc__ or ""

    assert text.strip()
    assert DOCUMENT.search(text) or package in {"site", "core"}, "name its page in docs/"


INTEGRITY = rows("docs/explanation/integrity.md")


@pytest.mark.parametrize("row", INTEGRITY, ids=lambda row: row[0][:40])
def test_every_attempt_on_a_result_names_a_test_that_exists_or_says_that_nobody_catches_it(row: list[str]) -> None:
    _attempt, caught, tests = row

    guards = re.findall(r"`(tests/[^`]+)`", tests)
    assert guards or "**" in caught
    for guard in guards:
        path, _, name = guard.partition("::")
        assert (ROOT / path).is_file(), path
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8") or not name, guard


def test_every_decision_has_a_number_of_its_own_and_a_line_in_the_list() -> None:
    files = sorted(file.name for file in (ROOT / "docs" / "decisions").glob("0*.md"))
    numbers = [name[:4] for name in files]

    assert len(numbers) == len(set(numbers)), numbers
    lines = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", lines, re.MULTILINE) == files
    for name in files:
        assert (ROOT / "docs" / "decisions" / name).read_text(encoding="utf-8").startswith(f"# {name[:4]} ")
