"""A browser that a resident answers with: what it keeps, and when it loses that."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from callroom.core.anonymity.sealing import DidNotWork
from callroom.core.instruments import weekly
from callroom.pulse.simulation import Refused, SimulatedResident, seal_answer
from lab.year.records import Case, Kind, Reason, Receipt, Records, Way

EVICTED_AFTER = timedelta(days=7)
DID_NOT_WORK = 0.03
SKIPPED = 0.02
BROKEN_OFF = 0.07
"""So many visits end between the ticket and the answer: the pager goes off, the lift comes."""


class NoConnection(Exception):
    """The server did not answer: what was begun is still here, and is tried again later."""


@dataclass(slots=True)
class Device:
    """
    One browser and the one person who uses it now.

    ``sheets``: of which key sheet each ticket is; ``outbox``: sealed bytes that were not acknowledged; ``lost_by``: why what
    was here is gone; ``new``: set up since the last round opened, so that tickets of later rounds may be moved to it.
    """

    owner: str
    kind: Kind
    client: SimulatedResident
    sheets: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    outbox: dict[str, tuple[bytes, dict[str, int | None]]] = field(default_factory=dict)
    lost_by: Reason | None = None
    new: bool = False
    last_visit: datetime | None = None

    def forget(self, why: Reason) -> None:
        """Lose everything that was kept."""
        if self.client.tokens or self.client.begun or self.answered:
            self.lost_by = why
        for kept in (
            self.client.tokens,
            self.client.begun,
            self.client.entries,
            self.sheets,
            self.answered,
            self.outbox,
        ):
            kept.clear()

    def is_opened(self, now: datetime) -> None:
        """Begin a visit: what the browser dropped meanwhile is gone."""
        if self.kind is Kind.TAB and self.last_visit is not None and now - self.last_visit > EVICTED_AFTER:
            self.forget(Reason.EVICTED)
        self.last_visit = now

    def is_closed(self) -> None:
        """End a visit."""
        if self.kind is Kind.PRIVATE:
            self.forget(Reason.PRIVATE_CLOSED)
            self.client.cookie = ""

    def learns(self, offered: list[dict[str, Any]]) -> None:
        """Drop what belongs to key sheets that were superseded: a restore announces rounds anew."""
        for entry in offered:
            wave = entry["wave"]
            if self.sheets.get(wave, entry["key_sheet"]) != entry["key_sheet"]:
                for kept in (self.client.tokens, self.client.begun, self.client.entries, self.sheets, self.outbox):
                    kept.pop(wave, None)
                self.answered.discard(wave)

    def fetches(self, entry: dict[str, Any], records: Records, *, replace: bool) -> bool:
        """Fetch the ticket of a round; return whether it is here now. A refusal becomes a case."""
        wave = entry["wave"]
        if wave in self.client.tokens:
            return True
        try:
            self.client.fetch_token(wave)
        except Refused as refused:
            if refused.reply.status != 409:
                raise
            records.issued[wave].add(self.owner)
            if not replace or not self._replaces(entry, records):
                records.note(Case(self.owner, wave, self.kind, self.lost_by or Reason.CLEARED))
                return False
        else:
            records.issued[wave].add(self.owner)
        self.sheets[wave] = entry["key_sheet"]
        return True

    def _replaces(self, entry: dict[str, Any], records: Records) -> bool:
        wave = entry["wave"]
        try:
            token = self.client.fetch_token(wave, replace=True)
        except Refused as refused:
            if refused.reply.status != 409:
                raise
            return False
        records.replaced[wave, token.group] += 1
        if not entry["wave_sheet"]:
            records.note(Case(self.owner, wave, self.kind, self.lost_by or Reason.CLEARED)).way = Way.MOVED
        return True

    def answers(self, entry: dict[str, Any], records: Records, chance: random.Random) -> int:
        """Answer a round, as often as the server says that another answer stands; return its last status."""
        wave = entry["wave"]
        sheet = self.client.reader.wave_sheet(entry["wave_sheet"], self.client.cookie)
        token = self.client.tokens[wave]
        steps = _steps([item.id for item in sheet.items], chance)
        revision = 1
        for _attempt in range(6):
            if wave in self.outbox:
                body, steps = self.outbox[wave]
            else:
                given = steps or DidNotWork()
                body = seal_answer(self.client.institution, sheet, token, given, revision)
                self.outbox[wave] = body, steps
            reply = _sent(self.client, body)
            if reply.status != 503:
                self.outbox.pop(wave, None)
            if reply.status == 200:
                core = {item.id: steps.get(item.id) for item in weekly.CORE} if steps else {}
                stands = int(reply.json()["revision"])
                records.acknowledged(Receipt(wave, token.message, self.owner, token.group, stands, core))
                records.answers[self.kind] += 1
                self.answered.add(wave)
            if reply.status != 409:
                return reply.status
            revision = int(reply.json()["revision"]) + 1
        return 409


def _sent(client: SimulatedResident, body: bytes) -> Any:
    try:
        return client.post(body)
    except (OSError, HTTPException) as error:
        raise NoConnection from error


def _steps(items: list[str], chance: random.Random) -> dict[str, int | None]:
    """Return an answer to each item; empty for "I did not work"."""
    if chance.random() < DID_NOT_WORK:
        return {}
    return {item: None if chance.random() < SKIPPED else chance.randrange(5) for item in items}
