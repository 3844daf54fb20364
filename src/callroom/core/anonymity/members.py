"""
The salted hash of a group's member list: a key sheet commits to who counts in it without naming anybody.

A member who is shown salt and list can check it; without the salt the list cannot be tried out.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from callroom.core.anonymity import canonical

SALT_LENGTH: Final = 32


def members_hash(salt: bytes, person_ids: Iterable[str]) -> str:
    """
    Return SHA-256(salt || canonical JSON of the ids in order), 64 hexadecimal digits.

    :raises ValueError: unless the salt has 32 bytes, the ids are ASCII and none comes twice
    """
    ids = sorted(person_ids)
    if len(salt) != SALT_LENGTH:
        raise ValueError("the salt has 32 bytes")
    if len(set(ids)) != len(ids) or not all(person_id.isascii() for person_id in ids):
        raise ValueError("an id comes twice or is not ASCII")
    return hashlib.sha256(salt + canonical.encode(ids)).hexdigest()
