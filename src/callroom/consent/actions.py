"""Writing and publishing notices, saying yes or no, and laying what was said into its table when a round closes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.consent import queries, register, texts
from callroom.consent.models import Agreement, Notice, NoticeDraft
from callroom.consent.register import Slot
from callroom.consent.states import Law, Said
from callroom.kit import keyring
from callroom.people import queries as people
from callroom.people.models import Institution, Person
from callroom.people.policy import Action, check_may


class NothingToPublish(Exception):
    """No notice is in work."""


class Incomplete(Exception):
    """Something is missing: ``gaps`` as from ``queries.gaps_in``."""

    def __init__(self, gaps: Sequence[tuple[str, str]]) -> None:
        super().__init__(str(gaps))
        self.gaps = gaps


class NoNotice(Exception):
    """Nothing is published that one could say yes or no to."""


@transaction.atomic
def begin_draft(*, by: Person, law: Law | None, now: datetime) -> None:
    """
    Begin the next version: from the template of this law, or (None) from the version in force. Replaces what is in work.

    :raises NotYours: unless this person may publish notices
    :raises NoNotice: where there is no version in force
    """
    check_may(by, Action.PUBLISH_NOTICE, now=now)
    newest = queries.in_force(by.institution)
    if law is not None:
        written = texts.template(law)
    elif newest is not None:
        law, written = Law(newest.law), newest.texts
    else:
        raise NoNotice
    kept = queries.draft_of(by.institution) or newest
    address, contact = (kept.address, kept.contact) if kept else ("", "")
    _keep(by.institution, law=law, address=address, contact=contact, written=written)


@transaction.atomic
def save_draft(*, by: Person, address: str, contact: str, written: texts.Texts, now: datetime) -> None:
    """
    Keep what is in work, complete or not.

    :raises NotYours: unless this person may publish notices
    :raises NothingToPublish: when somebody published it meanwhile
    """
    check_may(by, Action.PUBLISH_NOTICE, now=now)
    draft = queries.draft_of(by.institution)
    if draft is None:
        raise NothingToPublish
    _keep(by.institution, law=draft.law, address=address, contact=contact, written={**draft.texts, **written})


@transaction.atomic
def publish(*, by: Person, asks_again: bool, reviewed_by: str, now: datetime) -> int:
    """
    Publish what is in work as the next version, dated today, and return its number.

    ``asks_again``: what the check-in is for has changed, so everybody is asked anew. The first version always asks.

    :raises NotYours: unless this person may publish notices
    :raises NothingToPublish, Incomplete: see there
    """
    check_may(by, Action.PUBLISH_NOTICE, now=now)
    institution = by.institution
    draft = queries.draft_of(institution)
    if draft is None:
        raise NothingToPublish
    gaps = queries.gaps_in(draft, institution.languages)
    if gaps:
        raise Incomplete(gaps)
    newest = Notice.objects.select_for_update().filter(institution=institution).order_by("-number").first()
    notice = Notice.objects.create(
        institution=institution,
        number=newest.number + 1 if newest else 1,
        purpose=newest.purpose + asks_again if newest else 1,
        published_on=institution.day(now),
        law=draft.law,
        name=institution.name,
        address=draft.address,
        contact=draft.contact,
        reviewed_by=reviewed_by,
        texts={language: draft.texts[language] for language in institution.languages},
    )
    NoticeDraft.objects.filter(institution=institution).delete()
    details: dict[str, str | int] = {"sha256": _digest(notice), "purpose": notice.purpose}
    audit.record(by=str(by.pk), tag=Tag.NOTICE_PUBLISHED, about=str(notice.number), now=now, details=details)
    return notice.number


def decide(*, by: Person, said: Said, now: datetime) -> None:
    """
    Note what this person says to the check-in, to the purpose in force. No database is written, and no trail kept.

    From a no on, no token is issued. Tokens that were issued before still work: nobody can tell which they are.

    :raises NotYours: unless this person may be asked at all
    :raises NoNotice: where nothing is published
    :raises OSError: while the volume is not there, or the disk refuses; nothing has changed then
    """
    check_may(by, Action.AGREE, now=now)
    notice = queries.in_force(by.institution)
    if notice is None:
        raise NoNotice
    if not by.institution.signing_public_key:
        keyring.make_waves_folder()  # before the chain begins there are no keys of rounds, and no folder for them
    # Everybody who has no slot is given one, so that the new places say nothing about who came.
    register.enrol({*_everybody(by.institution, now), by.pk})
    register.note(by.pk, said, notice.purpose)


def enrol_everybody(institution: Institution, *, now: datetime) -> None:
    """Give everybody who can be asked a slot, and the register's inode the same time as every minute."""
    if settings.APART and not institution.signing_public_key and queries.in_force(institution):
        keyring.make_waves_folder()  # where it makes nothing itself, the web waits a minute for this (``decide``)
    with suppress(keyring.NotMounted):
        register.enrol(_everybody(institution, now))
    register.touch()


def keep_what_was_said(institution: Institution, *, now: datetime) -> None:
    """
    Lay what was said since the last round closed into its table, in one transaction and in key order.

    Called when a round closes, before its keys burn: at no other time would the commit be far from an answer. Of who has
    left, nothing is kept. A register that the disk damaged stays as it is, and gives out no tickets, until somebody looks;
    the closing goes on.
    """
    here = _everybody(institution, now)
    with suppress(register.Damaged):
        register.empty_into(lambda slots: _keep_rows(slots, here), here=here)


def agree_beforehand(institution: Institution, everybody: Sequence[UUID]) -> None:
    """Let these people have said yes to the notice in force: for the demo, whose people are invented."""
    notice = queries.in_force(institution)
    if notice is None:
        raise NoNotice
    rows = [Agreement(person=person, purpose=notice.purpose, said=Said.YES) for person in sorted(everybody)]
    Agreement.objects.bulk_create(rows)


@transaction.atomic(using="issuing")
def _keep_rows(slots: Sequence[Slot], here: frozenset[UUID]) -> None:
    Agreement.objects.bulk_create(
        [Agreement(person=slot.person, purpose=slot.purpose, said=slot.said) for slot in slots],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["purpose", "said"],
    )
    gone = set(Agreement.objects.values_list("person", flat=True)) - here
    Agreement.objects.filter(pk__in=gone).delete()


def _everybody(institution: Institution, now: datetime) -> frozenset[UUID]:
    return people.who_can_be_asked(institution, institution.day(now))


def _keep(institution: Institution, *, law: Law, address: str, contact: str, written: texts.Texts) -> None:
    NoticeDraft.objects.update_or_create(
        institution=institution, defaults={"law": law, "address": address, "contact": contact, "texts": written}
    )


def _digest(notice: Notice) -> str:
    said = [notice.name, notice.address, notice.contact, notice.published_on.isoformat(), notice.texts]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
