"""What people say about signals."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from callroom.kit import clock
from callroom.kit.pages import safe_next
from callroom.people.policy import Action, permission
from callroom.people.requests import Request
from callroom.watch import actions


@require_POST
@never_cache
@permission(Action.ACKNOWLEDGE_SIGNAL)
def acknowledge(request: Request, signal: int) -> HttpResponse:
    """Say that a leader of the unit has seen a signal, and lead back to where they were."""
    try:
        actions.acknowledge(by=request.user, signal_id=signal, now=clock.now())
    except actions.NoSuchSignal:
        messages.info(request, gettext("This signal is over: there is nothing left to acknowledge."))
    else:
        messages.success(request, gettext("Everybody can now read that you have seen it."))
    return redirect(safe_next(request, reverse("home")))
