"""``callroom release export`` and ``verify``: what they write, and that they refuse what was changed."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from tests.world.waves import made_history

from callroom.people.models import Institution, Person
from callroom.site import archives

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

    assert "The end was not checked" in (last := capsys.readouterr().out.splitlines()[-1])
    assert "--head" in last


def test_a_file_that_is_not_there_is_called_that_in_both_languages(db: None, tmp_path: Path) -> None:
    for language, words in (("en", "there is no such file or folder"), ("es", "no existe ese archivo ni carpeta")):
        with override(language), pytest.raises(CommandError, match=words):
            call_command("release", "verify", str(tmp_path / "callroom-chain.zip"))
        with override(language), pytest.raises(CommandError, match=words):
            call_command("release", "mend", str(tmp_path / "callroom-chain.zip"))


def test_a_chain_that_was_packed_anew_is_read_with_an_entry_for_its_folder(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(shutil.make_archive(str(tmp_path / "anew"), "zip", exported))
    with ZipFile(file) as archived:
        assert "payloads/" in archived.namelist()

    call_command("release", "verify", str(file))

    assert "Everything holds" in capsys.readouterr().out


def test_one_in_a_folder_of_another_name_is_refused_with_the_way_out(exported: Path, tmp_path: Path) -> None:
    file = shutil.make_archive(str(tmp_path / "anew"), "zip", exported.parent, exported.name)

    with pytest.raises(CommandError, match="unpack it, and give the folder"):
        call_command("release", "verify", file)


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
    with pytest.raises(CommandError, match="Nothing is set up yet"):
        call_command("release", "export", str(tmp_path / "out"))


def test_a_member_takes_the_chain_along_and_checks_it(
    hospital: Institution,
    staffed: dict[str, list[Person]],
    ana: Person,
    elena: Person,
    sign_in: Callable[[Person], Client],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made_history(hospital)
    page = reverse("pulse:chain-archive")
    given = sign_in(ana).get(page)
    file = tmp_path / "callroom-chain.zip"
    file.write_bytes(given.content)
    head = head_of(tmp_path / "out", capsys)

    call_command("release", "verify", str(file), "--head", head)

    said = capsys.readouterr().out
    assert "Everything holds" in said
    assert "passes through the fingerprint" in said
    assert sign_in(elena).get(page).content == given.content


def test_who_may_not_see_results_is_given_no_chain(
    hospital: Institution, oscar: Person, dario: Person, sign_in: Callable[[Person], Client]
) -> None:
    for person in (oscar, dario):
        assert sign_in(person).get(reverse("pulse:chain-archive")).status_code == 404


def test_a_damaged_or_foreign_archive_is_refused_and_writes_nothing(exported: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(b"PK\x03\x04 not a chain")
    foreign = tmp_path / "foreign.zip"
    with ZipFile(foreign, "w") as archived:
        archived.writestr("../outside.json", "{}")

    for file in (damaged, foreign):
        with pytest.raises(CommandError, match="is not a downloaded chain"):
            call_command("release", "verify", str(file))
    assert not (tmp_path / "outside.json").exists()
    assert not (tmp_path.parent / "outside.json").exists()


def test_an_archive_with_one_changed_digit_is_refused(exported: Path, tmp_path: Path) -> None:
    one_digit(exported)
    file = tmp_path / "changed.zip"
    with ZipFile(file, "w") as archived:
        for each in exported.rglob("*.json*"):
            archived.write(each, str(each.relative_to(exported)))

    with pytest.raises(CommandError, match="payloads/"):
        call_command("release", "verify", str(file))


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 10)
    file = tmp_path / "large.zip"
    with ZipFile(file, "w") as archived:
        archived.writestr("headers.jsonl", "x" * 11)

    with pytest.raises(CommandError, match=r"large\.zip"):
        call_command("release", "verify", str(file))
