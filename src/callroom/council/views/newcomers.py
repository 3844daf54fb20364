"""Who was added since there is a council: a member marks whom they know, reads the text, and signs it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from callroom.council import actions, forms, newcomers, queries
from callroom.council.views.proposals import REFUSED
from callroom.kit import clock
from callroom.people.policy import Action, permission
from callroom.people.requests import Request


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.SIGN_AS_COUNCIL)
def confirm(request: Request) -> HttpResponse:
    """Show who waits, then what is signed about those who were marked, then take the signature."""
    if "signature" in request.POST:
        return _take(request)
    reader, now = request.user, clock.now()
    waiting = newcomers.waiting(reader.institution, now=now)
    form = forms.Newcomers(request.POST, waiting=waiting) if request.method == "POST" else None
    if form is not None and form.is_valid():
        said = newcomers.confirmation(reader.institution, form.cleaned_data["chosen"], now=now)
        if said is not None:
            context = {
                "chosen": [each for each in waiting if each.id in said.people],
                "text": said.text(),
                "form": forms.SignNewcomers(initial={"text": said.text()}),
                "own_key": queries.own_key(reader),
            }
            return render(request, "council/sign_newcomers.html", context)
    context = {
        "form": form,
        "programmes": [(unit, list(people)) for unit, people in groupby(waiting, key=lambda each: each.unit_name)],
        "acts": queries.acts(reader, now=now),
    }
    return render(request, "council/newcomers.html", context, status=400 if form is not None else 200)


def _take(request: Request) -> HttpResponse:
    form = forms.SignNewcomers(request.POST)
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {"text": "", "signature": ""}
    try:
        count = actions.confirm(by=request.user, now=clock.now(), **said)
    except actions.NobodyWaits:
        messages.error(
            request, _("Somebody else confirmed them, or the list has changed. Nothing was kept. Look again.")
        )
    except actions.BadSignature:
        messages.error(
            request, _("The signature did not arrive whole, or is not yours. Nothing was changed. Sign again.")
        )
    except actions.NotACouncilKey as error:
        messages.error(request, REFUSED[type(error)])
    else:
        done = ngettext("Confirmed: %(count)d person.", "Confirmed: %(count)d people.", count)
        messages.success(request, done % {"count": count})
    return redirect("council:confirm")
