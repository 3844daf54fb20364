"""How private a stored field is. Each model says so for each of its fields; a rule test refuses a gap."""

from __future__ import annotations

from enum import StrEnum


class FieldPrivacy(StrEnum):
    """The privacy class of one stored field: drives export, retention and the data dictionary in the docs."""

    PUBLIC = "public"
    """Part of the public chain, or of the institution's structure."""
    ROSTER = "roster"
    """Who works where; known to the institution, shown to whom the policy table allows."""
    PERSONAL = "personal"
    """About one person and shown to that person only."""
    ANONYMOUS = "anonymous"
    """Says nothing about any one person, by construction."""
    SEALED = "sealed"
    """Ciphertext that opens only with a wave's key."""
    SECRET = "secret"  # noqa: S105 - the name of a class
    """Verifier of a secret: password hash, token hash. Never exported."""
    AUDIT = "audit"
    """Part of the audit trail."""
