"""One's second factors: set up, given again, renewed, removed, and the way back for who has lost them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from callroom.kit import clock
from callroom.people import actions, forms, policy, queries
from callroom.people.policy import Action, permission
from callroom.people.policy.second_factor import WAY_BACK
from callroom.people.requests import Request

WORDS = "reset_words"
"""Where the session keeps the three words, until the browser that asked has used them."""


@require_safe
@never_cache
@permission(Action.SEE_OWN_RECORD, before_second_factor=True)
def factors(request: Request) -> HttpResponse:
    """Show the reader's second factors, what is missing, and the way on."""
    now = clock.now()
    held = queries.factors_of(request.user)
    page = {
        "passkeys": [factor for factor in held if factor.kind == "webauthn"],
        "app": next((factor for factor in held if factor.kind == "totp"), None),
        "codes": next((factor for factor in held if factor.kind == "recovery_codes"), None),
        "is_needed": policy.needs_second_factor(request.user, now=now),
        "is_due": policy.is_due(request, request.user, now=now),
        "way_back": request.session.get(WAY_BACK, ""),
    }
    return render(request, "mfa/index.html", page)


def _own(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a page of allauth's about one's own second factors change them, and keep that it did: the day, no instant."""

    @never_cache
    @permission(Action.SEE_OWN_RECORD, before_second_factor=True)
    def page(request: Request, /, **arguments: Any) -> HttpResponseBase:
        before = [factor.key for factor in queries.factors_of(request.user)]
        try:
            with transaction.atomic():
                answer = view(request, **arguments)
                added = actions.keep_factor_changes(person=request.user, before=before, now=clock.now())
        except Http404:
            return redirect("mfa_index")
        if added:
            record_authentication(request, request.user, method="mfa")
        return answer

    return page


def _unless_it_is_the_last(request: Request, pk: int) -> HttpResponseBase:
    if not queries.may_remove_factor(request.user, pk, now=clock.now()):
        messages.error(request, forms.LAST_FACTOR)
        return redirect("mfa_index")
    answer: HttpResponseBase = webauthn.remove_webauthn(request, pk=pk)
    return answer


add_passkey = _own(webauthn.add_webauthn)
remove_passkey = _own(_unless_it_is_the_last)
add_app = _own(totp.activate_totp)
remove_app = _own(totp.deactivate_totp)
recovery_codes = _own(codes.view_recovery_codes)
new_codes = _own(codes.generate_recovery_codes)
password_again = _own(account.reauthenticate)
code_again = _own(mfa.reauthenticate)
passkey_again = _own(webauthn.reauthenticate_webauthn)


@require_safe
@permission(Action.SEE_OWN_RECORD, before_second_factor=True)
def passkeys(request: Request) -> HttpResponse:
    """Lead from where allauth lists passkeys to the one page of ours."""
    return redirect("mfa_index")


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("words")
def lost_factors(request: HttpRequest) -> HttpResponse:
    """
    Let somebody who gave the right password, and has no second factor any more, ask for new ones; go on once approved.

    The words are shown to who asks, and to nobody else; a second person types what they were told.
    """
    stage: Any = request._login_stage  # type: ignore[attr-defined]  # set by login_stage_required
    person, now = stage.login.user, clock.now()
    if request.method == "POST" and "ask" in request.POST:
        words = actions.ask_for_reset(person=person, language=(get_language() or "en")[:2], now=now)
        request.session[WORDS] = " ".join(words)
        return redirect("people:lost-factors")
    kept = request.session.get(WORDS, "")
    form = forms.ResetWords(request.POST if request.method == "POST" else None, initial={"words": kept})
    if form.is_valid():
        try:
            actions.use_reset(person=person, words=form.cleaned_data["words"], now=now)
        except actions.NoReset:
            form.add_error("words", forms.NOT_YET)
        else:
            request.session.pop(WORDS, None)
            on: HttpResponse = stage.exit()
            return on
    return render(request, "people/lost_factors.html", {"form": form, "words": kept.split()})
