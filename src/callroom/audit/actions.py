"""The trail's only writers: a chained row in the caller's own transaction, and a look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from callroom.audit import chain
from callroom.audit.models import AuditHead, AuditRow, Look
from callroom.audit.queries import digest_of_day
from callroom.audit.states import Tag

Details = Mapping[str, str | int]

# Fifty thousand role changes in one import stay within every database's limit of parameters.
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row will say beside its instant: see ``record``."""

    tag: Tag
    about: str
    by: str | None = None
    details: Details = field(default_factory=dict)


def record(*, by: str | None, tag: Tag, about: str, now: datetime, details: Details | None = None) -> None:
    """
    Append one row to the chain, in the caller's transaction: the action and its row stand or fall together.

    ``by`` is a person's id, ``None`` for the machine or whoever runs it. ``about`` names the thing by id, never by a
    person's name or address. ``details`` are words and whole numbers.

    :raises TransactionManagementError: outside a transaction
    """
    record_all([Entry(tag=tag, about=about, by=by, details=details or {})], now=now)


def record_all(entries: Iterable[Entry], *, now: datetime) -> None:
    """Append one row for each entry, in order; otherwise as ``record``."""
    head, _made = AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"mac": chain.START})
    rows = []
    for entry in entries:
        row = AuditRow(
            seq=head.next_seq,
            at=now.replace(microsecond=0),
            by=entry.by or "",
            tag=entry.tag.value,
            about=entry.about,
            details=dict(entry.details),
            previous=head.mac,
        )
        row.mac = chain.mac_of(row)
        rows.append(row)
        head.next_seq, head.mac = row.seq + 1, row.mac
    AuditRow.objects.bulk_create(rows, batch_size=BATCH)
    head.save()


def look(person_id: str, page: str, day: date) -> None:
    """
    Keep that this person opened this page on this day. The second look of a day writes nothing at all.

    A clock that was set back brings days again that are sealed: such a look counts for the first day after them.
    """
    head = AuditHead.objects.first()
    if head and head.sealed_until and day <= head.sealed_until:
        day = head.sealed_until + timedelta(days=1)
    digest = chain.digest_of_look(person_id, page, day)
    if not Look.objects.filter(pk=digest).exists():
        Look.objects.bulk_create([Look(digest=digest, person=person_id, page=page, day=day)], ignore_conflicts=True)


@transaction.atomic
def seal_days(*, before: date, now: datetime) -> None:
    """Put number and digest of each past day's looks into the chain, once, and lay looks in the order of their keys."""
    head, _made = AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"mac": chain.START})
    last = before - timedelta(days=1)
    if head.sealed_until is not None and head.sealed_until >= last:
        return
    looks = Look.objects.filter(day__lte=last)
    if head.sealed_until is not None:
        looks = looks.filter(day__gt=head.sealed_until)
    days = looks.order_by("day").values_list("day", flat=True).distinct()
    record_all([_seal_of(day) for day in days], now=now)
    AuditHead.objects.update(sealed_until=last)
    _lay_in_order()


def _seal_of(day: date) -> Entry:
    count, digest = digest_of_day(day)
    return Entry(tag=Tag.DAY_SEALED, about=day.isoformat(), details={"looks": count, "sha256": digest})


def _lay_in_order() -> None:
    # PostgreSQL keeps rows as they came, each with its transaction's number; one rewrite gives all the same. On
    # SQLite the table has no rowid and lies in the order of its keys anyway.
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "LOCK TABLE audit_look IN ACCESS EXCLUSIVE MODE"
        )  # a look between copy and truncate would be lost
        cursor.execute("CREATE TEMPORARY TABLE looks_in_order AS SELECT * FROM audit_look")
        cursor.execute("TRUNCATE audit_look")
        cursor.execute("INSERT INTO audit_look SELECT * FROM looks_in_order ORDER BY digest")
        cursor.execute("DROP TABLE looks_in_order")
