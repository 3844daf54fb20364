"""Reads: one's own requests and copy, the desk, and pages of the trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from callroom.audit import queries as audit
from callroom.audit.states import Tag
from callroom.consent import queries as consent
from callroom.council import queries as council
from callroom.improvement import queries as improvement
from callroom.people import queries as people
from callroom.people.models import Institution, Person
from callroom.pulse import queries as pulse
from callroom.rights.models import Request, Sweep
from callroom.rights.pages import title_of
from callroom.rights.permissions import may_answer
from callroom.rights.states import RequestKind, RequestState
from callroom.watch import aggregates as watch

FORMAT: Final = "callroom-own-copy/1"


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """One of a person's own requests, for that person."""

    id: int
    kind: RequestKind
    words: str
    received_on: date
    due_on: date
    state: RequestState
    closed_on: date | None
    answer: str

    @property
    def is_open(self) -> bool:
        """Return whether it waits for an answer."""
        return self.state is RequestState.OPEN


@dataclass(frozen=True, slots=True)
class DeskRequest(OwnRequest):
    """A request as the desk sees it; ``late``: its last day is over; ``has_left``: its person has no way in any more."""

    name: str
    external_id: str
    late: bool
    has_left: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits, soonest due first, what was answered lately, and how many requests only somebody else may see."""

    waiting: tuple[DeskRequest, ...]
    closed: tuple[DeskRequest, ...]
    for_others: int


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One row of the trail in words. ``day`` in the institution's time: the time of day stays in the trail."""

    seq: int
    day: date
    who: str
    what: str
    about: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrailPage:
    """A page of the trail, newest row first. ``older``: the number from which the next page goes down, or None."""

    rows: tuple[TrailRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class SweepRow:
    """When the worker last looked for what is over, until when it deletes nothing, and when it last deleted all."""

    looked_on: date
    waits_until: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class LookRow:
    """Who opened which page on a day. No time. ``page`` as it is kept, ``title`` in words."""

    day: date
    who: str
    page: str
    title: str


def own_requests(person: Person) -> tuple[OwnRequest, ...]:
    """Return a person's requests, latest first."""
    rows = Request.objects.filter(person=person).order_by("-received_on", "-id")
    return tuple(OwnRequest(**_plain(row)) for row in rows)


def desk(reader: Person, *, now: datetime, recent: int = 20) -> Desk:
    """Return the requests that this reader may see: those that wait, and the last ``recent`` that do not any more."""
    today = reader.institution.day(now)
    rows = Request.objects.filter(institution=reader.institution).select_related("person")
    waiting = list(rows.filter(state=RequestState.OPEN))
    mine = [row for row in waiting if may_answer(reader, row, now=now)]
    over = rows.exclude(state=RequestState.OPEN).order_by("-closed_on", "-id")[: 2 * recent]
    closed = [row for row in over if may_answer(reader, row, now=now)][:recent]
    return Desk(
        waiting=tuple(_at_desk(row, today) for row in mine),
        closed=tuple(_at_desk(row, today) for row in closed),
        for_others=len(waiting) - len(mine),
    )


def request_for(reader: Person, request: int, *, now: datetime) -> DeskRequest | None:
    """Return one open request that this reader may answer; None where there is none."""
    row = Request.objects.filter(pk=request, institution=reader.institution, state=RequestState.OPEN).first()
    if row is None or not may_answer(reader, row, now=now):
        return None
    return _at_desk(row, reader.institution.day(now))


def departed_who_asks(reader: Person, request: int, *, now: datetime) -> Person | None:
    """Return the person of an open request for a copy that this reader may answer, if they have left."""
    row = Request.objects.filter(
        pk=request, state=RequestState.OPEN, kind=RequestKind.ACCESS, person__is_active=False
    ).first()
    return row.person if row and may_answer(reader, row, now=now) else None


def overdue(institution: Institution, today: date) -> int:
    """Return how many requests have had no answer by their last day."""
    return Request.objects.filter(institution=institution, state=RequestState.OPEN, due_on__lt=today).count()


def sweep() -> SweepRow | None:
    """Return how far the nightly look for what is over has come; nothing before the first."""
    found = Sweep.objects.first()
    return SweepRow(found.looked_on, found.waits_until, found.done_on) if found else None


def own_copy(person: Person, *, now: datetime) -> dict[str, Any]:
    """
    Return everything that is stored about a person, ready for JSON: names, dates, and no secret.

    Answers to check-ins are not in it: nothing that is stored leads from a person to one.
    """
    record = people.own_record(person, now=now)
    zone = person.institution.zone
    return {
        "format": FORMAT,
        "made_on": person.institution.day(now).isoformat(),
        "person": {"id": str(person.pk), **_dates_as_text(asdict(record))},
        "ways_in": [
            {"kind": factor.kind, "name": factor.name, "added_on": factor.added_on.isoformat()}
            for factor in people.factors_of(person)
        ],
        "rounds_with_a_ticket": list(pulse.waves_with_a_token_for(person.pk)),
        "check_in": consent.own_decision(person),
        "council": asdict(council.about(person)),
        "said_as_a_leader": [_dates_as_text(asdict(row)) for row in improvement.own_rows(person)],
        "weeks_with_a_letter_about_signals": [monday.isoformat() for monday in watch.letters_to(person.pk)],
        "requests": [_dates_as_text(asdict(request)) for request in own_requests(person)],
        "trail": [
            {
                "day": row.at.astimezone(zone).date().isoformat(),
                "what": row.tag,
                "by_me": row.by == str(person.pk),
                "about": row.about if row.by == str(person.pk) else "",
            }
            for row in audit.rows_about(str(person.pk))
        ],
        "looks": [{"day": day.isoformat(), "page": page} for day, page in audit.looks_of(str(person.pk))],
    }


def trail_page(
    institution: Institution, *, tag: Tag | None = None, since: date | None = None, below: int | None = None, size: int
) -> TrailPage:
    """Return ``size`` rows of the trail below a number (None: from the newest), of one tag, from one day on."""
    zone = institution.zone
    start = datetime.combine(since, datetime.min.time(), tzinfo=zone) if since else None
    found = audit.rows_below(below, tag=tag, since=start, limit=size + 1)
    shown = found[:size]
    names = _names(value for row in shown for value in (row.by, row.about))
    rows = tuple(
        TrailRow(
            seq=row.seq,
            day=row.at.astimezone(zone).date(),
            who=names.get(row.by, row.by),
            what=str(Tag(row.tag).label) if row.tag in Tag.values else row.tag,
            about=names.get(row.about, row.about),
            details=tuple((str(name), str(value)) for name, value in sorted(row.details.items())),
        )
        for row in shown
    )
    return TrailPage(rows=rows, older=shown[-1].seq if len(found) > size else None)


def verify_trail() -> audit.Report:
    """Read the whole trail and say whether it is what was written."""
    return audit.verify()


def looks_on(day: date) -> tuple[LookRow, ...]:
    """Return who opened which page on a day, by name."""
    found = audit.looks_on(day)
    names = _names(person for person, _page in found)
    units = {unit.id: unit.name for unit in people.units_tree()}
    rows = (LookRow(day, names.get(who, who), page, title_of(page, units)) for who, page in found)
    return tuple(sorted(rows, key=lambda row: (row.who, row.title)))


def _plain(row: Request) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": RequestKind(row.kind),
        "words": row.words,
        "received_on": row.received_on,
        "due_on": row.due_on,
        "state": RequestState(row.state),
        "closed_on": row.closed_on,
        "answer": row.answer,
    }


def _at_desk(row: Request, today: date) -> DeskRequest:
    late = row.state == RequestState.OPEN and row.due_on < today
    person = row.person
    return DeskRequest(
        **_plain(row), name=person.name, external_id=person.external_id, late=late, has_left=not person.is_active
    )


def _names(ids: Iterable[str]) -> dict[str, str]:
    known = {UUID(value) for value in set(ids) if _is_id(value)}
    return {str(person): name for person, name in people.names_of(known).items()}


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _dates_as_text(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_dates_as_text(each) for each in value]
    return value
