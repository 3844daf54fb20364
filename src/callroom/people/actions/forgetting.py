"""
Deleting what is over about people: ties that have ended, links that work no more, records of who has left.

Which days is decided above (``rights.retention``). All of it depends on days that were stored before, never on what
somebody does: when it is deleted says nothing about anybody's visit.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models, transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from callroom.people.models import (
    EvaluatorAssignment,
    Institution,
    Invitation,
    Leave,
    Membership,
    Person,
    ResetRequest,
    RoleGrant,
    SecondFactor,
)

BATCH: Final = 500
"""So many records go in one transaction: on SQLite everybody else waits for it."""
_OWN_TIES: Final = (Membership, RoleGrant, Leave, EvaluatorAssignment)


class Forgotten(NamedTuple):
    """How many records were deleted, and of how many only a row without a name is left."""

    deleted: int
    blanked: int


def forget_ended(*, institution: Institution, before: date) -> int:
    """
    Delete roles, evaluators' assignments and rotations that ended before this day; return how many.

    A rotation decides who was somebody's evaluator, so it stays as long as an assignment. The programmes in which somebody
    counted stay as long as their record does.
    """
    over = Q(institution=institution, to_on__lt=before)
    rotations = Membership.objects.filter(over, home=False)
    ties = (RoleGrant.objects.filter(over), EvaluatorAssignment.objects.filter(over), rotations)
    return sum(rows.delete()[0] for rows in ties)


def forget_invitations(*, institution: Institution, now: datetime) -> int:
    """Delete links that work no more because their time is over, used or not; return how many."""
    return Invitation.objects.filter(institution=institution, expires_at__lt=now).delete()[0]


def note_leavers(*, institution: Institution, today: date) -> None:
    """Let whoever has left on an unknown day have left today: their record is kept from now on."""
    Person.objects.filter(institution=institution, is_active=False, left_on=None).update(left_on=today)


@transaction.atomic
def forget_leavers(*, institution: Institution, before: date, keep: Collection[UUID] = ()) -> Forgotten:
    """
    Delete the records of up to ``BATCH`` people who left before this day, without those to ``keep``.

    Where a row that stays names the person (an answer that a leader gave, a signature of the council), a row without name,
    address and id stays in their place: it says that it was one person, and no longer which. Returns zeros once nothing is
    left to do.
    """
    gone = Person.objects.select_for_update().filter(institution=institution, is_active=False, left_on__lt=before)
    gone = gone.exclude(pk__in=list(keep)).order_by("pk")
    free = list(gone.exclude(_named_elsewhere()).values_list("pk", flat=True)[:BATCH])
    held = list(gone.filter(_named_elsewhere()).exclude(name="").values_list("pk", flat=True)[: BATCH - len(free)])
    _forget_ties([*free, *held])
    _delete(Person.objects.filter(pk__in=free))
    Person.objects.filter(pk__in=held).update(
        name="",
        email=_instead("@callroom.invalid"),
        external_id=_instead(""),
        password=UNUSABLE_PASSWORD_PREFIX,
    )
    return Forgotten(len(free), len(held))


def _named_elsewhere() -> Q:
    """Return what is true of people whom a row names that is not theirs: the database would refuse to delete them."""
    holds = Q(pk__in=[])
    for relation in Person._meta.get_fields(include_hidden=True):  # most of them have no name on this side
        if not isinstance(relation, models.ForeignObjectRel) or relation.on_delete is not models.PROTECT:
            continue
        model = relation.related_model
        if model not in _OWN_TIES:
            holds |= Q(Exists(model._default_manager.filter(**{relation.field.name: OuterRef("pk")})))
    return holds


def _forget_ties(people: Collection[UUID]) -> None:
    mine: tuple[QuerySet[Any], ...] = (
        *(model._default_manager.filter(person__in=people) for model in _OWN_TIES),
        EvaluatorAssignment._default_manager.filter(evaluator__in=people),
        Invitation._default_manager.filter(person__in=people),
        ResetRequest._default_manager.filter(Q(person__in=people) | Q(approved_by__in=people)),
        SecondFactor._default_manager.filter(user__in=people),
        EmailAddress._default_manager.filter(user__in=people),
    )
    for rows in mine:
        _delete(rows)


def _delete(rows: QuerySet[Any]) -> None:
    # ``delete`` would read every row and ask every table again, twenty statements for each: what hangs on these people is
    # listed above, and the database itself refuses to commit while anything still names them.
    rows._raw_delete(rows.db)


def _instead(ending: str) -> Concat:
    return Concat(Value("left-"), Cast("pk", CharField()), Value(ending))
