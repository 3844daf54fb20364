"""
Who may do what with each file where web and tally are apart: one table, brought about at each start of the tally.

What nobody named is the tally's alone. ``callroom check`` looks at the same table, and tries it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings

from callroom.audit.chain import AUDIT_KEY
from callroom.consent.states import REGISTER as AGREEMENTS
from callroom.history.actions import SECRET as HISTORY_NOISE
from callroom.kit import keyring
from callroom.kit.apart import Access, make_file, make_folder, set_access, tally_folder
from callroom.people.adapters import SECOND_FACTORS_KEY
from callroom.pulse.stores.wave_keys import GROUP_FILES, REGISTER_FILE, SHEET_FILE

KEYS: Final = {
    f"institution/{settings.SECRET_FILE.name}": Access.READ,
    f"institution/{AUDIT_KEY}": Access.READ,
    f"institution/{SECOND_FACTORS_KEY}": Access.READ,
    f"institution/{HISTORY_NOISE}": Access.READ,
    f"waves/{keyring.MARKER}": Access.READ,
    f"waves/{AGREEMENTS}": Access.WRITE,
    f"waves/*/{GROUP_FILES}": Access.READ,
    f"waves/*/{REGISTER_FILE}": Access.WRITE,
    f"waves/*/{SHEET_FILE}": Access.READ,
}
"""Of the files below the keys' folder, what the web's user needs; all others are the tally's alone."""
DRAWN_BEFOREHAND: Final = (AUDIT_KEY, SECOND_FACTORS_KEY, HISTORY_NOISE)
"""Secrets that the web reads and cannot draw, since it may make nothing in that folder."""
OF_THE_VOLUME: Final = "lost+found"
WEB_USER: Final = "web-user"
"""In the data folder; empty. Its owner is who runs the web."""
DATABASES: Final = ("callroom.sqlite3", "issuing.sqlite3", "sealed.sqlite3", "queue.sqlite3")


class NotOurs(Exception):
    """A file of the keys belongs to another user than the one that runs the tally. ``file``: which."""

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        self.file = file


def secrets() -> tuple[Path, ...]:
    """Return the files that are the tally's alone and are there now: keys that open and sign, and seeds of noise."""
    return tuple(file for file, access in _below_keys() if access is Access.NONE and file.is_file())


def settle() -> None:
    """
    Let every folder and file have the access that the table names; make what the web needs and cannot make.

    With one user only the keys are looked at: what was the group's becomes that user's alone again.

    :raises NotOurs: if a file of the keys is somebody else's
    """
    keyring.institution_folder()
    for path, access in _below_keys():
        _settle_key(path, access)
    if not settings.APART:
        return
    for name in DRAWN_BEFOREHAND:
        keyring.institution_secret(name, Access.READ)
    _settle_data()
    make_folder(tally_folder(), Access.READ)
    set_access(tally_folder(), Access.READ)
    settle_served()


def note_web_user() -> None:
    """Leave a file that belongs to the web's user: whoever looks from another process sees by it who that is."""
    file = Path(settings.DATA_DIR) / WEB_USER
    file.unlink(missing_ok=True)
    make_file(file, Access.READ)


def settle_served() -> None:
    """Let the web's user read, and only read, the static files and the pages that were drawn."""
    for name in ("static", "pages"):
        for folder, _folders, files in os.walk(tally_folder() / name):
            for path in (Path(folder), *(Path(folder) / file for file in files)):
                set_access(path, Access.READ)


def _settle_data() -> None:
    data = Path(settings.DATA_DIR)
    for folder in (data, data / "locks", data / "sealed"):
        make_folder(folder, Access.WRITE)
    if not settings.DATABASE_URL:
        for name in DATABASES:
            make_file(data / name, Access.WRITE)  # SQLite alone would let the group only read
    found = [*data.glob("*.sqlite3*"), *(data / "locks").iterdir(), *(data / "sealed").iterdir()]
    for path in (data, data / "locks", data / "sealed", *found):
        # What the web made itself is right already, and only it could change it. A link that it put there is left alone.
        with suppress(OSError):
            set_access(path, Access.WRITE)


def _settle_key(path: Path, access: Access) -> None:
    try:
        set_access(path, access)
    except FileNotFoundError:
        return
    except OSError as error:
        # With one user a folder that cannot be changed (a container's own, read-only) is as it was before.
        if settings.APART and isinstance(error, PermissionError):
            raise NotOurs(path) from None
        if settings.APART:
            raise


def _below_keys() -> Iterator[tuple[Path, Access]]:
    """Yield the folders of keys and every file in them, with the access that the table names."""
    top = Path(settings.KEYS_DIR)
    yield top, Access.READ
    for folder in (top / "institution", top / "waves"):
        if folder.is_dir():
            yield folder, Access.READ
            yield from _below(folder, top)


def _below(folder: Path, top: Path) -> Iterator[tuple[Path, Access]]:
    try:
        found = sorted(folder.iterdir())
    except FileNotFoundError:  # burned meanwhile
        return
    for path in found:
        if path.name == OF_THE_VOLUME:
            continue
        if path.is_dir() and not path.is_symlink():
            yield path, Access.READ
            yield from _below(path, top)
        else:
            name = path.relative_to(top)
            yield path, next((access for pattern, access in KEYS.items() if name.match(pattern)), Access.NONE)
