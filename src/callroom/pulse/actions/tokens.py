"""Issuing tokens: a blind signature for a person of a group, noted in the register before it leaves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.consent import queries as consent
from callroom.core.anonymity import tokens
from callroom.core.timetable.waves import BadWave, parse_wave_id
from callroom.kit import keyring
from callroom.people import policy
from callroom.people.models import Person
from callroom.pulse import payloads
from callroom.pulse.models import Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.register import AlreadyFetched, NotInRegister, NotReplaceable, Register, RegisterShut
from callroom.pulse.stores.wave_keys import KeysLost, WaveKeys

__all__ = [
    "AlreadyFetched",
    "BadBlinded",
    "NotAgreed",
    "NotAsked",
    "NotNow",
    "NotReplaceable",
    "approve_replacement",
    "ask_for_replacement",
    "issue",
]


class NotAsked(Exception):
    """There is no such wave, or this person is not asked in it."""


class NotAgreed(Exception):
    """This person has not said yes to the check-in, or has said no since; what was issued before stays as it is."""


class NotNow(Exception):
    """The wave is over, was voided or withdrawn: nothing is issued."""


class BadBlinded(Exception):
    """The blinded message has the wrong size or range; nothing was noted."""


def issue(*, by: Person, wave: str, blinded: bytes, now: datetime, replace: bool = False) -> bytes:
    """
    Sign one blinded message for this person.

    An equal message is signed again (a lost reply); a different one is a replacement: once, before the opening or after
    a coordinator's approval, and only where ``replace`` says that it is meant.

    :raises keyring.NotMounted: while the volume with the keys is not there; later it may work
    :raises NotYours: unless the policy table lets this person fetch tokens
    :raises NotAgreed, NotAsked, NotNow, BadBlinded, AlreadyFetched: see there
    """
    policy.check_may(by, policy.Action.FETCH_TOKEN, now=now)
    if not consent.may_be_given_tokens(by):
        raise NotAgreed
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
        before_opening = found.state == WaveState.ANNOUNCED and now < found.opens_at
        may_replace = replace and (before_opening or found.state == WaveState.OPEN)
        register.issue(by.pk, blinded, may_replace=may_replace)
    except NotInRegister:
        raise NotAsked from None
    except (RegisterShut, KeysLost):
        raise NotNow from None
    except tokens.BlindError:
        raise BadBlinded from None
    return signature


def ask_for_replacement(*, by: Person, now: datetime) -> str:
    """
    Note that this person, whose token is on no device of theirs any more, asks for another; return the open wave's id.

    :raises keyring.NotMounted: while the volume with the keys is not there
    :raises NotYours: unless the policy table lets this person fetch tokens
    :raises NotReplaceable: where there is nothing to replace, or it was replaced before
    """
    policy.check_may(by, policy.Action.FETCH_TOKEN, now=now)
    keyring.require_waves_folder()
    if not consent.may_be_given_tokens(by):
        raise NotReplaceable
    for wave in _open_waves(by, now):
        try:
            _register_of(wave).ask_for_replacement(by.pk)
        except (NotInRegister, RegisterShut):
            continue
        return wave.id
    raise NotReplaceable


@transaction.atomic
def approve_replacement(*, by: Person, person: Person, wave: str, now: datetime) -> None:
    """
    Approve that ``person``, who asked, fetches a second token for an open wave. It is taken off what is counted there.

    :raises keyring.NotMounted: while the volume with the keys is not there
    :raises NotYours: unless the policy table lets this person approve it, and for oneself
    :raises NotReplaceable: for who did not ask, and once the wave is over
    """
    policy.check_may(by, policy.Action.APPROVE_REPLACEMENT, now=now, about=person)
    if by.pk == person.pk:
        raise policy.NotYours
    keyring.require_waves_folder()
    found = next((each for each in _open_waves(by, now) if each.id == wave), None)
    if found is None:
        raise NotReplaceable
    # The day and no time: the person fetches a token soon after, and answers.
    midnight = by.institution.midnight(now)
    audit.record(
        by=str(by.pk), tag=Tag.REPLACEMENT_APPROVED, about=str(person.pk), now=midnight, details={"wave": wave}
    )
    try:
        _register_of(found).approve_replacement(person.pk)
    except (NotInRegister, RegisterShut):
        raise NotReplaceable from None


def _open_waves(person: Person, now: datetime) -> list[Wave]:
    found = Wave.objects.filter(institution=person.institution, state=WaveState.OPEN, closes_at__gt=now)
    return list(found.order_by("id"))


def _register_of(wave: Wave) -> Register:
    return Register(WaveKeys(wave.id).register_file, wave.id)


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
    if wave.state == WaveState.OPEN and group not in payloads.asked_groups(wave.wave_sheet):
        raise NotAsked
