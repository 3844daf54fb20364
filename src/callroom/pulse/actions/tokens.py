"""Issuing tokens: a blind signature for a person of a group, noted in the register before it leaves."""

from __future__ import annotations

from datetime import datetime

from callroom.core.anonymity import tokens
from callroom.core.timetable.waves import BadWave, parse_wave_id
from callroom.kit import keyring
from callroom.people import policy
from callroom.people.models import Person
from callroom.pulse import queries
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.register import AlreadyFetched, NotInRegister, Register, RegisterShut
from callroom.pulse.stores.wave_keys import KeysLost, WaveKeys

__all__ = ["AlreadyFetched", "BadBlinded", "NotAsked", "NotNow", "issue"]


class NotAsked(Exception):
    """There is no such wave, or this person is not asked in it."""


class NotNow(Exception):
    """The wave is over, was voided or withdrawn: nothing is issued."""


class BadBlinded(Exception):
    """The blinded message has the wrong size or range; nothing was noted."""


def issue(*, by: Person, wave: str, blinded: bytes, now: datetime, replace: bool = False) -> bytes:
    """
    Sign one blinded message for this person.

    An equal message is signed again (a lost reply); a different one is a replacement: once, before the
    opening, and only where ``replace`` says that it is meant.

    :raises keyring.NotMounted: while the volume with the keys is not there; later it may work
    :raises NotYours: unless the policy table lets this person fetch tokens
    :raises NotAsked, NotNow, BadBlinded, AlreadyFetched: see there
    """
    policy.check_may(by, policy.Action.FETCH_TOKEN, now=now)
    found = _wave_called(wave, by)
    if found.state not in {WaveState.ANNOUNCED, WaveState.OPEN} or now >= found.closes_at:
        raise NotNow
    keyring.require_waves_folder()
    keys = WaveKeys(found.id)
    register = Register(keys.register_file, found.id)
    try:
        group = register.group_of(by.pk)
        _check_asked(found, group)
        # Signed before it is noted, sent after: a message that cannot be signed must not use up the person's right.
        signature = tokens.blind_sign(keys.group_key(group), blinded)
        may_replace = replace and found.state == WaveState.ANNOUNCED and now < found.opens_at
        register.issue(by.pk, blinded, may_replace=may_replace)
    except NotInRegister:
        raise NotAsked from None
    except (RegisterShut, KeysLost):
        raise NotNow from None
    except tokens.BlindError:
        raise BadBlinded from None
    return signature


def _wave_called(name: str, by: Person) -> Wave:
    try:
        parse_wave_id(name)  # some texts, as one with a NUL, PostgreSQL refuses to look for
    except BadWave:
        raise NotAsked from None
    found = Wave.objects.filter(pk=name, institution=by.institution).first()
    if found is None:
        raise NotAsked
    return found


def _check_asked(wave: Wave, group: int) -> None:
    if wave.state == WaveState.OPEN and group not in queries.asked_groups(wave.wave_sheet):
        raise NotAsked
