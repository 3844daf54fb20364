"""What those who manage rounds see: the rounds that can still be voided, and the freeze that was asked for or is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callroom.people.models import Institution
from callroom.pulse import questions
from callroom.pulse.models import Freeze, Wave
from callroom.pulse.queries import reason_sha256
from callroom.pulse.states import WaveState


@dataclass(frozen=True, slots=True)
class ManagedWave:
    """A wave that can still be voided. ``scale``: it carries the quarterly scale; ``asked``: somebody asked for it; ``by_reader``: the reader did."""

    wave: str
    weeks: int
    is_open: bool
    opens_at: datetime
    closes_at: datetime
    scale: bool
    asked: bool
    by_reader: bool
    reason: Mapping[str, str]

    @property
    def reason_sha256(self) -> str:
        """Return what ties a confirmation to the reason that was read."""
        return reason_sha256(self.reason)


@dataclass(frozen=True, slots=True)
class ManagedFreeze:
    """A freeze that was asked for or is in force. ``by_reader``: the reader asked for it."""

    in_force: bool
    by_reader: bool
    reason: Mapping[str, str]

    @property
    def reason_sha256(self) -> str:
        """Return what ties a confirmation to the reason that was read."""
        return reason_sha256(self.reason)


def waves(institution: Institution, reader: UUID, *, now: datetime) -> tuple[ManagedWave, ...]:
    """Return the announced and open waves for those who may void them, soonest to close first."""
    states = [WaveState.ANNOUNCED, WaveState.OPEN]
    found = Wave.objects.filter(institution=institution, state__in=states, closes_at__gt=now)
    return tuple(
        ManagedWave(
            wave=wave.id,
            weeks=wave.weeks,
            is_open=wave.state == WaveState.OPEN,
            opens_at=wave.opens_at,
            closes_at=wave.closes_at,
            scale=questions.carries_scale(wave.rotating_item),
            asked=wave.void_asked_by is not None,
            by_reader=wave.void_asked_by == reader,
            reason={"en": wave.reason_en, "es": wave.reason_es},
        )
        for wave in found
    )


def freeze(institution: Institution, reader: UUID) -> ManagedFreeze | None:
    """Return the freeze that was asked for or is in force, for those who may begin or end one."""
    found = Freeze.objects.filter(institution=institution, ended_at=None).first()
    if found is None:
        return None
    return ManagedFreeze(found.begun_at is not None, found.asked_by == reader, found.reason)
