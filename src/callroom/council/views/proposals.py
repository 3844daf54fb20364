"""Proposing a change, reading it, and signing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callroom.core.disclosure.rules import Kind
from callroom.council import actions, forms, queries, wording
from callroom.kit import clock, keyring
from callroom.kit.pages import answered_in_time, not_there
from callroom.kit.wording import moment
from callroom.people.policy import Action, may, permission
from callroom.people.requests import Request

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

KNOWN: Final = {kind.value: kind for kind in Kind}
CHANGES_NOTHING: Final = gettext_lazy("That is so already. Nothing would change.")
BREAKS_A_RULE: Final = gettext_lazy(
    "That cannot be: it is below what Callroom allows, or something was decided meanwhile."
)

REFUSED: Final[Mapping[type[Exception], _StrPromise]] = {
    actions.AlreadySigned: gettext_lazy("You have signed this already. Another member has to sign, too."),
    actions.NotACouncilKey: gettext_lazy("Your key does not stand on the council that acts now."),
    actions.Over: gettext_lazy("This proposal is over: it was carried out, has expired, or the council is another."),
}
"""Why a signature is not taken, for the member who gave it."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.PROPOSE_RULE)
def propose(request: Request, kind: str) -> HttpResponse:
    """Write down a change and why."""
    if kind not in KNOWN:
        not_there("no such change")
    reader, now = request.user, clock.now()
    found = queries.council(reader.institution, reader=reader, now=now)
    form = forms.CHANGES[KNOWN[kind]](request.POST or None, council=found)
    if form.is_valid():
        if isinstance(form, forms.Successors):
            chosen = form.cleaned_data["members"]
            form.keys = queries.spelled(queries.candidate_keys(reader.institution, now=now, of=chosen))
        try:
            made = actions.propose(by=reader, change=form.change(), now=now)
        except actions.NoCouncil:
            form.add_error(None, _("There is no council yet: nothing can be proposed to it."))
        except actions.NotPossible as error:
            form.add_error(None, CHANGES_NOTHING if error.code == "change" else BREAKS_A_RULE)
        else:
            messages.success(request, _("Proposed. Nothing has changed: the council has two weeks to sign it."))
            return redirect("council:proposal", made)
    context = {"form": form, "title": wording.TITLES[KNOWN[kind]], "kind": KNOWN[kind]}
    return render(request, "council/propose.html", context, status=400 if form.errors else 200)


@require_safe
@never_cache
@permission(Action.PROPOSE_RULE)
def proposal(request: Request, proposal: int) -> HttpResponse:
    """Show what is proposed, to the letter, and let a member sign it."""
    reader, now = request.user, clock.now()
    found = queries.proposal(reader.institution, proposal, reader=reader, now=now)
    if found is None:
        not_there("no proposal of this number can be signed")
    council = queries.council(reader.institution, reader=reader, now=now)
    context: dict[str, Any] = {
        "proposal": found,
        "title": wording.TITLES[found.kind],
        "says": wording.in_words(found.kind, found.change),
        "why": wording.reason_of(found.change),
        "expires": moment(found.expires_at, reader.institution.zone),
        "required": council.required,
        "form": forms.Sign(),
        "may_sign": council.mine and not found.by_reader and may(reader, Action.SIGN_AS_COUNCIL, now=now),
        "own_key": queries.own_key(reader),
    }
    return render(request, "council/proposal.html", context)


@require_POST
@permission(Action.SIGN_AS_COUNCIL)
@answered_in_time("council:council")
def sign(request: Request, proposal: int) -> HttpResponse:
    """Add the reader's signature; the one that completes the number carries the change out."""
    form = forms.Sign(request.POST)
    signature = form.cleaned_data["signature"] if form.is_valid() else ""
    try:
        done = actions.sign(by=request.user, proposal=proposal, signature=signature, now=clock.now())
    except actions.BadSignature:
        messages.error(
            request, _("The signature did not arrive whole, or is not yours. Nothing was changed. Sign again.")
        )
        return redirect("council:proposal", proposal)
    except tuple(REFUSED) as error:
        messages.error(request, REFUSED[type(error)])
    except actions.NotPossible as error:
        messages.error(request, CHANGES_NOTHING if error.code == "change" else BREAKS_A_RULE)
    except keyring.NotMounted:
        messages.warning(
            request, _("Decided. The keys of open rounds could not be deleted yet; that is tried every minute.")
        )
    else:
        decided = _("Decided. It stands in the chain, with the signatures.")
        messages.success(request, decided if done else _("Signed. Another member signs next."))
    return redirect("council:council")
