"""Reads one wave's orders of people and answers from the copies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from callroom.consent.states import REGISTER
from callroom.core.anonymity import posts
from callroom.people.models import Person
from callroom.pulse.stores.sealed import SealedStore, is_postgresql
from callroom.pulse.stores.wave_keys import folder_name
from callroom.site.attack import postgres_files, sqlite_files
from callroom.site.attack.postgres_files import Placed
from lab.linkage import disk
from lab.linkage.copies import Copies, address_of, files_below
from lab.linkage.disk import Disk, Place
from lab.linkage.shipping import Shipper
from lab.linkage.weeks import Answered, House

DEFAULT = "callroom.sqlite3"
ISSUING = "issuing.sqlite3"
LINE = re.compile(r'^(\S+) - - \[[^]]+\] "POST /w/answers ')


@dataclass(frozen=True, slots=True)
class Taken:
    """
    A wave that is over, and what was copied of it.

    ``during``: just before it closed. ``log``: where the wave begins and ends in the shipped log of ``default``,
    ``issuing_log`` in that of ``issuing``.
    ``rows``: PostgreSQL's rows with their places, read at that moment, by table. ``hpke_key``, ``seed``: what was burned.
    """

    week: Answered
    during: Copies
    log: tuple[int, int]
    issuing_log: tuple[int, int]
    hpke_key: bytes
    seed: bytes
    rows: Mapping[str, list[Placed]] = field(default_factory=dict)

    @property
    def store_name(self) -> str:
        return f"{folder_name(self.week.wave)}.sqlite3"


def rows_now(wave: str) -> dict[str, list[Placed]]:
    """Read the rows of PostgreSQL's tables with their places, as whoever has the cluster's files can."""
    if not is_postgresql():
        return {}
    schema = SealedStore(wave).schema
    return {
        "answer": postgres_files.placed_rows(address_of("sealed"), "sealed_answer", "message", "body", schema=schema),
        "look": postgres_files.placed_rows(address_of("default"), "audit_look", "person", "day"),
        "roster": postgres_files.placed_rows(address_of("default"), "people_person", "id"),
        "yes": postgres_files.placed_rows(address_of("issuing"), "consent_agreement", "person"),
    }


def issued_now(wave: str) -> list[Placed]:
    """Read who fetched a token, as it stands in PostgreSQL's file after closing."""
    rows = postgres_files.placed_rows(address_of("issuing"), "pulse_issued", "person", "wave")
    return [row for row in rows if row.values[1] == wave]


def on_sqlite(taken: Taken, after: Copies, shipper: Shipper, base: Mapping[str, bytes]) -> Disk:
    """Read a wave's orders from copied SQLite files and shipped logs."""
    messages = list(taken.week.truth.values())
    written = disk.changes_naming(base[DEFAULT], shipper.frames(DEFAULT), *taken.log)
    yes = disk.changes_naming(base[ISSUING], shipper.frames(ISSUING), *taken.issuing_log)
    sealed = disk.changes_of_answers(taken.week.empty_store, shipper.frames(taken.store_name), messages)
    with sqlite_files.merged(taken.during.data / DEFAULT) as default:
        people = {
            "roster rows": disk.by_rowid(default, "people_person", "id"),
            "roster place": disk.by_offset(default, [who for _group, who in taken.week.truth]),
            "look rows": disk.by_rowid(default, "audit_look", "person"),
            "written": disk.by_commit(written),
            "written at": disk.by_instant(written),
            "yes written": disk.by_commit(yes),
            "yes written at": disk.by_instant(yes),
        }
    with sqlite_files.merged(after.data / ISSUING) as issuing:
        people["issued rows"] = disk.by_rowid(issuing, "pulse_issued", "person", f"wave = '{taken.week.wave}'")
    with sqlite_files.merged(taken.during.data / "sealed" / taken.store_name) as store:
        rows = sqlite_files.in_order(store, "sealed_answer", "message, body")
        answers = {
            "answer rows": {message: (place,) for place, (message, _body) in enumerate(rows)},
            "answer place": disk.answers_by_offset(store, messages),
            "answer sizes": {message: (len(body),) for message, body in rows},
            "answer log": disk.by_commit(sealed),
            "answer at": disk.by_instant(sealed),
        }
    return Disk({**people, **_on_both(taken)}, answers)


