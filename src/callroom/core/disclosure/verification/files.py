"""Reading an exported directory: institution.json, headers.jsonl, payloads/<sha256>.json."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from callroom.core.anonymity import canonical, chain, kept_promises
from callroom.core.anonymity.canonical import CanonicalError, Json
from callroom.core.anonymity.chain import ChainError, Header, HeaderType
from callroom.core.disclosure.verification.problems import Problem, VerificationError

INSTITUTION = "institution.json"
HEADERS = "headers.jsonl"
PAYLOADS = "payloads"


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain whose signatures and links hold, with the bytes of every payload that it names, and those that wave sheets name."""

    institution: str
    fingerprint: str
    headers: tuple[Header, ...]
    head: str
    payloads: Mapping[str, bytes]
    stray_files: tuple[str, ...]

    def payload(self, header: Header) -> Json:
        """
        Return the value of a header's payload.

        :raises VerificationError: if its bytes are not in canonical form
        """
        try:
            return canonical.decode(self.payloads[header.payload_sha256])
        except CanonicalError as error:
            raise VerificationError(
                Problem.PAYLOAD, file=payload_file(header.payload_sha256), seq=header.seq, detail=str(error)
            ) from error


def payload_file(sha256: str) -> str:
    """Return where the payload with this hash lies in the directory."""
    return f"{PAYLOADS}/{sha256}.json"


def read_chain(directory: Path, head: str | None) -> Chain:
    """
    Return the chain in a directory.

    :raises VerificationError: if a file is missing or changed, or a signature, a link or ``head`` does not hold
    """
    name, public_key = _institution(_bytes(directory, INSTITUTION, None))
    lines = _lines(_bytes(directory, HEADERS, None))
    try:
        headers = chain.verify_links(lines, public_key, head, rotations=_rotations(directory, lines))
    except ChainError as error:
        problem = Problem.HEAD if error.code == "head" else Problem.CHAIN
        raise VerificationError(problem, file=HEADERS, seq=error.seq, detail=str(error)) from error
    payloads = {header.payload_sha256: _payload(directory, header.payload_sha256, header.seq) for header in headers}
    for header in headers:
        sha256 = _promises_named(header, payloads[header.payload_sha256])
        if sha256:
            payloads[sha256] = _payload(directory, sha256, header.seq)
    return Chain(
        institution=name,
        fingerprint=chain.fingerprint(public_key),
        headers=headers,
        head=chain.head_of(lines[-1]) if lines else "",
        payloads=payloads,
        stray_files=_stray_files(directory, payloads),
    )


def _institution(data: bytes) -> tuple[str, Ed25519PublicKey]:
    try:
        value = json.loads(data)
        return str(value["name"]), chain.load_public_key(base64.b64decode(value["public_key"], validate=True))
    except (ValueError, KeyError, TypeError) as error:
        detail = "not an object with a name and an Ed25519 key in base64"
        raise VerificationError(Problem.UNREADABLE, file=INSTITUTION, seq=None, detail=detail) from error


def _lines(data: bytes) -> list[bytes]:
    """Return the headers as served; a line break follows each, also the last."""
    if data and not data.endswith(b"\n"):
        raise VerificationError(Problem.UNREADABLE, file=HEADERS, seq=None, detail="the last line is cut")
    return data.split(b"\n")[:-1]


def _rotations(directory: Path, lines: list[bytes]) -> dict[str, bytes]:
    """Return the payloads of key rotations by hash; lines that are no headers are left to be found by the chain."""
    payloads = {}
    for line in lines:
        try:
            header = chain.parse_line(line)
        except ChainError:
            continue
        if header.type is HeaderType.KEY_ROTATION:
            payloads[header.payload_sha256] = _payload(directory, header.payload_sha256, header.seq)
    return payloads


def _promises_named(header: Header, data: bytes) -> str:
    """Return the hash of what a wave sheet asks about promises; a sheet that cannot be read is found by its own check."""
    if header.type is not HeaderType.WAVE_SHEET:
        return ""
    try:
        said = canonical.decode(data)
    except CanonicalError:
        return ""
    wording = said.get("wording") if isinstance(said, dict) else None
    return kept_promises.parts_of(wording)[1] if isinstance(wording, str) else ""


def _payload(directory: Path, sha256: str, seq: int) -> bytes:
    file = payload_file(sha256)
    data = _bytes(directory, file, seq)
    if chain.sha256_hex(data) != sha256:
        raise VerificationError(Problem.PAYLOAD, file=file, seq=seq, detail="its SHA-256 is not its name")
    return data


def _bytes(directory: Path, file: str, seq: int | None) -> bytes:
    try:
        return (directory / file).read_bytes()
    except OSError as error:
        problem = Problem.UNREADABLE if seq is None else Problem.PAYLOAD
        detail = error.strerror or "cannot be read"
        raise VerificationError(problem, file=file, seq=seq, detail=detail) from error


def _stray_files(directory: Path, payloads: Mapping[str, bytes]) -> tuple[str, ...]:
    known = {payload_file(sha256) for sha256 in payloads}
    found = (f"{PAYLOADS}/{path.name}" for path in (directory / PAYLOADS).glob("*"))
    return tuple(sorted(file for file in found if file not in known))
