"""The gates: each compares what the lab wrote down with what was published, and returns a sentence for whatever does not hold."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from callroom.core.anonymity import chain
from callroom.core.anonymity.chain import HeaderType
from callroom.core.disclosure.policy import Band, Policy
from callroom.core.timetable.waves import parse_wave_id
from lab.year.leaders import Ended, Fate
from lab.year.records import Case, Kind, Nothing, Receipt, Records
from lab.year.scale import Scale

ROUNDED_TO = 5


@dataclass(slots=True)
class Published:
    """What the exported chain says, read from its files: payloads by wave, and how often there was each."""

    releases: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    voids: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    sheets: dict[str, dict[str, Any]] = field(default_factory=dict)
    closings: Counter[str] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    plans: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path) -> Published:
        """Read an export."""
        found = cls()
        for line in (folder / "headers.jsonl").read_bytes().splitlines():
            header = chain.parse_line(line)
            found.take(header.type, json.loads((folder / "payloads" / f"{header.payload_sha256}.json").read_bytes()))
        return found

    def take(self, kind: HeaderType, said: dict[str, Any]) -> None:
        """Take one header with its payload."""
        match kind:
            case HeaderType.RELEASE:
                self.releases[said["wave"]].append(said)
            case HeaderType.VOID:
                self.voids[said["wave"]].append(said)
            case HeaderType.WAVE_SHEET:
                self.sheets[said["wave"]] = said
                self.plans.add(said["plan"]["academic_year"])
            case HeaderType.CLOSING:
                self.closings[said["wave"]] += 1
            case HeaderType.SUPERSEDE:
                self.withdrawn[said["wave"]] += 1


def lost(records: Records, published: Published) -> Iterator[str]:
    """Say which acknowledged answers are in no published count and in no round that was announced void."""
    for wave in sorted({wave for wave, _message in records.receipts}):
        if len(published.releases[wave]) + len(published.voids[wave]) != 1:
            yield f"{wave}: {len(records.of(wave))} acknowledged answers, and the round is neither published nor void"
    for waves in _closed_together(published):
        bodies = [published.releases[wave][0] for wave in waves]
        for name, count in (
            ("redeemed", sum(len(records.of(wave)) for wave in waves)),
            ("issued", sum(len(records.issued[wave]) for wave in waves)),
            ("replaced", sum(count for (wave, _group), count in records.replaced.items() if wave in waves)),
        ):
            # Of fewer leaves than three no count is published: it would be one leaf's.
            said = {body.get(name) for body in bodies}
            if said != {None} and said != {count - count % ROUNDED_TO}:
                yield f"{', '.join(waves)}: {count} {name} by the phones' receipts, and {said} were published"
    for wave, bodies in published.releases.items():
        if bodies and wave in published.sheets:
            yield from _bands(records, published.sheets[wave], bodies[0])


def held(wave: str, receipts: Iterable[Receipt], rows: Mapping[bytes, int]) -> Iterator[str]:
    """Say which acknowledged answers are not among the sealed rows, just before the closing, and which rows nobody sent."""
    sent = {receipt.message: receipt.revision for receipt in receipts}
    for message, revision in sent.items():
        if rows.get(message, 0) < revision:
            yield f"{wave}: an acknowledged answer is not in the store (revision {rows.get(message)}, not {revision})"
    for message in rows.keys() - sent.keys():
        yield f"{wave}: there is an answer that no phone has a receipt for ({message.hex()[:8]})"


def twice(published: Published) -> Iterator[str]:
    """Say what was released twice: a round, or a unit's week in two figures."""
    for wave, bodies in published.releases.items():
        if len(bodies) > 1 or (bodies and (published.voids[wave] or published.closings[wave] != 1)):
            ends = len(bodies), len(published.voids[wave]), published.closings[wave]
            yield f"{wave}: released {ends[0]} times, void {ends[1]} times, closed {ends[2]} times"
    for (unit, monday), count in _figures_about(published).items():
        if count > 1:
            yield f"{unit}: the week of {monday} stands in {count} figures"


