"""Restoring a backup into an empty installation, here or on another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.disclosure.verification.files import read_chain
from callroom.dashboards import shelf
from callroom.kit import keyring
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse.actions import recovery
from callroom.site.backup import archive, rows
from callroom.site.backup.make import FORMAT, MANIFEST, Manifest

SIGNING_KEY: Final = "signing.key"


class NotEmpty(Exception):
    """There is an institution here already: a restore never writes over one."""


class OtherVersion(Exception):
    """The backup was made by a version of Callroom with other tables. ``made_by``: which."""

    def __init__(self, made_by: str) -> None:
        super().__init__(made_by)
        self.made_by = made_by


class OtherKeys(Exception):
    """``keys/institution`` holds another institution's signing key."""


class OlderHead(Exception):
    """The given head is not the backup's: more was published since, and its export is needed. ``ours``: the backup's."""

    def __init__(self, ours: str) -> None:
        super().__init__(ours)
        self.ours = ours


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. ``continued``: headers that came from the exported chain and not from the backup."""

    manifest: Manifest
    rows: int
    continued: int
    ended: recovery.Ended


@dataclass(frozen=True, slots=True)
class Newest:
    """How the newest published header is known: an export of the chain, or the hash that people compare."""

    directory: Path | None = None
    head: str = ""


def restore(sealed: bytes, key: archive.Key, newest: Newest, *, now: datetime) -> Restored:
    """
    Load a backup; then let the chain go on from its newest header, and end what cannot be continued.

    When it fails there is no institution, as before, and it can be tried again. Waves are ended afterwards.

    :raises archive.CannotOpen, NotEmpty, OtherVersion, OtherKeys, OlderHead, rows.BadRow: see there
    :raises recovery.OtherChain, recovery.OlderChain, recovery.KeyIsOlder: see there
    :raises VerificationError: if the exported chain does not hold
    """
    files = archive.unseal(sealed, key)
    manifest = _manifest(files)
    _check_empty()
    keys = {name.removeprefix("keys/"): content for name, content in files.items() if name.startswith("keys/")}
    _check_keys(keys)
    if newest.directory is None and newest.head != manifest.head:
        raise OlderHead(manifest.head)
    # The institution comes last: as long as it is not there, a restore that was stopped can be begun again.
    with transaction.atomic(using="issuing"):
        loaded = _load("issuing", files)
    with transaction.atomic():
        loaded += _load("default", files)
        institution = people.current_institution()
        continued = _continue(institution, newest)
        _put_keys(keys)
        audit.record(by=None, tag=Tag.BACKUP_RESTORED, about=str(institution.pk), now=now)
    shelf.empty()
    return Restored(manifest, loaded, continued, recovery.end_unfinished(institution=institution, now=now))


def _manifest(files: Mapping[str, bytes]) -> Manifest:
    try:
        manifest = Manifest.from_bytes(files[MANIFEST])
    except (KeyError, ValueError, TypeError) as error:
        raise archive.CannotOpen(str(error)) from None
    if manifest.format != FORMAT or manifest.schema != rows.schema():
        raise OtherVersion(manifest.version)
    return manifest


def _check_empty() -> None:
    try:
        people.current_institution()
    except people.NoInstitution:
        return
    raise NotEmpty


def _check_keys(keys: Mapping[str, bytes]) -> None:
    ours = keyring.institution_folder() / SIGNING_KEY
    if ours.exists() and ours.read_bytes() != keys.get(SIGNING_KEY):
        raise OtherKeys


def _put_keys(keys: Mapping[str, bytes]) -> None:
    folder = keyring.institution_folder()
    for name, content in keys.items():
        archive.write_private(folder / Path(name).name, content)
    keyring.fsync_folder(folder)


def _load(store: str, files: Mapping[str, bytes]) -> int:
    rows.empty(store)
    count = 0
    for model in rows.models_kept(store):
        count += rows.load(model, store, files.get(f"{store}/{model._meta.label}.jsonl", b"").splitlines())
    rows.reset_sequences(store)
    return count


def _continue(institution: Institution, newest: Newest) -> int:
    if newest.directory is None:
        return 0
    exported = read_chain(newest.directory, newest.head or None)
    lines = [header.line() for header in exported.headers]
    return recovery.continue_chain(institution=institution, lines=lines, payloads=exported.payloads)
