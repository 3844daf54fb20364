"""
After a restore: the chain goes on from the newest header that anybody has seen, and nothing unfinished stays.

What was published since the backup was made comes back from an export of the public chain. Waves whose keys and answers
did not come back end with a signed reason; none of them is ever continued on another machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from callroom.core.anonymity import chain as headers
from callroom.core.anonymity import kept_promises
from callroom.core.anonymity.chain import Header, HeaderType
from callroom.core.anonymity.sheets import KeySheet, WaveSheet
from callroom.core.disclosure import plan_payload
from callroom.core.disclosure.plan_changes import week_of_year
from callroom.core.timetable.waves import WaveTimes, parse_wave_id
from callroom.kit import keyring
from callroom.people.models import Institution
from callroom.pulse import planning, queries, questions
from callroom.pulse.actions.endings import Words, end_void, withdraw
from callroom.pulse.models import ChainHeader, ChainPayload, Plan, Wave
from callroom.pulse.states import PayloadKind, WaveState
from callroom.pulse.stores import locks

RESTORED: Final[Words] = {
    "en": "The server was restored from a backup while this round was announced or open. Its answers were not counted.",
    "es": "El servidor se restauró de un respaldo mientras esta ronda estaba anunciada o abierta. Sus respuestas no se "
    "contaron.",
}
RESULT_LOST: Final[Words] = {
    "en": "This round was counted, but its result was lost with the server before it was published.",
    "es": "Esta ronda se contó, pero su resultado se perdió con el servidor antes de publicarse.",
}


class OtherChain(Exception):
    """The exported chain does not begin with the headers that are known here: it is another institution's, or forged."""


class OlderChain(Exception):
    """The exported chain ends before the one that is known here."""


class KeyIsOlder(Exception):
    """The institution's key was changed after the backup was made: with the old one nothing can be signed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Which waves ended because their keys or results did not come back: ids."""

    withdrawn: tuple[str, ...]
    voided: tuple[str, ...]
    lost: tuple[str, ...]


def continue_chain(*, institution: Institution, lines: Sequence[bytes], payloads: Mapping[str, bytes]) -> int:
    """
    Take over the headers that are newer than ours, with what they say about waves; return how many.

    The caller has verified signatures and links, and holds a transaction.

    :raises OtherChain, OlderChain, KeyIsOlder: see there
    """
    known = queries.all_headers()
    if list(lines[: len(known)]) != list(known):
        raise OlderChain if list(known[: len(lines)]) == list(lines) else OtherChain
    new = [headers.parse_line(line) for line in lines[len(known) :]]
    if any(header.type is HeaderType.KEY_ROTATION for header in new):
        raise KeyIsOlder
    follower = _Follower(institution, payloads)
    follower.learn_plans(header for header in new if header.type is HeaderType.WAVE_SHEET)
    for header in new:
        ChainHeader.objects.create(seq=header.seq, institution=institution, line=header.line())
        follower.follow(header)
    return len(new)


def end_unfinished(*, institution: Institution, now: datetime) -> Ended:
    """
    Withdraw what was announced, void what was open, say which counted results are gone; each signed with its reason.

    Keys that are still on this machine's volume are burned.
    """
    keyring.make_waves_folder()
    waves = Wave.objects.filter(institution=institution).order_by("closes_at", "id")
    with locks.exclusive(locks.WORK):
        announced = list(waves.filter(state=WaveState.ANNOUNCED))
        opened = list(waves.filter(state=WaveState.OPEN))
        lost = [wave for wave in waves.filter(state=WaveState.TALLIED) if not _has_result(wave)]
        ended = Ended(*(tuple(wave.id for wave in group) for group in (announced, opened, lost)))
        for wave in announced:
            withdraw(wave, reason=RESTORED, now=now)
            if wave.opens_at > now:
                wave.delete()  # its sheet is superseded: the next tick announces it anew, with keys of this machine
        for wave in opened:
            end_void(wave, reason=RESTORED, by=None, now=now)
        for wave in lost:
            # No header: a tallied wave cannot be voided. Its closing stays in the chain without a release.
            wave.state, wave.burned_at = WaveState.VOIDED, wave.burned_at or now
            wave.reason_en, wave.reason_es = RESULT_LOST["en"], RESULT_LOST["es"]
            wave.save(update_fields=["state", "burned_at", "reason_en", "reason_es"])
    return ended


