"""Putting signed bytes back where somebody changed or deleted them in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity.chain import sha256_hex
from callroom.people.models import Institution
from callroom.pulse import payloads
from callroom.pulse.models import ChainPayload, Wave
from callroom.pulse.states import WaveState


@transaction.atomic
def put_back(*, institution: Institution, given: Mapping[str, bytes], now: datetime) -> tuple[payloads.Altered, ...]:
    """
    Put back what the chain names and the database does not hold, from bytes by hash; return what is still missing.

    Nobody can choose anything by it: bytes that do not have the hash which stands signed in the chain are not taken.
    """
    _name_pinned_sheets(institution, now)
    for each in payloads.altered(institution):
        data = given.get(each.sha256)
        if data is None or sha256_hex(data) != each.sha256:
            continue
        kept = {"data": data, "kind": each.kind.value, "institution": institution}
        ChainPayload.objects.update_or_create(sha256=each.sha256, defaults=kept)
        audit.record(by=None, tag=Tag.SIGNED_PUT_BACK, about=each.sha256, now=now, details={"kind": each.kind.value})
    return payloads.altered(institution)


def _name_pinned_sheets(institution: Institution, now: datetime) -> None:
    """Let open rounds name the sheet again whose hash lies beside their keys, where the database names another one."""
    for wave in Wave.objects.filter(institution=institution, state=WaveState.OPEN, demo=False):
        sha256 = payloads.pinned_sheet_of(wave)
        if sha256 and sha256 != wave.wave_sheet:
            wave.wave_sheet = sha256
            wave.save(update_fields=["wave_sheet"])
            audit.record(by=None, tag=Tag.SIGNED_PUT_BACK, about=wave.id, now=now, details={"wave_sheet": sha256})
