"""The ways in of others: links for who has none yet, and new second factors for who has lost theirs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from callroom.kit import clock
from callroom.kit.pages import led_onward, not_there
from callroom.kit.wording import joined
from callroom.people import actions, forms, letters, queries
from callroom.people.policy import Action, is_asked, may, permission, visible_people
from callroom.people.requests import Request

if TYPE_CHECKING:
    from callroom.people.models import Person


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
    now, who = clock.now(), form.cleaned_data["who"]
    institution = request.user.institution
    people = (
        queries.people_by_id_or_address(institution, who) if who else queries.without_a_way_in(institution, now=now)
    )
    if who and not people:
        form.add_error("who", forms.NOBODY)
        return _page(request, invite=form)
    invited = letters.send_invitations(
        [(person, actions.new_link()) for person in people],
        to=request.build_absolute_uri,
        keep=lambda person, token: actions.keep_link(by=request.user, person=person, token=token, now=now),
        leads=lambda person: _leads(person, now),
    )
    return _told(request, invited)


def _leads(person: Person, now: datetime) -> bool:
    """Return whether this person's letter says what is expected of leaders. Residents' letters are all alike."""
    return may(person, Action.ANSWER_CLOCK, now=now) and not is_asked(person, person.institution.day(now))


def _told(request: Request, invited: letters.Invited) -> HttpResponse:
    """Say what became of the letters; go on only when all went out."""
    sent, waiting = invited.sent, len(invited.waiting)
    messages.success(request, ngettext("%(count)d letter sent.", "%(count)d letters sent.", sent) % {"count": sent})
    if invited.refused:
        said = _("The mail server knows no such address: %(names)s. Correct it in the roster, then send again.")
        messages.error(request, said % {"names": joined([person.name for person in invited.refused])})
    if waiting:
        said = ngettext(
            "The mail server took no more: %(count)d letter was not sent. Press “Send” again later; it goes to them alone.",
            "The mail server took no more: %(count)d letters were not sent. Press “Send” again later; they go to them alone.",
            waiting,
        )
        messages.error(request, said % {"count": waiting})
    here = reverse("people:access")
    return redirect(here if invited.refused or waiting else led_onward(request, here))


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
        "without_link": len(queries.without_a_way_in(request.user.institution, now=now)),
    }
    return render(request, "people/access.html", page)


def _words_for(row: queries.WaitingReset) -> forms.ResetWords:
    return forms.ResetWords(auto_id=f"id_%s_{row.person}")
