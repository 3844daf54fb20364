"""What was published, as files that anybody can check: institution.json, headers.jsonl, payloads/<sha256>.json."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from callroom.core.anonymity import chain
from callroom.people.models import Institution
from callroom.pulse import queries
from callroom.pulse.models import ChainPayload, Wave


class FolderNotEmpty(Exception):
    """The folder holds something else than an earlier export; nothing was written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many headers and payloads were written, and the hash of the last header."""

    headers: int
    payloads: int
    head: str


def export(institution: Institution, folder: Path) -> Exported:
    """
    Write the chain, every payload that its headers name, and what wave sheets ask about promises.

    An earlier export in the same folder is brought up to date.

    A release whose moment has not come has no header yet, so it is not among them.

    :raises FolderNotEmpty: see there
    :raises OSError: if the files cannot be written
    """
    known = {"institution.json", "headers.jsonl", "payloads"}
    if folder.exists() and {entry.name for entry in folder.iterdir()} - known:
        raise FolderNotEmpty
    payloads = folder / "payloads"
    payloads.mkdir(parents=True, exist_ok=True)
    institution.refresh_from_db(fields=["signing_public_key"])
    lines = queries.all_headers()
    wanted = {header.payload_sha256 for header in map(chain.parse_line, lines)}
    wanted |= set(Wave.objects.exclude(promises="").values_list("promises", flat=True))  # the wave sheets name them
    for payload in ChainPayload.objects.filter(pk__in=wanted).iterator():
        (payloads / f"{payload.pk}.json").write_bytes(bytes(payload.data))
    (folder / "headers.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    described = {"name": institution.name, "public_key": institution.signing_public_key}
    (folder / "institution.json").write_text(json.dumps(described, ensure_ascii=False) + "\n", encoding="utf-8")
    return Exported(len(lines), len(wanted), chain.head_of(lines[-1]) if lines else "")


def archive(institution: Institution) -> bytes:
    """Return an export as one ZIP file for readers' own computers: the same bytes for everybody until more is signed."""
    packed = io.BytesIO()
    with TemporaryDirectory() as folder, ZipFile(packed, "w", ZIP_DEFLATED) as archived:
        root = Path(folder) / "out"
        export(institution, root)
        for file in sorted(each for each in root.rglob("*") if each.is_file()):
            # A ZipInfo of its own has no date of the file's making.
            archived.writestr(ZipInfo(str(file.relative_to(root))), file.read_bytes(), ZIP_DEFLATED)
    return packed.getvalue()
