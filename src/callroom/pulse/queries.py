"""Every read about waves for pages and actions, as plain rows. Release bodies come out only once they are published."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callroom.core.anonymity import canonical, chain, members, posts
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.sheets import KeySheet, SheetError, WaveSheet
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import payloads, planning, questions, rules
from callroom.pulse.models import ChainHeader, ChainPayload, Issued, Wave
from callroom.pulse.planning import plan_at as plan_at
from callroom.pulse.planning import reference_day as reference_day
from callroom.pulse.planning import skipped_weeks as skipped_weeks
from callroom.pulse.rules import freeze_in_force as freeze_in_force
from callroom.pulse.rules import why_nobody_is_asked as why_nobody_is_asked
from callroom.pulse.states import PUBLIC_KINDS, PayloadKind, WaveState
from callroom.pulse.stores import chain as ledger
from callroom.pulse.stores.register import NotInRegister, Register, RegisterShut
from callroom.pulse.stores.wave_keys import WaveKeys

HEADERS_PER_SEGMENT = 64


@dataclass(frozen=True, slots=True)
class OfferedWave:
    """A wave for which one person may fetch a token. Instants are epoch seconds."""

    wave: str
    state: WaveState
    group: int
    key_sheet: str
    wave_sheet: str | None
    opens_at: int
    closes_at: int
    scale: bool = False
    """Does it carry the quarterly scale?"""
    replacement: str = ""
    """How far the person is with a second token in this open wave: empty, "asked" or "approved"."""


@dataclass(frozen=True, slots=True)
class WaitingReplacement:
    """Somebody who asks for a second token in an open wave."""

    wave: str
    person: UUID
    name: str


@dataclass(frozen=True, slots=True)
class KnownWave:
    """An announced or open wave, as everybody may know it. Instants are epoch seconds."""

    wave: str
    opens_at: int
    closes_at: int
    wave_sheet: str | None


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One header of the chain for a page. ``payload_is_public``: anybody may read what it commits to."""

    seq: int
    kind: PayloadKind
    at: datetime
    payload_sha256: str
    sha256: str
    wave: str
    readable: bool


@dataclass(frozen=True, slots=True)
class ChainPage:
    """The chain, newest header first; ``head`` and fingerprints are empty before it begins."""

    headers: tuple[HeaderRow, ...]
    head: str
    public_key: str
    fingerprint: str
    fingerprint_in_force: str
    page: int
    pages: int
    total: int


def payload(sha256: str) -> bytes:
    """
    Return a payload's bytes, whoever asks (for actions; pages use the two below).

    :raises ChainPayload.DoesNotExist: if there is none
    """
    return bytes(ChainPayload.objects.get(pk=sha256).data)


def key_sheet_of(wave: Wave) -> KeySheet:
    """
    Return the wave's key sheet.

    :raises payloads.SheetChanged: if the database does not hold it as it was signed
    """
    return payloads.key_sheet_as_signed(wave.key_sheet)


def wave_sheet_of(wave: Wave) -> WaveSheet:
    """Return the wave's sheet."""
    return WaveSheet.from_bytes(payload(wave.wave_sheet))


def promises_of(sheet: WaveSheet) -> PromisesAsked | None:
    """Return what a wave asks about kept promises; None where it asks nothing about any."""
    sha256 = sheet.promises_sha256
    return PromisesAsked.from_bytes(payload(sha256)) if sha256 else None


def public_payload(sha256: str) -> bytes | None:
    """Return what anybody may read: sheets, closings, burns, voids; never a release."""
    found = ChainPayload.objects.filter(pk=sha256, kind__in=[kind.value for kind in PUBLIC_KINDS]).first()
    return bytes(found.data) if found else None


def member_payload(sha256: str, *, now: datetime, with_releases: bool) -> bytes | None:
    """Return what a signed-in member may read: the above, and releases once they are published."""
    found = ChainPayload.objects.filter(pk=sha256).first()
    if found is None or (found.kind == PayloadKind.RELEASE and not (with_releases and is_published(sha256, now=now))):
        return None
    return bytes(found.data)


def is_published(release_sha256: str, *, now: datetime) -> bool:
    """Has the moment of this release come, and are its keys gone?"""
    return Wave.objects.filter(release=release_sha256, publishes_at__lte=now, burned_at__isnull=False).exists()


def header_segment(segment: int) -> bytes | None:
    """Return 64 headers, one a line, bytes as signed; None past the end of the chain."""
    first = segment * HEADERS_PER_SEGMENT
    lines = ChainHeader.objects.filter(seq__gte=first, seq__lt=first + HEADERS_PER_SEGMENT).values_list(
        "line", flat=True
    )
    return b"".join(bytes(line) + b"\n" for line in lines) or None


