"""How rows hang together: keyed digests over canonical JSON. The key lies beside the institution's other keys."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

from callroom.audit.models import AuditRow
from callroom.core.anonymity import canonical
from callroom.kit.apart import Access
from callroom.kit.keyring import institution_secret

START = "0" * 64
"""``previous`` of the first row."""
AUDIT_KEY = "audit.key"


def mac_of(row: AuditRow) -> str:
    """Return HMAC-SHA256, in hex, over the row's contents and its predecessor's."""
    said = {
        "seq": row.seq,
        "at": int(row.at.timestamp()),
        "by": row.by,
        "tag": row.tag,
        "about": row.about,
        "details": row.details,
        "previous": row.previous,
    }
    return hmac.new(_key(), canonical.encode(said), hashlib.sha256).hexdigest()


def digest_of_look(person_id: str, page: str, day: date) -> bytes:
    """Return the key of a look: 32 bytes that look random to whoever lacks the audit key."""
    said = canonical.encode({"day": day.isoformat(), "page": page, "person": person_id})
    return hmac.new(_key(), b"callroom/look/1" + said, hashlib.sha256).digest()


def _key() -> bytes:
    return institution_secret(AUDIT_KEY, Access.READ)
