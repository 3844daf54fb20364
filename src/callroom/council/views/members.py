"""Appointing members, making a key, naming the council in the chain."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from callroom.council import actions, forms, queries
from callroom.council.views.page import council_page
from callroom.kit import clock
from callroom.kit.pages import answered_in_time
from callroom.people.policy import Action, permission
from callroom.people.requests import Request
from callroom.pulse.forms import Reason


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.APPOINT_COUNCIL)
def appoint(request: Request) -> HttpResponse:
    """Choose two or three residents."""
    form = forms.Appoint(request.POST or None, institution=request.user.institution)
    if form.is_valid():
        try:
            actions.appoint(by=request.user, persons=form.cleaned_data["persons"], now=clock.now())
        except actions.CannotServe as error:
            said = _("Only a resident who leads, coordinates and operates nothing can be a member: not %(names)s.")
            form.add_error(None, said % {"names": ", ".join(error.names)})
        except actions.NotReady:
            form.add_error(None, _("A council has two or three members."))
        else:
            messages.success(request, _("Appointed. Each of them opens this page now and makes a key."))
            return redirect("council:council")
    return render(request, "council/appoint.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@permission(Action.APPOINT_COUNCIL)
@answered_in_time("council:council")
def found(request: Request) -> HttpResponse:
    """Sign the first council into the chain."""
    form = Reason(request.POST, auto_id="found-%s")
    if not form.is_valid():
        return council_page(request, found_form=form)
    try:
        actions.found(by=request.user, reason=form.reason(), now=clock.now())
    except actions.NotReady:
        messages.error(request, _("Not yet: two or three members are needed, each with a key, and no council before."))
    else:
        messages.success(request, _("The council stands in the chain. From now on the rules change only with it."))
    return redirect("council:council")


@require_POST
@permission(Action.REPLACE_COUNCIL)
@answered_in_time("council:council")
def another(request: Request) -> HttpResponse:
    """Ask for another council without the one there is, or be the second who says so."""
    confirming = "confirm" in request.POST
    form = forms.ConfirmRequest(request.POST) if confirming else Reason(request.POST, auto_id="another-%s")
    if isinstance(form, Reason) and not form.is_valid():
        return council_page(request, ask_form=form)
    now = clock.now()
    try:
        if isinstance(form, Reason):
            actions.ask_to_name(by=request.user, reason=form.reason(), now=now)
            messages.success(request, _("Noted. Nothing has changed yet: a second person has to confirm it."))
        else:
            read = form.cleaned_data["reason_sha256"] if form.is_valid() else ""
            actions.name_another(by=request.user, reason_sha256=read, now=now)
            messages.success(request, _("It stands in the chain. The new council acts in four weeks."))
    except actions.ReasonChanged:
        messages.error(request, _("The reason was changed after you read it. Read it again, then confirm it."))
    except (actions.NotReady, actions.NotAskedFor):
        messages.error(
            request, _("Not yet: appoint two or three members first, and let each make a key; they must be others.")
        )
    return redirect("council:council")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.SIGN_AS_COUNCIL)
def key(request: Request) -> HttpResponse:
    """Make one's key: twelve words in the browser, only the public half comes here."""
    form = forms.NewKey(request.POST or None)
    if request.method == "POST":
        try:
            said = form.cleaned_data if form.is_valid() else {"public_key": "", "proof": ""}
            actions.keep_key(by=request.user, now=clock.now(), **said)
        except actions.KeyInUse:
            messages.error(
                request, _("This key cannot be kept: it acts already, or it did not arrive whole. Try again.")
            )
            return redirect("council:key")
        messages.success(request, _("Your key is kept. The twelve words are only on your paper: keep them safe."))
        return redirect("council:council")
    return render(request, "council/key.html", {"form": form, "has_key": bool(queries.own_key(request.user))})