def all_headers() -> tuple[bytes, ...]:
    """Return all header lines in order."""
    return tuple(bytes(line) for line in ChainHeader.objects.values_list("line", flat=True))


def head() -> str:
    """Return the hash of the newest header; empty before the chain begins."""
    newest = ChainHeader.objects.order_by("-seq").first()
    return chain.head_of(bytes(newest.line)) if newest else ""


def chain_page(institution: Institution, *, now: datetime, with_releases: bool, page: int = 1) -> ChainPage:
    """Return one page of the chain, newest header first; page 1 holds the newest. A page beyond the last is empty."""
    first, in_force = ledger.first_key(institution), ledger.key_in_force(institution)
    newest_first = ChainHeader.objects.order_by("-seq")
    total = newest_first.count()
    shown = newest_first[(page - 1) * HEADERS_PER_SEGMENT : page * HEADERS_PER_SEGMENT]
    lines = [bytes(line) for line in shown.values_list("line", flat=True)]
    waves = _waves_of_payloads({chain.parse_line(line).payload_sha256 for line in lines})
    return ChainPage(
        headers=tuple(_header_row(line, waves, now=now, with_releases=with_releases) for line in lines),
        head=head(),
        public_key=institution.signing_public_key,
        fingerprint=chain.fingerprint(first) if first else "",
        fingerprint_in_force=chain.fingerprint(in_force) if in_force else "",
        page=page,
        pages=max(1, -(-total // HEADERS_PER_SEGMENT)),
        total=total,
    )


def reason_sha256(reason: Mapping[str, str]) -> str:
    """Return the SHA-256 of a reason in both languages, hex."""
    return chain.sha256_hex(canonical.encode({"en": reason["en"], "es": reason["es"]}))


def known_to_browsers(institution: Institution) -> dict[str, str]:
    """
    Return what pages tell a browser about the institution.

    ``key``: the one that signs now, which the browser compares with what the chain led it to; ``first_key``: from which
    a new check-in device reads the chain. Both in base64, empty before the chain begins.
    """
    return {
        "id": str(institution.pk),
        "key": ledger.written_key_in_force(institution),
        "first_key": institution.signing_public_key,
        "zone": institution.time_zone,
    }


def a_round_was_due(*, now: datetime) -> bool:
    """Return whether the opening of any round has come, whether or not somebody was asked in it."""
    return Wave.objects.filter(opens_at__lte=now).exists()


def waves_offered_to(person: UUID, *, now: datetime) -> tuple[OfferedWave, ...]:
    """Return the announced and open waves for which this person may fetch a token, soonest to close first."""
    offered = []
    states = [WaveState.ANNOUNCED, WaveState.OPEN]
    for wave in Wave.objects.filter(state__in=states, closes_at__gt=now).order_by("closes_at", "id"):
        register = Register(WaveKeys(wave.id).register_file, wave.id)
        try:
            group, replacement = register.group_of(person), register.replacement_of(person)
        except (NotInRegister, RegisterShut):
            continue
        if wave.state == WaveState.OPEN and group not in payloads.asked_groups(wave.wave_sheet):
            continue
        opens_at, closes_at = int(wave.opens_at.timestamp()), int(wave.closes_at.timestamp())
        sheet = wave.wave_sheet or None
        state = WaveState(wave.state)
        scale = questions.carries_scale(wave.rotating_item)
        offered.append(
            OfferedWave(wave.id, state, group, wave.key_sheet, sheet, opens_at, closes_at, scale, replacement)
        )
    return tuple(offered)


def counted_together(offered: OfferedWave) -> frozenset[str]:
    """Return the programmes that are counted together in the group of an offered wave; of a changed sheet none."""
    with suppress(payloads.SheetChanged, SheetError):
        return frozenset(payloads.key_sheet_as_signed(offered.key_sheet).groups[offered.group].units)
    return frozenset()


def waves_with_a_token_for(person: UUID) -> tuple[str, ...]:
    """Return the closed waves for which a device of this person fetched a token, whether or not it was used."""
    return tuple(Issued.objects.filter(person=person).order_by("wave").values_list("wave", flat=True))


def waiting_replacements(institution: Institution, *, now: datetime) -> tuple[WaitingReplacement, ...]:
    """Return who asks for a second token in an open wave, by name: the order of asking is kept nowhere."""
    waves = Wave.objects.filter(institution=institution, state=WaveState.OPEN, closes_at__gt=now)
    asking: list[tuple[str, UUID]] = []
    for wave in waves:
        with suppress(RegisterShut):
            register = Register(WaveKeys(wave.id).register_file, wave.id)
            asking += [(wave.id, person) for person in register.asking()]
    names = people.names_of(person for _wave, person in asking)
    rows = (WaitingReplacement(wave, person, names[person]) for wave, person in asking if person in names)
    return tuple(sorted(rows, key=lambda row: (row.name, row.person)))


def known_waves(*, now: datetime) -> tuple[KnownWave, ...]:
    """Return the announced and open waves, soonest to close first."""
    states = [WaveState.ANNOUNCED, WaveState.OPEN]
    return tuple(
        KnownWave(wave.id, int(wave.opens_at.timestamp()), int(wave.closes_at.timestamp()), wave.wave_sheet or None)
        for wave in Wave.objects.filter(state__in=states, closes_at__gt=now).order_by("closes_at", "id")
    )


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """
    Who counts with one person in one wave: what the key sheet's hash of the member list stands for.

    ``hashes_agree``: the list as it was signed gives the hash in the key sheet; newcomers came after that. ``unconfirmed``:
    who of all these was added since there is a council, and none of its members has said that they exist.
    """

    wave: str
    label: Mapping[str, str]
    members: tuple[str, ...]
    newcomers: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    signed_ids: tuple[str, ...]
    salt: str
    members_sha256: str
    hashes_agree: bool


def own_groups(person: UUID, *, now: datetime) -> tuple[OwnGroup, ...]:
    """Return this person's group in each announced or open wave, soonest to close first; nobody else's."""
    offered = {entry.wave: entry.group for entry in waves_offered_to(person, now=now)}
    waves = Wave.objects.filter(pk__in=offered).select_related("institution").order_by("closes_at", "id")
    names = {row.id: row for row in people.units_tree()}
    unconfirmed = rules.unconfirmed(waves[0].institution) if waves else frozenset()
    whole = (wave for wave in waves if payloads.as_signed(wave.key_sheet) is not None)
    return tuple(_own_group(wave, offered[wave.id], names, unconfirmed) for wave in whole)


def _own_group(wave: Wave, index: int, units: Mapping[str, people.UnitRow], unconfirmed: frozenset[str]) -> OwnGroup:
    group = key_sheet_of(wave).groups[index]
    slots = [slot for slot in Register(WaveKeys(wave.id).register_file, wave.id).slots() if slot.group == index]
    names = people.names_of(slot.person for slot in slots)
    signed = tuple(sorted(str(slot.person) for slot in slots if not slot.newcomer))
    salt = bytes(wave.members_salt)
    return OwnGroup(
        wave=wave.id,
        label=planning.label_of(group.units, units),
        members=tuple(sorted(names[slot.person] for slot in slots if not slot.newcomer and slot.person in names)),
        newcomers=tuple(sorted(names[slot.person] for slot in slots if slot.newcomer and slot.person in names)),
        unconfirmed=tuple(sorted(name for person, name in names.items() if str(person) in unconfirmed)),
        signed_ids=signed,
        salt=salt.hex(),
        members_sha256=group.members_sha256,
        hashes_agree=members.members_hash(salt, signed) == group.members_sha256,
    )


def why_no_store(wave_sha256: bytes) -> str:
    """Return why no answers are taken for the wave with this hash: ``early``, ``closed``, or ``wave``: there is none."""
    for wave, state in Wave.objects.values_list("id", "state"):
        if posts.wave_hash(wave) == wave_sha256:
            return {WaveState.ANNOUNCED.value: "early", WaveState.OPEN.value: "wave"}.get(state, "closed")
    return "wave"


def _waves_of_payloads(wanted: set[str]) -> dict[str, str]:
    """Return which wave each of these payloads is about, by the payload's hash."""
    found = {}
    for sha256, data in ChainPayload.objects.filter(pk__in=wanted).values_list("sha256", "data"):
        with suppress(canonical.CanonicalError):  # somebody changed it: its line is shown all the same
            value = canonical.decode(bytes(data))
            found[sha256] = str(value.get("wave", "")) if isinstance(value, dict) else ""
    return found


def _header_row(line: bytes, waves: dict[str, str], *, now: datetime, with_releases: bool) -> HeaderRow:
    header = chain.parse_line(line)
    kind = PayloadKind(header.type.value)
    sha256 = header.payload_sha256
    return HeaderRow(
        seq=header.seq,
        kind=kind,
        at=datetime.fromtimestamp(header.at, tz=now.tzinfo),
        payload_sha256=sha256,
        sha256=chain.head_of(line),
        wave=waves.get(sha256, ""),
        readable=kind in PUBLIC_KINDS or (with_releases and is_published(sha256, now=now)),
    )
