"""The burn gate: does anything that is left, or was ever backed up, open an answer?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.journeys.traces import candidates_in, forms, hits

from callroom.core.anonymity import posts, sealing

LARGEST_WITH_STREAMS = 1 << 20


@dataclass(frozen=True, slots=True)
class Opener:
    """Tries keys on the answers of one wave."""

    institution: UUID
    wave: str
    bodies: Sequence[bytes]

    def opens(self, key: bytes, body: bytes) -> bool:
        """Does this key open this answer?"""
        post = posts.parse(body)
        info = sealing.answer_info(self.institution.bytes, self.wave, post.group, post.message, post.revision)
        try:
            sealing.open_sealed(X25519PrivateKey.from_private_bytes(key), post.sealed, info)
        except sealing.SealError:
            return False
        return True

    def opened_by(self, keys: Iterable[bytes]) -> int:
        """Return how many answers any of these keys opens. One answer is tried; a key that opens it is tried on all."""
        whole = {key for key in keys if self.bodies and self.opens(key, self.bodies[0])}
        return sum(any(self.opens(key, body) for key in whole) for body in self.bodies)


def every_candidate(files: Iterable[Path]) -> set[bytes]:
    """Return whatever could be a key in these files."""
    return {candidate for file in files for candidate in candidates_in(file)}


def still_there(secrets: Mapping[str, bytes], files: Iterable[Path]) -> Iterator[str]:
    """Yield where the bytes of something that was burned still stand, in any spelling."""
    needles = {name: forms(secret) for name, secret in secrets.items()}
    for file in files:
        yield from hits(needles, [file], inside_streams=file.stat().st_size <= LARGEST_WITH_STREAMS)
