"""Making a backup: everything that must outlast this machine, and nothing that must not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.apps.registry import Apps
from django.db import transaction
from django.db.migrations.state import StateApps

from callroom import __version__
from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity.chain import head_of
from callroom.kit import keyring
from callroom.people import queries as people
from callroom.pulse.stores import locks
from callroom.site.backup import archive, rows

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
OWN_KEY: Final = "backup.age"
"""In ``keys/institution``: opens the backups that are made before an upgrade when no recipient was named."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself. ``head``: hash of the last header of the chain, empty before it began."""

    format: int
    version: str
    made_at: str
    institution: str
    head: str
    schema: dict[str, str]
    rows: dict[str, int]

    def to_bytes(self) -> bytes:
        """Return the manifest as it stands in the archive."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """:raises ValueError, TypeError: if it is none"""
        said: dict[str, Any] = json.loads(data)
        return cls(**said)


def backup(file: Path, lock: archive.Lock, *, now: datetime) -> Manifest:
    """
    Write a backup; no wave changes while it is made.

    :raises people.NoInstitution: if there is nothing to keep
    :raises archive.BadRecipient: see there
    :raises OSError: if the file cannot be written; an earlier one of the same name stays
    """
    institution = people.current_institution()
    with locks.exclusive(locks.WORK):
        with transaction.atomic():
            audit.record(by=None, tag=Tag.BACKUP_MADE, about=str(institution.pk), now=now)
        return _write(file, lock, apps, rows.schema(), now)


def backup_before_upgrade(file: Path, lock: archive.Lock, *, now: datetime) -> Manifest:
    """
    Write a backup of tables that an earlier version made, read as that version knew them. Otherwise as ``backup``.

    The trail says nothing of it: its own table may be one of those that will change.
    """
    schema, registry = rows.applied()
    with locks.exclusive(locks.WORK):
        return _write(file, lock, registry, schema, now)


def _write(
    file: Path, lock: archive.Lock, registry: Apps | StateApps, schema: dict[str, str], now: datetime
) -> Manifest:
    contents = _contents(registry)
    manifest = Manifest(
        format=FORMAT,
        version=__version__,
        made_at=now.isoformat(timespec="seconds"),
        institution=registry.get_model("people", "Institution")._base_manager.values_list("name", flat=True).first()
        or "",
        head=_head(registry),
        schema=schema,
        rows={name: content.count(b"\n") for name, content in contents},
    )
    archive.write_private(file, archive.seal([(MANIFEST, manifest.to_bytes()), *contents, *_keys()], lock))
    return manifest


def _head(registry: Apps | StateApps) -> str:
    headers = registry.get_model("pulse", "ChainHeader")._base_manager
    newest = headers.order_by("-seq").values_list("line", flat=True).first()
    return head_of(bytes(newest)) if newest else ""


def lock_from(recipients: Sequence[str], passphrase: str) -> archive.Lock:
    """Return for whom a backup is made when nobody was named: the key in ``keys/institution``, drawn on first use."""
    if recipients or passphrase:
        return archive.Lock(tuple(recipients), passphrase)
    return archive.Lock((archive.own_recipient(keyring.institution_folder() / OWN_KEY),))


def _contents(registry: Apps | StateApps) -> list[tuple[str, bytes]]:
    found = []
    for store in rows.STORES:
        with transaction.atomic(using=store):
            for model in rows.models_kept(store, registry):
                found.append((f"{store}/{model._meta.label}.jsonl", b"".join(rows.rows_of(model, store))))
    return found


def _keys() -> Iterator[tuple[str, bytes]]:
    """Yield the institution's keys. Those of waves lie in another folder and are in no backup."""
    for file in sorted(keyring.institution_folder().iterdir()):
        if file.is_file() and not file.name.startswith("."):
            yield f"keys/{file.name}", file.read_bytes()
