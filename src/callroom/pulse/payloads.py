"""
Is what the database holds under a hash still what was signed? Whoever writes into it must not choose the rules of a round.

Bytes that were changed are found by anybody who computes their hash; the signature under the hash stands in the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from callroom.core.anonymity import chain
from callroom.core.anonymity.chain import ChainError, Header, HeaderType
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.sheets import KeySheet, SheetError, WaveSheet
from callroom.people.models import Institution
from callroom.pulse.models import ChainHeader, ChainPayload, Wave
from callroom.pulse.states import PayloadKind, WaveState
from callroom.pulse.stores import chain as ledger
from callroom.pulse.stores.wave_keys import WaveKeys


class SheetChanged(Exception):
    """The database holds another sheet of this wave than the one that was signed, or none: nothing is opened by it."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """What a wave is counted by, each as it was signed."""

    wave: WaveSheet
    keys: KeySheet
    promises: PromisesAsked | None


@dataclass(frozen=True, slots=True)
class Altered:
    """Something signed that the database does not hold as it was. ``wave``: whose sheet, if it is that of a round."""

    sha256: str
    kind: PayloadKind
    wave: str = ""
    closes_at: datetime | None = None
    """Of a round that is announced or open: until then it can be put back."""


def as_signed(sha256: str) -> bytes | None:
    """Return the bytes that have this hash; None where they are not there, or others are."""
    found = ChainPayload.objects.filter(pk=sha256).first()
    data = bytes(found.data) if found else b""
    return data if chain.sha256_hex(data) == sha256 else None


def key_sheet_as_signed(sha256: str) -> KeySheet:
    """
    Return the key sheet that has this hash.

    :raises SheetChanged: see there
    :raises SheetError: if what has this hash is no key sheet: of an earlier version, or something else
    """
    return KeySheet.from_bytes(_must(sha256))


def wave_sheet_as_signed(sha256: str) -> WaveSheet:
    """
    Return the wave sheet that has this hash.

    :raises SheetChanged, SheetError: as above
    """
    return WaveSheet.from_bytes(_must(sha256))


def asked_groups(wave_sheet: str) -> frozenset[int]:
    """Return the groups that are asked, by the hash of a wave sheet; of one that was changed none: phones refuse it."""
    with suppress(SheetChanged, SheetError):
        return _groups_of(wave_sheet)
    return frozenset()


@lru_cache(maxsize=32)
def _groups_of(wave_sheet: str) -> frozenset[int]:
    """:raises SheetChanged: see there; what has its hash never changes, so all else is kept"""
    return frozenset(leaf.group for leaf in wave_sheet_as_signed(wave_sheet).leaves)


def sheets_of(wave: Wave) -> Sheets:
    """
    Return the sheets by which an open wave is counted: for the tally, which alone can tell.

    :raises SheetChanged: see there
    """
    pinned = WaveKeys(wave.id).is_pinned(wave.wave_sheet)
    if not (_was_signed(wave) if pinned is None else pinned):
        raise SheetChanged(wave.wave_sheet)
    sheet = wave_sheet_as_signed(wave.wave_sheet)
    if sheet.wave != wave.id:
        raise SheetChanged(wave.wave_sheet)
    promises = sheet.promises_sha256
    return Sheets(
        wave=sheet,
        keys=key_sheet_as_signed(sheet.key_sheet),
        promises=PromisesAsked.from_bytes(_must(promises)) if promises else None,
    )


def pinned_sheet_of(wave: Wave) -> str:
    """Return the hash of the sheet that lies beside the wave's keys, found among those in the chain; empty where none is."""
    keys = WaveKeys(wave.id)
    return next(
        (header.payload_sha256 for header in _signed_wave_sheets() if keys.is_pinned(header.payload_sha256)), ""
    )


def altered(institution: Institution) -> tuple[Altered, ...]:
    """Return what the chain names and the database does not hold as it was signed; open rounds' sheets first."""
    waves = Wave.objects.filter(institution=institution, demo=False)
    lasting = waves.filter(state__in=[WaveState.ANNOUNCED, WaveState.OPEN])
    of_open = [each for wave in lasting.order_by("closes_at", "id") for each in _altered_sheets(wave)]
    seen = {each.sha256 for each in of_open} | _whole()
    named = dict(_named(waves))
    return (*of_open, *(Altered(sha256, kind) for sha256, kind in named.items() if sha256 not in seen))


def _altered_sheets(wave: Wave) -> Iterator[Altered]:
    """Yield the sheets of an announced or open wave that are not what was signed, as far as any process can tell."""
    named = [(wave.key_sheet, PayloadKind.KEY_SHEET), (wave.wave_sheet, PayloadKind.WAVE_SHEET)]
    named += [(wave.promises, PayloadKind.PROMISES)]
    other_row = bool(wave.wave_sheet) and WaveKeys(wave.id).is_pinned(wave.wave_sheet) is False
    for sha256, kind in named:
        other = kind is PayloadKind.WAVE_SHEET and other_row
        if sha256 and (other or as_signed(sha256) is None):
            yield Altered(sha256, kind, wave.id, wave.closes_at)


def _whole() -> set[str]:
    """Return the hashes under which the database holds what has them."""
    rows = ChainPayload.objects.values_list("sha256", "data").iterator()
    return {sha256 for sha256, data in rows if chain.sha256_hex(bytes(data)) == sha256}


def _named(waves: QuerySet[Wave]) -> Iterator[tuple[str, PayloadKind]]:
    """Yield what headers name, oldest first; what wave sheets do; and results that were fixed and are not published yet."""
    for line in ChainHeader.objects.values_list("line", flat=True).iterator():
        with suppress(ChainError):
            header = chain.parse_line(bytes(line))
            yield header.payload_sha256, PayloadKind(header.type.value)
    for promises in waves.exclude(promises="").values_list("promises", flat=True):
        yield promises, PayloadKind.PROMISES
    for release in waves.filter(state=WaveState.TALLIED).values_list("release", flat=True):
        yield release, PayloadKind.RELEASE


def _was_signed(wave: Wave) -> bool:
    """
    Return whether a header that a key of ours signed names the sheet of this wave: where nothing lies beside its keys.

    A header that a key signed which was changed meanwhile, and is gone, proves nothing any more.
    """
    named = (header for header in _signed_wave_sheets() if header.payload_sha256 == wave.wave_sheet)
    return any(ledger.is_ours(header) for header in named)


def _signed_wave_sheets() -> Iterator[Header]:
    """Yield the headers of wave sheets, newest first."""
    for line in ChainHeader.objects.order_by("-seq").values_list("line", flat=True).iterator():
        with suppress(ChainError):  # a line that was changed is for ``release verify`` to find
            header = chain.parse_line(bytes(line))
            if header.type is HeaderType.WAVE_SHEET:
                yield header


def _must(sha256: str) -> bytes:
    data = as_signed(sha256)
    if data is None:
        raise SheetChanged(sha256)
    return data