class _Follower:
    """Brings the rows of waves to where the headers say they are."""

    def __init__(self, institution: Institution, payloads: Mapping[str, bytes]) -> None:
        self.institution = institution
        self.payloads = payloads
        self._steps: Mapping[HeaderType, Callable[[bytes, Header], None]] = {
            HeaderType.KEY_SHEET: self._announced,
            HeaderType.WAVE_SHEET: self._opened,
            HeaderType.CLOSING: self._tallied,
            HeaderType.BURN: self._burned,
            HeaderType.RELEASE: self._released,
            HeaderType.VOID: partial(self._ended, state=WaveState.VOIDED),
            HeaderType.SUPERSEDE: partial(self._ended, state=WaveState.WITHDRAWN),
        }

    def follow(self, header: Header) -> None:
        """Keep the header's payload, and let it act on its wave."""
        data = self.payloads[header.payload_sha256]
        ChainPayload.objects.get_or_create(
            sha256=header.payload_sha256,
            defaults={"institution": self.institution, "kind": header.type.value, "data": data},
        )
        if json.loads(data).get("demo"):
            return
        self._steps[header.type](data, header)

    def learn_plans(self, opened: Iterable[Header]) -> None:
        """Take the plans of academic years that began after the backup, and changed ones, from the newest wave sheets."""
        for header in opened:
            sheet = WaveSheet.from_bytes(self.payloads[header.payload_sha256])
            if sheet.demo:
                continue
            made_on = self.institution.day(datetime.fromtimestamp(sheet.opens_at, UTC))
            contents = plan_payload.Plan.from_payload(sheet.plan)
            # A change date at which nothing changed leaves no trace in a sheet; the next tick settles it again.
            Plan.objects.update_or_create(
                institution=self.institution,
                academic_year=contents.academic_year,
                from_week=contents.changes[-1].after if contents.changes else 0,
                defaults={"payload": sheet.plan},
                create_defaults={"payload": sheet.plan, "made_on": made_on},
            )

    def _announced(self, data: bytes, header: Header) -> None:
        sheet = KeySheet.from_bytes(data)
        times = self._times(sheet.wave)
        plans = Plan.objects.filter(institution=self.institution, academic_year__lte=times.academic_year)
        week = week_of_year(times.academic_year, times.monday)
        plan = plans.exclude(academic_year=times.academic_year, from_week__gt=week).last()
        if plan is None:
            raise OtherChain(sheet.wave)
        Wave.objects.update_or_create(
            id=sheet.wave,
            defaults={
                "institution": self.institution,
                "plan": plan,
                "weeks": sheet.weeks,
                "rotating_item": questions.rotating_place(times),
                "state": WaveState.ANNOUNCED,
                "opens_at": times.opens_at,
                "closes_at": times.closes_at,
                "publishes_at": times.publishes_at,
                "members_salt": b"",
                "key_sheet": header.payload_sha256,
            },
        )

    def _opened(self, data: bytes, header: Header) -> None:
        sheet = WaveSheet.from_bytes(data)
        self._now(
            sheet.wave,
            state=WaveState.OPEN,
            wave_sheet=header.payload_sha256,
            rotating_item=next(
                (item.id for item in sheet.items if item.id not in {*sheet.core, *kept_promises.ITEMS}), ""
            ),
            promises=self._promises(sheet),
            opens_at=datetime.fromtimestamp(sheet.opens_at, UTC),
            closes_at=datetime.fromtimestamp(sheet.closes_at, UTC),
            publishes_at=datetime.fromtimestamp(sheet.publishes_at, UTC),
        )

    def _promises(self, sheet: WaveSheet) -> str:
        """Keep what the wave asks about kept promises; return its hash, empty where it asks nothing about any."""
        sha256 = sheet.promises_sha256
        if sha256:
            data = self.payloads[sha256]
            kept = {"institution": self.institution, "kind": PayloadKind.PROMISES.value, "data": data}
            ChainPayload.objects.get_or_create(sha256=sha256, defaults=kept)
        return sha256

    def _tallied(self, data: bytes, _header: Header) -> None:
        said = json.loads(data)
        self._now(said["wave"], state=WaveState.TALLIED, release=said["release_sha256"])

    def _burned(self, data: bytes, header: Header) -> None:
        self._now(json.loads(data)["wave"], burned_at=datetime.fromtimestamp(header.at, UTC))

    def _released(self, data: bytes, _header: Header) -> None:
        self._now(json.loads(data)["wave"], state=WaveState.RELEASED)

    def _ended(self, data: bytes, header: Header, *, state: WaveState) -> None:
        said = json.loads(data)
        ended = datetime.fromtimestamp(header.at, UTC)
        reason = said["reason"]
        self._now(said["wave"], state=state, reason_en=reason["en"], reason_es=reason["es"], burned_at=ended)

    def _now(self, wave: str, **fields: Any) -> None:
        Wave.objects.filter(institution=self.institution, pk=wave).update(**fields)

    def _times(self, wave: str) -> WaveTimes:
        calendar = planning.calendar_of(self.institution)
        series, monday = parse_wave_id(wave)
        year = calendar.academic_year_of(monday)
        found = next((times for times in calendar.waves_of_year(year, series) if times.wave == wave), None)
        if found is None:
            raise OtherChain(wave)
        return found


def _has_result(wave: Wave) -> bool:
    return ChainPayload.objects.filter(pk=wave.release, kind=PayloadKind.RELEASE).exists()
