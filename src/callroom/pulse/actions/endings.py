"""Waves that end without a result: withdrawn before they open, or voided by two people before they close.

Everything here signs why, in both languages, and burns the keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity.notices import Void
from callroom.core.anonymity.sheets import SheetError
from callroom.core.timetable.waves import OPENS, local_instant
from callroom.kit import keyring
from callroom.kit.errands import errand
from callroom.people import actions as people
from callroom.people import policy
from callroom.people.models import Institution, Person
from callroom.pulse import payloads, planning, queries
from callroom.pulse.models import SkippedWeek, Wave
from callroom.pulse.states import EndedAlone, PayloadKind, WaveState, check_step
from callroom.pulse.stores import chain, locks
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.wave_keys import WaveKeys

Words = Mapping[str, str]
"""A text in both languages."""

KEYS_LOST: Final[Words] = {
    "en": "The keys of this wave were lost before it opened.",
    "es": "Se perdieron las llaves de esta ronda antes de que abriera.",
}
SHEET_CHANGED: Final[Words] = {
    "en": "The rules of this round in the database were not those that were signed when it was announced. By other rules nobody "
    "is asked.",
    "es": "Las reglas de esta ronda en la base de datos no eran las que se firmaron al anunciarla. Con otras reglas no se "
    "pregunta a nadie.",
}
NO_COMMITMENT: Final[Words] = {
    "en": "Nobody who leads these units had committed to anything when the wave was due to open.",
    "es": "Quienes dirigen estas unidades no se habían comprometido a nada cuando la ronda debía abrir.",
}
NOT_ASKED: Final[Words] = {
    "en": "Fewer than 11 people could be asked when the wave was due to open.",
    "es": "Había menos de 11 personas a quienes preguntar cuando la ronda debía abrir.",
}


def withdraw(wave: Wave, *, reason: Words, now: datetime) -> None:
    """Take back an announced wave that will not open: a signed ``supersede``, then its keys are burned."""
    with chain.appending(wave.institution, now=now) as ledger:
        check_step(WaveState(wave.state), WaveState.WITHDRAWN)
        ledger.append(PayloadKind.SUPERSEDE, {"wave": wave.id, "key_sheet": wave.key_sheet, "reason": _in_both(reason)})
        wave.state = WaveState.WITHDRAWN
        wave.reason_en, wave.reason_es = reason["en"], reason["es"]
        wave.save(update_fields=["state", "reason_en", "reason_es"])
    burn_without_result(wave, now=now)


def burn_without_result(wave: Wave, *, now: datetime) -> None:
    """Burn keys and answers of a wave that was voided or withdrawn; can be repeated until the disk lets it."""
    WaveKeys(wave.id).burn()
    SealedStore(wave.id).destroy()
    with chain.appending(wave.institution, now=now) as ledger:
        if wave.state == WaveState.VOIDED:
            ledger.append(PayloadKind.BURN, {"wave": wave.id})
        wave.burned_at = now
        wave.save(update_fields=["burned_at"])
        audit.record(by=None, tag=Tag.KEYS_BURNED, about=wave.id, now=now)


class TooLateToSkip(Exception):
    """The week has begun, or a wave that needs it is open: nothing can be skipped any more."""


class NotAMonday(Exception):
    """A week is named by its Monday."""


@errand(policy.NotYours, NotAMonday, TooLateToSkip, keyring.NotMounted, OSError)
def skip_week(*, by: Person, monday: date, reason: Words, now: datetime) -> None:
    """
    Ask nobody in this week. Announced waves that now have no week left are withdrawn.

    :raises NotYours: unless the policy table lets this person
    :raises NotAMonday, TooLateToSkip: see there
    """
    policy.check_may(by, policy.Action.SKIP_WEEK, now=now)
    if monday.weekday():
        raise NotAMonday
    institution = by.institution
    if now >= local_instant(monday, OPENS, institution.zone):
        raise TooLateToSkip
    with locks.exclusive(locks.WORK):
        with transaction.atomic():
            _week, made = SkippedWeek.objects.get_or_create(
                institution=institution, monday=monday, defaults={"reason_en": reason["en"], "reason_es": reason["es"]}
            )
            if made:
                audit.record(by=str(by.pk), tag=Tag.WEEK_SKIPPED, about=monday.isoformat(), now=now)
        withdraw_skipped(institution, now=now)


def begin_on(*, by: Person, monday: date, now: datetime) -> None:
    """
    Let no round begin before this Monday, unless one was opened already: then what was asked stands.

    Announced waves that would begin earlier are withdrawn, however long they last.

    :raises NotYours: unless the policy table lets this person skip weeks
    :raises NotAMonday: see there
    """
    policy.check_may(by, policy.Action.SKIP_WEEK, now=now)
    if monday.weekday():
        raise NotAMonday
    institution = by.institution
    with locks.exclusive(locks.WORK):
        if Wave.objects.filter(institution=institution).exclude(wave_sheet="").exists():
            return
        people.keep_first_monday(institution=institution, monday=monday)
        withdraw_skipped(institution, now=now)


def withdraw_skipped(institution: Institution, *, now: datetime) -> None:
    """Withdraw announced waves all of whose weeks are skipped, and those that would begin before the first round."""
    calendar = planning.calendar_of(institution)
    for wave in Wave.objects.filter(institution=institution, state=WaveState.ANNOUNCED):
        times = calendar.waves_of_year(wave.plan.academic_year, wave.series)
        skipped = next((each for each in times if each.wave == wave.id and each.skipped), None)
        if skipped is not None and skipped.too_early:
            withdraw(wave, reason=planning.BEFORE_THE_FIRST, now=now)
        elif skipped is not None:
            week = SkippedWeek.objects.filter(institution=institution, monday=institution.day(wave.opens_at)).first()
            reason = {"en": week.reason_en, "es": week.reason_es} if week else NOT_ASKED
            withdraw(wave, reason=reason, now=now)


def withdraw_without_keys(wave: Wave, *, now: datetime) -> None:
    """
    Withdraw an announced wave whose keys or register are not there any more: nobody could fetch a token for it.

    One whose key sheet is not the one that was signed is withdrawn when it would open: until then it can be put back.
    """
    try:
        sheet = payloads.key_sheet_as_signed(wave.key_sheet)
    except (payloads.SheetChanged, SheetError):
        sheet = None
    if sheet is None or sheet.wave != wave.id:
        if now >= wave.opens_at:
            withdraw(wave, reason=SHEET_CHANGED, now=now)
        return
    if not WaveKeys(wave.id).can_issue(len(sheet.groups)):
        withdraw(wave, reason=KEYS_LOST, now=now)


class ReasonChanged(Exception):
    """The reason is not the one that the second person read: they have to read it before they say yes."""


class TooLateToVoid(Exception):
    """The wave's window is over: what was counted cannot be voided."""


