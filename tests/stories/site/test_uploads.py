"""Every place that takes a file: too large, a bomb, another kind, a name that leads elsewhere: refused in words, nothing kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from callroom.history.models import ImportedSurvey
from callroom.people.models import Person
from callroom.setup.models import RosterDraft, Theme
from tests.rules.house import python_files
from tests.unit.people.test_bombs import book, cell

pytestmark = [pytest.mark.django_db(databases=["default", "issuing", "sealed"]), pytest.mark.one_store]

SignIn = Callable[[Person], Client]
COLOURS = {"bar": "#12352f", "button": "#0e4d47"}
DOORS: dict[str, tuple[str, str, dict[str, str], int]] = {
    "roster": ("/in/roster/", "file", {}, 8 * 1024 * 1024),
    "logo": ("/in/setup/look/", "logo", COLOURS, 1024 * 1024),
    "history": ("/in/history/columns/", "file", {}, 1_000_000),
}
BOMB = book(cell("A1", 1) + cell("XFD1048576", 1_048_576))
FILES = {
    "too large": lambda most: ("x.csv", b"a,b\n" * (most // 4 + 1)),
    "a bomb": lambda _most: ("x.xlsx", BOMB),
    "a program": lambda _most: ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
    "nothing": lambda _most: ("x.csv", b""),
    "half a file": lambda _most: ("x.xlsx", BOMB[:300]),
    "a name that leads elsewhere": lambda _most: ("../../../etc/passwd\x00.csv", b"\xff\xfe\x00"),
}


TAKEN_AS_WHAT_THEY_ARE = {
    ("roster", "a program"),  # a text of one column: the next page asks what the column holds, and shows it as text
}


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("door", DOORS)
def test_what_cannot_be_taken_is_refused_and_nothing_of_it_is_kept(
    door: str, what: str, fernando: Person, sign_in: SignIn, tmp_path: Path, settings: LazySettings
) -> None:
    address, field, said, most = DOORS[door]
    name, content = FILES[what](most)
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    answer = sign_in(fernando).post(address, {**said, field: SimpleUploadedFile(name or "x", content)}, secure=True)

    if (door, what) in TAKEN_AS_WHAT_THEY_ARE:
        assert answer.status_code == 302
    else:
        assert answer.status_code in {200, 400}, answer.status_code
        assert b"<h1" in answer.content
        assert not Theme.objects.exists()
        assert not RosterDraft.objects.exists()
    assert not ImportedSurvey.objects.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("door", DOORS)
def test_who_may_not_bring_a_file_finds_no_door(door: str, ana: Person, sign_in: SignIn) -> None:
    address, field, said, _most = DOORS[door]

    answer = sign_in(ana).post(address, {**said, field: SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}, secure=True)

    assert answer.status_code == 404


def test_files_are_kept_in_memory_and_these_are_all_the_doors() -> None:
    """A new upload has to be added here."""
    assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
    fields = sum(path.read_text(encoding="utf-8").count("forms.FileField(") for path in python_files())
    assert fields == len(DOORS)
