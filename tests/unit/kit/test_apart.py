"""Files and folders whose access is right from the moment that they are there, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from callroom.kit import apart
from callroom.kit.apart import Access


@pytest.fixture(params=[0o000, 0o022, 0o077])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("_umask")
@pytest.mark.parametrize(
    ("access", "file", "folder"),
    [(Access.NONE, 0o600, 0o700), (Access.READ, 0o640, 0o750), (Access.WRITE, 0o660, 0o770)],
)
def test_a_mode_is_what_was_said_whatever_the_umask(tmp_path: Path, access: Access, file: int, folder: int) -> None:
    with override_settings(APART=True):
        apart.make_folder(tmp_path / "one" / "two", access)
        assert apart.make_file(tmp_path / "one" / "file", access, b"content")

    assert (mode_of(tmp_path / "one"), mode_of(tmp_path / "one" / "two")) == (folder, folder)
    assert mode_of(tmp_path / "one" / "file") == file
    assert [path.name for path in sorted((tmp_path / "one").iterdir())] == ["file", "two"]


@pytest.mark.usefixtures("_umask")
@pytest.mark.parametrize("access", Access)
def test_with_one_user_everything_is_that_users_alone(tmp_path: Path, access: Access) -> None:
    apart.make_folder(tmp_path / "folder", access)
    apart.make_file(tmp_path / "file", access)

    assert (mode_of(tmp_path / "folder"), mode_of(tmp_path / "file")) == (0o700, 0o600)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    assert apart.make_file(tmp_path / "file", Access.NONE, b"first")
    assert not apart.make_file(tmp_path / "file", Access.WRITE, b"second")

    assert (tmp_path / "file").read_bytes() == b"first"
    assert len(list(tmp_path.iterdir())) == 1


def test_access_is_never_set_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "link").symlink_to(tmp_path / "secret")

    with override_settings(APART=True), pytest.raises(OSError, match="symbolic"):
        apart.set_access(tmp_path / "link", Access.WRITE)

    assert mode_of(tmp_path / "secret") == 0o600