def _figures_about(published: Published) -> Counter[tuple[str, date]]:
    """Return in how many figures each unit's weeks stand."""
    weeks: Counter[tuple[str, date]] = Counter()
    for wave, bodies in published.releases.items():
        first = parse_wave_id(wave)[1]
        for body in bodies:
            mondays = [first + timedelta(weeks=number) for number in range(body["weeks"])]
            weeks.update((unit, monday) for leaf in body["leaves"] for unit in leaf["units"] for monday in mondays)
    return weeks


def locked_out(cases: Collection[Case]) -> Iterator[str]:
    """Say who found no ticket and no way back."""
    for case in cases:
        if case.way is None:
            yield f"{case.person} found no ticket for {case.wave} ({case.reason}; {case.kind}) and no way back"


def not_asked(records: Records, published: Published) -> Iterator[str]:
    """
    Say how many visits found no round although nothing explains it: whoever came should have been asked.

    Between two rounds of several weeks a programme is silent for less than one round's length.
    """
    for (kind, why), visits in records.found_nothing.items():
        if why is Nothing.NO_ROUND and visits:
            yield f"{visits} visits by {kind} found no round to answer, and nothing explains it"
    for unit, day in sorted(records.between):
        if not any(_begins_in_time(sheet, unit, day) for sheet in published.sheets.values()):
            yield f"{unit} was asked nothing on {day}, and no round of it began in time"


def _begins_in_time(sheet: Mapping[str, Any], unit: str, day: date) -> bool:
    opens = datetime.fromtimestamp(sheet["opens_at"], UTC).date()
    asked = any(unit in leaf["units"] for leaf in sheet["leaves"])
    return asked and timedelta() < opens - day < timedelta(weeks=sheet["weeks"])


def without_fate(clocks: Sequence[Ended]) -> Iterator[str]:
    """Say which clocks were neither answered nor passed on nor visibly silent."""
    for clock in clocks:
        if clock.fate is Fate.NONE:
            yield f"the clock of {clock.unit} since {clock.started_on}: neither answered, nor passed on, nor visibly silent"


def _closed_together(published: Published) -> list[list[str]]:
    together: defaultdict[int, list[str]] = defaultdict(list)
    for wave, bodies in published.releases.items():
        if bodies:
            together[published.sheets[wave]["closes_at"]].append(wave)
    return [sorted(waves) for _at, waves in sorted(together.items())]


def _bands(records: Records, sheet: dict[str, Any], body: dict[str, Any]) -> Iterator[str]:
    """Say where a leaf's published band is not the one that the receipts give."""
    wave = body["wave"]
    said = sheet["policy"]
    bands = tuple(Band(*band) for band in said["bands"])
    policy = Policy(said["version"], said["minimum"], said["noise_scale_percent"], bands)
    groups = {leaf["leaf"]: leaf["group"] for leaf in sheet["leaves"]}
    for leaf in body["leaves"]:
        group = groups[leaf["leaf"]]
        given = [receipt.steps for receipt in records.of(wave) if receipt.group == group]
        least = min(sum(steps.get(item) is not None for steps in given) for item in sheet["core"])
        band = policy.band_for(least - records.replaced[wave, group], eligible=leaf["eligible"])
        if leaf.get("n") != (band.to_payload() if band else None):
            yield f"{wave}: {leaf['leaf']} was published with {leaf.get('n')}; the receipts give {band}"


def went_as_planned(records: Records, published: Published, scale: Scale) -> Iterator[str]:
    """Say what the year was to hold and did not: without it, the other gates would have proved less than they say."""
    planned = {
        "crashes": len([*scale.crash_while_answering, *scale.crash_while_closing, *scale.crash_while_opening]),
        "upgrades": 1 + len(scale.upgrade_between_rounds),
        "restores": 1,
        "new phones": scale.new_phones,
    }
    for name, count in planned.items():
        if records.events[name] != count:
            yield f"the year was to have {count} {name}, and had {records.events[name]}"
    if len(published.plans) != scale.plans:
        yield f"the year was to have {scale.plans} plans, and had {len(published.plans)}"
    for kind in Kind:
        if not records.answers[kind]:
            yield f"nobody answered by {kind}"
