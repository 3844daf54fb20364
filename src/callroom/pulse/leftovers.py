"""What must not be left of a wave: its keys, once it has closed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from callroom.kit import keyring
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.wave_keys import folder_name

BURNED_WITHIN: Final = timedelta(minutes=15)
"""So long after its closing a wave's keys may still be there: PROTOCOL.md section 5."""


def keys_left(*, now: datetime) -> tuple[str, ...]:
    """
    Return the folders of keys that should be gone: of waves that closed 15 minutes ago or ended otherwise, or of none.

    :raises keyring.NotMounted: if the volume is not there, so that nobody can say
    """
    keyring.require_waves_folder()
    present = {folder.name for folder in keyring.waves_folder().iterdir() if folder.is_dir()}
    live = Wave.objects.filter(state__in=[WaveState.ANNOUNCED, WaveState.OPEN, WaveState.TALLIED], burned_at=None)
    due = {folder_name(wave.pk) for wave in live if now < wave.closes_at + BURNED_WITHIN}
    return tuple(sorted(present - due - {"lost+found"}))


def keys_were_made() -> bool:
    """Return whether any wave was ever announced: before that the folder need not be there."""
    return Wave.objects.filter(demo=False).exists()
