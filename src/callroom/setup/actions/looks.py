"""The institution's colours and logo."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.kit.contrast import Colour
from callroom.people.models import Person
from callroom.people.policy import Action, check_may
from callroom.setup.models import Theme


@transaction.atomic
def choose_look(*, by: Person, bar: Colour, button: Colour, logo: bytes, now: datetime) -> None:
    """
    Keep these colours, which were found readable, and a logo that was written anew; without one, the present stays.

    :raises NotYours: unless this person may set the installation up
    """
    check_may(by, Action.SET_UP, now=now)
    row = Theme.objects.filter(institution_id=by.institution_id).first() or Theme(institution_id=by.institution_id)
    row.bar, row.button, row.logo = bar, button, logo or row.logo
    row.version = hashlib.sha256(f"{bar} {button} ".encode() + bytes(row.logo)).hexdigest()[:16]
    row.save()
    audit.record(by=str(by.pk), tag=Tag.LOOK_CHANGED, about=row.version, now=now)
