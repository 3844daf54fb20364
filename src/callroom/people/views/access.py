"""The ways in of others: links for who has none yet, and new second factors for who has lost theirs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people import actions, forms, letters, queries
from callroom.people.policy import Action, may, permission, visible_people
from callroom.people.requests import Request


@require_safe
@never_cache
@permission(Action.APPROVE_RESET)
def access(request: Request) -> HttpResponse:
    """Show who waits for a new second factor and, to who manages people, the way to invite."""
    return _page(request)


@require_POST
@never_cache
@sensitive_post_parameters("words")
@permission(Action.APPROVE_RESET)
def approve_reset(request: Request, person: UUID) -> HttpResponse:
    """Approve that somebody sets up new second factors, by the words that they said."""
    now = clock.now()
    about = visible_people(request.user, Action.APPROVE_RESET, now=now).filter(pk=person).first()
    if about is None:
        not_there("nobody of this id")
    form = forms.ResetWords(request.POST, auto_id=f"id_%s_{person}")
    if form.is_valid():
        try:
            actions.approve_reset(by=request.user, person=about, words=form.cleaned_data["words"], now=now)
        except actions.CannotApprove:
            actions.note_wrong_words(person=about)
            form.add_error("words", forms.OTHER_WORDS)
        else:
            letters.tell_reset_approved(about)
            messages.success(request, _("Approved. %(name)s can go on now.") % {"name": about.name})
            return redirect("people:access")
    return _page(request, reset=form, about=person)


@require_POST
@never_cache
@permission(Action.MANAGE_PEOPLE)
def invite(request: Request) -> HttpResponse:
    """Send a link to one person, or to everybody who has none of their own yet. The link is shown to nobody here."""
    form = forms.Invite(request.POST)
    if not form.is_valid() or not letters.can_be_sent():
        return _page(request, invite=form)
    people = queries.people_by_id_or_address(request.user.institution, form.cleaned_data["who"])
    if form.cleaned_data["who"] and not people:
        form.add_error("who", forms.NOBODY)
        return _page(request, invite=form)
    tokens = actions.invite_all(by=request.user, people=people, now=clock.now())
    sent = letters.send_invitations(zip(people, tokens, strict=True), to=request.build_absolute_uri)
    messages.success(request, ngettext("%(count)d letter sent.", "%(count)d letters sent.", sent) % {"count": sent})
    return redirect("people:access")


def _page(
    request: Request,
    *,
    reset: forms.ResetWords | None = None,
    about: UUID | None = None,
    invite: forms.Invite | None = None,
) -> HttpResponse:
    now = clock.now()
    people = visible_people(request.user, Action.APPROVE_RESET, now=now).exclude(pk=request.user.pk)
    waiting = queries.waiting_resets(people, today=request.user.institution.day(now))
    page = {
        "waiting": [(row, reset if row.person == about and reset else _words_for(row)) for row in waiting],
        "mistaken": reset,
        "may_invite": may(request.user, Action.MANAGE_PEOPLE, now=now),
        "can_be_sent": letters.can_be_sent(),
        "invite": invite or forms.Invite(),
        "without_password": len(queries.people_to_invite(request.user.institution, ())),
    }
    return render(request, "people/access.html", page)


def _words_for(row: queries.WaitingReset) -> forms.ResetWords:
    return forms.ResetWords(auto_id=f"id_%s_{row.person}")
