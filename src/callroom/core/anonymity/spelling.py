"""How bytes are spelled in payloads: hashes in lower-case hexadecimal, everything else in base64 with padding."""

import base64
import re
from typing import Final

_HASH: Final = re.compile(r"[0-9a-f]{64}")


def to_base64(data: bytes) -> str:
    """Return base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """
    Return the bytes of base64.

    :raises ValueError: for any spelling but the one that ``to_base64`` gives
    """
    data = base64.b64decode(text, validate=True)
    if to_base64(data) != text:
        raise ValueError("base64 with stray bits")
    return data


def is_hash(text: str) -> bool:
    """Say whether this is a SHA-256 in lower-case hexadecimal."""
    return _HASH.fullmatch(text) is not None
