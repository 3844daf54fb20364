"""Can this version go on with a wave that an earlier version opened? Asked before tables change (PROTOCOL, upgrades)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callroom.core.anonymity import kept_promises, posts
from callroom.core.anonymity.sheets import SheetError
from callroom.core.instruments import scale, weekly
from callroom.pulse import payloads, questions
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState

CLIENT_VERSIONS: Final = (posts.VERSION,)
"""The formats of a post that this version takes."""


@dataclass(frozen=True, slots=True)
class Stranded:
    """An open wave whose answers this version could not take or count, and when it closes."""

    wave: str
    closes_at: datetime


def stranded_wave() -> Stranded | None:
    """
    Return the open wave, the last to close of several, that an earlier version must bring to its end; usually None.

    Reads only what every version has stored, so that it can be asked of tables that are not migrated yet.
    """
    waves = Wave.objects.filter(state=WaveState.OPEN).order_by("-closes_at", "id")
    for wave, closes_at, *sheets in waves.values_list("id", "closes_at", "key_sheet", "wave_sheet"):
        if not _goes_on(*sheets):
            return Stranded(wave, closes_at)
    return None


def _goes_on(key_sheet: str, wave_sheet: str) -> bool:
    try:
        payloads.key_sheet_as_signed(key_sheet)
        sheet = payloads.wave_sheet_as_signed(wave_sheet)
    except payloads.SheetChanged:
        return True  # not older, but changed in the database: no version counts by it, and the closing has to say so
    except SheetError:
        return False
    asked = {item.id for item in sheet.items}
    words, _promises = kept_promises.parts_of(sheet.wording)
    return (
        set(sheet.clients) <= set(CLIENT_VERSIONS)
        and sheet.questionnaire == weekly.QUESTIONNAIRE
        and words in questions.wordings()
        and asked <= {scale.SCALE.id, *(item.id for item in weekly.ALL_ITEMS)}
    )
