"""A small institution that publishes four weeks, for tests of verification: every step can be changed before it is signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callroom.core.anonymity import canonical, chain, tokens
from callroom.core.anonymity.chain import HeaderType
from callroom.core.disclosure.leaf_plan import PlanUnit
from callroom.core.disclosure.plan_payload import Plan
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.release import Counts, LeafAsked, build_body, counts_of, release_leaf
from callroom.core.timetable.waves import Calendar, WaveTimes, wave_times
from tests.core.disclosure.strategies import CORE, ITEMS, SEED, said

Change = Callable[[str, str, dict[str, Any]], None]
"""Called with the type of a header, the wave and the payload before it is signed; changes the payload in place."""

CALENDAR = Calendar(ZoneInfo("America/Monterrey"), 7, 1)
YEAR = date(2026, 7, 1)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PLAN = Plan.of(
    YEAR,
    (
        PlanUnit("hospital", None, "institution", 0),
        PlanUnit("medicine", "hospital", "department", 0),
        PlanUnit("surgery", "medicine", "programme", 30),
        PlanUnit("trauma", "medicine", "programme", 25),
        PlanUnit("toxicology", "medicine", "programme", 8),
        PlanUnit("critical-care", "medicine", "programme", 7),
    ),
    {},
)
PEOPLE = {"surgery": 30, "trauma": 25, "critical-care+toxicology": 15}
LABEL = {"en": "Counted here", "es": "Cuenta aquí"}
REASON = {"en": "Keys were lost", "es": "Se perdieron las llaves"}


@cache
def group_key(number: int) -> bytes:
    """Return the public key of a group, made once for each number in a run of the tests."""
    return tokens.public_bytes(tokens.generate_key().public_key())


def unchanged(kind: str, wave: str, payload: dict[str, Any]) -> None:
    """Leave everything as it should be."""


class Institution:
    """Signs headers one after the other and keeps what an export would hold."""

    def __init__(self, change: Change = unchanged, *, demo_history: bool = True, real: bool = True) -> None:
        self.change = change
        self.lines: list[bytes] = []
        self.payloads: dict[str, bytes] = {}
        self.bodies: dict[str, bytes] = {}
        self.sheet_sha256: dict[str, str] = {}
        self.group_keys = 0
        if demo_history:
            self.run("pulse/2026-W27", demo=True)
        if real:
            self.two_weeks()

    def two_weeks(self) -> None:
        """Publish two weekly waves and a wave of two weeks, void a third week and replace the keys of a fourth."""
        first, second, both = "pulse/2026-W28", "pulse/2026-W29", "pulse-2/2026-W28"
        for wave in (first, both):
            self.open(wave)
        self.close(first)
        self.publish(first)
        self.open(second)
        for wave in (second, both):
            self.close(wave)
        for wave in (second, both):
            self.publish(wave)
        times = wave_times(CALENDAR, "pulse/2026-W30")
        self.open(times.wave)
        self.sign(HeaderType.VOID, times.wave, {"wave": times.wave, "reason": REASON}, times.opens_at)
        self.sign(HeaderType.BURN, times.wave, {"wave": times.wave}, times.closes_at)
        later = wave_times(CALENDAR, "pulse/2026-W31")
        lost = self.announce(later.wave, demo=False)
        replaced = {"wave": later.wave, "key_sheet": lost, "reason": REASON}
        self.sign(HeaderType.SUPERSEDE, later.wave, replaced, times.closes_at)
        self.announce(later.wave, demo=False)

    def run(self, wave: str, *, demo: bool = False) -> None:
        """Announce, open, close and publish one wave."""
        self.open(wave, demo=demo)
        self.close(wave, demo=demo)
        self.publish(wave)

    def announce(self, wave: str, *, demo: bool) -> str:
        """Sign a key sheet; return its hash."""
        times = wave_times(CALENDAR, wave)
        groups = [] if demo else [self.group(index, leaf) for index, leaf in enumerate(self.leaves(times))]
        sheet: dict[str, Any] = {"wave": wave, "weeks": times.weeks, "groups": groups}
        return self.sign(HeaderType.KEY_SHEET, wave, _marked(sheet, demo), times.opens_at - timedelta(days=3))

    def open(self, wave: str, *, demo: bool = False) -> None:
        """Sign key sheet and wave sheet."""
        times = wave_times(CALENDAR, wave)
        key_sheet = self.announce(wave, demo=demo)
        sheet: dict[str, Any] = {
            "wave": wave,
            "weeks": times.weeks,
            "key_sheet": key_sheet,
            "questionnaire": "pulse",
            "wording": "2026-1",
            "items": [{"id": item.id, "options": item.options} for item in ITEMS],
            "core": list(CORE),
            "policy": DEFAULT_POLICY.to_payload(),
            "hpke_public_key": _base64(chain.sha256_hex(wave.encode())[:32].encode()),
            "leaves": [
                {"leaf": leaf, "group": index, "units": leaf.split("+"), "label": LABEL, "eligible": PEOPLE[leaf]}
                for index, leaf in enumerate(self.leaves(times))
            ],
            "plan": replace(PLAN, academic_year=times.academic_year).to_payload(),
            "opens_at": int(times.opens_at.timestamp()),
            "closes_at": int(times.closes_at.timestamp()),
            "publishes_at": int(times.publishes_at.timestamp()),
            "clients": [1],
        }
        self.sheet_sha256[wave] = self.sign(HeaderType.WAVE_SHEET, wave, _marked(sheet, demo), times.opens_at)

    def close(self, wave: str, *, demo: bool = False) -> None:
        """Tally, and sign closing and burn."""
        times = wave_times(CALENDAR, wave)
        body: dict[str, Any] = build_body(
            wave=wave,
            weeks=times.weeks,
            wave_sheet=self.sheet_sha256[wave],
            leaves=[self.released(wave, leaf) for leaf in self.leaves(times)],
            counts=self.counts(times),
            seed=SEED,
            demo=demo,
        )
        self.change("release", wave, body)
        self.bodies[wave] = canonical.encode(body)
        closing = {"wave": wave, "release_sha256": chain.sha256_hex(self.bodies[wave])}
        self.sign(HeaderType.CLOSING, wave, closing, times.closes_at)
        if not demo:
            self.sign(HeaderType.BURN, wave, {"wave": wave}, times.closes_at + timedelta(minutes=1))

    def counts(self, times: WaveTimes) -> Counts | None:
        """Return what all waves publish that close with this one."""
        opened = (wave_times(CALENDAR, wave) for wave in self.sheet_sha256)
        together = sum(len(self.leaves(each)) for each in opened if each.closes_at == times.closes_at)
        return counts_of([(together, Counts(45, 1, 40))])

    def publish(self, wave: str) -> None:
        """Sign the release."""
        self.add(HeaderType.RELEASE, self.bodies[wave], wave_times(CALENDAR, wave).publishes_at)

    def sign(self, kind: HeaderType, wave: str, payload: dict[str, Any], at: datetime) -> str:
        """Sign a header over a payload, changed first if the test wants so; return the payload's hash."""
        copied = json.loads(canonical.encode(payload))
        self.change(kind.value, wave, copied)
        moved = copied.pop("at", None)  # a change may move the instant of signing
        return self.add(kind, canonical.encode(copied), at if moved is None else datetime.fromtimestamp(moved, UTC))

    def add(self, kind: HeaderType, data: bytes, at: datetime) -> str:
        """Append a header over these bytes."""
        sha256 = chain.sha256_hex(data)
        previous = chain.head_of(self.lines[-1]) if self.lines else chain.NO_PREVIOUS
        header = chain.sign_header(
            KEY, seq=len(self.lines), kind=kind, at=int(at.timestamp()), payload_sha256=sha256, previous=previous
        )
        self.lines.append(header.line())
        self.payloads[sha256] = data
        return sha256

    def group(self, index: int, leaf: str) -> dict[str, Any]:
        """Return a group of a key sheet with a key of its own."""
        self.group_keys += 1
        return {
            "index": index,
            "id": leaf,
            "units": leaf.split("+"),
            "eligible": PEOPLE[leaf],
            "public_key": _base64(group_key(self.group_keys)),
            "members_sha256": "0" * 64,
        }

    @staticmethod
    def leaves(times: WaveTimes) -> list[str]:
        """Return the ids of the leaves that have waves of this length."""
        return [leaf.id for leaf in PLAN.leaves_of(times.weeks)]

    @staticmethod
    def released(wave: str, leaf: str):
        """Return what a leaf publishes: surgery is shown, the others are too few."""
        people = 25 if leaf == "surgery" else 7
        return release_leaf(
            [said(place % 5, 3, 2, 1 if place % 3 else None) for place in range(people)],
            leaf=LeafAsked(leaf, tuple(leaf.split("+")), LABEL, PEOPLE[leaf]),
            replacements=0,
            items=ITEMS,
            core=CORE,
            policy=DEFAULT_POLICY,
            seed=SEED,
            wave=wave,
        )

    def write(self, directory: Path, *, key: Ed25519PrivateKey = KEY) -> Path:
        """Write what ``callroom release export`` writes."""
        (directory / "payloads").mkdir(parents=True)
        institution = {"name": "San Rafael", "public_key": _base64(key.public_key().public_bytes_raw())}
        (directory / "institution.json").write_text(json.dumps(institution))
        self.write_lines(directory, self.lines)
        for sha256, data in self.payloads.items():
            (directory / "payloads" / f"{sha256}.json").write_bytes(data)
        return directory

    @staticmethod
    def write_lines(directory: Path, lines: list[bytes]) -> None:
        """Write headers, a line each."""
        (directory / "headers.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))

    @property
    def head(self) -> str:
        """Return the hash of the last header."""
        return chain.head_of(self.lines[-1])


def _marked(payload: dict[str, Any], demo: bool) -> dict[str, Any]:
    return {**payload, "demo": True} if demo else payload


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
