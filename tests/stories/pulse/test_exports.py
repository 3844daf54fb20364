"""``callroom release export`` and ``verify``: what they write, and that they refuse what was changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from tests.world.waves import made_history

from callroom.people.models import Institution, Person

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])


@pytest.fixture
def exported(hospital: Institution, staffed: dict[str, list[Person]], tmp_path: Path) -> Path:
    """Return a folder with an exported chain."""
    made_history(hospital)
    call_command("release", "export", str(tmp_path / "out"))
    return tmp_path / "out"


def head_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("release", "export", str(folder))
    return capsys.readouterr().out.strip().rsplit(" ", 1)[-1]


def test_an_untouched_export_holds(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = head_of(exported, capsys)

    call_command("release", "verify", str(exported), "--head", head)

    said = capsys.readouterr().out
    assert "Everything holds" in said
    assert "demo" in said
    assert "not checked" not in said


def test_without_a_head_it_says_that_the_end_was_not_checked(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    call_command("release", "verify", str(exported))

    assert "The end was not checked" in capsys.readouterr().out


def one_digit(folder: Path) -> None:
    for file in sorted((folder / "payloads").iterdir()):
        text = file.read_text(encoding="utf-8")
        if '"mean_tenths":' in text:
            at = text.index('"mean_tenths":') + len('"mean_tenths":')
            file.write_text(text[:at] + str((int(text[at]) + 1) % 9 + 1) + text[at + 1 :], encoding="utf-8")
            return


def a_header_less(folder: Path) -> None:
    lines = (folder / "headers.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "headers.jsonl").write_bytes(b"".join(lines[:5] + lines[6:]))


def two_swapped(folder: Path) -> None:
    lines = (folder / "headers.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "headers.jsonl").write_bytes(b"".join([*lines[:4], lines[5], lines[4], *lines[6:]]))


def another_key(folder: Path) -> None:
    institution = json.loads((folder / "institution.json").read_text())
    institution["public_key"] = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    (folder / "institution.json").write_text(json.dumps(institution))


def a_payload_less(folder: Path) -> None:
    next((folder / "payloads").iterdir()).unlink()


@pytest.mark.parametrize("change", [one_digit, a_header_less, two_swapped, another_key, a_payload_less])
def test_what_was_changed_is_refused(exported: Path, change: Callable[[Path], None]) -> None:
    change(exported)

    with pytest.raises(CommandError):
        call_command("release", "verify", str(exported))


def test_a_cut_end_is_refused_with_a_head(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = head_of(exported, capsys)
    lines = (exported / "headers.jsonl").read_bytes().splitlines(keepends=True)
    (exported / "headers.jsonl").write_bytes(b"".join(lines[:-3]))

    call_command("release", "verify", str(exported))
    with pytest.raises(CommandError):
        call_command("release", "verify", str(exported), "--head", head)
    with pytest.raises(CommandError):
        call_command("release", "verify", str(exported), "--head", "zz")


def test_an_export_never_mixes_with_other_files(hospital: Institution, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")

    with pytest.raises(CommandError):
        call_command("release", "export", str(tmp_path))

    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


def test_before_anything_is_set_up_there_is_nothing_to_export(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("release", "export", str(tmp_path / "out"))
