"""Statements about all templates: whose parts they use, and what the strict content policy would refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules.house import SOURCE, layers, name_of, package_of, templates

ALL = templates()
HTML = [path for path in ALL if path.suffix == ".html"]

# Read by allauth, drawn by us; or words of a mail, which extend nothing.
FRAMES = {"base.html", "kit/anonymous.html"}
PLAIN_WORDS = {"Callroom", "English", "Español", "CSV", "UTC", "SHA-256", "Ed25519"}

NAMED = re.compile(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""")
COMMENTS = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"\{%\s*blocktranslate.*?endblocktranslate\s*%\}", re.DOTALL)
CODE = re.compile(r"<(script|code|pre)\b.*?</\1>", re.DOTALL)
ATTRIBUTE_BLOCKS = re.compile(r"\{%\s*block (?:width|\w+_is_here)\s*%\}.*?\{%\s*endblock[^%]*%\}", re.DOTALL)
SCRIPTS = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)


def read(path: Path) -> str:
    return COMMENTS.sub("", path.read_text(encoding="utf-8"))


def is_anonymous(path: Path) -> bool:
    """Does this template extend the frame of anonymous pages?"""
    return 'extends "kit/anonymous.html"' in read(path)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_stands_in_its_packages_own_folder(path: Path) -> None:
    owner = package_of(path)
    shared = {"kit": ("base.html", "errors/", "kit/"), "people": ("people/", "account/", "mfa/", "429.html")}

    assert name_of(path).startswith(shared.get(owner, (f"{owner}/",)))


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_names_only_its_own_package_or_the_kit(path: Path) -> None:
    """Site composes: it alone may take parts of what stands below it."""
    owner = package_of(path)
    for name in NAMED.findall(read(path)):
        other = name.split("/")[0]
        if other in layers():
            assert other in {owner, "kit"} or owner == "site", f"{name} belongs to {other}"


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_named_template_exists(path: Path) -> None:
    known = {name_of(template) for template in ALL}  # an extended variable is not a name
    for name in NAMED.findall(read(path)):
        assert name in known or name.startswith("account/"), name


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_nothing_is_inline(path: Path) -> None:
    text = read(path)

    assert not re.search(r"<style\b|\sstyle=", text), "styles belong into a sheet"
    assert not re.search(r"<[^>]*\son[a-z]+=", text), "behaviour belongs into a script"
    assert "javascript:" not in text
    for attributes, body in SCRIPTS.findall(text):
        assert not body.strip() or "application/json" in attributes, "scripts belong into files"


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    loaded = re.findall(r"""<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=["']\s*([^"']*)""", read(path))

    assert not [address for address in loaded if address.startswith(("http:", "https:", "//"))]


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_extends_comes_first_and_blocks_are_closed_by_name(path: Path) -> None:
    text = read(path).lstrip()
    if "{% extends" in text:
        assert text.startswith("{% extends")
    assert not re.search(r"\{%\s*endblock\s*%\}", text)


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_colours_and_sizes_stay_in_the_sheets(path: Path) -> None:
    outside = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", read(path))

    assert not re.search(r"""["'\s:](?:fill|stroke|color|bgcolor)=["'](?!none|currentColor|url)""", outside)


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_every_form_that_writes_proves_its_origin(path: Path) -> None:
    for form in re.findall(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", read(path), re.DOTALL | re.IGNORECASE):
        assert "csrf_token" in form


@pytest.mark.parametrize("path", [p for p in HTML if is_anonymous(p)], ids=name_of)
def test_anonymous_pages_take_nothing_from_the_signed_in_side(path: Path) -> None:
    text = read(path)

    assert "csrf_token" not in text
    assert not re.search(r"\{%\s*static\b", text), "use anonymous_static"
    assert not re.search(r"\b(?:user|messages|house)\.", text)


@pytest.mark.parametrize("path", [p for p in HTML if not is_anonymous(p)], ids=name_of)
def test_links_to_anonymous_pages_pass_nothing_on(path: Path) -> None:
    if name_of(path) == "kit/anonymous.html":
        return
    for link in re.findall(r"<a\b[^>]*>", read(path)):
        if re.search(r'href="/(?:w|help)/', link):
            assert "noreferrer" in link, link


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_every_visible_word_is_translatable(path: Path) -> None:
    text = TRANSLATED.sub(" ", CODE.sub(" ", ATTRIBUTE_BLOCKS.sub(" ", read(path))))
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"""[\w-]+=("[^"]*"|'[^']*')""", " ", text)  # attributes, also of a tag in another template
    text = re.sub(r"<[^>]*>|&[a-z]+;|&#\d+;", " ", text, flags=re.DOTALL)

    assert set(re.findall(r"[^\W\d_]{2,}[\w-]*", text)) <= PLAIN_WORDS


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_names_for_screen_readers_are_translatable(path: Path) -> None:
    for value in re.findall(r"""(?:aria-label|alt|title|placeholder)=(?:"([^"]*)"|'([^']*)')""", read(path)):
        words = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", value[0] or value[1])
        assert not re.search(r"[^\W\d_]{2,}", words), words


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_templates_stay_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 200


def test_every_template_is_in_a_package_that_exists() -> None:
    assert {package_of(path) for path in ALL} <= {folder.name for folder in SOURCE.iterdir()}
