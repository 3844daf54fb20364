"""The database's own refusal: what stands in the trail is neither changed nor deleted, by nobody and no code."""

from __future__ import annotations

TABLES = ("audit_auditrow", "audit_look")

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
"""


def install(vendor: str) -> list[str]:
    """Return the statements that make the trail append-only in a database of this vendor."""
    if vendor == "sqlite":
        return [_sqlite(table, event) for table in TABLES for event in ("UPDATE", "DELETE")]
    rows = [
        f"CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        for table in TABLES
    ]
    # Looks are laid in the order of their keys once a day, which empties their table for a moment (actions.seal_day).
    whole = (
        "CREATE TRIGGER audit_auditrow_refuses_emptying BEFORE TRUNCATE ON audit_auditrow "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
    )
    return [_POSTGRESQL_FUNCTION, *rows, whole]


def remove(vendor: str) -> list[str]:
    """Return the statements that undo ``install``: for migrating backwards and for emptying a test's database."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {table}_refuses_{event}" for table in TABLES for event in ("update", "delete")]
    return [
        *(f"DROP TRIGGER {table}_refuses ON {table}" for table in TABLES),
        "DROP TRIGGER audit_auditrow_refuses_emptying ON audit_auditrow",
        "DROP FUNCTION audit_refuse()",
    ]


def _sqlite(table: str, event: str) -> str:
    return (
        f"CREATE TRIGGER {table}_refuses_{event.lower()} BEFORE {event} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    )