def ask_to_void(*, wave: str, by: Person, reason: Words, now: datetime) -> None:
    """
    Be the first of the two people who void a wave; nothing is voided yet.

    :raises NotYours: unless the policy table lets this person
    :raises TooLateToVoid: see there
    """
    policy.check_may(by, policy.Action.VOID_WAVE, now=now)
    with locks.exclusive(locks.WORK), transaction.atomic():
        asked = _voidable(by, wave, now)
        asked.void_asked_by = by.pk
        asked.reason_en, asked.reason_es = reason["en"], reason["es"]
        asked.save(update_fields=["void_asked_by", "reason_en", "reason_es"])
        audit.record(by=str(by.pk), tag=Tag.WAVE_VOIDED, about=wave, now=now, details={"step": "asked"})


@errand(policy.NotYours, ReasonChanged, TooLateToVoid, keyring.NotMounted, OSError)
def void(*, wave: str, by: Person, reason_sha256: str, now: datetime) -> None:
    """
    Be the second of the two: end the wave without a result, with a signed reason, and burn its keys.

    ``reason_sha256``: of the reason that this person has read and confirms.

    :raises NotYours: unless the policy table lets these two together
    :raises ReasonChanged, TooLateToVoid: see there
    :raises OSError: if the keys cannot be burned yet; the wave is void, and the next tick tries again
    """
    policy.check_may(by, policy.Action.VOID_WAVE, now=now)
    with locks.exclusive(locks.WORK):
        asked = _voidable(by, wave, now)
        first = Person.objects.filter(pk=asked.void_asked_by).first() if asked.void_asked_by else None
        if first is None:
            raise policy.NotYours
        policy.check_may_jointly(first, by, policy.Action.VOID_WAVE, now=now)
        reason = {"en": asked.reason_en, "es": asked.reason_es}
        if queries.reason_sha256(reason) != reason_sha256:
            raise ReasonChanged
        end_void(asked, reason=reason, by=by, now=now)


def end_void(
    wave: Wave,
    *,
    reason: Words,
    by: Person | None,
    now: datetime,
    freeze: bool = False,
    alone: EndedAlone | None = None,
) -> None:
    """
    Sign the void, shut the window and burn the keys. For the closing job alone, for a freeze, and for ``void`` above.

    ``alone``: why the closing does it by itself; the trail keeps that, and ``callroom check`` asks somebody to look.
    """
    store = SealedStore(wave.id)
    if store.exists():
        store.shut()
    with chain.appending(wave.institution, now=now) as ledger:
        check_step(WaveState(wave.state), WaveState.VOIDED)
        ledger.append(PayloadKind.VOID, Void(wave.id, _in_both(reason), freeze).to_payload())
        wave.state = WaveState.VOIDED
        wave.frozen = freeze
        wave.reason_en, wave.reason_es = reason["en"], reason["es"]
        wave.save(update_fields=["state", "frozen", "reason_en", "reason_es"])
        by_id = str(by.pk) if by else None
        said = {"step": "voided", "why": alone.value} if alone else {"step": "voided"}
        audit.record(by=by_id, tag=Tag.WAVE_VOIDED, about=wave.id, now=now, details=said)
    burn_without_result(wave, now=now)


def _voidable(by: Person, wave: str, now: datetime) -> Wave:
    found = Wave.objects.filter(pk=wave, institution=by.institution).first()
    if found is None:
        raise policy.NotYours
    if found.state not in {WaveState.ANNOUNCED, WaveState.OPEN} or now >= found.closes_at:
        raise TooLateToVoid
    return found


def _in_both(reason: Words) -> dict[str, str]:
    return {"en": reason["en"], "es": reason["es"]}
