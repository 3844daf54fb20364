"""Reading the trail: is it whole, and what does it hold about one person?"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from callroom.audit import chain
from callroom.audit.models import AuditHead, AuditRow, Look
from callroom.audit.states import Tag


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where the trail is not what was written. ``seq`` is ``None`` where a look is at fault."""

    seq: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What ``verify`` found: how many rows and looks it read, the last row's mac, and the first fault if there is one."""

    rows: int
    looks: int
    head: str
    fault: Fault | None = None


def verify(*, head: str | None = None) -> Report:
    """
    Read the whole trail and check it.

    Found: a changed, removed, added or reordered row, a cut end (by the head row; by ``head`` even if that was changed
    as well), a changed look, and looks removed from or added to a day that was sealed.
    """
    rows, last, fault, met = 0, chain.START, None, head is None
    for row in AuditRow.objects.order_by("seq").iterator(chunk_size=2000):
        fault = _fault_of(row, rows, last)
        if fault is not None:
            break
        rows, last, met = rows + 1, row.mac, met or row.mac == head
    if fault is None:
        fault = _fault_of_end(rows, last, met)
    looks = 0
    if fault is None:
        looks, fault = _read_looks()
    return Report(rows=rows, looks=looks, head=last, fault=fault)


def days_of(person_id: str, page: str, *, limit: int) -> tuple[date, ...]:
    """Return the latest days on which this person opened this page, latest first, at most ``limit``."""
    days = Look.objects.filter(person=person_id, page=page).order_by("-day").values_list("day", flat=True)
    return tuple(days[:limit])


def rows_about(person_id: str) -> tuple[AuditRow, ...]:
    """Return the rows of what this person did and of what was done about them, in order."""
    return tuple(AuditRow.objects.filter(Q(by=person_id) | Q(about=person_id)).order_by("seq"))


def rows_below(
    seq: int | None, *, tag: Tag | None = None, since: datetime | None = None, limit: int
) -> tuple[AuditRow, ...]:
    """Return at most ``limit`` rows below a number (None: from the newest), newest first, of one tag, from an instant on."""
    rows = AuditRow.objects.order_by("-seq")
    if seq is not None:
        rows = rows.filter(seq__lt=seq)
    if tag is not None:
        rows = rows.filter(tag=tag)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return tuple(rows[:limit])


def looks_of(person_id: str) -> tuple[tuple[date, str], ...]:
    """Return the days on which a person opened pages, with the page, earliest first."""
    return tuple(Look.objects.filter(person=person_id).order_by("day", "page").values_list("day", "page"))


def looks_on(day: date) -> tuple[tuple[str, str], ...]:
    """Return who opened which page on a day, by id and page."""
    return tuple(Look.objects.filter(day=day).order_by("person", "page").values_list("person", "page"))


def digest_of_day(day: date) -> tuple[int, str]:
    """Return how many looks a day has, and SHA-256 over their keys in order."""
    digests = sorted(bytes(digest) for digest in Look.objects.filter(day=day).values_list("digest", flat=True))
    return len(digests), hashlib.sha256(b"".join(digests)).hexdigest()


def _fault_of(row: AuditRow, expected: int, previous: str) -> Fault | None:
    if row.seq != expected:
        return Fault(expected, f"row {expected} is missing: the next one found is {row.seq}")
    if row.previous != previous:
        return Fault(row.seq, f"row {row.seq} does not follow the row before it")
    if not hmac.compare_digest(chain.mac_of(row), row.mac):
        return Fault(row.seq, f"row {row.seq} was changed")
    return None


def _fault_of_end(rows: int, last: str, met: bool) -> Fault | None:
    stored = AuditHead.objects.first()
    next_seq, mac = (stored.next_seq, stored.mac) if stored else (0, chain.START)
    if next_seq != rows or mac != last:
        return Fault(rows, f"the end was cut or added to: {next_seq} rows were written, {rows} are there")
    if not met:
        return Fault(rows, "the trail does not pass through the given head")
    return None


def _read_looks() -> tuple[int, Fault | None]:
    looks = 0
    for look in Look.objects.iterator(chunk_size=2000):
        looks += 1
        if bytes(look.digest) != chain.digest_of_look(look.person, look.page, look.day):
            return looks, Fault(None, f"a look of {look.day.isoformat()} was changed")
    return looks, next(_faults_of_sealed_days(), None)


def _faults_of_sealed_days() -> Iterator[Fault]:
    for row in AuditRow.objects.filter(tag=Tag.DAY_SEALED).order_by("seq").iterator(chunk_size=500):
        count, digest = digest_of_day(date.fromisoformat(row.about))
        if (row.details.get("looks"), row.details.get("sha256")) != (count, digest):
            yield Fault(
                row.seq, f"looks of {row.about} were added or removed after the day was sealed in row {row.seq}"
            )
