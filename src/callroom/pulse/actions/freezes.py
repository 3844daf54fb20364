"""A freeze: after a death in the house, or the like, nobody is asked until somebody resumes. Two people begin it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.kit import keyring
from callroom.kit.errands import errand
from callroom.people import policy
from callroom.people.models import Institution, Person
from callroom.pulse import queries
from callroom.pulse.actions.endings import ReasonChanged, end_void
from callroom.pulse.models import Freeze, Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores import locks


class AlreadyFrozen(Exception):
    """Nobody is asked already."""


class NotFrozen(Exception):
    """There is no freeze to end."""


@transaction.atomic
def ask_to_freeze(*, by: Person, reason: Mapping[str, str], now: datetime) -> None:
    """
    Be the first of the two who freeze the rounds; nothing happens yet. Asking again replaces what was asked.

    :raises NotYours: unless the policy table lets this person
    :raises AlreadyFrozen: see there
    """
    policy.check_may(by, policy.Action.FREEZE, now=now)
    if queries.freeze_in_force(by.institution) is not None:
        raise AlreadyFrozen
    words = {"reason_en": reason["en"], "reason_es": reason["es"], "asked_by": by.pk}
    Freeze.objects.update_or_create(institution=by.institution, ended_at=None, defaults=words)
    audit.record(by=str(by.pk), tag=Tag.FREEZE_ASKED, about=str(by.institution_id), now=now)


@errand(policy.NotYours, AlreadyFrozen, ReasonChanged, keyring.NotMounted, OSError)
def freeze(*, by: Person, reason_sha256: str, now: datetime) -> None:
    """
    Be the second of the two: ask nobody from now on. Open waves are void, and shown as not asked, with the reason.

    ``reason_sha256``: of the reason that this person has read and confirms. Waves whose window is over are counted.

    :raises NotYours: unless the policy table lets these two together
    :raises AlreadyFrozen, ReasonChanged: see there
    :raises OSError: if keys cannot be burned yet; the waves are void, and the next tick tries again
    """
    policy.check_may(by, policy.Action.FREEZE, now=now)
    with locks.exclusive(locks.WORK):
        asked = Freeze.objects.filter(institution=by.institution, ended_at=None).first()
        first = Person.objects.filter(pk=asked.asked_by).first() if asked else None
        if asked is None or first is None:
            raise policy.NotYours
        if asked.begun_at is not None:
            raise AlreadyFrozen
        policy.check_may_jointly(first, by, policy.Action.FREEZE, now=now)
        if queries.reason_sha256(asked.reason) != reason_sha256:
            raise ReasonChanged
        with transaction.atomic():
            asked.begun_at = now
            asked.save(update_fields=["begun_at"])
            audit.record(by=str(by.pk), tag=Tag.FREEZE_BEGUN, about=str(by.institution_id), now=now)
        void_open_waves(by.institution, reason=asked.reason, by=by, now=now)


def void_open_waves(institution: Institution, *, reason: Mapping[str, str], by: Person | None, now: datetime) -> None:
    """Void the waves that are open, for this reason; what a crash left open is voided at the next tick."""
    open_waves = Wave.objects.filter(institution=institution, state=WaveState.OPEN, closes_at__gt=now)
    for wave in open_waves.order_by("closes_at", "id"):
        end_void(wave, reason=reason, by=by, now=now, freeze=True)


@transaction.atomic
def resume(*, by: Person, now: datetime) -> None:
    """
    Ask again, from the next round that opens on. One person may do so. Takes back what was only asked for, too.

    :raises NotYours: unless the policy table lets this person
    :raises NotFrozen: see there
    """
    policy.check_may(by, policy.Action.FREEZE, now=now)
    if not Freeze.objects.filter(institution=by.institution, ended_at=None).update(ended_at=now):
        raise NotFrozen
    audit.record(by=str(by.pk), tag=Tag.FREEZE_ENDED, about=str(by.institution_id), now=now)
