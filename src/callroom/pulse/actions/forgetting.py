"""Deleting who fetched a token for a wave that closed long ago: the whole wave at once, so that no row tells of one person."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from callroom.pulse.models import Issued, SealedAnswer, Wave, Window

GONE_AT_CLOSING: Final = (SealedAnswer._meta.label, Window._meta.label)
"""The tables of a round's own store, which is deleted whole when it closes (``closing.delete_stores``)."""


@transaction.atomic(using="issuing")
def forget_tickets(*, before: datetime) -> int:
    """Delete the rows of all waves that closed before this instant; return how many."""
    over = Wave.objects.filter(closes_at__lt=before).values_list("id", flat=True)
    held = set(Issued.objects.values_list("wave", flat=True).distinct())
    return sum(Issued.objects.filter(wave=wave).delete()[0] for wave in sorted(held.intersection(over)))
