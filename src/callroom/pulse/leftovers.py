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
    present = {folder.name: folder for folder in keyring.waves_folder().iterdir() if folder.is_dir()}
    known = {folder_name(wave.pk): wave for wave in Wave.objects.filter(demo=False)}
    left = {name for name in present if name in known and not _may_be_there(known[name], now)}
    # A wave's keys are made before it is announced: for a while nothing says whose they are.
    before = (now - BURNED_WITHIN).timestamp()
    left |= {name for name, folder in present.items() if name not in known and folder.stat().st_mtime < before}
    return tuple(sorted(left - {"lost+found"}))


def _may_be_there(wave: Wave, now: datetime) -> bool:
    lives = wave.state in {WaveState.ANNOUNCED, WaveState.OPEN, WaveState.TALLIED} and wave.burned_at is None
    return lives and now < wave.closes_at + BURNED_WITHIN


def keys_were_made() -> bool:
    """Return whether any wave was ever announced: before that the folder need not be there."""
    return Wave.objects.filter(demo=False).exists()
