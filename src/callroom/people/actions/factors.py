"""What people change about their own second factors, and the way back for who has none left."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity.words import word_list
from callroom.people.models import Person, ResetRequest, SecondFactor
from callroom.people.policy import Action, NotYours, check_may
from callroom.people.queries import RESET_WORKS

MOST_WRONG_WORDS = 5

Draw = Callable[[tuple[str, ...]], str]


class NoReset(Exception):
    """Nothing was asked for, it is too old, it is not approved, or the words are others: all look the same."""


class CannotApprove(Exception):
    """These words belong to nobody who is waiting, or to the person who would approve."""


@transaction.atomic
def keep_factor_changes(*, person: Person, before: Collection[int], now: datetime) -> bool:
    """
    Put what a person has just changed about their second factors into the trail; return whether one was added.

    ``before`` are the keys of the rows there were. Of every instant that the library kept, the day remains.
    """
    rows = {factor.pk: factor for factor in SecondFactor.objects.filter(user=person)}
    _forget_instants(person, now=now)
    codes, kind = SecondFactor.Type.RECOVERY_CODES, {key: factor.type for key, factor in rows.items()}
    added = [key for key in rows if key not in before]
    factors_added = [key for key in added if kind[key] != codes]
    if factors_added:
        _record(Tag.FACTOR_ADDED, person, now=now)
    elif added:
        _record(Tag.CODES_RENEWED, person, now=now)
    elif set(before) - set(rows):
        _record(Tag.FACTOR_REMOVED, person, now=now)
    return bool(factors_added)


@transaction.atomic
def ask_for_reset(*, person: Person, language: str, now: datetime, draw: Draw = secrets.choice) -> tuple[str, ...]:
    """Return three words for a person who has lost all second factors. What they asked before works no more."""
    words = tuple(draw(word_list(language)) for _place in range(3))
    ResetRequest.objects.filter(person=person).delete()
    ResetRequest.objects.create(
        person=person,
        institution_id=person.institution_id,
        words_mac=_mac(person, " ".join(words)),
        asked_on=person.institution.day(now),
    )
    _record(Tag.RESET_ASKED, person, now=now)
    return words


@transaction.atomic
def approve_reset(*, by: Person, person: Person, words: str, now: datetime) -> None:
    """
    Approve that ``person``, who said these words, sets up their second factor anew.

    Nothing is removed yet, and whoever approves learns nothing with which to sign in: the password is not theirs.

    :raises NotYours: unless ``by`` may, and for oneself
    :raises CannotApprove: for other words, and where nothing is waiting
    """
    check_may(by, Action.APPROVE_RESET, now=now, about=person)
    if by.pk == person.pk:
        raise NotYours
    request = _current(person, now=now).filter(approved_by__isnull=True).first()
    if request is None or not _fits(request, words):
        raise CannotApprove
    ResetRequest.objects.filter(pk=request.pk).update(approved_by=by)
    audit.record(by=str(by.pk), tag=Tag.RESET_APPROVED, about=str(person.pk), now=now)


def note_wrong_words(*, person: Person) -> None:
    """Count words that did not fit; after five, what was asked for is over."""
    ResetRequest.objects.filter(person=person).update(wrong=F("wrong") + 1)
    ResetRequest.objects.filter(person=person, wrong__gte=MOST_WRONG_WORDS).delete()


@transaction.atomic
def use_reset(*, person: Person, words: str, now: datetime) -> None:
    """
    Remove the second factors of a person whose asking was approved, and end all their sessions.

    :raises NoReset: unless it was approved in time and these are the words
    """
    request = _current(person, now=now).filter(approved_by__isnull=False).first()
    if request is None or not _fits(request, words):
        raise NoReset
    _remove_all(person)
    _record(Tag.RESET_DONE, person, now=now)


@transaction.atomic
def remove_all_factors(*, person: Person, now: datetime) -> None:
    """Remove a person's second factors and end their sessions, by who runs the machine: nobody else may be left."""
    _remove_all(person)
    audit.record(by=None, tag=Tag.RESET_DONE, about=str(person.pk), now=now)


def forget_old_resets(*, today: date) -> None:
    """Delete what was asked for and not used in time."""
    ResetRequest.objects.filter(asked_on__lt=_oldest(today)).delete()


def _remove_all(person: Person) -> None:
    ResetRequest.objects.filter(person=person).delete()
    SecondFactor.objects.filter(user=person).delete()
    Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    person.refresh_from_db()


def _oldest(today: date) -> date:
    return today - RESET_WORKS


def _current(person: Person, *, now: datetime) -> QuerySet[ResetRequest]:
    return ResetRequest.objects.select_for_update().filter(
        person=person, asked_on__gte=_oldest(person.institution.day(now)), person__is_active=True
    )


def _fits(request: ResetRequest, words: str) -> bool:
    return hmac.compare_digest(request.words_mac, _mac(request.person, words))


def _mac(person: Person, words: str) -> str:
    said = " ".join(words.casefold().split())
    return salted_hmac("callroom.people.reset", f"{person.pk}:{said}", algorithm="sha256").hexdigest()


def _forget_instants(person: Person, *, now: datetime) -> None:
    midnight = person.institution.midnight(now)
    SecondFactor.objects.filter(user=person).filter(Q(created_at__gt=midnight) | Q(last_used_at__isnull=False)).update(
        created_at=midnight, last_used_at=None
    )
    # The sheet of codes says when it was looked at: that it was is enough, for it is shown once.
    for factor in SecondFactor.objects.filter(user=person, type=SecondFactor.Type.RECOVERY_CODES):
        if factor.data.get("viewed_at", 1) != 1:
            factor.data["viewed_at"] = 1
            factor.save(update_fields=["data"])


def _record(tag: Tag, person: Person, *, now: datetime) -> None:
    # The day and no time, as with everything that people do to their own doors.
    audit.record(by=str(person.pk), tag=tag, about=str(person.pk), now=person.institution.midnight(now))
