"""Coming in: invitations, passwords, sessions, personas of the demo, and the trail of sign-ins."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import F

from callroom.audit import actions as audit
from callroom.audit.states import SIGN_IN, Tag
from callroom.people.models import Invitation, Person, Persona
from callroom.people.policy import is_asked


class InvitationOver(Exception):
    """The link is unknown, used or expired, or its person has left: all look the same."""


def invite(*, by: Person | None, person: Person, now: datetime, days: int = 14) -> str:
    """Return a new token with which this person can set a password once, within ``days``. Older ones stop working."""
    return invite_all(by=by, people=[person], now=now, days=days)[0]


@transaction.atomic
def invite_all(*, by: Person | None, people: Sequence[Person], now: datetime, days: int = 14) -> list[str]:
    """Return a new token for each of these people, in their order; otherwise as ``invite``."""
    tokens = [new_link() for _person in people]
    _keep_links(by=by, people=people, tokens=tokens, now=now, days=days)
    return tokens


def new_link() -> str:
    """Return a token that opens nothing until it is kept."""
    return secrets.token_urlsafe(32)


@transaction.atomic
def keep_link(*, by: Person | None, person: Person, token: str, now: datetime, days: int = 14) -> None:
    """Let this token set the person's password from now on, once, within ``days``. Older ones stop working."""
    _keep_links(by=by, people=[person], tokens=[token], now=now, days=days)


def _keep_links(
    *, by: Person | None, people: Sequence[Person], tokens: Sequence[str], now: datetime, days: int
) -> None:
    Invitation.objects.filter(person__in=people, used=False).delete()
    Invitation.objects.bulk_create(
        Invitation(
            token_sha256=_sha256(token),
            institution_id=person.institution_id,
            person=person,
            expires_at=now + timedelta(days=days),
        )
        for person, token in zip(people, tokens, strict=True)
    )
    who = None if by is None else str(by.pk)
    audit.record_all([audit.Entry(tag=Tag.PERSON_INVITED, about=str(person.pk), by=who) for person in people], now=now)


@transaction.atomic
def set_first_password(*, token: str, password: str, now: datetime) -> Person:
    """
    Set the password of the invited person; their older sessions end.

    :raises InvitationOver: for a link that does not work, or works no more
    :raises ValidationError: for a password that is too weak
    """
    invitation = valid_invitation(token, now=now)
    person = invitation.person
    validate_password(password, person)
    if not Invitation.objects.filter(pk=invitation.pk, used=False).update(used=True):
        raise InvitationOver
    set_password(person=person, password=password, now=now)
    return person


def valid_invitation(token: str, *, now: datetime) -> Invitation:
    """
    Return the invitation that this token opens.

    :raises InvitationOver: for a link that does not work, or works no more
    """
    found = Invitation.objects.select_related("person").filter(
        pk=_sha256(token), used=False, expires_at__gt=now, person__is_active=True
    )
    invitation = found.first()
    if invitation is None:
        raise InvitationOver
    return invitation


@transaction.atomic
def set_password(*, person: Person, password: str, now: datetime) -> None:
    """Set a password that was checked; all sessions of the person end, for they hang on it."""
    person.set_password(password)
    person.save(update_fields=["password"])
    _record_own_doing(Tag.PASSWORD_SET, person, now=now)


@transaction.atomic
def end_sessions(*, person: Person, now: datetime) -> None:
    """Sign a person out everywhere."""
    Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    _record_own_doing(Tag.SESSIONS_ENDED, person, now=now)


def set_language(*, person: Person, language: str) -> None:
    """Keep the language in which a person is written to."""
    Person.objects.filter(pk=person.pk).update(language=language)


def signed_in(*, person: Person, now: datetime) -> None:
    """
    Keep that a person signed in on this day: once, without a time. Of who is asked, nothing is kept.

    The row has no time, but the database's own log has: it would stand there just before an answer of the same visit.
    """
    day = person.institution.day(now)
    if not is_asked(person, day):
        audit.look(str(person.pk), SIGN_IN, day)


def add_persona(*, person: Person, slug: str, position: int, words: Mapping[str, str]) -> None:
    """Make a person a door of the demo. ``words``: part_en, part_es, sees_en, sees_es, never_en, never_es."""
    Persona.objects.update_or_create(
        slug=slug, defaults={"institution_id": person.institution_id, "person": person, "position": position, **words}
    )


def person_of_persona(slug: str) -> Person | None:
    """Return whose eyes a demo visitor borrows; nobody's outside the demo."""
    if not settings.DEMO:
        return None
    persona = Persona.objects.select_related("person").filter(pk=slug, person__is_active=True).first()
    return None if persona is None else persona.person


def _record_own_doing(tag: Tag, person: Person, *, now: datetime) -> None:
    # The day and no time: who does this also fetches tokens, and when somebody was online is nobody's business.
    audit.record(by=str(person.pk), tag=tag, about=str(person.pk), now=person.institution.midnight(now))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
