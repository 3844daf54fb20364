"""Two languages are one feature: every message of every package has its Spanish, and says the same everywhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import polib
import pytest

from tests.rules.house import SOURCE

CATALOGUES = sorted(SOURCE.glob("*/locale/es/LC_MESSAGES/django.po"))
TRANSLATABLE = re.compile(r"\b(?:gettext|gettext_lazy|ngettext|pgettext|gettext_noop|_)\(|\{%\s*(?:block)?translate\b")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")


def has_messages(package: Path) -> bool:
    files = [*package.rglob("*.py"), *package.rglob("*.html"), *package.rglob("*.txt")]
    return any(TRANSLATABLE.search(path.read_text(encoding="utf-8")) for path in files)


PACKAGES = sorted(folder for folder in SOURCE.iterdir() if (folder / "__init__.py").exists() and has_messages(folder))


def catalogue_of(package: Path) -> polib.POFile:
    path = package / "locale/es/LC_MESSAGES/django.po"
    assert path.exists(), f"{package.name} has words and no Spanish"
    return polib.pofile(str(path))


def key(entry: polib.POEntry) -> tuple[str, str]:
    return (entry.msgctxt or "", entry.msgid)


@pytest.fixture(scope="session")
def messages_now(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[tuple[str, str]]]:
    """Return the messages that the source holds now, by package: makemessages in a copy."""
    if shutil.which("xgettext") is None:
        pytest.skip("gettext is not installed (apt-get install gettext)")
    found = {}
    for package in PACKAGES:
        copy = tmp_path_factory.mktemp(package.name) / package.name
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("*.mo", "__pycache__", "static"))
        (copy / "locale").mkdir(exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "-l", "es", "--no-location", "--no-obsolete"],
            cwd=copy, check=True, capture_output=True,
        )  # fmt: skip
        made = copy / "locale" / "es" / "LC_MESSAGES" / "django.po"
        found[package.name] = {key(entry) for entry in polib.pofile(str(made)) if not entry.obsolete}
    return found


@pytest.mark.parametrize("package", PACKAGES, ids=lambda folder: folder.name)
def test_every_message_has_its_spanish(package: Path, messages_now: dict[str, set[tuple[str, str]]]) -> None:
    catalogue = catalogue_of(package)
    spoken = {key(entry) for entry in catalogue if entry.translated() and not entry.obsolete}

    assert sorted(messages_now[package.name] - spoken) == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda folder: folder.name)
def test_no_catalogue_holds_what_nobody_says(package: Path, messages_now: dict[str, set[tuple[str, str]]]) -> None:
    catalogue = catalogue_of(package)

    assert sorted({key(entry) for entry in catalogue if not entry.obsolete} - messages_now[package.name]) == []
    assert not catalogue.obsolete_entries()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(SOURCE).parts[0])
def test_nothing_is_fuzzy_or_empty(path: Path) -> None:
    catalogue = polib.pofile(str(path))

    assert not catalogue.metadata_is_fuzzy
    assert [entry.msgid for entry in catalogue if entry.fuzzy or not entry.translated()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(SOURCE).parts[0])
def test_every_plural_has_all_its_forms(path: Path) -> None:
    """A form that is not there would be shown in English."""
    catalogue = polib.pofile(str(path))
    match = re.match(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"])
    assert match

    for entry in catalogue:
        if entry.msgid_plural:
            assert sorted(entry.msgstr_plural) == list(range(int(match[1]))), entry.msgid


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(SOURCE).parts[0])
def test_placeholders_are_the_same_in_both_languages(path: Path) -> None:
    for entry in polib.pofile(str(path)).translated_entries():
        said = [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())
        wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
        for text in said:
            assert set(PLACEHOLDER.findall(text)) <= wanted, entry.msgid
            assert wanted - set(PLACEHOLDER.findall(text)) <= {"%(count)d", "%(count)s"}, entry.msgid


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.relative_to(SOURCE).parts[0])
def test_spanish_says_tu(path: Path) -> None:
    """Address people as "tú", never "usted"; no exclamation marks; question marks open and close."""
    for entry in polib.pofile(str(path)):
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            assert not re.search(r"\busted(es)?\b|\bsu contraseña\b", text, re.IGNORECASE), text
            assert "¡" not in text, text
            assert text.count("?") == text.count("¿"), text


def test_one_message_has_one_spanish() -> None:
    """Django pours all catalogues into one: the same words with two translations would be a matter of luck."""
    spanish: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            if not entry.obsolete and entry.translated() and not entry.msgid_plural:
                spanish[key(entry)].add(entry.msgstr)

    assert {words: said for words, said in spanish.items() if len(said) > 1} == {}


def test_no_english_message_shouts() -> None:
    for path in CATALOGUES:
        assert [e.msgid for e in polib.pofile(str(path)) if "!" in e.msgid] == [], path
