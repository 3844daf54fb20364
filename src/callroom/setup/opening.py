"""What is left between a settled check and the first round: everybody's way in, and what leaders promise first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callroom.improvement import queries as improvement
from callroom.people import provider
from callroom.people import queries as people
from callroom.people.models import Institution

LONGEST_LIST: Final = 3


@dataclass(frozen=True, slots=True)
class Last:
    """One of the last steps of the start. The check names units without a promise as well; newcomers come all year."""

    title: str
    settled: bool
    says: str
    address: str


def last_steps(institution: Institution, *, now: datetime) -> tuple[Last, ...]:
    """Return the last steps of the start, in their order."""
    return (_invitations(institution, now), _first_promises(now))


def _invitations(institution: Institution, now: datetime) -> Last:
    """Can everybody come in, by a link of their own or by the hospital's account?"""
    title, address = _("Invitations"), reverse("people:access")
    if provider.is_configured():
        return Last(title, True, _("Everybody signs in with the hospital's account."), address)
    without = len(people.without_a_way_in(institution, now=now))
    if not without:
        return Last(title, True, _("Everybody has a password, or a link to set one."), address)
    says = ngettext(
        "%(count)d person has neither a password nor a link to set one.",
        "%(count)d people have neither a password nor a link to set one.",
        without,
    )
    return Last(title, False, says % {"count": without}, address)


def _first_promises(now: datetime) -> Last:
    """Has every unit's leader promised something, or has that been waived?"""
    title, address = _("First promises"), reverse("improvement:waiting")
    names = [row.name for row in improvement.uncommitted(now=now)]
    if not names:
        return Last(title, True, _("No unit is left out of rounds for want of a promise."), address)
    shown = ", ".join(names[:LONGEST_LIST]) + (" …" if len(names) > LONGEST_LIST else "")
    says = _("Left out of rounds until their leaders promise something, or you waive it: %(names)s.")
    return Last(title, False, says % {"names": shown}, address)