def on_postgresql(taken: Taken, commits: Mapping[int, str]) -> Disk:
    """Read a wave's orders from PostgreSQL's rows, their places and transactions, and its write-ahead log."""
    answer, look, issued = taken.rows["answer"], taken.rows["look"], issued_now(taken.week.wave)
    days = {row.values[1] for row in look}
    first = taken.week.monday.date()
    this_week = [row for row in look if 0 <= (row.values[1] - first).days < WEEK] if days else []
    people = {
        "roster rows": disk.by_place(taken.rows["roster"]),
        "roster place": disk.by_place(taken.rows["roster"]),
        "look rows": disk.by_place(this_week),
        "look xmin": disk.by_transaction(this_week),
        "issued rows": disk.by_place(issued),
        "issued xmin": disk.by_transaction(issued),
        "yes xmin": disk.by_transaction(taken.rows["yes"]),
        "yes written at": disk.by_commit_time(taken.rows["yes"], commits),
        "written": disk.by_commit_time(this_week, commits),
        "written at": disk.by_commit_time(this_week, commits),
    }
    answers = {
        "answer rows": disk.by_place(answer),
        "answer place": disk.by_place(answer),
        "answer xmin": disk.by_transaction(answer),
        "answer sizes": {bytes(row.values[0]): (len(row.values[1]),) for row in answer},
        "answer log": disk.by_commit_time(answer, commits),
        "answer at": disk.by_commit_time(answer, commits),
    }
    return Disk({**people, **_on_both(taken)}, answers)  # type: ignore[dict-item]  # ids and messages, by what they are


WEEK = 7


def _on_both(taken: Taken) -> dict[str, Mapping[UUID, Place]]:
    keys = taken.during.keys / "waves" / folder_name(taken.week.wave)
    slots = disk.register_slots(keys / "register")
    said = disk.agreement_slots(taken.during.keys / "waves" / REGISTER)
    return {
        "agreement slots": disk.by_yes(said),
        "register slots": disk.by_slot(slots),
        "register bytes": disk.by_digest(slots),
        "register hourly": _by_look(taken.week),
        "other files": _in_other_files(taken),
    }


def _by_look(week: Answered) -> dict[UUID, Place]:
    """Return who fetched in the visit, by the look into the register that first showed it."""
    found: dict[UUID, Place] = {}
    for number, fetched in enumerate(week.register_looks):
        for who in fetched & week.same_visit:
            found.setdefault(who, (number,))
    return found


def _in_other_files(taken: Taken) -> dict[UUID, Place]:
    """Return people by where they are named in logs, queue, caches and temporary files."""
    databases = (DEFAULT, ISSUING, "register")
    found: dict[UUID, Place] = {}
    people = list(Person.objects.values_list("pk", "email", "name"))
    for number, file in enumerate(taken.during.files()):
        if file.name.startswith(databases) or taken.during.dumps in file.parents:
            continue
        content = file.read_bytes()
        for who, email, name in people:
            at = disk.first_place(content, who, email, name)
            if at is not None:
                found.setdefault(who, (number, at))
    return found


def from_proxy(log: Path, house: House, weeks: Iterable[Answered]) -> dict[str, dict[UUID, Place]]:
    """
    Return, by wave, who sent an answer in which order, as the proxy's log tells whoever knows whose address is whose.

    A wave's lines are the next so many: everybody answers once.
    """
    owners = {address: who for who, address in house.sources.items()}
    senders = [match[1] for line in log.read_text().splitlines() if (match := LINE.match(line))]
    found, start = {}, 0
    for week in weeks:
        sent = senders[start : start + len(week.truth)]
        found[week.wave] = {owners[address]: (place,) for place, address in enumerate(sent)}
        start += len(sent)
    return found


def groups_agree(bodies: Iterable[bytes], week: Answered) -> bool:
    """Do the copied answers name the groups that the truth names? Else the attack would be about something else."""
    truth = {message: group for (group, _who), message in week.truth.items()}
    return {(post.message, post.group) for post in map(posts.parse, bodies)} == set(truth.items())


__all__ = ["Taken", "files_below", "from_proxy", "groups_agree", "on_postgresql", "on_sqlite", "rows_now"]
